/* fully_connected.c - FULLY_CONNECTED: every output sees every input. */
#include <errno.h>

#include "nn/gemm.h"
#include "nn/kernels/kernels.h"
#include "nn/ops/conv.h"

struct dense {
	size_t batch, in, out;
	int32_t in_zero, filter_zero, out_zero, low, high;
	float float_low, float_high;
	const double *scales; /* a channel: rule 3 of requantize.h */
	const int8_t *filter; /* int4 unpacked, or NULL */
	struct conv_output onnx;
};

/* [batch of `in` values]: the last dimension is kept apart, or all is flattened to fit the
 * filter. */
static int dense_shape(const struct op_node *n, struct shape *out, struct fault *f)
{
	const struct shape *in = &n->inputs[0]->shape;
	int32_t inputs = n->inputs[1]->shape.dim[1], outputs = n->inputs[1]->shape.dim[0];
	size_t elements = shape_elements(in);

	if (inputs < 1 || elements % (size_t)inputs != 0)
		return fault_set(f, -EBADMSG, "filter takes %d values, the input has %zu", inputs,
				 elements);
	if (n->node->options.dense.keep_dims) {
		if (in->rank < 1 || in->dim[in->rank - 1] != inputs)
			return fault_set(f, -EBADMSG,
					 "filter takes %d values, the input's last dimension is "
					 "another",
					 inputs);
		*out = *in;
		out->dim[in->rank - 1] = outputs;
	} else {
		*out = (struct shape){ 2, { (int32_t)(elements / (size_t)inputs), outputs } };
	}
	return 0;
}

static int dense_check(const struct op_node *n, struct fault *f)
{
	struct shape shape;
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_rank(n->inputs[1], 2, 2, "filter", f);
	if (rc < 0)
		return rc;
	if (n->node->options.dense.weights_format != 0)
		return fault_set(f, -EOPNOTSUPP, "shuffled weights (plain ones)");
	if (n->node->options.dense.activation < 0 ||
	    n->node->options.dense.activation > ACTIVATION_RELU6)
		return fault_set(f, -EOPNOTSUPP, "activation %d (none, relu, relu_n1_to_1, relu6)",
				 n->node->options.dense.activation);
	rc = conv_check_types(n, n->inputs[1]->shape.dim[0], f);
	if (rc == 0)
		rc = conv_check_sum(n, n->inputs[1]->shape.dim[1], f);
	if (rc == 0)
		rc = dense_shape(n, &shape, f);
	return rc < 0 ? rc : op_set_shape(n, 0, &shape, f);
}

static int plan_quantized(const struct op_node *n, struct dense *d, struct arena *memory,
			  struct fault *f)
{
	const struct quant *in = &n->inputs[0]->quant, *w = &n->inputs[1]->quant,
			   *o = &n->outputs[0]->quant;
	double *scales = arena_alloc(memory, d->out, sizeof(*scales));

	if (scales == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	for (size_t c = 0; c < d->out; c++) {
		float scale = w->scale[w->count > 1 ? c : 0];
		scales[c] = (double)in->scale[0] * (double)scale / (double)o->scale[0];
	}
	d->scales = scales;
	d->in_zero = in->zero_point[0];
	d->filter_zero = w->count == 1 ? w->zero_point[0] : 0;
	d->out_zero = o->zero_point[0];
	op_activation_quantized(n->node->options.dense.activation, n->outputs[0], &d->low,
				&d->high);
	return 0;
}

static int dense_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct dense *d = arena_alloc(memory, 1, sizeof(*d));
	int rc = d == NULL ? fault_set(f, -ENOMEM, "no memory") : 0;

	if (rc < 0)
		return rc;
	n->state = d;
	d->in = (size_t)n->inputs[1]->shape.dim[1];
	d->out = (size_t)n->inputs[1]->shape.dim[0];
	d->batch = tensor_elements(n->inputs[0]) / d->in;
	op_activation_float(n->node->options.dense.activation, &d->float_low, &d->float_high);
	if (conv_kind_of(n) == CONV_HYBRID)
		n->scratch_bytes = d->in;
	else if (conv_kind_of(n) == CONV_ONNX)
		rc = conv_plan_output(n, (int32_t)d->out, memory, &d->onnx, f);
	else if (conv_kind_of(n) != CONV_FLOAT)
		rc = plan_quantized(n, d, memory, f);
	return rc < 0 ? rc : conv_plan_filter(n, memory, &d->filter, f);
}

static const float *float_bias(const struct op_node *n)
{
	return n->input_count > 2 && n->inputs[2] != NULL ? n->inputs[2]->data : NULL;
}

static float finish_float(const struct dense *d, float v)
{
	v = v < d->float_low ? d->float_low : v;
	return v > d->float_high ? d->float_high : v;
}

static void run_float(const struct op_node *n)
{
	const struct dense *d = n->state;
	const float *bias = float_bias(n);
	float *out = n->outputs[0]->data;

	gemm_f32(d->batch, d->out, d->in, n->inputs[0]->data, n->inputs[1]->data, out);
	for (size_t i = 0; i < d->batch * d->out; i++)
		out[i] = finish_float(d, out[i] + (bias != NULL ? bias[i % d->out] : 0));
}

