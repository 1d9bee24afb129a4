/* logistic.c - LOGISTIC: 1 / (1 + e^-x), value by value. */
#include <errno.h>
#include <math.h>

#include "base/math.h"
#include "nn/fixed.h"
#include "nn/op.h"

static int logistic_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0], TYPE_BIT(TENSOR_FLOAT32) | TYPES_8_BIT, "input", f);
	if (rc == 0)
		rc = op_expect_type(n->outputs[0], TYPE_BIT(n->inputs[0]->type), "output", f);
	if (rc == 0 && n->inputs[0]->type != TENSOR_FLOAT32)
		rc = op_expect_scale(n->inputs[0], "input", f);
	return rc < 0 ? rc : op_set_shape(n, 0, &n->inputs[0]->shape, f);
}

static float logistic(float x)
{
	return (float)(1 / (1 + math_exp(-(double)x)));
}

/* 256 values, one a byte: reference/integer_ops/logistic.h with 4 integer bits. */
static void fill_table(const struct op_node *n, uint8_t *table)
{
	const struct quant *q = &n->inputs[0]->quant;
	struct multiplier m = multiplier_of((double)q->scale[0] * (double)(1 << 27));
	double radius = 15.0 * (double)(1 << 27) / ldexp(1.0, m.shift < 0 ? 0 : m.shift);
	int32_t low, high;

	op_type_range(n->inputs[0]->type, &low, &high);
	for (int32_t v = low; v <= high; v++) {
		int32_t x = v - q->zero_point[0], y;
		if (x <= -(int32_t)floor(radius))
			y = low;
		else if (x >= (int32_t)floor(radius))
			y = high;
		else
			y = clamp(rounding_shift_right(fixed_logistic(requantize(x, m), 4), 31 - 8) + low, low,
				  high);
		table[(uint8_t)v] = (uint8_t)y;
	}
}

static int logistic_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	if (n->inputs[0]->type == TENSOR_FLOAT32)
		return 0;
	n->state = arena_alloc(memory, 1, 256);
	if (n->state == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	fill_table(n, n->state);
	return 0;
}

static void logistic_run(const struct op_node *n)
{
	const struct tensor *in = n->inputs[0];
	size_t elements = tensor_elements(in);

	for (size_t i = 0; i < elements; i++)
		if (in->type == TENSOR_FLOAT32)
			((float *)n->outputs[0]->data)[i] = logistic(((const float *)in->data)[i]);
		else
			((uint8_t *)n->outputs[0]->data)[i] =
				((const uint8_t *)n->state)[((const uint8_t *)in->data)[i]];
}

const struct op op_logistic = {
	.name = "LOGISTIC", .check = logistic_check, .plan = logistic_plan, .run = logistic_run,
};
