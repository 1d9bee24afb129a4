/* check_colour.c - colours against the formula in floating point, written another way. */
#include "image/colour.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "tests/test.h"

/* BT.601 from its luma weights: R - Y is V stretched, B - Y is U stretched, G follows from Y. */
static void exact(int y, int u, int v, enum colour_range range, double out[3])
{
	const double red = 0.299, blue = 0.114, green = 1 - red - blue;
	bool video = range == RANGE_VIDEO;
	double light = video ? (y - 16) * 255.0 / 219 : y;
	double stretch = video ? 255.0 / 224 : 1;
	double from_u = (u - 128) * stretch, from_v = (v - 128) * stretch;

	out[0] = light + from_v * 2 * (1 - red);
	out[2] = light + from_u * 2 * (1 - blue);
	out[1] = (light - red * out[0] - blue * out[2]) / green;
	for (int c = 0; c < 3; c++)
		out[c] = fmin(fmax(out[c], 0), 255);
}

static void check_range(enum colour_range range)
{
	unsigned long equal = 0, all = 0;
	double worst = 0;

	for (int y = 0; y < 256; y += 3)
		for (int u = 0; u < 256; u++)
			for (int v = 0; v < 256; v++) {
				double wanted[3];
				uint8_t found[3];
				exact(y, u, v, range, wanted);
				colour_yuv_to_rgb(y, u, v, range, found);
				for (int c = 0; c < 3; c++, all++) {
					worst = fmax(worst, fabs(found[c] - wanted[c]));
					equal += found[c] == lround(wanted[c]);
				}
			}
	ck_assert_msg(worst < 0.51, "off by %g", worst);
	ck_assert_msg(equal > all - all / 100, "%lu of %lu are the nearest", equal, all);
}

START_TEST(every_colour_is_the_nearest)
{
	check_range(RANGE_VIDEO);
	check_range(RANGE_FULL);
}
END_TEST

static void check_one(int y, int u, int v, enum colour_range range, int r, int g, int b)
{
	uint8_t found[3];

	colour_yuv_to_rgb(y, u, v, range, found);
	ck_assert_msg(found[0] == r && found[1] == g && found[2] == b, "%d %d %d gives %d %d %d", y,
		      u, v, found[0], found[1], found[2]);
}

/* Colour bars of BT.601 as test charts have them. */
START_TEST(well_known_colours)
{
	check_one(16, 128, 128, RANGE_VIDEO, 0, 0, 0);
	check_one(235, 128, 128, RANGE_VIDEO, 255, 255, 255);
	check_one(81, 90, 240, RANGE_VIDEO, 254, 0, 0);
	check_one(145, 54, 34, RANGE_VIDEO, 0, 255, 1);
	check_one(41, 240, 110, RANGE_VIDEO, 0, 0, 255);
	check_one(0, 128, 128, RANGE_FULL, 0, 0, 0);
	check_one(255, 128, 128, RANGE_FULL, 255, 255, 255);
	check_one(76, 85, 255, RANGE_FULL, 254, 0, 0);
	check_one(0, 0, 0, RANGE_VIDEO, 0, 136, 0);
	check_one(255, 255, 255, RANGE_VIDEO, 255, 125, 255);
}
END_TEST

enum { WIDTH = 6, HEIGHT = 4 };

/* The same picture in three layouts, rows with gaps, gives the same pixels. */
START_TEST(layouts_differ_in_order_only)
{
	uint8_t y[HEIGHT][WIDTH + 2], u[2][3], v[2][3], uv[2][8], yuyv[HEIGHT][WIDTH * 2 + 4];
	uint8_t a[HEIGHT * WIDTH * 3], b[sizeof(a)], c[sizeof(a)];

	for (int row = 0; row < HEIGHT; row++)
		for (int x = 0; x < WIDTH; x++) {
			int r = row / 2, k = x / 2;
			y[row][x] = (uint8_t)(40 * row + 13 * x);
			u[r][k] = uv[r][2 * k] = (uint8_t)(90 + 50 * r + 20 * k);
			v[r][k] = uv[r][2 * k + 1] = (uint8_t)(200 - 40 * r - 30 * k);
			yuyv[row][2 * x] = y[row][x];
			yuyv[row][2 * x + 1] = x % 2 == 0 ? u[r][k] : v[r][k];
		}
	struct colour_planes nv12 = { y[0], uv[0], uv[0] + 1, WIDTH + 2, 8, 2 };
	struct colour_planes i420 = { y[0], u[0], v[0], WIDTH + 2, 3, 1 };
	colour_planes_to_rgb(&nv12, WIDTH, HEIGHT, RANGE_VIDEO, a);
	colour_planes_to_rgb(&i420, WIDTH, HEIGHT, RANGE_VIDEO, b);
	colour_yuyv_to_rgb(yuyv[0], sizeof(yuyv[0]), WIDTH, HEIGHT, RANGE_VIDEO, c);
	ck_assert_mem_eq(a, b, sizeof(a));
	ck_assert_mem_eq(a, c, sizeof(a));
	for (int i = 0; i < HEIGHT * WIDTH; i++) {
		uint8_t one[3];
		int row = i / WIDTH, x = i % WIDTH;
		colour_yuv_to_rgb(y[row][x], u[row / 2][x / 2], v[row / 2][x / 2], RANGE_VIDEO,
				  one);
		ck_assert_mem_eq(a + 3 * i, one, 3);
	}
}
END_TEST

START_TEST(grey_and_back)
{
	uint8_t rgb[] = { 10, 20, 30, 255, 255, 255, 255, 0, 0 }, grey[3], back[9];

	colour_rgb_to_grey(rgb, 3, grey);
	ck_assert_int_eq(grey[0], 18); /* 18.15 */
	ck_assert_int_eq(grey[1], 255);
	ck_assert_int_eq(grey[2], 76);
	colour_grey_to_rgb(grey, 3, back);
	ck_assert_int_eq(back[8], 76);
	colour_swap(rgb, 3);
	ck_assert_int_eq(rgb[0], 30);
	ck_assert_int_eq(rgb[1], 20);
	ck_assert_int_eq(rgb[8], 255);
}
END_TEST

TEST_MAIN("colour", every_colour_is_the_nearest, well_known_colours, layouts_differ_in_order_only,
	  grey_and_back)
