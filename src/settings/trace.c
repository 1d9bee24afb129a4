/* trace.c - table of the trace: what is kept of every window. */
#include "settings/trace.h"

#include <stddef.h>

#define FIELD(name) offsetof(struct trace_settings, name)

static const struct schema_key keys[] = {
	{ .key = "size", .type = T_SIZE, .at = FIELD(size_bytes), .min = 1 << 20, .max = 1 << 30,
	  .fallback = "16 MiB", .help = "Size of each pipeline's file; 64 bytes a window." },
	{ .key = "every", .type = T_DURATION, .at = FIELD(every_ns), .min = 1e9, .max = 3600e9,
	  .fallback = "10 s", .help = "How often what is in memory goes to the disk." },
	{ 0 },
};

const struct schema trace_schema = {
	.name = "trace", .size = sizeof(struct trace_settings), .keys = keys, .shorthand = "size",
	.help = "What is kept of every window, for edgectl why.",
};
