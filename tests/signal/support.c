/* support.c - generated signals and recorded ones, for the tests of src/signal. */
#include "tests/signal/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/math.h"

uint32_t support_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u; /* Numerical Recipes' quick generator */
	return *state ^ (*state >> 16);
}

void support_noise(float *out, size_t count, float peak, uint32_t start)
{
	for (size_t i = 0; i < count; i++) {
		int32_t sample = (int32_t)(support_random(&start) & 0xffff) - 32768;

		out[i] = (float)sample / 32768.0f * peak;
	}
}

void support_tone(float *out, size_t count, double hz, double rate, double amplitude)
{
	for (size_t i = 0; i < count; i++) {
		double turns = (double)i * hz / rate;

		turns -= (double)(int64_t)turns;
		out[i] += (float)(amplitude * math_sin(6.28318530717958647692 * turns));
	}
}

void *support_shared(const char *name, size_t *bytes)
{
	const char *shared = getenv("EDGED_SHARED"), *source = getenv("srcdir");
	char path[512];

	if (shared != NULL)
		snprintf(path, sizeof(path), "%s/modelzoo/%s", shared, name);
	else
		snprintf(path, sizeof(path), "%s/../shared/modelzoo/%s",
			 source != NULL ? source : ".", name);
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return NULL;
	fseek(file, 0, SEEK_END);
	*bytes = (size_t)ftell(file);
	rewind(file);
	void *data = malloc(*bytes + 1);
	if (data != NULL && fread(data, 1, *bytes, file) != *bytes) {
		free(data);
		data = NULL;
	}
	fclose(file);
	return data;
}

static uint32_t little_32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

float *support_wav(const char *name, size_t *count)
{
	size_t bytes, at = 12, length = 0;
	AUTO_FREE uint8_t *file = support_shared(name, &bytes);

	if (file == NULL)
		return NULL;
	for (; at + 8 <= bytes; at += 8 + length + (length & 1)) {
		length = little_32(file + at + 4);
		if (memcmp(file + at, "data", 4) == 0)
			break;
	}
	size_t frame = 2u * file[22]; /* channels, in the plain header of all */
	*count = length / frame;
	float *samples = calloc(*count + 1, sizeof(float));
	for (size_t i = 0; samples != NULL && i < *count; i++) {
		const uint8_t *p = file + at + 8 + frame * i;

		samples[i] = (float)(int16_t)(p[0] | p[1] << 8) / 32768.0f;
	}
	return samples;
}

bool support_missing(const char *test, const void *what, const char *name)
{
	if (what == NULL)
		printf("SKIP %s: no %s below EDGED_SHARED\n", test, name);
	return what == NULL;
}
