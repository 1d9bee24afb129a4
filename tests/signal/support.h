/* support.h - generated signals and recorded ones, for the tests of src/signal. */
#ifndef EDGED_TESTS_SIGNAL_SUPPORT_H
#define EDGED_TESTS_SIGNAL_SUPPORT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 32 pseudo-random bits; the same sequence everywhere from the same start. */
uint32_t support_random(uint32_t *state);

/* White noise of 16-bit samples between -peak and peak. */
void support_noise(float *out, size_t count, float peak, uint32_t start);
/* Adds amplitude * sin(2 pi hz (i / rate)). */
void support_tone(float *out, size_t count, double hz, double rate, double amplitude);

/* A file below $EDGED_SHARED/modelzoo/ (../shared beside the sources if that is not set), read
 * whole; NULL where it is not there. Caller frees. */
void *support_shared(const char *name, size_t *bytes);
/* The same, the first channel of a 16-bit WAV as s / 32768. */
float *support_wav(const char *name, size_t *count);

/* For a test that needs what is not there: says so, and the caller returns. */
bool support_missing(const char *test, const void *what, const char *name);
#endif
