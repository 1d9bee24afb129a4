/* svdf.c - SVDF: a filter over features, then one over time, each of low rank; it keeps the last
 * values of the first (reference/svdf.h). Inputs: input, feature weights, time weights, bias,
 * state. */
#include <errno.h>
#include <string.h>

#include "nn/ops/conv.h"

struct svdf {
	size_t batch, size, filters, memory, units, rank;
	struct multiplier first, second; /* to the state, to the output */
};

static int svdf_check(const struct op_node *n, struct fault *f)
{
	bool whole =
		n->input_count > 0 && n->inputs[0] != NULL && n->inputs[0]->type == TENSOR_INT8;
	int32_t rank = n->node->options.recurrent.rank;

	if (n->input_count < 5 || n->output_count < 1 || n->inputs[0] == NULL ||
	    n->inputs[1] == NULL || n->inputs[2] == NULL || n->inputs[4] == NULL)
		return fault_set(f, -EBADMSG, "an input is left out");
	const struct tensor *in = n->inputs[0], *features = n->inputs[1], *time = n->inputs[2];
	const struct tensor *bias = n->inputs[3], *state = n->inputs[4];
	unsigned weights =
		whole ? TYPE_BIT(TENSOR_INT8) : TYPE_BIT(TENSOR_FLOAT32) | TYPE_BIT(TENSOR_INT8);
	int rc = op_expect_type(in, TYPE_BIT(TENSOR_FLOAT32) | TYPE_BIT(TENSOR_INT8), "input", f);
	if (rc == 0)
		rc = op_expect_type(features, weights, "feature weights", f);
	if (rc == 0)
		rc = op_expect_type(time, TYPE_BIT(whole ? TENSOR_INT16 : features->type),
				    "time weights", f);
	if (rc == 0)
		rc = op_expect_type(state, TYPE_BIT(whole ? TENSOR_INT16 : TENSOR_FLOAT32), "state",
				    f);
	if (rc == 0 && bias != NULL)
		rc = op_expect_type(bias, TYPE_BIT(whole ? TENSOR_INT32 : TENSOR_FLOAT32), "bias",
				    f);
	if (rc == 0)
		rc = op_output_type(n, 0, in->type, f);
	for (int i = 0; rc == 0 && i < 5; i++)
		if (i != 3 && (whole || (i > 0 && i < 3 && features->type == TENSOR_INT8)))
			rc = op_expect_scale(n->inputs[i], "input", f);
	if (rc == 0 && whole)
		rc = op_expect_scale(n->outputs[0], "output", f);
	if (rc < 0)
		return rc;
	if (in->shape.rank != 2 || features->shape.rank != 2 || time->shape.rank != 2 ||
	    in->shape.dim[1] != features->shape.dim[1] ||
	    features->shape.dim[0] != time->shape.dim[0] || rank < 1 ||
	    features->shape.dim[0] % rank != 0 || !state->variable ||
	    tensor_elements(state) != (size_t)in->shape.dim[0] * tensor_elements(time) ||
	    (bias != NULL && tensor_elements(bias) != (size_t)(features->shape.dim[0] / rank)))
		return fault_set(f, -EBADMSG, "input, weights and state do not go together");
	return op_set_shape(
		n, 0, &(struct shape){ 2, { in->shape.dim[0], features->shape.dim[0] / rank } }, f);
}

static int svdf_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct svdf *s = arena_alloc(memory, 1, sizeof(*s));
	const int32_t *in = n->inputs[0]->shape.dim, *time = n->inputs[2]->shape.dim;

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	n->state = s;
	s->batch = (size_t)in[0];
	s->size = (size_t)in[1];
	s->filters = (size_t)time[0];
	s->memory = (size_t)time[1];
	s->rank = (size_t)n->node->options.recurrent.rank;
	s->units = s->filters / s->rank;
	n->scratch_bytes = s->size;
	if (n->inputs[0]->type == TENSOR_FLOAT32)
		return 0;
	float state = n->inputs[4]->quant.scale[0];
	s->first = multiplier_of(
		(double)(n->inputs[0]->quant.scale[0] * n->inputs[1]->quant.scale[0] / state));
	s->second = multiplier_of(
		(double)(state * n->inputs[2]->quant.scale[0] / n->outputs[0]->quant.scale[0]));
	return 0;
}

