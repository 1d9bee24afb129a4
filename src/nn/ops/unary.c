/* unary.c - functions of one value: EXP, SQRT, SIN and the like. Float ones are computed in double
 * (base/math.h) and rounded once; int8 and int16 ones go by tables. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/math.h"
#include "nn/fixed.h"
#include "nn/op.h"
#include "nn/table.h"
#include "nn/table8.h"

#define FUNCTION(name, expression)                                                                 \
	static double name##_of(double x, const union options *o)                                  \
	{                                                                                          \
		(void)o;                                                                           \
		return expression;                                                                 \
	}

FUNCTION(abs, fabs(x))
FUNCTION(ceil, ceil(x))
FUNCTION(celu, x > 0 ? x : (double)o->unary.alpha * math_expm1(x / (double)o->unary.alpha))
FUNCTION(cos, math_cos(x))
FUNCTION(elu, x > 0 ? x : (double)o->unary.alpha * math_expm1(x))
FUNCTION(erf, math_erf(x))
FUNCTION(exp, math_exp(x))
FUNCTION(floor, floor(x))
FUNCTION(hard_sigmoid, fmin(1, fmax(0, (double)o->unary.alpha *x + (double)o->unary.beta)))
FUNCTION(log, math_log(x))
FUNCTION(neg, -x)
FUNCTION(reciprocal, 1 / x)
FUNCTION(round, rint(x))
FUNCTION(rsqrt, 1 / sqrt(x))
FUNCTION(selu, (double)o->unary.beta *(x > 0 ? x : (double)o->unary.alpha * math_expm1(x)))
FUNCTION(sign, x > 0 ? 1 : x < 0 ? -1 : x)
FUNCTION(sin, math_sin(x))
FUNCTION(softplus, x > 0 ? x + math_log(1 + math_exp(-x)) : math_log(1 + math_exp(x)))
FUNCTION(softsign, x / (1 + fabs(x)))
FUNCTION(sqrt, sqrt(x))
FUNCTION(square, (double)((float)x *(float)x))
FUNCTION(thresholded_relu, x > (double)o->unary.alpha ? x : 0)
FUNCTION(mish, x *math_tanh(softplus_of(x, o)))

/* x * Phi(x), or the usual approximation of it by tanh. */
static double gelu_of(double x, const union options *o)
{
	const double root_two_over_pi = 0.79788456080286535588, root_half = 0.70710678118654752440;

	if (o->unary.approximate)
		return x / 2 * (1 + math_tanh(root_two_over_pi * (x + 0.044715 * x * x * x)));
	return x / 2 * (1 + math_erf(x * root_half));
}

enum { WHOLE = 1, BY_TABLE8 = 2, BY_TABLE16 = 4, BY_UTABLE8 = 8, RESCALED = 16, ROOT = 32 };

static const struct function {
	const char *name;
	value_fn *of;
	unsigned also; /* which types beside float32 */
} functions[] = {
	{ "ABS", abs_of, WHOLE | RESCALED },
	{ "CEIL", ceil_of, 0 },
	{ "CELU", celu_of, 0 },
	{ "COS", cos_of, 0 },
	{ "ELU", elu_of, BY_TABLE8 },
	{ "ERF", erf_of, 0 },
	{ "EXP", exp_of, BY_TABLE8 | BY_TABLE16 },
	{ "FLOOR", floor_of, 0 },
	{ "GELU", gelu_of, BY_TABLE8 | BY_UTABLE8 | BY_TABLE16 },
	{ "HARD_SIGMOID", hard_sigmoid_of, 0 },
	{ "LOG", log_of, BY_TABLE8 },
	{ "MISH", mish_of, 0 },
	{ "NEG", neg_of, WHOLE },
	{ "RECIPROCAL", reciprocal_of, 0 },
	{ "ROUND", round_of, 0 },
	{ "RSQRT", rsqrt_of, ROOT },
	{ "SELU", selu_of, 0 },
	{ "SIGN", sign_of, WHOLE },
	{ "SIN", sin_of, 0 },
	{ "SOFTPLUS", softplus_of, 0 },
	{ "SOFTSIGN", softsign_of, 0 },
	{ "SQRT", sqrt_of, 0 },
	{ "SQUARE", square_of, 0 },
	{ "THRESHOLDED_RELU", thresholded_relu_of, 0 },
};

struct unary {
	const struct function *function;
	uint8_t table8[256];
	int16_t table16[TABLE_STEPS + 1];
	struct multiplier multiplier; /* RESCALED, ROOT */
};

static const struct function *function_of(const struct op_node *n)
{
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(functions) && strcmp(functions[i].name, n->op->name) != 0)
		i++;
	return &functions[i];
}

static unsigned types_of(unsigned also)
{
	unsigned types = TYPE_BIT(TENSOR_FLOAT32);

	if (also & WHOLE)
		types |= TYPE_BIT(TENSOR_INT32) | TYPE_BIT(TENSOR_INT64);
	if (also & (BY_TABLE8 | RESCALED | ROOT))
		types |= TYPE_BIT(TENSOR_INT8);
	if (also & BY_UTABLE8)
		types |= TYPE_BIT(TENSOR_UINT8);
	if (also & (BY_TABLE16 | RESCALED | ROOT))
		types |= TYPE_BIT(TENSOR_INT16);
	return types;
}

static int unary_check(const struct op_node *n, struct fault *f)
{
	return op_check_value(n, types_of(function_of(n)->also), SCALED_BOTH, f);
}

