/* mel.h - mel spectra and cepstra in float, as the models that were trained in Python expect. */
#ifndef EDGED_SIGNAL_MEL_H
#define EDGED_SIGNAL_MEL_H
#include <stddef.h>

#include "base/arena.h"
#include "base/fault.h"
#include "settings/frontend.h"

struct mel; /* layout private to mel.c */

/* The stages of struct frontend_settings, kind FRONTEND_MEL, in its order:
 *	input_scale, preemphasis (the sample before a window counts as 0), frames, window, spectrum,
 *	scale, mel bands, level, log, cepstra, shift and factor, clip, first and count, layout.
 * 0, -EINVAL with a sentence that starts with "front_end.KEY: ", -ENOMEM. */
int mel_open(const struct frontend_settings *s, struct arena *a, struct mel **out, struct fault *f);

size_t mel_samples(const struct mel *m); /* one call takes so many: a window */
size_t mel_frames(const struct mel *m);	 /* kept of each window */
size_t mel_width(const struct mel *m);	 /* values in a frame: cepstra, or bands */

/* A pure function of the window: mel_frames() * mel_width() values in the settings' layout. */
void mel_run(struct mel *m, const float *samples, float *out);
#endif
