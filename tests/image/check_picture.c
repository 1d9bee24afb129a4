/* check_picture.c - what of a picture is looked at, and how its pixels become values. */
#include "image/picture.h"

#include <string.h>

#include "image/crop.h"
#include "image/shape.h"
#include "tests/test.h"

static void check_rect(struct rect r, int x, int y, int width, int height)
{
	ck_assert_msg(r.x == x && r.y == y && r.width == width && r.height == height,
		      "%dx%d at %d,%d, not %dx%d at %d,%d", r.width, r.height, r.x, r.y, width,
		      height, x, y);
}

START_TEST(a_part_is_that_of_central_crop)
{
	check_rect(crop_part(300, 200, 0.875), 18, 12, 264, 176); /* tf.image.central_crop */
	check_rect(crop_part(7, 5, 1), 0, 0, 7, 5);
	check_rect(crop_part(7, 5, 0.5), 1, 1, 5, 3);
	check_rect(crop_part(1, 1, 0.01), 0, 0, 1, 1);
	check_rect(crop_size(10, 7, 4, 4), 3, 1, 4, 4);
	check_rect(crop_size(3, 9, 4, 4), 0, 2, 3, 4);
}
END_TEST

static struct placing place(int fit, double crop, int width, int height, int to_width,
			    int to_height)
{
	struct shape_settings s = { .size = { to_width, to_height }, .fit = fit, .crop = crop };
	struct placing p;

	crop_place(&s, width, height, &p);
	return p;
}

START_TEST(proportions_are_stretched_cut_or_kept)
{
	struct placing p = place(FIT_STRETCH, 1, 640, 480, 224, 224);
	check_rect(p.from, 0, 0, 640, 480);
	check_rect(p.to, 0, 0, 224, 224);
	p = place(FIT_CROP, 1, 640, 480, 224, 224);
	check_rect(p.from, 80, 0, 480, 480);
	check_rect(p.to, 0, 0, 224, 224);
	p = place(FIT_CROP, 0.875, 480, 641, 224,
		  224); /* EfficientNet's: 420, (641 - 420 + 1) / 2 */
	check_rect(p.from, 30, 111, 420, 420);
	p = place(FIT_CROP, 1, 100, 1000, 96, 48);
	check_rect(p.from, 0, 475, 100, 50);
	p = place(FIT_LETTERBOX, 1, 640, 480, 320, 320);
	check_rect(p.from, 0, 0, 640, 480);
	check_rect(p.to, 0, 40, 320, 240);
	p = place(FIT_LETTERBOX, 1, 1, 60000, 320, 320);
	check_rect(p.to, 159, 0, 1, 320);
	p = place(FIT_CROP, 0.01, 1, 60000, 320, 1);
	check_rect(p.from, 0, 30000, 1, 1);
}
END_TEST

START_TEST(a_letterbox_has_bars_of_its_colour)
{
	AUTO(arena) struct arena *memory = arena_create();
	struct shape_settings settings = { .size = { 2, 4 },
					   .fit = FIT_LETTERBOX,
					   .crop = 1,
					   .resize = RESIZE_NEAREST,
					   .fill = { 3, { 1, 2, 3 } } };
	uint8_t in[2 * 2 * 3], out[2 * 4 * 3];
	float floats[2 * 4 * 3];
	struct shaper *s = NULL;

	memset(in, 200, sizeof(in));
	ck_assert_int_eq(shape_open(&settings, 2, 2, 3, memory, &s), 0);
	shape_run_u8(s, in, out);
	shape_run(s, in, floats);
	for (int i = 0; i < 24; i++) {
		ck_assert_int_eq(out[i], i >= 6 && i < 18 ? 200 : i % 3 + 1);
		ck_assert_float_eq(floats[i], out[i]);
	}
}
END_TEST

static void run(const struct picture_settings *s, int channels, bool planes, const uint8_t *in,
		float *out)
{
	AUTO(arena) struct arena *memory = arena_create();
	struct picture *p = NULL;

	ck_assert_int_eq(picture_open(s, 2, 1, channels, planes, memory, &p), 0);
	picture_run(p, in, out);
}

static const uint8_t two[] = { 10, 20, 30, 40, 50, 60 };

static void check_values(const float *found, size_t count, const double *wanted)
{
	for (size_t i = 0; i < count; i++)
		ck_assert_msg(found[i] == (float)wanted[i], "value %zu is %.9g, not %.9g", i,
			      (double)found[i], wanted[i]);
}

#define CHECK_VALUES(found, ...)                                                                   \
	check_values(found, sizeof((double[]){ __VA_ARGS__ }) / sizeof(double),                    \
		     (double[]){ __VA_ARGS__ })

START_TEST(colours_and_layouts)
{
	struct picture_settings s = { .shape = { .size = { 2, 1 }, .crop = 1 },
				      .mean = { 1, { 0 } },
				      .std = { 1, { 1 } } };
	float out[6];

	run(&s, 3, false, two, out);
	CHECK_VALUES(out, 10, 20, 30, 40, 50, 60);
	run(&s, 3, true, two, out);
	CHECK_VALUES(out, 10, 40, 20, 50, 30, 60);
	run(&s, 1, false, two, out);
	CHECK_VALUES(out, 10, 10, 10, 20, 20, 20);
	s.colour = COLOUR_BGR;
	run(&s, 3, false, two, out);
	CHECK_VALUES(out, 30, 20, 10, 60, 50, 40);
	s.colour = COLOUR_GREY;
	run(&s, 3, false, two, out);
	CHECK_VALUES(out, 18, 48);
	run(&s, 1, true, two, out);
	CHECK_VALUES(out, 10, 20);
}
END_TEST

START_TEST(each_channel_has_its_mean_and_std)
{
	struct picture_settings s = { .shape = { .size = { 2, 1 }, .crop = 1 },
				      .colour = COLOUR_BGR,
				      .mean = { 3, { 104, 117, 123 } },
				      .std = { 3, { 1, 2, 57.12 } } };
	float out[6];

	run(&s, 3, true, two, out);
	CHECK_VALUES(out, 30 - 104, 60 - 104, (20 - 117) / 2.0, (50 - 117) / 2.0,
		     (10 - 123) / 57.12, (40 - 123) / 57.12);
}
END_TEST

TEST_MAIN("picture", a_part_is_that_of_central_crop, proportions_are_stretched_cut_or_kept,
	  a_letterbox_has_bars_of_its_colour, colours_and_layouts,
	  each_channel_has_its_mean_and_std)
