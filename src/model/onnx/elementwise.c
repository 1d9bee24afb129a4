/* elementwise.c - operators of ONNX that work value by value. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/onnx/convert.h"

/* ---- those that the engine has under another name ---- */

static const struct same {
	const char *type, *op;
} unary[] = {
	{ "Abs", "ABS" },	  { "Ceil", "CEIL" },	{ "Cos", "COS" },
	{ "Erf", "ERF" },	  { "Exp", "EXP" },	{ "Floor", "FLOOR" },
	{ "IsInf", "IS_INF" },	  { "IsNaN", "IS_NAN" }, { "Log", "LOG" },
	{ "Mish", "MISH" },	  { "Neg", "NEG" },	{ "Not", "LOGICAL_NOT" },
	{ "Reciprocal", "RECIPROCAL" }, { "Round", "ROUND" },
	{ "Sigmoid", "LOGISTIC" }, { "Sign", "SIGN" },	{ "Sin", "SIN" },
	{ "Softplus", "SOFTPLUS" }, { "Softsign", "SOFTSIGN" }, { "Sqrt", "SQRT" },
	{ "Tanh", "TANH" },	  { "HardSwish", "HARD_SWISH" },
}, binary[] = {
	{ "Add", "ADD" },	  { "Sub", "SUB" },	{ "Mul", "MUL" },
	{ "Div", "DIV" },	  { "And", "LOGICAL_AND" }, { "Or", "LOGICAL_OR" },
	{ "Xor", "LOGICAL_XOR" }, { "Equal", "EQUAL" }, { "Less", "LESS" },
	{ "LessOrEqual", "LESS_EQUAL" }, { "Greater", "GREATER" },
	{ "GreaterOrEqual", "GREATER_EQUAL" }, { "PRelu", "PRELU" },
}, variadic[] = {
	{ "Sum", "ADD" }, { "Max", "MAXIMUM" }, { "Min", "MINIMUM" }, { "Mean", "ADD" },
};

static const char *engine_name(const struct same *list, size_t count, const char *type)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].type, type) == 0)
			return list[i].op;
	return "IDENTITY";
}

/* Small integers are computed as int32: the engine's int8 is a quantized one. */
static bool is_small(enum tensor_type t)
{
	return t == TENSOR_INT8 || t == TENSOR_UINT8 || t == TENSOR_INT16 || t == TENSOR_UINT16 ||
	       t == TENSOR_UINT32;
}

static int32_t widen(struct build *b, int32_t t)
{
	return is_small(build_tensor(b, t)->type) ? build_cast(b, t, TENSOR_INT32) : t;
}

static int32_t narrow(struct build *b, int32_t t, enum tensor_type like)
{
	return is_small(like) && build_tensor(b, t)->type == TENSOR_INT32 ? build_cast(b, t, like)
									  : t;
}

static void convert_relu(struct build *b)
{
	int32_t x = build_in_lazy(b, 0);

	if (x >= 0 && build_fact(b, x)->low >= 0) /* the convolution did it */
		build_out(b, 0, x);
	else
		build_out(b, 0, build_one(b, "RELU", build_need(b, 0)));
}

static void convert_unary(struct build *b)
{
	int32_t x = build_need(b, 0);
	enum tensor_type type = build_tensor(b, x)->type;
	int32_t y = build_one(b, engine_name(unary, ARRAY_SIZE(unary), b->node->type), widen(b, x));

	build_out(b, 0, narrow(b, y, type));
}

static void convert_binary(struct build *b)
{
	int32_t x = build_need(b, 0), y = build_need(b, 1);
	enum tensor_type type = build_tensor(b, x)->type;
	int32_t out = build_two(b, engine_name(binary, ARRAY_SIZE(binary), b->node->type),
				widen(b, x), widen(b, y));

	build_out(b, 0, narrow(b, out, type));
}

static void convert_variadic(struct build *b)
{
	const char *op = engine_name(variadic, ARRAY_SIZE(variadic), b->node->type);
	int32_t x = widen(b, build_need(b, 0));
	enum tensor_type type = build_tensor(b, build_need(b, 0))->type;

	for (size_t i = 1; b->rc == 0 && i < b->node->input_count; i++)
		x = build_two(b, op, x, widen(b, build_need(b, i)));
	if (strcmp(b->node->type, "Mean") == 0)
		x = build_two(b, "DIV", x, build_float(b, (float)b->node->input_count));
	build_out(b, 0, narrow(b, x, type));
}

