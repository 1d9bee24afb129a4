/* zoo.c - decodes and resizes the zoo's pictures, whose folder is the argument. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "image/decode.h"
#include "image/resize.h"

/* References: their file below ref/, the picture, the size, how, and what may differ. */
static const struct {
	const char *file, *picture;
	int width, height;
	enum resize_method method;
	double tolerance; /* of floats; 0: bytes that must be equal */
} cases[] = {
	{ "features/resize48_cat_half.f32.bin", "cat.bmp", 48, 48, RESIZE_BILINEAR, 1e-3 },
	{ "features/resize48_cat_align.f32.bin", "cat.bmp", 48, 48, RESIZE_BILINEAR_ALIGN, 1e-3 },
	{ "features/resize48_cat_legacy.f32.bin", "cat.bmp", 48, 48, RESIZE_BILINEAR_LEGACY, 1e-3 },
	{ "features/resize48_cat_pillow_bicubic.u8.bin", "cat.bmp", 48, 48, RESIZE_PILLOW_BICUBIC,
	  0 },
	{ "features/resize48_cat_pillow_bilinear.u8.bin", "cat.bmp", 48, 48, RESIZE_PILLOW_BILINEAR,
	  0 },
#define PILLOW(picture, ending, w, h)                                                              \
	{                                                                                          \
		picture "_" #w "x" #h "_u8.bin", picture ending, w, h, RESIZE_PILLOW_BILINEAR, 0   \
	}
	PILLOW("bird", ".bmp", 32, 32),
	PILLOW("bird", ".bmp", 128, 128),
	PILLOW("bird", ".bmp", 224, 224),
	PILLOW("burger", ".jpg", 128, 128),
	PILLOW("burger", ".jpg", 224, 224),
	PILLOW("burger", ".jpg", 227, 227),
	PILLOW("cat", ".bmp", 32, 32),
	PILLOW("cat", ".bmp", 96, 96),
	PILLOW("cat", ".bmp", 128, 128),
	PILLOW("cat", ".bmp", 224, 224),
	PILLOW("cat", ".bmp", 227, 227),
	PILLOW("cat", ".bmp", 513, 513),
	PILLOW("cats_and_dogs", ".jpg", 300, 300),
	PILLOW("grace_hopper", ".bmp", 96, 96),
	PILLOW("grace_hopper", ".bmp", 128, 128),
	PILLOW("grace_hopper", ".bmp", 224, 224),
	PILLOW("grace_hopper", ".bmp", 256, 256),
	PILLOW("grace_hopper", ".bmp", 300, 300),
	PILLOW("parrot", ".jpg", 128, 128),
	PILLOW("parrot", ".jpg", 224, 224),
	PILLOW("sparrow", ".png", 224, 224),
};

static uint8_t *read_file(const char *zoo, const char *folder, const char *name, size_t *bytes)
{
	enum { MOST = 32 << 20 };
	char path[4096];
	uint8_t *out = malloc(MOST);

	snprintf(path, sizeof(path), "%s/%s/%s", zoo, folder, name);
	FILE *file = fopen(path, "rb");
	if (file == NULL) {
		perror(path);
		exit(1);
	}
	*bytes = fread(out, 1, MOST, file);
	fclose(file);
	return out;
}

/* The greatest difference; of one byte where sizes differ. */
static double difference(size_t at, const struct image *i, const uint8_t *wanted, size_t bytes)
{
	AUTO(arena) struct arena *memory = arena_create();
	struct resize_sizes sizes = { i->width, i->height, cases[at].width, cases[at].height,
				      i->channels };
	size_t row = (size_t)sizes.out_width * (size_t)i->channels;
	size_t count = row * (size_t)sizes.out_height;
	size_t each = cases[at].tolerance > 0 ? sizeof(float) : 1;
	AUTO_FREE float *found = malloc(count * sizeof(float));
	struct resizer *r = NULL;
	double worst = 0;

	if (bytes != count * each || resize_open(cases[at].method, &sizes, memory, &r) < 0)
		return 256;
	resize_run(r, i->pixels, (size_t)i->width * (size_t)i->channels, found, row);
	for (size_t k = 0; k < count; k++) {
		float value = wanted[k];
		if (each > 1)
			memcpy(&value, wanted + k * each, each);
		worst = fmax(worst, fabs((double)found[k] - (double)value));
	}
	return worst;
}

int main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(cases) && argc > 1; i++) {
		AUTO(image) struct image *picture = NULL;
		struct fault f = { 0 };
		size_t file_bytes, wanted_bytes;
		AUTO_FREE uint8_t *file =
			read_file(argv[1], "inputs/image", cases[i].picture, &file_bytes);
		AUTO_FREE uint8_t *wanted = read_file(argv[1], "ref", cases[i].file, &wanted_bytes);
		double off = 256;
		if (image_decode(file, file_bytes, &picture, &f) == 0)
			off = difference(i, picture, wanted, wanted_bytes);
		bool good = off <= cases[i].tolerance;
		printf("%s: %s: off by %g %s\n", good ? "ok" : "FAILED", cases[i].file, off,
		       f.text);
		passed += good;
		failed += !good;
	}
	printf("pictures of the zoo: %u passed, %u failed\n", passed, failed);
	return failed > 0 || passed == 0;
}
