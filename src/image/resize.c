/* resize.c - the same picture with more pixels or fewer, the same bits on every machine. */
#include "image/resize.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>

#include "image/axis.h"

/* Pillow's sums are in whole numbers: weights in units of 2^-22. */
enum { WEIGHT_BITS = 22 };

/* First along each row, then down the columns. Of the rows done only those are kept that the columns
 * still want, so that memory does not grow with the height of the picture. */
struct resizer {
	struct resize_sizes sizes;
	struct axis x, y;
	bool whole; /* Pillow's family: bytes between and behind the two directions */
	int32_t *x_weights, *y_weights; /* of whole: [size][most] */
	uint8_t *bytes;			/* of whole: ring of y.most rows */
	float *floats;			/* else */
	size_t row;			/* values of a row behind the first direction */
};

static int32_t *whole_weights(const struct axis *a, struct arena *memory)
{
	size_t most = (size_t)a->most;
	int32_t *out = arena_alloc(memory, (size_t)a->size * most, sizeof(int32_t));

	for (size_t i = 0; out != NULL && i < (size_t)a->size; i++)
		for (size_t k = 0; k < (size_t)a->at[i].count; k++) {
			double w = a->at[i].weight[k] * (1 << WEIGHT_BITS);
			out[i * most + k] = (int32_t)(w < 0 ? w - 0.5 : w + 0.5);
		}
	return out;
}

int resize_open(enum resize_method method, const struct resize_sizes *sizes, struct arena *memory,
		struct resizer **out)
{
	struct resizer *r = arena_alloc(memory, 1, sizeof(*r));

	if (r == NULL || axis_open(method, sizes->in_width, sizes->out_width, memory, &r->x) < 0 ||
	    axis_open(method, sizes->in_height, sizes->out_height, memory, &r->y) < 0)
		return -ENOMEM;
	r->sizes = *sizes;
	r->row = (size_t)sizes->out_width * (size_t)sizes->channels;
	r->whole = method >= RESIZE_PILLOW_BOX;
	size_t ring = (size_t)r->y.most * r->row;
	if (r->whole) {
		r->x_weights = whole_weights(&r->x, memory);
		r->y_weights = whole_weights(&r->y, memory);
		r->bytes = arena_alloc(memory, ring, 1);
		if (r->x_weights == NULL || r->y_weights == NULL || r->bytes == NULL)
			return -ENOMEM;
	} else {
		r->floats = arena_alloc(memory, ring, sizeof(float));
		if (r->floats == NULL)
			return -ENOMEM;
	}
	*out = r;
	return 0;
}

static uint8_t clamp(int32_t value)
{
	return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* A sum of weights and bytes in units of 2^-22, half of one added before, as a byte. */
static uint8_t round_sum(int32_t sum)
{
	return clamp(sum >> WEIGHT_BITS);
}

static void along_row_whole(const struct resizer *r, const uint8_t *in, uint8_t *out)
{
	size_t channels = (size_t)r->sizes.channels;

	for (size_t i = 0; i < (size_t)r->x.size; i++) {
		const struct taps *t = &r->x.at[i];
		const int32_t *w = r->x_weights + i * (size_t)r->x.most;
		for (size_t c = 0; c < channels; c++) {
			const uint8_t *p = in + (size_t)t->first * channels + c;
			int32_t sum = 1 << (WEIGHT_BITS - 1);
			for (int k = 0; k < t->count; k++, p += channels)
				sum += w[k] * *p;
			out[i * channels + c] = round_sum(sum);
		}
	}
}

static void along_row(const struct resizer *r, const uint8_t *in, float *out)
{
	size_t channels = (size_t)r->sizes.channels;

	for (size_t i = 0; i < (size_t)r->x.size; i++) {
		const struct taps *t = &r->x.at[i];
		for (size_t c = 0; c < channels; c++) {
			const uint8_t *p = in + (size_t)t->first * channels + c;
			double sum = 0;
			for (int k = 0; k < t->count; k++, p += channels)
				sum += t->weight[k] * *p;
			out[i * channels + c] = (float)sum;
		}
	}
}

/* Value `at` of row y. The ring holds row n at n modulo its length. */
static uint8_t down_column_whole(const struct resizer *r, int y, size_t at)
{
	const struct taps *t = &r->y.at[y];
	const int32_t *w = r->y_weights + (size_t)y * (size_t)r->y.most;
	int32_t sum = 1 << (WEIGHT_BITS - 1);

	for (int k = 0; k < t->count; k++)
		sum += w[k] * r->bytes[(size_t)((t->first + k) % r->y.most) * r->row + at];
	return round_sum(sum);
}

static float down_column(const struct resizer *r, int y, size_t at)
{
	const struct taps *t = &r->y.at[y];
	double sum = 0;

	for (int k = 0; k < t->count; k++)
		sum += t->weight[k] *
		       (double)r->floats[(size_t)((t->first + k) % r->y.most) * r->row + at];
	return (float)sum;
}

/* Brings the ring to what row y wants. `next` is the first row not looked at yet; rows before that
 * row's first are wanted by none. */
static int fill_ring(struct resizer *r, int y, int next, const uint8_t *in, size_t in_stride)
{
	const struct taps *t = &r->y.at[y];

	for (; next < t->first + t->count; next++) {
		size_t slot = (size_t)(next % r->y.most) * r->row;
		const uint8_t *from = in + (size_t)next * in_stride;
		if (next < t->first)
			continue;
		if (r->whole)
			along_row_whole(r, from, r->bytes + slot);
		else
			along_row(r, from, r->floats + slot);
	}
	return next;
}

void resize_run(struct resizer *r, const uint8_t *in, size_t in_stride, float *out,
		size_t out_stride)
{
	int next = 0;

	for (int y = 0; y < r->y.size; y++, out += out_stride) {
		next = fill_ring(r, y, next, in, in_stride);
		for (size_t i = 0; i < r->row; i++)
			out[i] =
				r->whole ? (float)down_column_whole(r, y, i) : down_column(r, y, i);
	}
}

void resize_run_u8(struct resizer *r, const uint8_t *in, size_t in_stride, uint8_t *out,
		   size_t out_stride)
{
	int next = 0;

	for (int y = 0; y < r->y.size; y++, out += out_stride) {
		next = fill_ring(r, y, next, in, in_stride);
		for (size_t i = 0; i < r->row; i++)
			out[i] = r->whole ? down_column_whole(r, y, i)
					  : clamp((int32_t)floorf(down_column(r, y, i) + 0.5f));
	}
}
