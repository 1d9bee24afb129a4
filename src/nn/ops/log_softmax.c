/* log_softmax.c - LOG_SOFTMAX over the last dimension: x - ln(sum of e^x). */
#include <errno.h>
#include <math.h>

#include "base/math.h"
#include "nn/fixed.h"
#include "nn/op.h"

struct log_softmax {
	struct multiplier input, reverse; /* into 5.26 bits, and back */
	int32_t least;			  /* differences below it count as nothing */
};

static int log_softmax_check(const struct op_node *n, struct fault *f)
{
	int rc = op_check_value(n, TYPE_BIT(TENSOR_FLOAT32) | TYPES_8_BIT, SCALED_INPUT, f);

	return rc < 0 ? rc : op_expect_rank(n->inputs[0], 1, SHAPE_MOST_RANK, "input", f);
}

/* As tflite::PreprocessLogSoftmaxScalingExp, with 5 integer bits. */
static int log_softmax_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct log_softmax *s = arena_alloc(memory, 1, sizeof(*s));

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	n->state = s;
	if (n->inputs[0]->type == TENSOR_FLOAT32)
		return 0;
	double real = (double)n->inputs[0]->quant.scale[0] * (double)(1 << 26);
	s->input = multiplier_of(real < 2147483647.0 ? real : 2147483647.0);
	s->reverse = multiplier_of(ldexp(1.0, 31 - s->input.shift) / (double)s->input.mantissa);
	double radius =
		31.0 * (double)(1 << 26) / ldexp(1.0, s->input.shift < 0 ? 0 : s->input.shift);
	s->least = -(int32_t)floor(radius);
	return 0;
}

static void row_float(const float *in, float *out, size_t count)
{
	float most = in[0], sum = 0;

	for (size_t i = 1; i < count; i++)
		most = in[i] > most ? in[i] : most;
	for (size_t i = 0; i < count; i++)
		sum += (float)math_exp((double)(in[i] - most));
	float log_sum = (float)math_log((double)sum);
	for (size_t i = 0; i < count; i++)
		out[i] = in[i] - most - log_sum;
}

static int32_t fixed_log_of_sum(const struct op_node *n, size_t start, size_t count, int32_t most)
{
	const struct log_softmax *s = n->state;
	int32_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		int32_t difference = (int32_t)tensor_int(n->inputs[0], start + i) - most;
		if (difference < s->least)
			continue;
		int32_t e = fixed_exp_negative(requantize(difference, s->input), 5);
		sum = fixed_add(sum, rounding_shift_right(e, 12));
	}
	return fixed_log(sum);
}

/* reference/log_softmax.h: the outputs are steps of 1/16 below the type's greatest value. */
static void row_integer(const struct op_node *n, size_t start, size_t count)
{
	const struct log_softmax *s = n->state;
	int32_t most = INT32_MIN, low, high;

	op_type_range(n->inputs[0]->type, &low, &high);
	for (size_t i = 0; i < count; i++) {
		int32_t v = (int32_t)tensor_int(n->inputs[0], start + i);
		most = v > most ? v : most;
	}
	int32_t log_sum = fixed_log_of_sum(n, start, count, most);
	int32_t adjusted =
		requantize((int32_t)((uint32_t)log_sum + (uint32_t)INT32_MIN), s->reverse);
	int32_t least = s->least - 1 > adjusted ? s->least - 1 : adjusted;
	for (size_t i = 0; i < count; i++) {
		int32_t difference = (int32_t)tensor_int(n->inputs[0], start + i) - most, q = low;
		if (difference > least) {
			int32_t scaled = requantize(difference, s->input);
			q = add_zero_point(rounding_shift_right(scaled - log_sum, 31 - 5 - 4), high,
					   low, high);
		}
		tensor_set_int(n->outputs[0], start + i, q);
	}
}

static void log_softmax_run(const struct op_node *n)
{
	const struct shape *s = &n->inputs[0]->shape;
	size_t count = (size_t)s->dim[s->rank - 1], elements = tensor_elements(n->inputs[0]);

	for (size_t start = 0; start < elements; start += count)
		if (n->inputs[0]->type == TENSOR_FLOAT32)
			row_float((const float *)n->inputs[0]->data + start,
				  (float *)n->outputs[0]->data + start, count);
		else
			row_integer(n, start, count);
}

const struct op op_log_softmax = {
	.name = "LOG_SOFTMAX",
	.check = log_softmax_check,
	.plan = log_softmax_plan,
	.run = log_softmax_run,
};
