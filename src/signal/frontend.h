/* frontend.h - from a window of samples to what a sound model was trained on. */
#ifndef EDGED_SIGNAL_FRONTEND_H
#define EDGED_SIGNAL_FRONTEND_H
#include <stddef.h>

#include "base/arena.h"
#include "base/fault.h"
#include "settings/frontend.h"

struct frontend; /* layout private to frontend.c */

/* Checks the settings, takes all memory from the arena. 0, -EINVAL with a sentence that starts with
 * "front_end.KEY: ", -ENOMEM. */
int frontend_open(const struct frontend_settings *s, struct arena *a, struct frontend **out,
		  struct fault *f);

/* Samples that one call takes: the window's length. */
size_t frontend_window_samples(const struct frontend *e);

/* How far apart windows must begin where a kind keeps state across them; 0: as the pipeline likes.
 */
size_t frontend_hop_samples(const struct frontend *e);

/* Shape of the output: rows follow each other in memory. LAYOUT_MEL_FIRST has a band in a row,
 * FRONTEND_NONE one row of samples. */
size_t frontend_rows(const struct frontend *e);
size_t frontend_columns(const struct frontend *e);

/* Model inputs in one output: 1, or with `join` rows - join + 1, of which input i starts at
 * out + i * columns and has join * columns values. */
size_t frontend_inputs(const struct frontend *e);

/* Behind a gap in the stream: forgets what windows before have left. */
void frontend_reset(struct frontend *e);

/* samples: -1..1, frontend_window_samples() of them; out: rows * columns. Neither fails nor
 * allocates; the same bits on every machine. */
void frontend_run(struct frontend *e, const float *samples, float *out);
#endif
