/* resample.h - changes the rate of a stream by a linear-phase polyphase filter. */
#ifndef EDGED_SIGNAL_RESAMPLE_H
#define EDGED_SIGNAL_RESAMPLE_H
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"

struct resample; /* layout private to resample.c */

enum { RESAMPLE_HZ_LEAST = 1000, RESAMPLE_HZ_MOST = 768000 };

/* From one rate to the other, up or down, any ratio, both from RESAMPLE_HZ_LEAST to _MOST and at
 * most a factor of 64 apart. With f the lower of the two rates:
 * - whatever would fold into 0..f/2, or be an image there, is at least 80 dB down;
 * - flat within 0.01 dB up to 0.455 f (7.28 kHz for 16 kHz), -6 dB at 0.479 f, stop from 0.5 f on;
 * - delay 62 periods of f and at most three input samples more: 3.92 ms from 48 to 16 kHz, 3.90 ms
 *   from 44.1 to 16 kHz. Equal rates: the samples themselves, no delay.
 * A ratio of small numbers has one row of taps for each of its phases; others share 512 phases in a
 * period of f with linear interpolation between two rows, which stays below -80 dB. Tables and
 * state take at most about 1.2 MB. 0, -EINVAL with a sentence, -ENOMEM. */
int resample_open(struct arena *a, uint32_t in_hz, uint32_t out_hz, struct resample **out,
		  struct fault *f);

/* A new stream whose next input sample has the absolute index `first` (>= 0). Output sample m is
 * centred on input index m * in_hz / out_hz, so index m means the same wherever a reader starts;
 * the first one out is the least m at or behind `first`. Before the start are zeros. */
void resample_reset(struct resample *r, int64_t first);

/* The absolute index of the next sample that comes out; its time is index / out_hz after that of
 * input index 0. The delay is made up for: it is a delay in availability, not a shift in time. */
int64_t resample_index(const struct resample *r);

/* How much sound must have come in behind an output sample's time before it can come out. */
int64_t resample_delay_ns(const struct resample *r);

/* The most samples that one push of `count`, or the flush (count 0), can give. */
size_t resample_most(const struct resample *r, size_t count);

/* Gives the number of samples written to out, which holds resample_most() of them and is other
 * memory than in. The same bits however the stream is cut into calls. */
size_t resample_push(struct resample *r, const float *in, size_t count, float *out);

/* The end of the stream: zeros behind it push out the rest, so that n samples from a reset at 0
 * have given ceil(n * out_hz / in_hz). Only a reset may follow. */
size_t resample_flush(struct resample *r, float *out);

/* "48000 to 16000 Hz: 1 phase of 376 taps, delay 3.917 ms" */
void resample_describe(const struct resample *r, char *text, size_t size);
#endif
