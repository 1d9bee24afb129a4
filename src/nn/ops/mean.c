/* mean.c - MEAN over some dimensions. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "nn/op.h"
#include "nn/requantize.h"

struct mean {
	bool reduced[SHAPE_MOST_RANK];
	size_t count; /* inputs of one output */
	struct multiplier multiplier;
};

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

static int mean_check(const struct op_node *n, struct fault *f)
{
	bool reduced[SHAPE_MOST_RANK];
	struct shape shape = { 0 };
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_constant(n->inputs[1], "axis", f);
	if (rc == 0)
		rc = op_expect_type(n->inputs[0],
				    TYPE_BIT(TENSOR_FLOAT32) | TYPES_QUANTIZED |
					    TYPE_BIT(TENSOR_INT32) | TYPE_BIT(TENSOR_INT64),
				    "input", f);
	if (rc == 0)
		rc = op_expect_type(n->outputs[0], TYPE_BIT(n->inputs[0]->type), "output", f);
	if (rc == 0 && (TYPE_BIT(n->inputs[0]->type) & TYPES_QUANTIZED)) {
		rc = op_expect_scale(n->inputs[0], "input", f);
		if (rc == 0)
			rc = op_expect_scale(n->outputs[0], "output", f);
	}
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

static int mean_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct mean *s = arena_alloc(memory, 1, sizeof(*s));
	int rc = s == NULL ? fault_set(f, -ENOMEM, "no memory") : reduced_axes(n, s->reduced, f);

	if (rc < 0)
		return rc;
	s->count = tensor_elements(n->inputs[0]) / tensor_elements(n->outputs[0]);
	if (TYPE_BIT(n->inputs[0]->type) & TYPES_QUANTIZED)
		s->multiplier = multiplier_of((double)n->inputs[0]->quant.scale[0] /
					      (double)n->outputs[0]->quant.scale[0]);
	n->state = s;
	n->scratch_bytes = tensor_elements(n->outputs[0]) * sizeof(int64_t);
	return 0;
}

/* The output that each input is added to, counted up along with the inputs. */
static size_t output_of(const struct op_node *n, size_t input)
{
	const struct mean *s = n->state;
	const struct shape *in = &n->inputs[0]->shape;
	size_t out = 0, stride = 1;

	for (int d = in->rank - 1; d >= 0; d--) {
		size_t place = input % (size_t)in->dim[d];
		input /= (size_t)in->dim[d];
		if (s->reduced[d])
			continue;
		out += place * stride;
		stride *= (size_t)in->dim[d];
	}
	return out;
}

static void mean_float(const struct op_node *n)
{
	const struct mean *s = n->state;
	float *out = n->outputs[0]->data;
	size_t in_count = tensor_elements(n->inputs[0]), out_count = tensor_elements(n->outputs[0]);

	memset(out, 0, out_count * sizeof(float));
	for (size_t i = 0; i < in_count; i++)
		out[output_of(n, i)] += ((const float *)n->inputs[0]->data)[i];
	for (size_t i = 0; i < out_count; i++)
		out[i] /= (float)s->count;
}

/* The sum's offset, then multiplier / count in one step: reference/reduce.h, QuantizedMeanOrSum. */
static int32_t mean_quantized(const struct op_node *n, int64_t sum)
{
	const struct mean *s = n->state;
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

static void store(const struct op_node *n, size_t i, int64_t sum)
{
	const struct mean *s = n->state;
	void *out = n->outputs[0]->data;

	switch (n->outputs[0]->type) {
	case TENSOR_INT32: ((int32_t *)out)[i] = (int32_t)(sum / (int64_t)s->count); break;
	case TENSOR_INT64: ((int64_t *)out)[i] = sum / (int64_t)s->count; break;
	case TENSOR_INT16: ((int16_t *)out)[i] = (int16_t)mean_quantized(n, sum); break;
	default: ((uint8_t *)out)[i] = (uint8_t)mean_quantized(n, sum); break;
	}
}

static void mean_run(const struct op_node *n)
{
	size_t in_count = tensor_elements(n->inputs[0]), out_count = tensor_elements(n->outputs[0]);
	int64_t *sums = n->scratch;

	if (n->inputs[0]->type == TENSOR_FLOAT32) {
		mean_float(n);
		return;
	}
	memset(sums, 0, out_count * sizeof(*sums));
	for (size_t i = 0; i < in_count; i++)
		sums[output_of(n, i)] += tensor_int(n->inputs[0], i);
	for (size_t i = 0; i < out_count; i++)
		store(n, i, sums[i]);
}

const struct op op_mean = {
	.name = "MEAN", .check = mean_check, .plan = mean_plan, .run = mean_run
};
