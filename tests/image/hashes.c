/* hashes.c - a line for each thing that src/image computes, with the hash of its bits. Methods and
 * fits by number: their names stand beside tables that want libyaml. */
#include <stdio.h>
#include <stdlib.h>

#include "base/sha256.h"
#include "image/colour.h"
#include "image/picture.h"

enum { WIDTH = 97, HEIGHT = 61 };

static uint8_t pixels[WIDTH * HEIGHT * 3];

/* Noise on ramps, from a generator of our own: libc's differ. */
static void make_pixels(void)
{
	uint32_t random = 1;

	for (size_t i = 0; i < sizeof(pixels); i++) {
		random = random * 1664525 + 1013904223;
		pixels[i] = (uint8_t)(i / 3 % WIDTH * 2 + (random >> 27));
	}
}

static void print_hash(const char *what, const void *data, size_t bytes)
{
	char hash[SHA256_HEX_BYTES];

	sha256_hex(data, bytes, hash);
	printf("%s %s\n", what, hash);
}

static void hash_picture(const struct picture_settings *s, int channels)
{
	AUTO(arena) struct arena *memory = arena_create();
	size_t count = picture_values(s);
	AUTO_FREE float *out = malloc(count * sizeof(float));
	struct picture *p = NULL;
	char line[160];

	if (out == NULL || picture_open(s, WIDTH, HEIGHT, channels, false, memory, &p) < 0)
		exit(1);
	picture_run(p, pixels, out);
	snprintf(line, sizeof(line), "method %d, %dx%d of %d channels, fit %d%s", s->shape.resize,
		 s->shape.size.width, s->shape.size.height, channels, s->shape.fit,
		 s->colour == COLOUR_GREY ? ", grey" : "");
	print_hash(line, out, count * sizeof(float));
}

static void hash_method(int method, int width, int height)
{
	struct picture_settings s = { .shape = { .size = { width, height },
						 .resize = method,
						 .crop = 0.875,
						 .fill = { 3, { 114, 113, 112 } } },
				      .mean = { 3, { 123.675, 116.28, 103.53 } },
				      .std = { 3, { 58.395, 57.12, 57.375 } } };

	for (s.shape.fit = FIT_STRETCH; s.shape.fit <= FIT_LETTERBOX; s.shape.fit++)
		hash_picture(&s, 3);
	s.shape.fit = FIT_CROP;
	s.colour = COLOUR_GREY;
	hash_picture(&s, 3);
	hash_picture(&s, 1);
}

static void hash_colours(void)
{
	static uint8_t out[256 * 256 * 3];

	for (int range = RANGE_VIDEO; range <= RANGE_FULL; range++) {
		for (int i = 0; i < 256 * 256; i++)
			colour_yuv_to_rgb(i * 7 % 256, i % 256, i / 256, (enum colour_range)range,
					  out + 3 * i);
		print_hash(range == RANGE_VIDEO ? "video range" : "full range", out, sizeof(out));
	}
}

int main(void)
{
	static const int sizes[][2] = { { 32, 32 }, { 224, 96 }, { 50, 130 } };

	make_pixels();
	hash_colours();
	for (int method = 0; method < RESIZE_METHODS; method++)
		for (size_t i = 0; i < 3; i++)
			hash_method(method, sizes[i][0], sizes[i][1]);
	return 0;
}
