/* trace.h - what is kept of every window, so that "why?" has an answer later. */
#ifndef EDGED_DECIDE_TRACE_H
#define EDGED_DECIDE_TRACE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decide/gate.h"

enum {
	TRACE_TOP = 3,		     /* so many of the best labels are kept */
	TRACE_NO_LABEL = UINT16_MAX, /* there are fewer labels than that */
	TRACE_META_BYTES = 56 << 10, /* of a struct trace_meta */
	TRACE_NAME_BYTES = 64,
	TRACE_ID_BYTES = 96,
	TRACE_ID_NAME = 60, /* of a pipeline's name in an id */
};

enum trace_flags {
	TRACE_BEGAN = 1,     /* a decision began with this window */
	TRACE_ENDED = 2,     /* one ended with it, or (TRACE_NO_WINDOW) after it */
	TRACE_FRESH = 4,     /* the first window since the gates started afresh: start, gap */
	TRACE_NO_WINDOW = 8, /* nothing was judged: a decision ended for want of windows */
	TRACE_PADDED = 16,
	TRACE_CLIPPED = 32,
	TRACE_DEAD_CHANNEL = 64,
};

/* One window. 64 bytes in memory and on disk, little-endian on all machines that edged runs on. */
struct trace_record {
	uint64_t stream, window; /* with the pipeline's name they are the event's id */
	int64_t end_ns; /* CLOCK_MONOTONIC behind its last sample; of a file: from its start */
	float smoothed[TRACE_TOP]; /* best first, as the gates saw them */
	float raw;		   /* of the best, before smoothing */
	uint16_t label[TRACE_TOP]; /* index in the meta's labels, or TRACE_NO_LABEL */
	uint16_t agreeing;	   /* windows in a row that agreed so far */
	uint32_t inference_us;	   /* front end and model */
	uint32_t latency_us;	   /* from the last sample to the verdict */
	uint8_t verdict : 4;	   /* enum gate_verdict */
	uint8_t reason : 4;	   /* enum gate_reason */
	uint8_t end_reason;	   /* enum gate_reason, where one ended */
	uint16_t ended;		   /* its label, or TRACE_NO_LABEL */
	uint8_t flags;		   /* enum trace_flags */
	uint8_t reserved;
	uint16_t check; /* of the bytes before, on disk */
};

/* What the records of a run have in common. Compared byte by byte: other settings or another model
 * begin another file. */
struct trace_meta {
	char gateway[TRACE_NAME_BYTES], pipeline[TRACE_NAME_BYTES], input[TRACE_NAME_BYTES];
	char model[TRACE_NAME_BYTES], sha256[72];
	char recording[256]; /* the file that was judged; "": an input that goes on */
	int64_t model_version;
	double threshold, margin;
	int64_t at_least, hold_ns;
	int64_t length_ns, hop_ns; /* of a window */
	int64_t smooth_ns;	   /* 0: not smoothed */
	uint32_t smooth_by;	   /* enum smooth_by */
	uint32_t labels_named;	   /* 1: the YAML says which labels decide */
	uint32_t label_count, label_bytes;
	char labels[TRACE_META_BYTES - 664]; /* with the 664 bytes before them: see the assertion */
};

_Static_assert(sizeof(struct trace_record) == 64, "a window's trace is 64 bytes");
_Static_assert(sizeof(struct trace_meta) == TRACE_META_BYTES, "the places of a file are fixed");

/* Meta: labels are added in the order of their indices. Those that find no room have no name. */
void trace_add_label(struct trace_meta *m, const char *name, bool decides);
/* Name of a label, or "#7"; *decides (NULL is fine) says whether it may. */
const char *trace_label(const struct trace_meta *m, unsigned index, bool *decides,
			char text[TRACE_NAME_BYTES]);
int trace_find_label(const struct trace_meta *m, const char *name); /* index or GATE_NONE */
/* False where it cannot be what trace_add_label() and its caller made: a file may be damaged. */
bool trace_meta_sound(const struct trace_meta *m);

/* What one window's scores, as the gates saw them, leave in a record. `raw` is by label. */
void trace_put_scores(struct trace_record *r, const float *raw, const float *smoothed,
		      size_t labels, const struct gate_result *g);

/* "5f0c…-wake-12": what a replay repeats. */
void trace_id_write(uint64_t stream, const char *pipeline, uint64_t window,
		    char out[TRACE_ID_BYTES]);
bool trace_id_read(const char *text, uint64_t *stream, char pipeline[TRACE_NAME_BYTES],
		   uint64_t *window);
#endif
