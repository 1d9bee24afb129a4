/* trace.h - settings of the trace: what is kept of every window. */
#ifndef EDGED_SETTINGS_TRACE_H
#define EDGED_SETTINGS_TRACE_H
#include "config/schema.h"

struct trace_settings {
	int64_t size_bytes;		/* of each pipeline's file */
	int64_t every_ns;		/* so often it is written */
};

extern const struct schema trace_schema;
#endif
