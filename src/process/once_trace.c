/* once_trace.c - the trace file of `edged --once FILE --trace-file OUT`. */
#include "process/once_trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output/trace_file.h"
#include "process/tracer.h"

enum { FILE_BYTES = 64 << 20 }; /* room for three days at four windows a second; taken as filled */

struct once_trace {
	const char *path;
	struct trace_file *file;
	struct tracer tracer;
	int rc; /* the first that went wrong */
};

int once_trace_open(const char *path, const struct settings *s, const char *pipeline,
		    const char *recording, const struct chain *c, struct once_trace **out,
		    struct fault *f)
{
	AUTO_FREE struct trace_meta *meta = calloc(1, sizeof(*meta));
	AUTO_FREE struct once_trace *t = calloc(1, sizeof(*t));
	int rc = trace_file_remove(path, f);

	if (rc < 0)
		return rc;
	if (t == NULL || meta == NULL)
		return fault_set(f, -ENOMEM, "%s: no memory", path);
	tracer_meta(s, pipeline, recording, c, meta);
	tracer_open(&t->tracer, ONCE_STREAM, c);
	t->path = path;
	rc = trace_file_open(path, meta, FILE_BYTES, false, &t->file, NULL, f);
	if (rc == 0)
		*out = TAKE(t);
	return rc;
}

void once_trace_add(struct once_trace *t, const struct verdict *v)
{
	struct trace_record record;

	tracer_record(&t->tracer, v, v->end_ns, 0, &record);
	if (t->rc == 0)
		t->rc = trace_file_append(t->file, &record, 1);
}

int once_trace_close(struct once_trace *t, struct fault *f)
{
	const struct trace_anchor none = { 0 }; /* a recording has no date */
	int rc = t->rc;

	if (rc == 0)
		rc = trace_file_commit(t->file, &(struct trace_source){ 0 }, &none);
	if (rc < 0)
		fault_set(f, rc, "%s: %s", t->path, strerror(-rc));
	trace_file_free(t->file);
	free(t);
	return rc;
}
