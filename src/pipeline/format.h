/* format.h - what passes from stage to stage. */
#ifndef EDGED_PIPELINE_FORMAT_H
#define EDGED_PIPELINE_FORMAT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "decide/gate.h"

enum format_kind {
	FORMAT_AUDIO,	 /* samples without end */
	FORMAT_IMAGE,	 /* pictures, each judged by itself */
	FORMAT_WINDOWS,	 /* pieces of them, each judged by itself */
	FORMAT_SCORES,	 /* a score a label, for each window */
	FORMAT_VERDICTS, /* what was decided about each window */
};

struct format {
	enum format_kind kind;
	double rate_hz; /* of the samples; of pictures */
	unsigned channels;
	size_t length, hop; /* of a window, in samples; of pictures 0 and 1 */
	int width, height;  /* of pictures; 0 where the input is sound */
	bool still;	    /* one picture by itself: no other follows */
	size_t labels;
	const char *const *label_names;
	const bool *deciding; /* which labels may decide; NULL: all */
};

enum block_flags {
	BLOCK_PADDED = 1, /* shorter than a window: zeros at its end */
	BLOCK_CLIPPED = 2,
};

/* One piece on its way. Borrowed: it holds only during the call that brings it. */
struct block {
	uint64_t index; /* of its first sample, from the stream's start, at the format's rate */
	size_t frames;	/* FORMAT_AUDIO: samples a channel; else 1 */
	unsigned flags;
	uint32_t dead_channels;	   /* bit mask */
	const float *samples;	   /* AUDIO: interleaved; WINDOWS: format.length of them */
	const uint8_t *pixels;	   /* IMAGE: [height][width][channels], grey or RGB */
	const float *raw, *scores; /* SCORES, VERDICTS: by label; `scores` is the smoothed one */
	struct gate_result gate;   /* VERDICTS */
};

static inline struct format format_sound(double rate_hz, unsigned channels)
{
	return (struct format){ .kind = FORMAT_AUDIO, .rate_hz = rate_hz, .channels = channels };
}

static inline struct format format_still(int width, int height, int channels)
{
	return (struct format){ .kind = FORMAT_IMAGE,
				.rate_hz = 1,
				.hop = 1,
				.channels = (unsigned)channels,
				.width = width,
				.height = height,
				.still = true };
}

/* "audio 48 kHz x2", "windows of 1 s every 250 ms", … for people. */
void format_describe(const struct format *f, struct buf *out);
#endif
