/* micro.h - TensorFlow's integer micro front end, integer for integer. */
#ifndef EDGED_SIGNAL_MICRO_H
#define EDGED_SIGNAL_MICRO_H
#include <stddef.h>

#include "base/arena.h"
#include "base/fault.h"
#include "settings/frontend.h"

struct micro; /* layout private to micro.c */

/* Window, 16-bit FFT, mel bands, noise reduction, gain control (PCAN) and logarithm, all in
 * integers, with the constants that microWakeWord and micro_speech use. Of the settings count:
 *	rate_hz, frame (at most 512), step, mel.bands, mel.low_hz, mel.high_hz;
 *	length_ns: the window; count: its rows, from its first sample on; 0: as many as it holds;
 *	state: STATE_FRESH starts the noise estimate anew for each window. STATE_STREAM keeps it,
 *and the rows it has given: each window must begin hop_ns behind the one before, a whole number of
 *steps, and only the rows that are new are computed. hop_ns 0: all, rows * step apart; shift,
 *factor: (row + shift) * factor, 0 and 1 for the integers themselves. 0, -EINVAL with a sentence
 *that starts with "front_end.KEY: ", -ENOMEM. */
int micro_open(const struct frontend_settings *s, struct arena *a, struct micro **out,
	       struct fault *f);

size_t micro_samples(const struct micro *m); /* one call takes so many: a window */
size_t micro_hop(const struct micro *m);     /* STATE_STREAM: samples between windows; else 0 */
size_t micro_rows(const struct micro *m);
size_t micro_width(const struct micro *m);

/* Behind a gap: the noise estimate starts at 0, and the next window gives all its rows. */
void micro_reset(struct micro *m);

/* Samples become 16 bits as round(x * 32768), clipped. Row first, micro_rows() * micro_width(). */
void micro_run(struct micro *m, const float *samples, float *out);
#endif