static const int8_t *filter_of(const struct op_node *n)
{
	const struct dense *d = n->state;

	return d->filter != NULL ? d->filter : n->inputs[1]->data;
}

static void run_hybrid(const struct op_node *n)
{
	const struct dense *d = n->state;
	const struct quant *w = &n->inputs[1]->quant;
	const float *bias = float_bias(n);
	const struct kernels *k = kernels_get();
	float *out = n->outputs[0]->data;

	for (size_t b = 0; b < d->batch; b++) {
		struct hybrid_scale in =
			hybrid_quantize((const float *)n->inputs[0]->data + b * d->in, d->in,
					n->node->options.dense.asymmetric_inputs, n->scratch);
		for (size_t c = 0; c < d->out; c++) {
			const int8_t *row = filter_of(n) + c * d->in;
			int32_t acc = k->dot_s8(n->scratch, row, d->in);
			for (size_t i = 0; in.zero_point != 0 && i < d->in; i++)
				acc -= in.zero_point * row[i];
			float v = (float)acc * in.scale * w->scale[w->count > 1 ? c : 0];
			out[b * d->out + c] = finish_float(d, v + (bias != NULL ? bias[c] : 0));
		}
	}
}

/* Sum of (a - a_zero) * (w - w_zero) over one row, whatever the types are. */
static int64_t sum_row(const struct op_node *n, size_t batch, size_t channel)
{
	const struct dense *d = n->state;
	const struct tensor *in = n->inputs[0];
	size_t a = batch * d->in, w = channel * d->in;
	int64_t sum = 0;

	switch (in->type) {
	case TENSOR_UINT8:
		for (size_t i = 0; i < d->in; i++)
			sum += (((const uint8_t *)in->data)[a + i] - d->in_zero) *
			       (((const uint8_t *)n->inputs[1]->data)[w + i] - d->filter_zero);
		return sum;
	case TENSOR_INT16:
		for (size_t i = 0; i < d->in; i++)
			sum += ((const int16_t *)in->data)[a + i] * filter_of(n)[w + i];
		return sum;
	default:
		if (d->in_zero == 0 && d->filter_zero == 0)
			return kernels_get()->dot_s8((const int8_t *)in->data + a, filter_of(n) + w,
						     d->in);
		for (size_t i = 0; i < d->in; i++)
			sum += (((const int8_t *)in->data)[a + i] - d->in_zero) *
			       (filter_of(n)[w + i] - d->filter_zero);
		return sum;
	}
}

static void run_quantized(const struct op_node *n)
{
	const struct dense *d = n->state;
	const struct tensor *bias = n->input_count > 2 ? n->inputs[2] : NULL;
	struct tensor *out = n->outputs[0];

	for (size_t b = 0; b < d->batch; b++)
		for (size_t c = 0; c < d->out; c++) {
			int64_t acc = sum_row(n, b, c);
			if (bias != NULL)
				acc = add_bias(acc, tensor_int(bias, c));
			int32_t q = requantize_double(acc, d->scales[c]);
			q = add_zero_point(q, d->out_zero, d->low, d->high);
			if (out->type == TENSOR_INT16)
				((int16_t *)out->data)[b * d->out + c] = (int16_t)q;
			else
				((uint8_t *)out->data)[b * d->out + c] = (uint8_t)q;
		}
}

/* Rule 5 of requantize.h. */
static void run_onnx(const struct op_node *n)
{
	const struct dense *d = n->state;
	const struct tensor *bias = n->input_count > 2 ? n->inputs[2] : NULL;
	uint8_t *out = n->outputs[0]->data;

	for (size_t b = 0; b < d->batch; b++)
		for (size_t c = 0; c < d->out; c++) {
			int64_t sum =
				conv_dot_8(n->inputs[0], b * d->in, d->onnx.in_zero, n->inputs[1],
					   c * d->in, d->onnx.filter_zeros[c], d->in);
			if (bias != NULL)
				sum = add_bias(sum, tensor_int(bias, c));
			*out++ = (uint8_t)conv_finish_onnx(&d->onnx, (int32_t)sum, (int32_t)c);
		}
}

static void dense_run(const struct op_node *n)
{
	enum conv_kind kind = conv_kind_of(n);

	if (kind == CONV_FLOAT)
		run_float(n);
	else if (kind == CONV_HYBRID)
		run_hybrid(n);
	else if (kind == CONV_ONNX)
		run_onnx(n);
	else
		run_quantized(n);
}

static uint64_t dense_macs(const struct op_node *n)
{
	return (uint64_t)tensor_elements(n->inputs[0]) * (uint64_t)n->inputs[1]->shape.dim[0];
}

static bool dense_needs_gemm(const struct op_node *n)
{
	return conv_kind_of(n) == CONV_FLOAT;
}

const struct op op_fully_connected = {
	.name = "FULLY_CONNECTED",
	.check = dense_check,
	.plan = dense_plan,
	.run = dense_run,
	.macs = dense_macs,
	.needs_gemm = dense_needs_gemm,
};