/* |x| keeps its value where both scales are the same. */
static int32_t abs_value(const struct op_node *n, int32_t x)
{
	const struct unary *s = n->state;
	const struct quant *in = &n->inputs[0]->quant, *out = &n->outputs[0]->quant;
	int32_t size = x - in->zero_point[0], low, high;

	op_type_range(n->outputs[0]->type, &low, &high);
	size = size < 0 ? -size : size;
	if (in->scale[0] != out->scale[0])
		size = requantize(size, s->multiplier);
	return add_zero_point(size, out->zero_point[0], low, high);
}

/* kernels/elementwise.cc, RsqrtEvalQuantized: with 20 bits below the point. */
static int32_t rsqrt_value(const struct op_node *n, int32_t x)
{
	const struct unary *s = n->state;
	int32_t v = x - n->inputs[0]->quant.zero_point[0];

	int32_t low, high;

	op_type_range(n->outputs[0]->type, &low, &high);
	if (v <= 0)
		return high;
	struct multiplier root = multiplier_of_inverse_root(v), scale = s->multiplier;
	root.shift += 20;
	scale.shift -= 20;
	return add_zero_point(requantize(requantize(1, root), scale),
			      n->outputs[0]->quant.zero_point[0], low, high);
}

static double value_of(double x, const void *context)
{
	const struct op_node *n = context;

	return ((const struct unary *)n->state)->function->of(x, &n->node->options);
}

static void plan_table16(const struct op_node *n, struct unary *s)
{
	float in = n->inputs[0]->quant.scale[0], out = n->outputs[0]->quant.scale[0];

	table_fill(s->table16, value_of, n, in * -32768, in * 32767, out * -32768, out * 32767);
}

static int unary_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct unary *s = arena_alloc(memory, 1, sizeof(*s));

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	n->state = s;
	s->function = function_of(n);
	if (!(TYPE_BIT(n->inputs[0]->type) & TYPES_QUANTIZED))
		return 0;
	float in = n->inputs[0]->quant.scale[0], out = n->outputs[0]->quant.scale[0];
	if (s->function->also & RESCALED)
		s->multiplier = multiplier_of((double)(in / out));
	else if (s->function->also & ROOT)
		s->multiplier = multiplier_of((double)(1 / (sqrtf(in) * out)));
	else if (n->inputs[0]->type == TENSOR_INT16)
		plan_table16(n, s);
	else
		table8_fill(n, s->function->of, s->table8);
	return 0;
}

static void run_integers(const struct op_node *n)
{
	const struct unary *s = n->state;
	const struct tensor *in = n->inputs[0], *out = n->outputs[0];
	bool quantized = TYPE_BIT(in->type) & TYPES_QUANTIZED,
	     rescaled = s->function->also & RESCALED;
	size_t elements = tensor_elements(in);

	for (size_t i = 0; i < elements; i++) {
		int64_t x = tensor_int(in, i), y;
		if (quantized && rescaled)
			y = abs_value(n, (int32_t)x);
		else if (quantized && (s->function->also & ROOT))
			y = rsqrt_value(n, (int32_t)x);
		else if (quantized)
			y = table_look_up(s->table16, (int16_t)x);
		else if (s->function->of == sign_of)
			y = (x > 0) - (x < 0);
		else
			y = s->function->of == abs_of && x >= 0 ? x : (int64_t)(0 - (uint64_t)x);
		tensor_set_int(out, i, y);
	}
}

static void unary_run(const struct op_node *n)
{
	const struct unary *s = n->state;
	const struct tensor *in = n->inputs[0];
	size_t elements = tensor_elements(in);

	if (in->type == TENSOR_FLOAT32) {
		for (size_t i = 0; i < elements; i++)
			((float *)n->outputs[0]->data)[i] = (float)s->function->of(
				(double)((const float *)in->data)[i], &n->node->options);
	} else if (TYPE_BIT(in->type) & TYPES_8_BIT && !(s->function->also & (RESCALED | ROOT))) {
		table8_run(n, s->table8);
	} else {
		run_integers(n);
	}
}

#define UNARY(lower, upper)                                                                        \
	const struct op op_##lower = {                                                             \
		.name = upper,                                                                     \
		.check = unary_check,                                                              \
		.plan = unary_plan,                                                                \
		.run = unary_run,                                                                  \
		.by_value = true,                                                                  \
	}
UNARY(abs, "ABS");
UNARY(ceil, "CEIL");
UNARY(celu, "CELU");
UNARY(cos, "COS");
UNARY(elu, "ELU");
UNARY(erf, "ERF");
UNARY(exp, "EXP");
UNARY(floor, "FLOOR");
UNARY(gelu, "GELU");
UNARY(hard_sigmoid, "HARD_SIGMOID");
UNARY(log, "LOG");
UNARY(mish, "MISH");
UNARY(neg, "NEG");
UNARY(reciprocal, "RECIPROCAL");
UNARY(round, "ROUND");
UNARY(rsqrt, "RSQRT");
UNARY(selu, "SELU");
UNARY(sign, "SIGN");
UNARY(sin, "SIN");
UNARY(softplus, "SOFTPLUS");
UNARY(softsign, "SOFTSIGN");
UNARY(sqrt, "SQRT");
UNARY(square, "SQUARE");
UNARY(thresholded_relu, "THRESHOLDED_RELU");
