/* leaky_relu.c - LEAKY_RELU and PRELU: below zero, x times a slope. */
#include <errno.h>
#include <string.h>

#include "nn/broadcast.h"
#include "nn/op.h"
#include "nn/requantize.h"

struct leaky {
	struct multiplier above, below;
};

static bool has_slopes(const struct op_node *n) /* PRELU: a tensor of them */
{
	return strcmp(n->op->name, "PRELU") == 0;
}

static int leaky_check(const struct op_node *n, struct fault *f)
{
	bool slopes = has_slopes(n);
	struct shape shape;
	int rc = op_expect(n, slopes ? 2 : 1, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0],
				    TYPE_BIT(TENSOR_FLOAT32) | TYPES_8_BIT |
					    (slopes ? 0 : TYPE_BIT(TENSOR_INT16)),
				    "input", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc == 0 && slopes)
		rc = op_expect_type(n->inputs[1], TYPE_BIT(n->inputs[0]->type), "slopes", f);
	for (int i = 0; rc == 0 && n->inputs[0]->type != TENSOR_FLOAT32 && i < 1 + slopes; i++)
		rc = op_expect_scale(n->inputs[i], i == 0 ? "input" : "slopes", f);
	if (rc == 0 && n->inputs[0]->type != TENSOR_FLOAT32)
		rc = op_expect_scale(n->outputs[0], "output", f);
	if (rc < 0)
		return rc;
	shape = n->inputs[0]->shape;
	if (slopes && !shape_broadcast(&n->inputs[0]->shape, &n->inputs[1]->shape, &shape))
		return fault_set(f, -EBADMSG, "slopes and input do not go together");
	return op_set_shape(n, 0, &shape, f);
}

static int leaky_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct leaky *s = arena_alloc(memory, 1, sizeof(*s));

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	n->state = s;
	if (n->inputs[0]->type == TENSOR_FLOAT32)
		return 0;
	float in = n->inputs[0]->quant.scale[0], out = n->outputs[0]->quant.scale[0];
	float slope = has_slopes(n) ? n->inputs[1]->quant.scale[0] : n->node->options.unary.alpha;
	s->above = multiplier_of((double)(in / out));
	s->below = multiplier_of(slope < 0 ? -(double)(in * -slope / out)
					   : (double)(in * slope / out));
	return 0;
}

static void run_float(const struct op_node *n, struct broadcast *b)
{
	bool slopes = has_slopes(n);
	const float *in = n->inputs[0]->data, *slope = slopes ? n->inputs[1]->data : NULL;
	float *out = n->outputs[0]->data, alpha = n->node->options.unary.alpha;

	for (size_t i = 0; i < b->elements; i++, broadcast_next(b)) {
		float x = in[b->at[0]];
		out[i] = x >= 0 ? x : x * (slopes ? slope[b->at[1]] : alpha);
	}
}

/* Rule 1 of requantize.h, with another factor below zero. */
static void run_quantized(const struct op_node *n, struct broadcast *b)
{
	const struct leaky *s = n->state;
	const struct tensor *in = n->inputs[0], *slopes = has_slopes(n) ? n->inputs[1] : NULL;
	int32_t zero = in->quant.zero_point[0], low, high;

	op_type_range(n->outputs[0]->type, &low, &high);
	for (size_t i = 0; i < b->elements; i++, broadcast_next(b)) {
		int32_t x = (int32_t)tensor_int(in, b->at[0]) - zero, y;
		if (x >= 0)
			y = requantize(x, s->above);
		else if (slopes == NULL)
			y = requantize(x, s->below);
		else
			y = requantize(x * ((int32_t)tensor_int(slopes, b->at[1]) -
					    slopes->quant.zero_point[0]),
				       s->below);
		tensor_set_int(n->outputs[0], i,
			       add_zero_point(y, n->outputs[0]->quant.zero_point[0], low, high));
	}
}

static void leaky_run(const struct op_node *n)
{
	struct broadcast b;

	broadcast_start(&b, &n->outputs[0]->shape, n->inputs, has_slopes(n) ? 2 : 1);
	if (n->inputs[0]->type == TENSOR_FLOAT32)
		run_float(n, &b);
	else
		run_quantized(n, &b);
}

#define LEAKY(lower, upper)                                                                        \
	const struct op op_##lower = {                                                             \
		.name = upper,                                                                     \
		.check = leaky_check,                                                              \
		.plan = leaky_plan,                                                                \
		.run = leaky_run,                                                                  \
		.by_value = true,                                                                  \
	}
LEAKY(leaky_relu, "LEAKY_RELU");
LEAKY(prelu, "PRELU");
