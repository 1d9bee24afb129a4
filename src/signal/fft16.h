/* fft16.h - the spectrum of 512 real samples in 16-bit fixed point, rounded as TensorFlow does. */
#ifndef EDGED_SIGNAL_FFT16_H
#define EDGED_SIGNAL_FFT16_H
#include <stdint.h>

#include "base/arena.h"

struct fft16; /* layout private to fft16.c */

enum { FFT16_POINTS = 512, FFT16_BINS = FFT16_POINTS / 2 + 1 };

struct fft16_bin {
	int16_t re, im;
};

/* Tables and scratch from the arena. 0 or -ENOMEM. */
int fft16_open(struct arena *a, struct fft16 **out);

/* out[k] = sum in[t] exp(-2 pi i k t / 512) / 512, every pass rounded: the integers of the 16-bit
 * kissfft that TensorFlow's micro front end is defined by. */
void fft16_forward(struct fft16 *f, const int16_t in[FFT16_POINTS],
		   struct fft16_bin out[FFT16_BINS]);
#endif
