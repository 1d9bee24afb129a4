/* crop.c - which part of a picture is looked at, and where it goes. */
#include "image/crop.h"

#include <math.h>

static int at_least_one(int value)
{
	return value < 1 ? 1 : value;
}

struct rect crop_part(int width, int height, double part)
{
	int x = (int)((width - width * part) / 2), y = (int)((height - height * part) / 2);

	return (struct rect){ x, y, at_least_one(width - 2 * x), at_least_one(height - 2 * y) };
}

struct rect crop_size(int width, int height, int to_width, int to_height)
{
	int w = to_width < width ? to_width : width, h = to_height < height ? to_height : height;

	return (struct rect){ (width - w) / 2, (height - h) / 2, w, h };
}

/* a * b / c, rounded. */
static int part_of(int a, int b, int c)
{
	return at_least_one((int)(((int64_t)a * b * 2 + c) / (2 * (int64_t)c)));
}

/* The largest size of the proportions a:b that fits into width x height. */
static void fit_into(int width, int height, int a, int b, int *out_width, int *out_height)
{
	*out_width = width;
	*out_height = height;
	if ((int64_t)width * b > (int64_t)height * a)
		*out_width = part_of(height, a, b);
	else
		*out_height = part_of(width, b, a);
}

/* The middle in the target's proportions, and `part` of it: for a square this is EfficientNet's
 * centre crop, int(part * side) from (whole - side + 1) / 2 on. */
static struct rect crop_proportions(const struct shape_settings *s, int width, int height)
{
	int w, h;

	fit_into(width, height, s->size.width, s->size.height, &w, &h);
	w = at_least_one((int)(s->crop * w));
	h = at_least_one((int)(s->crop * h));
	return (struct rect){ (width - w + 1) / 2, (height - h + 1) / 2, w, h };
}

void crop_place(const struct shape_settings *s, int width, int height, struct placing *out)
{
	int w = s->size.width, h = s->size.height;

	out->from = s->fit == FIT_CROP ? crop_proportions(s, width, height)
				       : crop_part(width, height, s->crop);
	if (s->fit == FIT_LETTERBOX)
		fit_into(s->size.width, s->size.height, out->from.width, out->from.height, &w, &h);
	out->to = (struct rect){ (s->size.width - w) / 2, (s->size.height - h) / 2, w, h };
}
