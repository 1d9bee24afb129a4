/* hard_swish.c - HARD_SWISH: x * relu6(x + 3) / 6. */
#include <errno.h>

#include "nn/op.h"
#include "nn/requantize.h"

struct hard_swish { /* two factors in 16 bits, each with a power of two */
	int16_t output, relu;
	int output_shift, relu_shift;
};

static int hard_swish_check(const struct op_node *n, struct fault *f)
{
	int rc = op_check_value(n, TYPE_BIT(TENSOR_FLOAT32) | TYPES_8_BIT, SCALED_BOTH, f);

	if (rc == 0 && n->inputs[0]->type != TENSOR_FLOAT32 &&
	    n->inputs[0]->quant.scale[0] / 128 > n->outputs[0]->quant.scale[0])
		return fault_set(f, -EBADMSG, "its output's scale is too fine for its input's");
	return rc;
}

static int16_t cut_to_16(struct multiplier m)
{
	return m.mantissa >= INT32_MAX - (1 << 15) ? INT16_MAX
						   : (int16_t)((m.mantissa + (1 << 15)) >> 16);
}

/* The input counts in steps of scale / 128 from here on; relu6's 6 is 65536 steps of 3 / 32768. */
static int hard_swish_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct hard_swish *s = arena_alloc(memory, 1, sizeof(*s));

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	n->state = s;
	if (n->inputs[0]->type == TENSOR_FLOAT32)
		return 0;
	float step = 1.0f / 128.0f * n->inputs[0]->quant.scale[0];
	struct multiplier out = multiplier_of((double)(step / n->outputs[0]->quant.scale[0]));
	struct multiplier relu = multiplier_of((double)(step / (3.0f / 32768.0f)));
	s->output = cut_to_16(out);
	s->output_shift = out.shift;
	s->relu = cut_to_16(relu);
	s->relu_shift = relu.shift;
	return 0;
}

static int16_t saturate(int64_t x)
{
	return (int16_t)(x > INT16_MAX ? INT16_MAX : x < INT16_MIN ? INT16_MIN : x);
}

static int16_t doubling_high(int16_t a, int16_t b, bool rounded)
{
	int32_t product = (int32_t)a * b, nudge = product >= 0 ? 1 << 14 : 1 - (1 << 14);

	if (a == INT16_MIN && b == INT16_MIN)
		return INT16_MAX;
	return (int16_t)((product + (rounded ? nudge : 0)) / (1 << 15));
}

static int16_t shift_left(int16_t x, int bits)
{
	return bits > 16 ? saturate(x == 0  ? 0
				    : x > 0 ? INT16_MAX
					    : INT16_MIN)
			 : saturate((int64_t)x * (INT64_C(1) << bits));
}

/* reference/hard_swish.h: all in 16 bits; the cut-off product at the end makes up for the rounding
 * upwards of the two before it. */
static int32_t hard_swish_of(const struct hard_swish *s, int32_t centred)
{
	int16_t x = (int16_t)(centred * 128), relu = x;
	int16_t on_output = doubling_high(x, s->output, true);

	if (s->relu_shift > 0)
		relu = shift_left(relu, s->relu_shift - 1);
	relu = doubling_high(relu, s->relu, true);
	if (s->relu_shift > 0)
		relu = shift_left(relu, 1);
	else if (s->relu_shift < 0)
		relu = (int16_t)rounding_shift_right(relu, -s->relu_shift);
	relu = (int16_t)((relu + (1 << 15)) >> 1);
	int16_t product = doubling_high(relu, on_output, false);
	return s->output_shift <= 0 ? rounding_shift_right(product, -s->output_shift)
				    : shift_left(product, s->output_shift);
}

static void hard_swish_run(const struct op_node *n)
{
	size_t elements = tensor_elements(n->inputs[0]);
	int32_t low, high;

	if (n->inputs[0]->type == TENSOR_FLOAT32) {
		const float *in = n->inputs[0]->data;
		float *out = n->outputs[0]->data;
		for (size_t i = 0; i < elements; i++) {
			float relu = in[i] + 3 < 0 ? 0 : in[i] + 3 > 6 ? 6 : in[i] + 3;
			out[i] = in[i] * relu / 6;
		}
		return;
	}
	op_type_range(n->outputs[0]->type, &low, &high);
	for (size_t i = 0; i < elements; i++) {
		int32_t x =
			(int32_t)tensor_int(n->inputs[0], i) - n->inputs[0]->quant.zero_point[0];
		tensor_set_int(n->outputs[0], i,
			       add_zero_point(hard_swish_of(n->state, x),
					      n->outputs[0]->quant.zero_point[0], low, high));
	}
}

const struct op op_hard_swish = {
	.name = "HARD_SWISH",
	.check = hard_swish_check,
	.plan = hard_swish_plan,
	.run = hard_swish_run,
	.by_value = true,
};
