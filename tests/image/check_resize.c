/* check_resize.c - resizing gives what Pillow, OpenCV and the definitions give. */
#include "image/resize.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "image/colour.h"
#include "tests/image/vectors.h"
#include "tests/test.h"

static struct resizer *open_resizer(struct arena *memory, int method, int in_width, int in_height,
				    int width, int height, int channels)
{
	struct resize_sizes sizes = { in_width, in_height, width, height, channels };
	struct resizer *r = NULL;

	ck_assert_int_eq(resize_open((enum resize_method)method, &sizes, memory, &r), 0);
	return r;
}

static int method_named(const char *name)
{
	for (int i = 0; resize_names[i] != NULL; i++)
		if (strcmp(resize_names[i], name) == 0)
			return i;
	ck_abort_msg("no method %s", name);
	return -1;
}

struct source {
	int channels, width, height;
	uint8_t *bytes;
};

static void check_bytes(const struct source *s, const struct vector *v)
{
	AUTO(arena) struct arena *memory = arena_create();
	int width = atoi(v->words[2]), height = atoi(v->words[3]);
	size_t count, row = (size_t)width * (size_t)s->channels;
	AUTO_FREE uint8_t *wanted = vector_bytes(v->words[4], &count);
	AUTO_FREE uint8_t *found = malloc(count);
	AUTO_FREE float *floats = malloc(count * sizeof(float));
	struct resizer *r = open_resizer(memory, method_named(v->words[1]), s->width, s->height,
					 width, height, s->channels);

	ck_assert_uint_eq(count, row * (size_t)height);
	resize_run_u8(r, s->bytes, (size_t)s->width * (size_t)s->channels, found, row);
	resize_run(r, s->bytes, (size_t)s->width * (size_t)s->channels, floats, row);
	for (size_t i = 0; i < count; i++) {
		ck_assert_msg(found[i] == wanted[i], "%s %dx%d: value %zu is %d, not %d",
			      v->words[1], width, height, i, found[i], wanted[i]);
		ck_assert(floats[i] == (float)wanted[i]);
	}
}

static void check_floats(const struct source *s, const struct vector *v)
{
	AUTO(arena) struct arena *memory = arena_create();
	int width = atoi(v->words[3]), height = atoi(v->words[4]);
	double tolerance = atof(v->words[2]), worst = 0;
	size_t bytes, count = (size_t)width * (size_t)height;
	AUTO_FREE uint8_t *raw = vector_bytes(v->words[5], &bytes);
	AUTO_FREE float *found = malloc(count * sizeof(float));
	AUTO_FREE float *wanted = malloc(count * sizeof(float));
	struct resizer *r = open_resizer(memory, method_named(v->words[1]), s->width, s->height,
					 width, height, s->channels);

	ck_assert_uint_eq(bytes, count * sizeof(float));
	memcpy(wanted, raw, bytes);
	resize_run(r, s->bytes, (size_t)s->width, found, (size_t)width);
	for (size_t i = 0; i < count; i++)
		worst = fmax(worst, fabs((double)found[i] - (double)wanted[i]));
	ck_assert_msg(worst <= tolerance, "%s %dx%d: off by %g", v->words[1], width, height, worst);
}

static void read_source(struct source *s, const struct vector *v)
{
	size_t count;

	free(s->bytes);
	*s = (struct source){ atoi(v->words[1]), atoi(v->words[2]), atoi(v->words[3]),
			      vector_bytes(v->words[4], &count) };
	ck_assert_uint_eq(count, (size_t)(s->channels * s->width * s->height));
}

static void check_grey(const struct source *s, const struct vector *v)
{
	size_t count;
	AUTO_FREE uint8_t *wanted = vector_bytes(v->words[1], &count);
	AUTO_FREE uint8_t *found = malloc(count);

	colour_rgb_to_grey(s->bytes, count, found);
	ck_assert_mem_eq(found, wanted, count);
}

START_TEST(other_programs_give_the_same)
{
	struct vectors *file = vectors_open();
	struct vector v;
	struct source source = { 0 };
	unsigned bytes = 0, floats = 0;

	while (vectors_next(file, &v)) {
		if (strcmp(v.words[0], "source") == 0) {
			read_source(&source, &v);
		} else if (strcmp(v.words[0], "grey") == 0) {
			check_grey(&source, &v);
		} else if (strcmp(v.words[0], "bytes") == 0) {
			check_bytes(&source, &v);
			bytes++;
		} else if (strcmp(v.words[0], "floats") == 0) {
			check_floats(&source, &v);
			floats++;
		}
	}
	printf("%u vectors of Pillow equal byte for byte, %u within their tolerance\n", bytes,
	       floats);
	ck_assert_uint_ge(bytes, 30);
	ck_assert_uint_ge(floats, 30);
	free(source.bytes);
	vectors_free(file);
}
END_TEST

START_TEST(the_same_size_is_the_same_picture)
{
	uint8_t in[7 * 5 * 3], out[7 * 5 * 3];

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 97 + i / 7);
	for (int method = 0; method < RESIZE_METHODS; method++) {
		AUTO(arena) struct arena *memory = arena_create();
		struct resizer *r = open_resizer(memory, method, 7, 5, 7, 5, 3);
		resize_run_u8(r, in, 21, out, 21);
		ck_assert_msg(memcmp(in, out, sizeof(in)) == 0, "%s", resize_names[method]);
	}
}
END_TEST

/* Every pair of sizes: the weights must add up to 1 and reach no pixel outside (the last row of
 * `in` ends where the heap's block does, so that sanitizers see it). */
START_TEST(one_colour_stays_one_colour)
{
	static const int sizes[] = { 1, 2, 3, 5, 8, 31, 64, 199 };

	for (int method = 0; method < RESIZE_METHODS; method++)
		for (size_t a = 0; a < 8; a++)
			for (size_t b = 0; b < 8; b++) {
				AUTO(arena) struct arena *memory = arena_create();
				int in = sizes[a], out = sizes[b];
				struct resizer *r =
					open_resizer(memory, method, in, sizes[7 - a], out, in, 1);
				AUTO_FREE uint8_t *from = malloc((size_t)(in * sizes[7 - a]));
				AUTO_FREE uint8_t *to = malloc((size_t)(in * out));
				memset(from, 201, (size_t)(in * sizes[7 - a]));
				resize_run_u8(r, from, (size_t)in, to, (size_t)out);
				for (int i = 0; i < in * out; i++)
					ck_assert_msg(to[i] == 201, "%s %d to %d: %d",
						      resize_names[method], in, out, to[i]);
			}
}
END_TEST

START_TEST(rows_may_have_gaps)
{
	uint8_t packed[6 * 4], padded[9 * 4], a[3 * 2], b[5 * 2] = { 0 };

	for (int i = 0; i < 24; i++)
		packed[i] = padded[i / 6 * 9 + i % 6] = (uint8_t)(i * 37);
	for (int method = 0; method < RESIZE_METHODS; method++) {
		AUTO(arena) struct arena *memory = arena_create();
		struct resizer *r = open_resizer(memory, method, 6, 4, 3, 2, 1);
		resize_run_u8(r, packed, 6, a, 3);
		resize_run_u8(r, padded, 9, b, 5);
		ck_assert_mem_eq(a, b, 3);
		ck_assert_mem_eq(a + 3, b + 5, 3);
		ck_assert_int_eq(b[3], 0);
	}
}
END_TEST

TEST_MAIN("resize", other_programs_give_the_same, the_same_size_is_the_same_picture,
	  one_colour_stays_one_colour, rows_may_have_gaps)
