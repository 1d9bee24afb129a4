/* reduce.c - MEAN, SUM, REDUCE_MAX, REDUCE_MIN, REDUCE_PROD, REDUCE_ANY and REDUCE_ALL over some
 * dimensions. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "nn/op.h"
#include "nn/requantize.h"

enum reduction { SUM, MEAN, MOST, LEAST, PRODUCT, ANY, ALL };

struct reduce {
	enum reduction reduction;
	size_t count;			 /* inputs of one output */
	size_t strides[SHAPE_MOST_RANK]; /* of the output along the input's dimensions */
	struct multiplier multiplier;
};

static enum reduction reduction_of(const struct op_node *n)
{
	static const char *const names[] = { "SUM",	   "MEAN",	  "REDUCE_MAX",
					     "REDUCE_MIN", "REDUCE_PROD", "REDUCE_ANY",
					     "REDUCE_ALL" };
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(names) && strcmp(names[i], n->op->name) != 0)
		i++;
	return (enum reduction)i;
}

static bool is_quantized(const struct op_node *n)
{
	return TYPE_BIT(n->inputs[0]->type) & TYPES_QUANTIZED;
}

static int reduced_axes(const struct op_node *n, bool *reduced, struct fault *f)
{
	size_t axes = tensor_elements(n->inputs[1]);

	memset(reduced, 0, SHAPE_MOST_RANK * sizeof(bool));
	for (size_t i = 0; i < axes; i++) {
		int axis = shape_axis(&n->inputs[0]->shape, tensor_int(n->inputs[1], i));
		if (axis < 0)
			return fault_set(f, -EBADMSG, "axis %lld of %d dimensions",
					 (long long)tensor_int(n->inputs[1], i),
					 n->inputs[0]->shape.rank);
		reduced[axis] = true;
	}
	return 0;
}

static int check_types(const struct op_node *n, struct fault *f)
{
	enum { PLAIN = TYPE_BIT(TENSOR_FLOAT32) | TYPE_BIT(TENSOR_INT32) | TYPE_BIT(TENSOR_INT64) };
	static const unsigned types[] = {
		[SUM] = PLAIN | TYPES_8_BIT,
		[MEAN] = PLAIN | TYPES_QUANTIZED,
		[MOST] = PLAIN | TYPES_QUANTIZED,
		[LEAST] = PLAIN | TYPES_QUANTIZED,
		[PRODUCT] = PLAIN,
		[ANY] = TYPE_BIT(TENSOR_BOOL),
		[ALL] = TYPE_BIT(TENSOR_BOOL),
	};
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_constant(n->inputs[1], "axis", f);
	if (rc == 0)
		rc = op_expect_type(n->inputs[0], types[reduction_of(n)], "input", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc == 0 && is_quantized(n))
		rc = op_expect_scale(n->inputs[0], "input", f);
	if (rc == 0 && is_quantized(n))
		rc = op_expect_scale(n->outputs[0], "output", f);
	return rc;
}

static int reduce_check(const struct op_node *n, struct fault *f)
{
	bool reduced[SHAPE_MOST_RANK];
	struct shape shape = { 0 };
	int rc = check_types(n, f);

	if (rc == 0)
		rc = reduced_axes(n, reduced, f);
	if (rc < 0)
		return rc;
	for (int d = 0; d < n->inputs[0]->shape.rank; d++)
		if (!reduced[d])
			shape.dim[shape.rank++] = n->inputs[0]->shape.dim[d];
		else if (n->node->options.reduce.keep_dims)
			shape.dim[shape.rank++] = 1;
	return op_set_shape(n, 0, &shape, f);
}

static int reduce_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct reduce *s = arena_alloc(memory, 1, sizeof(*s));
	bool reduced[SHAPE_MOST_RANK];
	int rc = s == NULL ? fault_set(f, -ENOMEM, "no memory") : reduced_axes(n, reduced, f);
	size_t stride = 1;

	if (rc < 0)
		return rc;
	s->reduction = reduction_of(n);
	s->count = tensor_elements(n->inputs[0]) / tensor_elements(n->outputs[0]);
	for (int d = n->inputs[0]->shape.rank - 1; d >= 0; d--) {
		s->strides[d] = reduced[d] ? 0 : stride;
		stride *= reduced[d] ? 1 : (size_t)n->inputs[0]->shape.dim[d];
	}
	if (is_quantized(n))
		s->multiplier = multiplier_of((double)n->inputs[0]->quant.scale[0] /
					      (double)n->outputs[0]->quant.scale[0]);
	n->state = s;
	n->scratch_bytes = tensor_elements(n->outputs[0]) * sizeof(int64_t);
	return 0;
}

/* The place of the next input, and of the output that it goes into. */
struct walk {
	int32_t place[SHAPE_MOST_RANK];
	size_t out;
};

static void walk_on(struct walk *w, const struct reduce *s, const struct shape *in)
{
	for (int d = in->rank - 1; d >= 0; d--) {
		w->out += s->strides[d];
		if (++w->place[d] < in->dim[d])
			return;
		w->out -= s->strides[d] * (size_t)in->dim[d];
		w->place[d] = 0;
	}
}

static float first_float(enum reduction r)
{
	return r == MOST ? -INFINITY : r == LEAST ? INFINITY : r == PRODUCT ? 1 : 0;
}

