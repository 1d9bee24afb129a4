/* alsa_format.c - the sample formats that edged takes from ALSA. */
#include "input/alsa_format.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Bytes by hand: packed samples are not aligned, and the order is theirs, not the machine's. */
static void convert_s16(const void *from, size_t samples, float *to)
{
	const uint8_t *p = from;

	for (size_t i = 0; i < samples; i++, p += 2)
		to[i] = (float)(int16_t)(p[0] | p[1] << 8) / 32768;
}

static void convert_s24_3(const void *from, size_t samples, float *to)
{
	const uint8_t *p = from;

	for (size_t i = 0; i < samples; i++, p += 3) {
		uint32_t bits = (uint32_t)p[0] << 8 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 24;
		to[i] = (float)(int32_t)bits / 2147483648.0F;
	}
}

static uint32_t bits_of(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void convert_s32(const void *from, size_t samples, float *to)
{
	const uint8_t *p = from;

	for (size_t i = 0; i < samples; i++, p += 4)
		to[i] = (float)(int32_t)bits_of(p) / 2147483648.0F;
}

static void convert_float(const void *from, size_t samples, float *to)
{
	const uint8_t *p = from;

	for (size_t i = 0; i < samples; i++, p += 4) {
		uint32_t bits = bits_of(p);
		memcpy(&to[i], &bits, sizeof(bits));
		if (!isfinite(to[i]))
			to[i] = 0;
	}
}

const struct alsa_format alsa_formats[] = {
	{ SND_PCM_FORMAT_S16_LE, 2, convert_s16 },    { SND_PCM_FORMAT_S32_LE, 4, convert_s32 },
	{ SND_PCM_FORMAT_S24_3LE, 3, convert_s24_3 }, { SND_PCM_FORMAT_FLOAT_LE, 4, convert_float },
	{ SND_PCM_FORMAT_UNKNOWN, 0, NULL },
};
