/* axis.c - which pixels of a row, with which weight, make each pixel of a shorter or longer one. */
#include "image/axis.h"

#include <errno.h>
#include <math.h>

#include "base/math.h"

/* ---- kernels: weight of a pixel at distance x from the place wanted ---- */

static double box(double x)
{
	return x > -0.5 && x <= 0.5 ? 1 : 0;
}

static double triangle(double x)
{
	return fabs(x) < 1 ? 1 - fabs(x) : 0;
}

/* Keys' cubic convolution. */
static double cubic(double x, double a)
{
	x = fabs(x);
	if (x < 1)
		return ((a + 2) * x - (a + 3)) * x * x + 1;
	return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

static double cubic_half(double x)
{
	return cubic(x, -0.5);
}

static double cubic_three_quarters(double x)
{
	return cubic(x, -0.75);
}

static double sinc(double x)
{
	return x == 0 ? 1 : math_sin(MATH_PI * x) / (MATH_PI * x);
}

static double lanczos(double x)
{
	return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

/* ---- methods ---- */

enum border {
	BORDER_CLAMP, /* the outermost pixel goes on for ever */
	BORDER_LEAVE, /* nothing is outside: the weights inside add up to 1 */
};

typedef double kernel_fn(double x);

/* Where the two sizes' pixels meet: src = (dst + half) * scale - half, and how the scale is made. */
static const struct method {
	kernel_fn *kernel;
	double reach; /* the kernel is 0 beyond it */
	double half;
	enum border border;
	bool align;  /* scale (in - 1) / (out - 1) */
	bool widens; /* the kernel is as wide as the scale where that is above 1 */
} methods[RESIZE_METHODS] = {
	[RESIZE_BILINEAR] = { triangle, 1, 0.5, BORDER_CLAMP, false, false },
	[RESIZE_BILINEAR_ALIGN] = { triangle, 1, 0, BORDER_CLAMP, true, false },
	[RESIZE_BILINEAR_LEGACY] = { triangle, 1, 0, BORDER_CLAMP, false, false },
	[RESIZE_BICUBIC] = { cubic_half, 2, 0.5, BORDER_LEAVE, false, false },
	[RESIZE_BICUBIC_OPENCV] = { cubic_three_quarters, 2, 0.5, BORDER_CLAMP, false, false },
	[RESIZE_PILLOW_BOX] = { box, 0.5, 0.5, BORDER_LEAVE, false, true },
	[RESIZE_PILLOW_BILINEAR] = { triangle, 1, 0.5, BORDER_LEAVE, false, true },
	[RESIZE_PILLOW_BICUBIC] = { cubic_half, 2, 0.5, BORDER_LEAVE, false, true },
	[RESIZE_PILLOW_LANCZOS] = { lanczos, 3, 0.5, BORDER_LEAVE, false, true },
};

static int clamp(int value, int most)
{
	return value < 0 ? 0 : value > most ? most : value;
}

static void scale_to_one(struct taps *t)
{
	double sum = 0;

	for (int k = 0; k < t->count; k++)
		sum += t->weight[k];
	for (int k = 0; k < t->count && sum != 0; k++)
		t->weight[k] /= sum;
}

/* Centre on centre, the weight of every pixel whose centre the kernel reaches (Pillow's family). */
static void weigh_wide(const struct method *m, int in, int out, int i, struct taps *t)
{
	double scale = (double)in / out, widened = scale < 1 ? 1 : scale;
	double centre = (i + 0.5) * scale, reach = m->reach * widened, shrink = 1 / widened;

	t->first = clamp((int)(centre - reach + 0.5), in - 1);
	t->count = clamp((int)(centre + reach + 0.5), in) - t->first;
	for (int k = 0; k < t->count; k++)
		t->weight[k] = m->kernel((t->first + k - centre + 0.5) * shrink);
	scale_to_one(t);
}

/* The few pixels around a point; of those outside the outermost takes the weight, or nobody. */
static void weigh_point(const struct method *m, int in, int out, int i, struct taps *t)
{
	double scale = m->align ? (out > 1 ? (double)(in - 1) / (out - 1) : 0) : (double)in / out;
	double place = (i + m->half) * scale - m->half;
	int left = (int)floor(place), reach = (int)m->reach;
	int first = left - reach + 1, last = left + reach;

	t->first = clamp(first, in - 1);
	t->count = clamp(last, in - 1) - t->first + 1;
	for (int k = 0; k < t->count; k++)
		t->weight[k] = 0;
	for (int x = first; x <= last; x++)
		if (m->border == BORDER_CLAMP || (x >= 0 && x < in))
			t->weight[clamp(x, in - 1) - t->first] += m->kernel(x - place);
	if (m->border == BORDER_LEAVE)
		scale_to_one(t);
}

/* The part of each pixel that [i, i + 1) * scale covers. */
static void weigh_area(int in, int out, int i, struct taps *t)
{
	int64_t start = (int64_t)i * in, end = start + in; /* in units of 1 / out of a pixel */

	t->first = (int32_t)(start / out);
	t->count = (int32_t)((end + out - 1) / out) - t->first;
	for (int k = 0; k < t->count; k++) {
		int64_t left = (int64_t)(t->first + k) * out, right = left + out;
		int64_t covered = (right < end ? right : end) - (left > start ? left : start);
		t->weight[k] = (double)covered / in;
	}
}

static void weigh(enum resize_method method, int in, int out, int i, struct taps *t)
{
	if (method == RESIZE_NEAREST) {
		t->first = (int32_t)((2 * (int64_t)i + 1) * in / (2 * (int64_t)out));
		t->count = 1;
		t->weight[0] = 1;
	} else if (method == RESIZE_AREA) {
		weigh_area(in, out, i, t);
	} else if (methods[method].widens) {
		weigh_wide(&methods[method], in, out, i, t);
	} else {
		weigh_point(&methods[method], in, out, i, t);
	}
}

/* The most taps that a pixel can have: as many as the kernel is wide, and one for each ragged end. */
static int room(enum resize_method method, int in, int out)
{
	double scale = (double)in / out, widened = scale < 1 ? 1 : scale;

	if (method == RESIZE_NEAREST)
		return 1;
	if (method == RESIZE_AREA)
		return (int)ceil(scale) + 1;
	if (methods[method].widens)
		return (int)ceil(2 * methods[method].reach * widened) + 2;
	return 2 * (int)methods[method].reach;
}

int axis_open(enum resize_method method, int in, int out, struct arena *memory, struct axis *axis)
{
	size_t each = (size_t)room(method, in, out);
	double *weights = arena_alloc(memory, each * (size_t)out, sizeof(double));

	axis->size = out;
	axis->most = 0;
	axis->at = arena_alloc(memory, (size_t)out, sizeof(axis->at[0]));
	if (weights == NULL || axis->at == NULL)
		return -ENOMEM;
	for (int i = 0; i < out; i++) {
		struct taps *t = &axis->at[i];
		t->weight = weights + (size_t)i * each;
		weigh(method, in, out, i, t);
		axis->most = t->count > axis->most ? t->count : axis->most;
	}
	return 0;
}