static void run_float(const struct op_node *n)
{
	const struct reduce *s = n->state;
	const float *in = n->inputs[0]->data;
	float *out = n->outputs[0]->data;
	size_t in_count = tensor_elements(n->inputs[0]), out_count = tensor_elements(n->outputs[0]);
	struct walk w = { 0 };

	for (size_t i = 0; i < out_count; i++)
		out[i] = first_float(s->reduction);
	for (size_t i = 0; i < in_count; i++, walk_on(&w, s, &n->inputs[0]->shape)) {
		float *o = &out[w.out], v = in[i];
		switch (s->reduction) {
		case MOST: *o = v > *o ? v : *o; break;
		case LEAST: *o = v < *o ? v : *o; break;
		case PRODUCT: *o *= v; break;
		default: *o += v; break;
		}
	}
	for (size_t i = 0; s->reduction == MEAN && i < out_count; i++)
		out[i] /= (float)s->count;
}

static int64_t first_whole(enum reduction r)
{
	return r == MOST ? INT64_MIN : r == LEAST ? INT64_MAX : r == PRODUCT || r == ALL ? 1 : 0;
}

static int64_t join(enum reduction r, int64_t a, int64_t b)
{
	switch (r) {
	case MOST: return a > b ? a : b;
	case LEAST: return a < b ? a : b;
	case PRODUCT: return (int64_t)((uint64_t)a * (uint64_t)b);
	case ANY: return a != 0 || b != 0;
	case ALL: return a != 0 && b != 0;
	default: return (int64_t)((uint64_t)a + (uint64_t)b);
	}
}

/* The sum's offset, then multiplier / count in one step: reference/reduce.h, QuantizedMeanOrSum. */
static int32_t mean_quantized(const struct op_node *n, int64_t sum)
{
	const struct reduce *s = n->state;
	const struct quant *in = &n->inputs[0]->quant, *out = &n->outputs[0]->quant;
	int32_t low, high;
	int64_t centred = sum - (int64_t)in->zero_point[0] * (int64_t)s->count;
	struct multiplier m = s->multiplier;
	/* as many bits of the count as the multiplier's shift leaves room for */
	int bits = 63 - __builtin_clzll((unsigned long long)s->count);

	bits = bits < 32 ? bits : 32;
	bits = bits < 31 + m.shift ? bits : 31 + m.shift;
	m.mantissa = (int32_t)(((int64_t)m.mantissa << bits) / (int64_t)s->count);
	m.shift -= bits;
	op_type_range(n->outputs[0]->type, &low, &high);
	return add_zero_point(requantize((int32_t)centred, m), out->zero_point[0], low, high);
}

/* uint8 by rule 1 of requantize.h, int8 by rule 4: so have it the kernels that are right. */
static int32_t sum_quantized(const struct op_node *n, int64_t sum)
{
	const struct reduce *s = n->state;
	const struct quant *in = &n->inputs[0]->quant, *out = &n->outputs[0]->quant;
	int64_t centred = sum - (int64_t)in->zero_point[0] * (int64_t)s->count;
	float scale = in->scale[0] / out->scale[0];
	float bias = (float)-in->zero_point[0] * scale * (float)s->count;
	int32_t low, high;

	op_type_range(n->outputs[0]->type, &low, &high);
	return add_zero_point(n->outputs[0]->type == TENSOR_UINT8
				      ? requantize((int32_t)centred, s->multiplier)
				      : round_float((float)(int32_t)sum * scale + bias),
			      out->zero_point[0], low, high);
}

static void store(const struct op_node *n, size_t i, int64_t value)
{
	const struct reduce *s = n->state;

	if (s->reduction == MEAN && is_quantized(n))
		value = mean_quantized(n, value);
	else if (s->reduction == SUM && is_quantized(n))
		value = sum_quantized(n, value);
	else if (s->reduction == MEAN)
		value /= (int64_t)s->count;
	tensor_set_int(n->outputs[0], i, value);
}

static void reduce_run(const struct op_node *n)
{
	const struct reduce *s = n->state;
	size_t in_count = tensor_elements(n->inputs[0]), out_count = tensor_elements(n->outputs[0]);
	int64_t *sums = n->scratch;
	struct walk w = { 0 };

	if (n->inputs[0]->type == TENSOR_FLOAT32) {
		run_float(n);
		return;
	}
	for (size_t i = 0; i < out_count; i++)
		sums[i] = first_whole(s->reduction);
	for (size_t i = 0; i < in_count; i++, walk_on(&w, s, &n->inputs[0]->shape))
		sums[w.out] = join(s->reduction, sums[w.out], tensor_int(n->inputs[0], i));
	for (size_t i = 0; i < out_count; i++)
		store(n, i, sums[i]);
}

#define REDUCE(lower, upper)                                                                       \
	const struct op op_##lower = {                                                             \
		.name = upper, .check = reduce_check, .plan = reduce_plan, .run = reduce_run       \
	}
REDUCE(mean, "MEAN");
REDUCE(sum, "SUM");
REDUCE(reduce_max, "REDUCE_MAX");
REDUCE(reduce_min, "REDUCE_MIN");
REDUCE(reduce_prod, "REDUCE_PROD");
REDUCE(reduce_any, "REDUCE_ANY");
REDUCE(reduce_all, "REDUCE_ALL");
