/* fft.h - the spectrum of real samples, the same bits on every machine. */
#ifndef EDGED_SIGNAL_FFT_H
#define EDGED_SIGNAL_FFT_H
#include <stddef.h>

#include "base/arena.h"

struct fft; /* layout private to fft.c */

enum { FFT_LEAST = 8, FFT_MOST = 65536 };

/* A transform of n real points, n a power of two from FFT_LEAST to FFT_MOST. Tables are computed
 * in double and kept in float; all memory is the arena's. 0, -EINVAL (n), -ENOMEM. */
int fft_open(struct arena *a, size_t n, struct fft **out);

/* X[k] = sum x[t] exp(-2 pi i k t / n), not scaled, for k = 0..n/2: n + 2 floats, real and
 * imaginary part by turns. Works in the transform's own scratch, so one call at a time; in and out
 * may be the same memory. */
void fft_forward(struct fft *f, const float *in, float *out);
#endif
