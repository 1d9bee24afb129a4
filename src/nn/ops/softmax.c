/* softmax.c - SOFTMAX over the last dimension. */
#include <errno.h>
#include <math.h>

#include "base/math.h"
#include "nn/fixed.h"
#include "nn/op.h"
#include "nn/table.h"

struct softmax {
	struct multiplier input; /* beta * scale, in 5.26 bits */
	int32_t least;		 /* differences below it count as nothing */
	int16_t exp[TABLE_STEPS + 1], reciprocal[TABLE_STEPS + 1]; /* int16 only */
};

static int softmax_check(const struct op_node *n, struct fault *f)
{
	float beta = n->node->options.softmax.beta;
	int rc = op_check_value(n, TYPE_BIT(TENSOR_FLOAT32) | TYPES_QUANTIZED, SCALED_INPUT, f);

	if (rc == 0)
		rc = op_expect_rank(n->inputs[0], 1, SHAPE_MOST_RANK, "input", f);
	if (rc == 0 && !(beta > 0 && isfinite(beta)))
		return fault_set(f, -EBADMSG, "beta is %g (above 0)", (double)beta);
	return rc;
}

static double one_over_one_plus(double x, const void *context)
{
	(void)context;
	return 1 / (1 + x);
}

static double exp_of(double x, const void *context)
{
	(void)context;
	return math_exp(x);
}

/* Differences of 0 to -10 become -32768 … 32767; e^-10 is as good as nothing. */
static void plan_int16(const struct op_node *n, struct softmax *s)
{
	float scale = n->inputs[0]->quant.scale[0], beta = n->node->options.softmax.beta;

	s->input = multiplier_of((double)(scale * beta) / (10.0 / 65535.0));
	table_fill(s->exp, exp_of, NULL, -10, 0, -65536.0f / 65535, 65534.0f / 65535);
	table_fill(s->reciprocal, one_over_one_plus, NULL, 0, 1, -65536.0f / 65535,
		   65534.0f / 65535);
}

/* As tflite::PreprocessSoftmaxScaling and CalculateInputRadius, with 5 integer bits. */
static int softmax_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct softmax *s = arena_alloc(memory, 1, sizeof(*s));

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	n->state = s;
	if (n->inputs[0]->type == TENSOR_FLOAT32)
		return 0;
	if (n->inputs[0]->type == TENSOR_INT16) {
		plan_int16(n, s);
		return 0;
	}
	double real = (double)n->node->options.softmax.beta * (double)n->inputs[0]->quant.scale[0] *
		      (double)(1 << 26);
	s->input = multiplier_of(real < 2147483647.0 ? real : 2147483647.0);
	double radius =
		31.0 * (double)(1 << 26) / ldexp(1.0, s->input.shift < 0 ? 0 : s->input.shift);
	s->least = -(int32_t)floor(radius);
	return 0;
}

static void softmax_float(const float *in, float *out, size_t count, float beta)
{
	float most = in[0], sum = 0;

	for (size_t i = 1; i < count; i++)
		most = in[i] > most ? in[i] : most;
	for (size_t i = 0; i < count; i++) {
		out[i] = (float)math_exp((double)((in[i] - most) * beta));
		sum += out[i];
	}
	for (size_t i = 0; i < count; i++)
		out[i] /= sum;
}

/* reference/softmax.h: e^x in fixed point, the sum with 12 integer bits, its reciprocal by
 * Newton. */
static void softmax_integer(const struct op_node *n, size_t start, size_t count)
{
	const struct softmax *s = n->state;
	const struct tensor *in = n->inputs[0];
	uint8_t *out = n->outputs[0]->data;
	int32_t most = INT32_MIN, low, high;
	uint32_t sum = 0; /* with 12 integer bits: from 4096 values on it needs the sign's bit */

	op_type_range(in->type, &low, &high);
	for (size_t i = 0; i < count; i++) {
		int32_t v = (int32_t)tensor_int(in, start + i);
		most = v > most ? v : most;
	}
	for (size_t i = 0; i < count; i++) {
		int32_t difference = (int32_t)tensor_int(in, start + i) - most;
		if (difference < s->least)
			continue;
		uint32_t e = (uint32_t)rounding_shift_right(
			fixed_exp_negative(requantize(difference, s->input), 5), 12);
		sum = sum > UINT32_MAX - e ? UINT32_MAX : sum + e;
	}
	int headroom = __builtin_clz(sum);
	int32_t reciprocal = fixed_reciprocal((int32_t)((sum << headroom) - (1u << 31)));
	for (size_t i = 0; i < count; i++) {
		int32_t difference = (int32_t)tensor_int(in, start + i) - most, q = low;
		if (difference >= s->least) {
			int32_t e = fixed_exp_negative(requantize(difference, s->input), 5);
			q = rounding_shift_right(saturating_doubling_high(reciprocal, e),
						 12 - headroom + 31 - 8) +
			    low;
		}
		out[start + i] = (uint8_t)clamp(q, low, high);
	}
}

/* reference/softmax.h, SoftmaxInt16: e^x and 1 / sum by tables. The output holds e^x meanwhile. */
static void softmax_int16(const struct op_node *n, size_t start, size_t count)
{
	const struct softmax *s = n->state;
	const int16_t *in = (const int16_t *)n->inputs[0]->data + start;
	int16_t *out = (int16_t *)n->outputs[0]->data + start;
	int32_t most = INT16_MIN;
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		most = in[i] > most ? in[i] : most;
	for (size_t i = 0; i < count; i++) {
		int32_t x = requantize(in[i] - most, s->input) + 32767;
		out[i] = table_look_up(s->exp, (int16_t)clamp(x, INT16_MIN, INT16_MAX));
		sum += out[i];
	}
	sum = sum > INT32_MAX ? INT32_MAX : sum;
	int headroom = sum > 0 ? __builtin_clz((unsigned)sum) : 31;
	int32_t shifted = (int32_t)(((sum << (headroom - 1)) + (1 << 13)) >> 14);
	int32_t x = shifted - ((1 << 15) + (1 << 16));
	int16_t reciprocal = table_look_up(s->reciprocal, (int16_t)clamp(x, INT16_MIN, INT16_MAX));
	int right = 31 - headroom;
	for (size_t i = 0; i < count; i++) {
		int64_t half = right > 0 ? INT64_C(1) << (right - 1) : 0;
		out[i] = (int16_t)clamp((int32_t)(((int64_t)out[i] * reciprocal + half) >> right),
					0, INT16_MAX);
	}
}

static void softmax_run(const struct op_node *n)
{
	const struct shape *s = &n->inputs[0]->shape;
	size_t count = (size_t)s->dim[s->rank - 1], elements = tensor_elements(n->inputs[0]);

	for (size_t start = 0; start < elements; start += count) {
		if (n->inputs[0]->type == TENSOR_FLOAT32)
			softmax_float((const float *)n->inputs[0]->data + start,
				      (float *)n->outputs[0]->data + start, count,
				      n->node->options.softmax.beta);
		else if (n->inputs[0]->type == TENSOR_INT16)
			softmax_int16(n, start, count);
		else
			softmax_integer(n, start, count);
	}
}

const struct op op_softmax = {
	.name = "SOFTMAX",
	.check = softmax_check,
	.plan = softmax_plan,
	.run = softmax_run,
};