/* ---- with parameters ---- */

static void convert_with(struct build *b, const char *op, float alpha, float beta)
{
	union options o = { .unary = { .alpha = attribute_float(b, "alpha", alpha),
				       .beta = attribute_float(b, "beta", beta) } };
	int32_t x = build_need(b, 0);

	build_out(b, 0, build_op(b, op, &x, 1, &o));
}

static void convert_elu(struct build *b)
{
	convert_with(b, "ELU", 1, 0);
}

static void convert_celu(struct build *b)
{
	convert_with(b, "CELU", 1, 0);
}

static void convert_hard_sigmoid(struct build *b)
{
	convert_with(b, "HARD_SIGMOID", 0.2f, 0.5f);
}

static void convert_thresholded_relu(struct build *b)
{
	convert_with(b, "THRESHOLDED_RELU", 1, 0);
}

static void convert_selu(struct build *b)
{
	union options o = {
		.unary = { .alpha = attribute_float(b, "alpha", 1.67326319217681884765625f),
			   .beta = attribute_float(b, "gamma", 1.05070102214813232421875f) }
	};
	int32_t x = build_need(b, 0);

	build_out(b, 0, build_op(b, "SELU", &x, 1, &o));
}

int32_t onnx_leaky_relu(struct build *b, int32_t x)
{
	union options o = { .unary = { .alpha = attribute_float(b, "alpha", 0.01f) } };

	return build_op(b, "LEAKY_RELU", &x, 1, &o);
}

static void convert_leaky_relu(struct build *b)
{
	build_out(b, 0, onnx_leaky_relu(b, build_need(b, 0)));
}

int32_t onnx_gelu(struct build *b, int32_t x)
{
	union options o = { .unary = { .approximate =
					       strcmp(attribute_text(b, "approximate", "none"),
						      "tanh") == 0 } };

	return build_op(b, "GELU", &x, 1, &o);
}

static void convert_gelu(struct build *b)
{
	build_out(b, 0, onnx_gelu(b, build_need(b, 0)));
}

static void convert_swish(struct build *b)
{
	int32_t x = build_need(b, 0);
	float alpha = attribute_float(b, "alpha", 1);
	int32_t scaled = alpha == 1 ? x : build_two(b, "MUL", x, build_float(b, alpha));

	build_out(b, 0, build_two(b, "MUL", x, build_one(b, "LOGISTIC", scaled)));
}

static bool is_constant(const struct build *b, int32_t t, double value)
{
	const struct tensor *c = build_tensor(b, t);

	return t >= 0 && c->constant && c->type == TENSOR_FLOAT32 && tensor_elements(c) == 1 &&
	       tensor_float(c, 0) == value;
}

/* Bounds are attributes, or inputs from operator set 11 on. */
static void convert_clip(struct build *b)
{
	const struct onnx_attribute *low = attribute(b, "min"), *high = attribute(b, "max");
	int32_t x = build_in_lazy(b, 0), least = build_in(b, 1), most = build_in(b, 2);

	if (x >= 0 && build_fact(b, x)->low >= 0 && build_fact(b, x)->high <= 6) {
		build_out(b, 0, x); /* the convolution did it */
		return;
	}
	x = build_need(b, 0);
	enum tensor_type type = build_tensor(b, x)->type;
	if (low != NULL)
		least = build_float(b, low->f);
	if (high != NULL)
		most = build_float(b, high->f);
	if (is_constant(b, least, 0) && is_constant(b, most, 6)) {
		build_out(b, 0, build_one(b, "RELU6", x));
		return;
	}
	x = widen(b, x);
	if (least >= 0)
		x = build_two(b, "MAXIMUM", x, widen(b, least));
	if (most >= 0)
		x = build_two(b, "MINIMUM", x, widen(b, most));
	build_out(b, 0, narrow(b, x, type));
}

