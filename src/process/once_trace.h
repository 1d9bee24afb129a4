/* once_trace.h - the trace file of `edged --once FILE --trace-file OUT`. */
#ifndef EDGED_PROCESS_ONCE_TRACE_H
#define EDGED_PROCESS_ONCE_TRACE_H
#include "base/fault.h"
#include "decide/trace.h"
#include "pipeline/chain.h"

enum { ONCE_STREAM = 1 }; /* the stream in the ids of a file's decisions: the same in every run */

struct once_trace;

/* A new file at `path`; a trace file that is there is replaced, any other file is an error. */
int once_trace_open(const char *path, const struct settings *s, const char *pipeline,
		    const char *recording, const struct chain *c, struct once_trace **out,
		    struct fault *f);
void once_trace_add(struct once_trace *t, const struct verdict *v);
/* Says whether all of it was written. */
int once_trace_close(struct once_trace *t, struct fault *f);
#endif
