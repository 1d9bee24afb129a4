/* binary.c - ADD, SUB, MUL and DIV: two tensors value by value, with broadcasting. */
#include <errno.h>
#include <math.h>

#include "nn/broadcast.h"
#include "nn/fixed.h"
#include "nn/op.h"

enum operation { OPERATION_ADD, OPERATION_SUB, OPERATION_MUL, OPERATION_DIV };

struct binary {
	enum operation operation;
	struct multiplier inputs[2], output;
	int left_shift;
	int32_t zeros[2], out_zero, low, high;
	float float_low, float_high;
};

static enum operation operation_of(const struct op_node *n)
{
	static const char first[] = { 'A', 'S', 'M', 'D' };

	for (int i = 0; i < 4; i++)
		if (n->op->name[0] == first[i])
			return (enum operation)i;
	return OPERATION_ADD;
}

static int check_quantized(const struct op_node *n, struct fault *f)
{
	int rc = op_expect_scale(n->inputs[0], "input 0", f);

	if (rc == 0)
		rc = op_expect_scale(n->inputs[1], "input 1", f);
	return rc < 0 ? rc : op_expect_scale(n->outputs[0], "output", f);
}

static int binary_check(const struct op_node *n, struct fault *f)
{
	unsigned plain = TYPE_BIT(TENSOR_FLOAT32) | TYPE_BIT(TENSOR_INT32) | TYPE_BIT(TENSOR_INT64);
	unsigned quantized = operation_of(n) == OPERATION_DIV ? TYPES_8_BIT : TYPES_QUANTIZED;
	struct shape shape;
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0], plain | quantized, "input 0", f);
	if (rc == 0)
		rc = op_expect_type(n->inputs[1], TYPE_BIT(n->inputs[0]->type), "input 1", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc == 0 && (TYPE_BIT(n->inputs[0]->type) & TYPES_QUANTIZED))
		rc = check_quantized(n, f);
	if (rc < 0)
		return rc;
	if (n->node->options.elementwise.activation < 0 ||
	    n->node->options.elementwise.activation > ACTIVATION_RELU6)
		return fault_set(f, -EOPNOTSUPP, "activation %d",
				 n->node->options.elementwise.activation);
	if (!shape_broadcast(&n->inputs[0]->shape, &n->inputs[1]->shape, &shape)) {
		char a[80], b[80];
		return fault_set(f, -EBADMSG, "%s and %s do not go together",
				 shape_text(&n->inputs[0]->shape, a, sizeof(a)),
				 shape_text(&n->inputs[1]->shape, b, sizeof(b)));
	}
	return op_set_shape(n, 0, &shape, f);
}

/* ADD and SUB bring both inputs to one scale, with room below (20 bits; 15 for int16), and then
 * to the output's: reference/integer_ops/add.h. Products have one scale. */
static void plan_quantized(const struct op_node *n, struct binary *s)
{
	float a = n->inputs[0]->quant.scale[0], b = n->inputs[1]->quant.scale[0];
	float o = n->outputs[0]->quant.scale[0];
	double twice = 2 * (double)(a > b ? a : b);

	s->left_shift = n->inputs[0]->type == TENSOR_INT16 ? 15 : 20;
	s->zeros[0] = n->inputs[0]->quant.zero_point[0];
	s->zeros[1] = n->inputs[1]->quant.zero_point[0];
	s->out_zero = n->outputs[0]->quant.zero_point[0];
	op_activation_quantized(n->node->options.elementwise.activation, n->outputs[0], &s->low,
				&s->high);
	if (s->operation == OPERATION_MUL) {
		s->output = multiplier_of((double)(a * b / o));
	} else if (s->operation == OPERATION_DIV) {
		s->output = multiplier_of((double)a / ((double)b * (double)o));
	} else {
		s->inputs[0] = multiplier_of((double)a / twice);
		s->inputs[1] = multiplier_of((double)b / twice);
		s->output = multiplier_of(twice / ((double)(1 << s->left_shift) * (double)o));
	}
}

static int binary_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct binary *s = arena_alloc(memory, 1, sizeof(*s));

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	s->operation = operation_of(n);
	op_activation_float(n->node->options.elementwise.activation, &s->float_low, &s->float_high);
	if (TYPE_BIT(n->inputs[0]->type) & TYPES_QUANTIZED)
		plan_quantized(n, s);
	n->state = s;
	return 0;
}

static float float_value(const struct binary *s, float a, float b)
{
	float v = s->operation == OPERATION_ADD	  ? a + b
		  : s->operation == OPERATION_SUB ? a - b
		  : s->operation == OPERATION_MUL ? a * b
						  : a / b;

	v = v < s->float_low ? s->float_low : v;
	return v > s->float_high ? s->float_high : v;
}