/* The newest value of each filter goes to the end of its memory. */
static float feature_float(const struct op_node *n, size_t b, size_t filter, struct hybrid_scale in)
{
	const struct svdf *s = n->state;
	const struct tensor *w = n->inputs[1];
	const float *x = (const float *)n->inputs[0]->data + b * s->size;
	float sum = 0;
	int32_t whole = 0;

	if (w->type == TENSOR_FLOAT32) {
		for (size_t i = 0; i < s->size; i++)
			sum += x[i] * ((const float *)w->data)[filter * s->size + i];
		return sum;
	}
	for (size_t i = 0; i < s->size; i++)
		whole += (((const int8_t *)n->scratch)[i] - in.zero_point) *
			 ((const int8_t *)w->data)[filter * s->size + i];
	return (float)whole * in.scale * w->quant.scale[0];
}

static float time_float(const struct op_node *n, const float *state, size_t filter)
{
	const struct svdf *s = n->state;
	const struct tensor *w = n->inputs[2];
	float sum = 0;

	for (size_t i = 0; i < s->memory; i++)
		sum += state[i] *
		       (w->type == TENSOR_FLOAT32
				? ((const float *)w->data)[filter * s->memory + i]
				: (float)((const int8_t *)w->data)[filter * s->memory + i] *
					  w->quant.scale[0]);
	return sum;
}

static void run_float(const struct op_node *n)
{
	const struct svdf *s = n->state;
	const float *bias = n->inputs[3] != NULL ? n->inputs[3]->data : NULL;
	float low, high, *out = n->outputs[0]->data;

	op_activation_float(n->node->options.recurrent.activation, &low, &high);
	for (size_t b = 0; b < s->batch; b++) {
		struct hybrid_scale in = { 0 };
		if (n->inputs[1]->type == TENSOR_INT8)
			in = hybrid_quantize((const float *)n->inputs[0]->data + b * s->size,
					     s->size, n->node->options.recurrent.asymmetric_inputs,
					     n->scratch);
		for (size_t u = 0; u < s->units; u++) {
			float sum = bias != NULL ? bias[u] : 0;
			for (size_t r = 0; r < s->rank; r++) {
				size_t filter = u * s->rank + r;
				float *state = (float *)n->inputs[4]->data +
					       (b * s->filters + filter) * s->memory;
				memmove(state, state + 1, (s->memory - 1) * sizeof(*state));
				state[s->memory - 1] = feature_float(n, b, filter, in);
				sum += time_float(n, state, filter);
			}
			sum = sum < low ? low : sum;
			out[b * s->units + u] = sum > high ? high : sum;
		}
	}
}

static int32_t unit_whole(const struct op_node *n, size_t b, size_t unit)
{
	const struct svdf *s = n->state;
	const int8_t *x = (const int8_t *)n->inputs[0]->data + b * s->size;
	const int8_t *features = n->inputs[1]->data;
	const int16_t *time = n->inputs[2]->data;
	int64_t sum = n->inputs[3] != NULL ? ((const int32_t *)n->inputs[3]->data)[unit] : 0;

	for (size_t r = 0; r < s->rank; r++) {
		size_t filter = unit * s->rank + r;
		int16_t *state =
			(int16_t *)n->inputs[4]->data + (b * s->filters + filter) * s->memory;
		int32_t newest = 0;
		memmove(state, state + 1, (s->memory - 1) * sizeof(*state));
		for (size_t i = 0; i < s->size; i++)
			newest += (x[i] - n->inputs[0]->quant.zero_point[0]) *
				  features[filter * s->size + i];
		state[s->memory - 1] =
			(int16_t)clamp(requantize(newest, s->first), INT16_MIN, INT16_MAX);
		for (size_t i = 0; i < s->memory; i++)
			sum += state[i] * time[filter * s->memory + i];
	}
	return (int32_t)sum;
}

static void svdf_run(const struct op_node *n)
{
	const struct svdf *s = n->state;

	if (n->inputs[0]->type == TENSOR_FLOAT32) {
		run_float(n);
		return;
	}
	for (size_t b = 0; b < s->batch; b++)
		for (size_t u = 0; u < s->units; u++) {
			int32_t q = requantize(unit_whole(n, b, u), s->second);
			((int8_t *)n->outputs[0]->data)[b * s->units + u] = (int8_t)add_zero_point(
				q, n->outputs[0]->quant.zero_point[0], INT8_MIN, INT8_MAX);
		}
}

static uint64_t svdf_macs(const struct op_node *n)
{
	return (uint64_t)n->inputs[0]->shape.dim[0] *
	       (tensor_elements(n->inputs[1]) + tensor_elements(n->inputs[2]));
}

const struct op op_svdf = {
	.name = "SVDF",
	.check = svdf_check,
	.plan = svdf_plan,
	.run = svdf_run,
	.macs = svdf_macs,
	.keeps_state = true,
};
