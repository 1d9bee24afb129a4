/* melbank.h - triangular bands on the mel scale over the bins of a spectrum. */
#ifndef EDGED_SIGNAL_MELBANK_H
#define EDGED_SIGNAL_MELBANK_H
#include <stddef.h>

#include "base/arena.h"
#include "settings/frontend.h"

struct melbank; /* layout private to melbank.c */

/* `mel.bands` triangles over the fft/2 + 1 bins of a transform of `fft` points at rate_hz, whose
 * corners are bands + 2 points equally far apart in mel between mel.low_hz and mel.high_hz. Sides
 * straight in mel: as tf.signal.linear_to_mel_weight_matrix, bin 0 left out; straight in Hz: as
 * librosa.filters.mel. 0 or -ENOMEM; the settings were checked. */
int melbank_open(const struct frontend_settings *s, struct arena *a, struct melbank **out);

/* out[band] = sum weight * spectrum[bin], products and sum in double, low bins first. */
void melbank_run(const struct melbank *b, const float *spectrum, float *out);

/* The scale itself and back: HTK 1127 ln(1 + f/700); Slaney's (Auditory Toolbox) is linear below
 * 1 kHz, 3 mel in 200 Hz, and logarithmic above, 27 mel in a factor of 6.4. */
double melbank_mel(enum mel_formula formula, double hz);
double melbank_hz(enum mel_formula formula, double mel);
#endif