static int64_t whole_value(const struct binary *s, int64_t a, int64_t b)
{
	uint64_t x = (uint64_t)a, y = (uint64_t)b; /* wraps */

	switch (s->operation) {
	case OPERATION_ADD: return (int64_t)(x + y);
	case OPERATION_SUB: return (int64_t)(x - y);
	case OPERATION_MUL: return (int64_t)(x * y);
	default: return b == 0 || (a == INT64_MIN && b == -1) ? 0 : a / b;
	}
}

/* Both as gemmlowp shifts them: left first, then the rounded product. */
static int32_t sum_quantized(const struct binary *s, int32_t a, int32_t b)
{
	int32_t x = requantize((int32_t)((uint32_t)a << s->left_shift), s->inputs[0]);
	int32_t y = requantize((int32_t)((uint32_t)b << s->left_shift), s->inputs[1]);

	uint32_t sum = s->operation == OPERATION_SUB ? (uint32_t)x - (uint32_t)y
						     : (uint32_t)x + (uint32_t)y;

	return requantize((int32_t)sum, s->output);
}

/* reference/div.h: the reciprocal of b in fixed point, then the product with as many bits as
 * there are. */
static int32_t quotient(const struct binary *s, int32_t a, int32_t b)
{
	if (b == 0)
		return 0;
	if (b < 0) {
		a = -a;
		b = -b;
	}
	int zeros = __builtin_clz((unsigned)b);
	int32_t reciprocal = fixed_reciprocal((int32_t)(((uint32_t)b << zeros) - (1u << 31)));
	int headroom = a >= 0 ? (a == 0 ? 31 : __builtin_clz((unsigned)a) - 1)
			      : __builtin_clz(2 * (unsigned)-a - 1);
	int32_t unscaled = saturating_doubling_high((int32_t)((uint32_t)a << headroom), reciprocal);
	int shift = s->output.shift - (31 - zeros) - headroom;
	int32_t product = saturating_doubling_high(unscaled, s->output.mantissa);
	if (shift < -31) /* only 0 / b comes so far: the reference rounds it up */
		return 1;
	return shift >= 0 ? (int32_t)((uint32_t)product << shift)
			  : rounding_shift_right(product, -shift);
}

static int32_t quantized_value(const struct binary *s, int32_t a, int32_t b)
{
	int32_t v;

	a -= s->zeros[0];
	b -= s->zeros[1];
	if (s->operation == OPERATION_MUL)
		v = requantize((int32_t)((uint32_t)a * (uint32_t)b), s->output);
	else if (s->operation == OPERATION_DIV)
		v = quotient(s, a, b);
	else
		v = sum_quantized(s, a, b);
	return add_zero_point(v, s->out_zero, s->low, s->high);
}

static void compute(const struct op_node *n, size_t out, size_t a, size_t b)
{
	const struct binary *s = n->state;
	const struct tensor *x = n->inputs[0], *y = n->inputs[1];
	void *z = n->outputs[0]->data;

	switch (x->type) {
	case TENSOR_FLOAT32:
		((float *)z)[out] =
			float_value(s, ((const float *)x->data)[a], ((const float *)y->data)[b]);
		break;
	case TENSOR_INT32: {
		int64_t v = whole_value(s, tensor_int(x, a), tensor_int(y, b));
		float low = s->float_low < -2e9f ? -2147483648.0f : s->float_low;
		int32_t w = (int32_t)v;
		w = (float)w < low ? (int32_t)low : w;
		((int32_t *)z)[out] = s->float_high < 100 && w > (int32_t)s->float_high
					      ? (int32_t)s->float_high
					      : w;
		break;
	}
	case TENSOR_INT64:
		((int64_t *)z)[out] = whole_value(s, tensor_int(x, a), tensor_int(y, b));
		break;
	case TENSOR_INT16:
		((int16_t *)z)[out] = (int16_t)quantized_value(s, (int32_t)tensor_int(x, a),
							       (int32_t)tensor_int(y, b));
		break;
	default:
		((uint8_t *)z)[out] = (uint8_t)quantized_value(s, (int32_t)tensor_int(x, a),
							       (int32_t)tensor_int(y, b));
		break;
	}
}

static void binary_run(const struct op_node *n)
{
	struct broadcast b;

	broadcast_start(&b, &n->outputs[0]->shape, n->inputs, 2);
	for (size_t i = 0; i < b.elements; i++, broadcast_next(&b))
		compute(n, i, b.at[0], b.at[1]);
}

#define BINARY(lower, upper)                                                                       \
	const struct op op_##lower = { .name = upper,                                              \
				       .check = binary_check,                                      \
				       .plan = binary_plan,                                        \
				       .run = binary_run,                                          \
				       .by_value = true }
BINARY(add, "ADD");
BINARY(sub, "SUB");
BINARY(mul, "MUL");
BINARY(div, "DIV");
