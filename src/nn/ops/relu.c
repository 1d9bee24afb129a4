/* relu.c - RELU, RELU6, RELU_N1_TO_1 and RELU_0_TO_1: values kept within bounds. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "nn/op.h"
#include "nn/requantize.h"

static const struct bounds {
	const char *name;
	float low, high;
} bounds[] = {
	{ "RELU", 0, INFINITY },
	{ "RELU6", 0, 6 },
	{ "RELU_N1_TO_1", -1, 1 },
	{ "RELU_0_TO_1", 0, 1 },
};

static const struct bounds *bounds_of(const struct op_node *n)
{
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(bounds) && strcmp(bounds[i].name, n->op->name) != 0)
		i++;
	return &bounds[i];
}

static int relu_check(const struct op_node *n, struct fault *f)
{
	return op_check_value(n,
			      TYPE_BIT(TENSOR_FLOAT32) | TYPES_QUANTIZED | TYPE_BIT(TENSOR_INT32),
			      SCALED_BOTH, f);
}

static void run_float(const struct op_node *n, size_t elements)
{
	const struct bounds *b = bounds_of(n);
	const float *in = n->inputs[0]->data;
	float *out = n->outputs[0]->data;

	for (size_t i = 0; i < elements; i++) {
		float v = in[i] < b->low ? b->low : in[i];
		out[i] = v > b->high ? b->high : v;
	}
}

/* Rule 1 of requantize.h, then the bounds in the output's own steps. */
static void run_quantized(const struct op_node *n, size_t elements)
{
	const struct quant *in = &n->inputs[0]->quant, *out = &n->outputs[0]->quant;
	const struct bounds *b = bounds_of(n);
	struct multiplier m = multiplier_of((double)(in->scale[0] / out->scale[0]));
	int32_t low, high;

	op_type_range(n->outputs[0]->type, &low, &high);
	op_bound_quantized(b->low, b->high, n->outputs[0], &low, &high);
	for (size_t i = 0; i < elements; i++) {
		int32_t v = (int32_t)tensor_int(n->inputs[0], i) - in->zero_point[0];
		tensor_set_int(n->outputs[0], i,
			       add_zero_point(requantize(v, m), out->zero_point[0], low, high));
	}
}

static void relu_run(const struct op_node *n)
{
	size_t elements = tensor_elements(n->inputs[0]);

	if (n->inputs[0]->type == TENSOR_FLOAT32) {
		run_float(n, elements);
	} else if (n->inputs[0]->type == TENSOR_INT32) {
		const struct bounds *b = bounds_of(n);
		for (size_t i = 0; i < elements; i++) {
			double v = tensor_float(n->inputs[0], i);
			tensor_set_float(n->outputs[0], i,
					 fmin((double)b->high, fmax((double)b->low, v)));
		}
	} else {
		run_quantized(n, elements);
	}
}

#define RELU(lower, upper)                                                                         \
	const struct op op_##lower = {                                                             \
		.name = upper, .check = relu_check, .run = relu_run, .by_value = true              \
	}
RELU(relu, "RELU");
RELU(relu6, "RELU6");
RELU(relu_n1_to_1, "RELU_N1_TO_1");
RELU(relu_0_to_1, "RELU_0_TO_1");
