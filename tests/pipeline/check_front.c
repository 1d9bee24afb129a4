/* check_front.c - a picture becomes what the model's input wants, in the order that it wants. */
#include "pipeline/stages/front.h"

#include <errno.h>
#include <string.h>

#include "tests/test.h"

enum { WIDTH = 4, HEIGHT = 2, PIXELS = WIDTH * HEIGHT };

static struct card card_of(int colour)
{
	return (struct card){ .model = "test",
			      .picture = { .shape = { .size = { WIDTH, HEIGHT }, .crop = 1 },
					   .colour = colour,
					   .mean = { 1, { 100 } },
					   .std = { 1, { 2 } } } };
}

static int try_open(const struct card *card, struct shape shape, struct arena *memory,
		    struct front **out, struct fault *f)
{
	struct tensor input = { .type = TENSOR_FLOAT32, .shape = shape };
	struct format in = format_still(WIDTH, HEIGHT, 3);

	return front_open(card, &in, &input, memory, out, f);
}

/* Pixel i has channels 3 i, 3 i + 1, 3 i + 2: value k of the input tells where it came from. */
static void check_order(int colour, struct shape shape, size_t pixel_step, size_t channel_step,
			const int *channels)
{
	AUTO(arena) struct arena *memory = arena_create();
	struct card card = card_of(colour);
	struct front *front = NULL;
	struct fault f = { 0 };
	uint8_t pixels[PIXELS * 3];
	float out[PIXELS * 3];

	for (int i = 0; i < PIXELS * 3; i++)
		pixels[i] = (uint8_t)i;
	ck_assert_msg(try_open(&card, shape, memory, &front, &f) == 0, "%s", f.text);
	ck_assert_uint_eq(front_sizes(front)->values, PIXELS * 3);
	front_run(front, &(struct block){ .frames = 1, .pixels = pixels }, out);
	for (size_t i = 0; i < PIXELS; i++)
		for (size_t c = 0; c < 3; c++)
			ck_assert_float_eq(out[i * pixel_step + c * channel_step],
					   ((float)(3 * (int)i + channels[c]) - 100) / 2);
}

START_TEST(the_shape_tells_the_order)
{
	static const int rgb[] = { 0, 1, 2 }, bgr[] = { 2, 1, 0 };

	check_order(COLOUR_RGB, (struct shape){ 4, { 1, HEIGHT, WIDTH, 3 } }, 3, 1, rgb);
	check_order(COLOUR_RGB, (struct shape){ 4, { 1, 3, HEIGHT, WIDTH } }, 1, PIXELS, rgb);
	check_order(COLOUR_BGR, (struct shape){ 4, { 1, HEIGHT, WIDTH, 3 } }, 3, 1, bgr);
	check_order(COLOUR_BGR, (struct shape){ 3, { 3, HEIGHT, WIDTH } }, 1, PIXELS, bgr);
	check_order(COLOUR_RGB, (struct shape){ 5, { 1, 1, HEIGHT, WIDTH, 3 } }, 3, 1, rgb);
}
END_TEST

START_TEST(other_shapes_are_refused)
{
	static const struct shape shapes[] = {
		{ 4, { 1, WIDTH, HEIGHT, 3 } },
		{ 4, { 2, HEIGHT, WIDTH, 3 } },
		{ 4, { 1, HEIGHT, WIDTH, 1 } },
		{ 2, { 1, PIXELS * 3 } },
		{ 0, { 0 } },
		{ 4, { 1, HEIGHT, 3, WIDTH } },
	};
	struct card card = card_of(COLOUR_RGB);

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		AUTO(arena) struct arena *memory = arena_create();
		struct front *front = NULL;
		struct fault f = { 0 };
		ck_assert_int_eq(try_open(&card, shapes[i], memory, &front, &f), -EINVAL);
		ck_assert_ptr_nonnull(strstr(f.text, "its card says 3 channels of 4x2"));
	}
}
END_TEST

TEST_MAIN("front", the_shape_tells_the_order, other_shapes_are_refused)
