/* compare.c - EQUAL, LESS and the like, LOGICAL_AND, _OR, _XOR and _NOT: the results are true or
 * false. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "nn/broadcast.h"
#include "nn/op.h"
#include "nn/requantize.h"

typedef bool compare_fn(double a, double b);

#define COMPARISON(name, expression)                                                               \
	static bool name(double a, double b)                                                       \
	{                                                                                          \
		return expression;                                                                 \
	}
COMPARISON(equal, a == b)
COMPARISON(not_equal, a != b)
COMPARISON(less, a < b)
COMPARISON(less_equal, a <= b)
COMPARISON(greater, a > b)
COMPARISON(greater_equal, a >= b)
COMPARISON(logical_and, a != 0 && b != 0)
COMPARISON(logical_or, a != 0 || b != 0)
COMPARISON(logical_xor, (a != 0) != (b != 0))

static const struct comparison {
	const char *name;
	compare_fn *holds;
	bool logical;
} comparisons[] = {
	{ "EQUAL", equal, false },
	{ "NOT_EQUAL", not_equal, false },
	{ "LESS", less, false },
	{ "LESS_EQUAL", less_equal, false },
	{ "GREATER", greater, false },
	{ "GREATER_EQUAL", greater_equal, false },
	{ "LOGICAL_AND", logical_and, true },
	{ "LOGICAL_OR", logical_or, true },
	{ "LOGICAL_XOR", logical_xor, true },
};

static const struct comparison *comparison_of(const struct op_node *n)
{
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(comparisons) && strcmp(comparisons[i].name, n->op->name) != 0)
		i++;
	return &comparisons[i];
}

static int compare_check(const struct op_node *n, struct fault *f)
{
	unsigned types = comparison_of(n)->logical
				 ? TYPE_BIT(TENSOR_BOOL)
				 : TYPE_BIT(TENSOR_FLOAT32) | TYPE_BIT(TENSOR_FLOAT64) |
					   TYPES_QUANTIZED | TYPE_BIT(TENSOR_INT32) |
					   TYPE_BIT(TENSOR_INT64) | TYPE_BIT(TENSOR_UINT32) |
					   TYPE_BIT(TENSOR_BOOL);
	struct shape shape;
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0], types, "input 0", f);
	if (rc == 0)
		rc = op_expect_type(n->inputs[1], TYPE_BIT(n->inputs[0]->type), "input 1", f);
	if (rc == 0)
		rc = op_output_type(n, 0, TENSOR_BOOL, f);
	if (rc == 0 && !shape_broadcast(&n->inputs[0]->shape, &n->inputs[1]->shape, &shape))
		return fault_set(f, -EBADMSG, "its inputs do not go together");
	return rc < 0 ? rc : op_set_shape(n, 0, &shape, f);
}

/* Scaled 8-bit values are compared with 8 bits more, each rescaled by its own scale below 1
 * (reference/comparisons.h). */
static double value_of(const struct tensor *t, size_t i)
{
	if (!(TYPE_BIT(t->type) & TYPES_8_BIT) || t->quant.count != 1)
		return tensor_float(t, i);
	int32_t x = ((int32_t)tensor_int(t, i) - t->quant.zero_point[0]) * 256;
	return (double)requantize(x, multiplier_of((double)t->quant.scale[0]));
}

static void compare_run(const struct op_node *n)
{
	compare_fn *holds = comparison_of(n)->holds;
	const struct tensor *x = n->inputs[0], *y = n->inputs[1];
	bool whole = x->type == TENSOR_INT64 && (holds == equal || holds == not_equal);
	uint8_t *out = n->outputs[0]->data;
	struct broadcast b;

	broadcast_start(&b, &n->outputs[0]->shape, n->inputs, 2);
	for (size_t i = 0; i < b.elements; i++, broadcast_next(&b)) {
		if (whole) /* beyond the 53 bits of a double */
			out[i] = (tensor_int(x, b.at[0]) == tensor_int(y, b.at[1])) ==
				 (holds == equal);
		else
			out[i] = holds(value_of(x, b.at[0]), value_of(y, b.at[1]));
	}
}

#define COMPARE(lower, upper)                                                                      \
	const struct op op_##lower = {                                                             \
		.name = upper, .check = compare_check, .run = compare_run, .by_value = true        \
	}
COMPARE(equal, "EQUAL");
COMPARE(not_equal, "NOT_EQUAL");
COMPARE(less, "LESS");
COMPARE(less_equal, "LESS_EQUAL");
COMPARE(greater, "GREATER");
COMPARE(greater_equal, "GREATER_EQUAL");
COMPARE(logical_and, "LOGICAL_AND");
COMPARE(logical_or, "LOGICAL_OR");
COMPARE(logical_xor, "LOGICAL_XOR");

static int not_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0], TYPE_BIT(TENSOR_BOOL), "input", f);
	if (rc == 0)
		rc = op_output_type(n, 0, TENSOR_BOOL, f);
	return rc < 0 ? rc : op_set_shape(n, 0, &n->inputs[0]->shape, f);
}

static void not_run(const struct op_node *n)
{
	size_t elements = tensor_elements(n->inputs[0]);

	for (size_t i = 0; i < elements; i++)
		((uint8_t *)n->outputs[0]->data)[i] = ((const uint8_t *)n->inputs[0]->data)[i] == 0;
}

const struct op op_logical_not = {
	.name = "LOGICAL_NOT", .check = not_check, .run = not_run, .by_value = true
};

/* ---- IS_NAN and IS_INF, of ONNX ---- */

static int is_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0], TYPE_BIT(TENSOR_FLOAT32), "input", f);
	if (rc == 0)
		rc = op_output_type(n, 0, TENSOR_BOOL, f);
	return rc < 0 ? rc : op_set_shape(n, 0, &n->inputs[0]->shape, f);
}

static void is_run(const struct op_node *n)
{
	size_t elements = tensor_elements(n->inputs[0]);
	bool nan = strcmp(n->op->name, "IS_NAN") == 0;
	const float *in = n->inputs[0]->data;

	for (size_t i = 0; i < elements; i++)
		((uint8_t *)n->outputs[0]->data)[i] = nan ? isnan(in[i]) : isinf(in[i]) != 0;
}

const struct op op_is_nan = {
	.name = "IS_NAN", .check = is_check, .run = is_run, .by_value = true
};
const struct op op_is_inf = {
	.name = "IS_INF", .check = is_check, .run = is_run, .by_value = true
};
