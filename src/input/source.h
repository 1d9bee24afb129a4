/* source.h - where a capture process gets its samples: what each kind of input implements. */
#ifndef EDGED_INPUT_SOURCE_H
#define EDGED_INPUT_SOURCE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/loop.h"
#include "config/schema.h"
#include "ipc/messages.h"

/* What is coming. Texts are borrowed for the call. */
struct source_format {
	const char *from; /* a path, the name of a device: for the log */
	double rate_hz;
	unsigned channels;
	const char *details;	    /* more for the log ("S16_LE, period 20 ms"), or NULL */
	unsigned wanted_channels;   /* so many of them were asked for; others may be dead */
	unsigned bits;		    /* of the samples before they became floats */
	const char *silent_because; /* what would explain silence ("the switch is off"), or NULL */
};

/* The answer to it: how the stream takes it. */
struct source_stream {
	unsigned block_frames; /* most frames of one block */
	unsigned burst_blocks; /* so many may follow at once where the readers keep up */
	uint64_t frames;       /* taken so far, also from a former process of this input */
};

struct source_block {
	const float *samples; /* interleaved; borrowed for the call */
	unsigned frames;
	int64_t time_ns; /* CLOCK_MONOTONIC of the first frame, as measured */
	bool gap;	 /* samples are missing before it */
};

/* What a source tells; only from its open() and from what the loop calls. */
struct source_sink {
	void *context;
	/* Before the first block, and wherever the format changes. -EINVAL: too much for the ring. */
	int (*format)(void *context, const struct source_format *format, struct source_stream *out,
		      struct fault *f);
	void (*block)(void *context, const struct source_block *b);
	/* After blocks: readers are woken once for all of them. */
	void (*flush)(void *context);
	/* ONLINE: blocks come. OFFLINE, with its reason: none until further notice; the source goes
	 * on trying. ENDED: never again. Saying the same again is fine. */
	void (*state)(void *context, enum input_state state, const char *reason);
	/* True once every reader has taken what it was woken for: for a source that could outrun
	 * them. */
	bool (*readers_keep_up)(void *context);
	/* A line for the log. */
	void (*note)(void *context, enum log_level level, const char *sentence);
};

struct source_start {
	const char *name;     /* of the input */
	const void *settings; /* a struct of the source's schema; borrowed */
	struct loop *loop;
	const struct source_sink *sink; /* borrowed */
};

struct source; /* each kind has its own */

struct source_ops {
	const struct schema *schema; /* its settings: which kind of input it is */
	bool live;		     /* a device: its sound is watched for faults of the hardware */
	/* Faults are for good (a wrong path). A device that is not there is none: that is told as
	 * OFFLINE, and tried again. */
	int (*open)(const struct source_start *start, struct source **out, struct fault *f);
	/* Opens it anew, once the sink has returned: some devices hang and give zeros, until then.
	 * NULL: that would change nothing. */
	void (*renew)(struct source *s);
	void (*close)(struct source *s); /* NULL is fine */
};

extern const struct source_ops source_file, source_alsa;

/* The kind with that schema, or NULL. */
const struct source_ops *source_find(const struct schema *schema);
#endif
