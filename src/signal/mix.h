/* mix.h - many channels become one, and no dead microphone hides in the mean. */
#ifndef EDGED_SIGNAL_MIX_H
#define EDGED_SIGNAL_MIX_H
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"

struct mix; /* layout private to mix.c */

enum { MIX_AVERAGE = -1, MIX_CHANNELS_MOST = 64 };

struct mix_settings {
	size_t channels; /* in an interleaved frame, 1 to MIX_CHANNELS_MOST */
	int take;	 /* a channel's index, or MIX_AVERAGE: the mean of those that live */
	double rate_hz;	 /* frames a second: a second of equal samples is a dead channel */
};

/* What was heard since the last reset. Channel c is bit c. */
struct mix_report {
	uint64_t dead;	  /* dead at the last frame */
	uint64_t deaths;  /* times that a channel which had lived died */
	uint64_t clipped; /* samples in runs of three or more at full scale, all channels */
	uint64_t clipped_channels;
	uint64_t not_finite; /* NaN or infinite samples, each taken as 0 */
};

/* 0, -EINVAL with a sentence that starts with "mix.KEY: ", -ENOMEM. */
int mix_open(const struct mix_settings *s, struct arena *a, struct mix **out, struct fault *f);

/* A new stream: every channel counts as dead until its samples change. */
void mix_reset(struct mix *m);

/* One sample out for each frame in; out may be in. A channel is dead before its first change and
 * from the moment on that rate_hz samples in a row equal the one before them. This is decided at
 * each frame, so blocks may be cut anywhere. Where no channel lives, all are averaged: silence
 * stays silence, and one channel passes through unchanged. */
void mix_run(struct mix *m, const float *in, size_t frames, float *out);

void mix_report(const struct mix *m, struct mix_report *out);
#endif
