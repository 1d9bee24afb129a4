/* why_traces.h - the trace files that may hold an answer. */
#ifndef EDGED_PROCESS_WHY_TRACES_H
#define EDGED_PROCESS_WHY_TRACES_H
#include <stddef.h>

#include "base/fault.h"

enum { WHY_MOST_TRACES = 256 };

struct why_traces {
	size_t count;
	char *paths[WHY_MOST_TRACES]; /* of a pipeline the newer before the older */
};

/* Those of one pipeline, or of all for NULL, in the folder of the instance (NULL: the default one),
 * after the running edged, if there is one, was asked to write what it has. */
int why_traces_find(const char *instance, const char *pipeline, struct why_traces *out,
		    struct fault *f);
void why_traces_fini(struct why_traces *t);
#endif
