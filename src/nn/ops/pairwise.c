/* pairwise.c - MAXIMUM, MINIMUM, POW, FLOOR_DIV, FLOOR_MOD, MOD and SQUARED_DIFFERENCE of two
 * tensors, with broadcasting. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/math.h"
#include "nn/broadcast.h"
#include "nn/op.h"
#include "nn/requantize.h"

typedef double float_fn(double a, double b);
typedef int64_t whole_fn(int64_t a, int64_t b);

static double maximum_of(double a, double b)
{
	return isnan(a) ? a : a > b ? a : b;
}

static double minimum_of(double a, double b)
{
	return isnan(a) ? a : a < b ? a : b;
}

static double floor_div_of(double a, double b)
{
	return floor((double)((float)a / (float)b));
}

/* The result has the divisor's sign. */
static double floor_mod_of(double a, double b)
{
	double rest = fmod(a, b);

	return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

static double squared_difference_of(double a, double b)
{
	float difference = (float)a - (float)b;

	return (double)(difference * difference);
}

static int64_t maximum_whole(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t minimum_whole(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t pow_whole(int64_t a, int64_t b)
{
	uint64_t result = 1, base = (uint64_t)a;

	if (b < 0)
		return a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0;
	for (; b > 0; b >>= 1, base *= base)
		if (b & 1)
			result *= base;
	return (int64_t)result;
}

static int64_t mod_whole(int64_t a, int64_t b)
{
	return b == 0 || b == -1 ? 0 : a % b;
}

static int64_t floor_mod_whole(int64_t a, int64_t b)
{
	int64_t rest = mod_whole(a, b);

	return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

static int64_t floor_div_whole(int64_t a, int64_t b)
{
	if (b == 0)
		return 0;
	if (b == -1)
		return (int64_t)(0 - (uint64_t)a);
	return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t squared_difference_whole(int64_t a, int64_t b)
{
	uint64_t difference = (uint64_t)a - (uint64_t)b;

	return (int64_t)(difference * difference);
}

enum { PLAIN = 1, SCALED = 2 }; /* which quantized forms it has */

static const struct function {
	const char *name;
	float_fn *of;
	whole_fn *whole;
	unsigned quantized;
} functions[] = {
	{ "MAXIMUM", maximum_of, maximum_whole, PLAIN },
	{ "MINIMUM", minimum_of, minimum_whole, PLAIN },
	{ "POW", math_pow, pow_whole, 0 },
	{ "FLOOR_DIV", floor_div_of, floor_div_whole, 0 },
	{ "FLOOR_MOD", floor_mod_of, floor_mod_whole, 0 },
	{ "MOD", fmod, mod_whole, 0 },
	{ "SQUARED_DIFFERENCE", squared_difference_of, squared_difference_whole, SCALED },
};

/* SCALED: as SUB brings both inputs to one scale, with 7 bits of room below. */
struct pairwise {
	const struct function *function;
	struct multiplier inputs[2], output;
};

enum { LEFT_SHIFT = 7 };

static const struct function *function_of(const struct op_node *n)
{
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(functions) && strcmp(functions[i].name, n->op->name) != 0)
		i++;
	return &functions[i];
}

static int check_scales(const struct op_node *n, struct fault *f)
{
	int rc = op_expect_scale(n->inputs[0], "input 0", f);

	if (rc == 0)
		rc = op_expect_scale(n->inputs[1], "input 1", f);
	return rc < 0 ? rc : op_expect_scale(n->outputs[0], "output", f);
}

static int pairwise_check(const struct op_node *n, struct fault *f)
{
	unsigned quantized = function_of(n)->quantized;
	unsigned types = TYPE_BIT(TENSOR_FLOAT32) | TYPE_BIT(TENSOR_INT32) | TYPE_BIT(TENSOR_INT64);
	struct shape shape;
	int rc = op_expect(n, 2, 1, f);

	types |= quantized == PLAIN    ? TYPES_QUANTIZED
		 : quantized == SCALED ? TYPE_BIT(TENSOR_INT8)
				       : 0;
	if (rc == 0)
		rc = op_expect_type(n->inputs[0], types, "input 0", f);
	if (rc == 0)
		rc = op_expect_type(n->inputs[1], TYPE_BIT(n->inputs[0]->type), "input 1", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc == 0 && n->inputs[0]->type == TENSOR_INT8 && quantized == SCALED)
		rc = check_scales(n, f);
	if (rc == 0 && !shape_broadcast(&n->inputs[0]->shape, &n->inputs[1]->shape, &shape))
		return fault_set(f, -EBADMSG, "its inputs do not go together");
	return rc < 0 ? rc : op_set_shape(n, 0, &shape, f);
}

static int pairwise_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct pairwise *s = arena_alloc(memory, 1, sizeof(*s));

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	n->state = s;
	s->function = function_of(n);
	if (n->inputs[0]->type != TENSOR_INT8 || s->function->quantized != SCALED)
		return 0;
	double a = (double)n->inputs[0]->quant.scale[0], b = (double)n->inputs[1]->quant.scale[0];
	double o = (double)n->outputs[0]->quant.scale[0], twice = 2 * (a > b ? a : b);
	s->inputs[0] = multiplier_of(a / twice);
	s->inputs[1] = multiplier_of(b / twice);
	s->output = multiplier_of(twice * twice / ((double)(1 << 2 * LEFT_SHIFT) * o));
	return 0;
}

static int32_t scaled_value(const struct op_node *n, int32_t a, int32_t b)
{
	const struct pairwise *s = n->state;
	int32_t x = requantize((a - n->inputs[0]->quant.zero_point[0]) * (1 << LEFT_SHIFT),
			       s->inputs[0]);
	int32_t y = requantize((b - n->inputs[1]->quant.zero_point[0]) * (1 << LEFT_SHIFT),
			       s->inputs[1]);
	uint32_t difference = (uint32_t)x - (uint32_t)y;

	return add_zero_point(requantize((int32_t)(difference * difference), s->output),
			      n->outputs[0]->quant.zero_point[0], INT8_MIN, INT8_MAX);
}

static void pairwise_run(const struct op_node *n)
{
	const struct function *function = ((const struct pairwise *)n->state)->function;
	const struct tensor *x = n->inputs[0], *y = n->inputs[1], *out = n->outputs[0];
	struct broadcast b;

	broadcast_start(&b, &out->shape, n->inputs, 2);
	for (size_t i = 0; i < b.elements; i++, broadcast_next(&b)) {
		if (x->type == TENSOR_FLOAT32)
			((float *)out->data)[i] =
				(float)function->of((double)((const float *)x->data)[b.at[0]],
						    (double)((const float *)y->data)[b.at[1]]);
		else if (x->type == TENSOR_INT8 && function->quantized == SCALED)
			tensor_set_int(out, i,
				       scaled_value(n, (int32_t)tensor_int(x, b.at[0]),
						    (int32_t)tensor_int(y, b.at[1])));
		else
			tensor_set_int(
				out, i,
				function->whole(tensor_int(x, b.at[0]), tensor_int(y, b.at[1])));
	}
}

#define PAIRWISE(lower, upper)                                                                     \
	const struct op op_##lower = {                                                             \
		.name = upper,                                                                     \
		.check = pairwise_check,                                                           \
		.plan = pairwise_plan,                                                             \
		.run = pairwise_run,                                                               \
		.by_value = true,                                                                  \
	}
PAIRWISE(maximum, "MAXIMUM");
PAIRWISE(minimum, "MINIMUM");
PAIRWISE(pow, "POW");
PAIRWISE(floor_div, "FLOOR_DIV");
PAIRWISE(floor_mod, "FLOOR_MOD");
PAIRWISE(mod, "MOD");
PAIRWISE(squared_difference, "SQUARED_DIFFERENCE");

/* ---- ADD_N: so many tensors of one shape ---- */

static int add_n_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, n->input_count > 0 ? n->input_count : 1, 1, f);

	for (uint32_t i = 0; rc == 0 && i < n->input_count; i++) {
		rc = op_expect_type(n->inputs[i], TYPE_BIT(TENSOR_FLOAT32) | TYPE_BIT(TENSOR_INT32),
				    "input", f);
		if (rc == 0 && (n->inputs[i]->type != n->inputs[0]->type ||
				!shape_equal(&n->inputs[i]->shape, &n->inputs[0]->shape)))
			return fault_set(f, -EBADMSG, "input %u does not go with input 0", i);
	}
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	return rc < 0 ? rc : op_set_shape(n, 0, &n->inputs[0]->shape, f);
}

static void add_n_run(const struct op_node *n)
{
	size_t elements = tensor_elements(n->inputs[0]);

	for (size_t i = 0; i < elements; i++) {
		float sum = 0;
		uint32_t whole = 0;
		for (uint32_t k = 0; k < n->input_count; k++) {
			if (n->inputs[0]->type == TENSOR_FLOAT32)
				sum += ((const float *)n->inputs[k]->data)[i];
			else
				whole += ((const uint32_t *)n->inputs[k]->data)[i];
		}
		if (n->inputs[0]->type == TENSOR_FLOAT32)
			((float *)n->outputs[0]->data)[i] = sum;
		else
			((uint32_t *)n->outputs[0]->data)[i] = whole;
	}
}

const struct op op_add_n = { .name = "ADD_N", .check = add_n_check, .run = add_n_run };
