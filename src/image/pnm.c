/* pnm.c - PGM and PPM with binary pixels (P5, P6). */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "image/formats.h"

struct reader {
	const uint8_t *bytes;
	size_t count, at;
};

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next number of the head, behind white space and comments; 0 where there is none. */
static uint32_t read_number(struct reader *r)
{
	uint32_t value = 0;

	while (r->at < r->count && (is_space(r->bytes[r->at]) || r->bytes[r->at] == '#')) {
		bool comment = r->bytes[r->at] == '#';
		while (comment && r->at < r->count && r->bytes[r->at] != '\n')
			r->at++;
		r->at += r->at < r->count;
	}
	for (; r->at < r->count && r->bytes[r->at] >= '0' && r->bytes[r->at] <= '9'; r->at++)
		value = value > 100000000 ? value : value * 10 + r->bytes[r->at] - '0';
	return value;
}

/* To 0..255, rounded; deep samples have two bytes, the higher one first. */
static void copy_samples(const uint8_t *in, size_t samples, uint32_t most, uint8_t *out)
{
	for (size_t i = 0; i < samples; i++) {
		uint32_t value = most < 256 ? in[i] : (uint32_t)in[2 * i] << 8 | in[2 * i + 1];
		value = value > most ? most : value;
		out[i] = (uint8_t)((value * 255 + most / 2) / most);
	}
}

int pnm_decode(const uint8_t *bytes, size_t count, struct image *out, struct fault *f)
{
	struct reader r = { bytes, count, 2 };
	int channels = bytes[1] == '6' ? 3 : 1;
	uint32_t width = read_number(&r), height = read_number(&r), most = read_number(&r);

	if (most == 0 || most > 65535)
		return fault_set(f, -EBADMSG, "damaged: greatest value %u (1 to 65535)", most);
	int rc = image_allocate(out, width, height, channels, f);
	if (rc < 0)
		return rc;
	r.at++; /* one byte of white space */
	size_t samples = (size_t)width * height * (size_t)channels;
	size_t wanted = samples * (most < 256 ? 1 : 2);
	size_t there = r.at > count ? 0 : count - r.at;
	if (there < wanted)
		return fault_set(f, -EBADMSG, "cut off: %zu bytes of pixels, %zu are there", wanted,
				 there);
	copy_samples(bytes + r.at, samples, most, out->pixels);
	return 0;
}