static void convert_pow(struct build *b)
{
	int32_t x = build_need(b, 0), y = build_need(b, 1);

	if (is_constant(b, y, 2)) {
		build_out(b, 0, build_one(b, "SQUARE", x));
		return;
	}
	build_out(b, 0, build_two(b, "POW", x, build_cast(b, y, build_tensor(b, x)->type)));
}

/* The sign is the divisor's, or with fmod the dividend's. */
static void convert_mod(struct build *b)
{
	int32_t x = build_need(b, 0), y = build_need(b, 1);
	enum tensor_type type = build_tensor(b, x)->type;
	int32_t out = build_two(b, attribute_int(b, "fmod", 0) != 0 ? "MOD" : "FLOOR_MOD",
				widen(b, x), widen(b, y));

	build_out(b, 0, narrow(b, out, type));
}

static void convert_where(struct build *b)
{
	int32_t inputs[] = { build_need(b, 0), build_need(b, 1), build_need(b, 2) };

	build_out(b, 0, build_op(b, "SELECT_V2", inputs, 3, NULL));
}

/* Out of the graph at once: the same tensor under another name. */
static void convert_identity(struct build *b)
{
	build_out(b, 0, build_need(b, 0));
}

static void convert_cast(struct build *b)
{
	enum tensor_type type;
	int64_t to = attribute_int(b, "to", ONNX_FLOAT);

	if (to < 0 || to > INT32_MAX || !onnx_tensor_type((int32_t)to, &type))
		build_fail(b, -EOPNOTSUPP, "to type %lld", (long long)to);
	else if (type == TENSOR_FLOAT16 || type == TENSOR_FLOAT64)
		type = TENSOR_FLOAT32;
	if (b->rc == 0)
		build_out(b, 0, build_cast(b, build_need(b, 0), type));
}

static void convert_cast_like(struct build *b)
{
	build_out(b, 0, build_cast(b, build_need(b, 0), build_tensor(b, build_need(b, 1))->type));
}

const struct onnx_converter onnx_elementwise[] = {
	{ "Abs", convert_unary },
	{ "Add", convert_binary },
	{ "And", convert_binary },
	{ "Cast", convert_cast },
	{ "CastLike", convert_cast_like },
	{ "Ceil", convert_unary },
	{ "Celu", convert_celu },
	{ "Clip", convert_clip },
	{ "Cos", convert_unary },
	{ "Div", convert_binary },
	{ "Dropout", convert_identity },
	{ "Elu", convert_elu },
	{ "Equal", convert_binary },
	{ "Erf", convert_unary },
	{ "Exp", convert_unary },
	{ "Floor", convert_unary },
	{ "Gelu", convert_gelu },
	{ "Greater", convert_binary },
	{ "GreaterOrEqual", convert_binary },
	{ "HardSigmoid", convert_hard_sigmoid },
	{ "HardSwish", convert_unary },
	{ "Identity", convert_identity },
	{ "IsInf", convert_unary },
	{ "IsNaN", convert_unary },
	{ "LeakyRelu", convert_leaky_relu },
	{ "Less", convert_binary },
	{ "LessOrEqual", convert_binary },
	{ "Log", convert_unary },
	{ "Max", convert_variadic },
	{ "Mean", convert_variadic },
	{ "Min", convert_variadic },
	{ "Mish", convert_unary },
	{ "Mod", convert_mod },
	{ "Mul", convert_binary },
	{ "Neg", convert_unary },
	{ "Not", convert_unary },
	{ "Or", convert_binary },
	{ "PRelu", convert_binary },
	{ "Pow", convert_pow },
	{ "Reciprocal", convert_unary },
	{ "Relu", convert_relu },
	{ "Round", convert_unary },
	{ "Selu", convert_selu },
	{ "Sigmoid", convert_unary },
	{ "Sign", convert_unary },
	{ "Sin", convert_unary },
	{ "Softplus", convert_unary },
	{ "Softsign", convert_unary },
	{ "Sqrt", convert_unary },
	{ "Sub", convert_binary },
	{ "Sum", convert_variadic },
	{ "Swish", convert_swish },
	{ "Tanh", convert_unary },
	{ "ThresholdedRelu", convert_thresholded_relu },
	{ "Where", convert_where },
	{ "Xor", convert_binary },
	{ 0 },
};
