/* tracer.h - what a chain says about windows, as trace records. */
#ifndef EDGED_PROCESS_TRACER_H
#define EDGED_PROCESS_TRACER_H
#include "decide/trace.h"
#include "pipeline/chain.h"

/* What all records of the pipeline have in common; `recording` is the file that is judged, or NULL. */
void tracer_meta(const struct settings *s, const char *pipeline, const char *recording,
		 const struct chain *c, struct trace_meta *out);

struct tracer {
	uint64_t stream;
	size_t labels;
	int64_t last_end_ns;
};

void tracer_open(struct tracer *t, uint64_t stream, const struct chain *c);
/* The verdict as a record; now_ns is when it was known, took_ns what front end and model took. */
void tracer_record(struct tracer *t, const struct verdict *v, int64_t now_ns, int64_t took_ns,
		   struct trace_record *out);
#endif
