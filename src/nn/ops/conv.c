/* conv.c - what convolutions have in common: geometry, and the bounds and multipliers of the
 * output. */
#include "nn/ops/conv.h"

#include <errno.h>
#include <math.h>
#include <string.h>

int conv_shape_of(const struct op_node *n, int32_t filter_h, int32_t filter_w, int32_t out_c,
		  struct conv_shape *out, struct fault *f)
{
	const int32_t *in = n->inputs[0]->shape.dim;
	const union options *o = &n->node->options;
	struct extent h = { 0, o->conv.top, o->conv.bottom };
	struct extent w = { 0, o->conv.left, o->conv.right };

	if (!op_extent(o->conv.padding, false, in[1], filter_h, o->conv.stride_h,
		       o->conv.dilation_h, &h) ||
	    !op_extent(o->conv.padding, false, in[2], filter_w, o->conv.stride_w,
		       o->conv.dilation_w, &w))
		return fault_set(f, -EBADMSG,
				 "a filter of %dx%d does not fit an input of %dx%d (stride %dx%d, "
				 "dilation %dx%d)",
				 filter_h, filter_w, in[1], in[2], o->conv.stride_h,
				 o->conv.stride_w, o->conv.dilation_h, o->conv.dilation_w);
	if (o->conv.activation < 0 || o->conv.activation > ACTIVATION_RELU6)
		return fault_set(f, -EOPNOTSUPP, "activation %d (none, relu, relu_n1_to_1, relu6)",
				 o->conv.activation);
	*out = (struct conv_shape){
		.batch = in[0],
		.in_h = in[1],
		.in_w = in[2],
		.in_c = in[3],
		.out_h = h.out,
		.out_w = w.out,
		.out_c = out_c,
		.filter_h = filter_h,
		.filter_w = filter_w,
		.stride_h = o->conv.stride_h,
		.stride_w = o->conv.stride_w,
		.dilation_h = o->conv.dilation_h,
		.dilation_w = o->conv.dilation_w,
		.pad_h = h.before,
		.pad_w = w.before,
		.multiplier = 1,
	};
	return op_set_shape(n, 0, &(struct shape){ 4, { in[0], h.out, w.out, out_c } }, f);
}

enum conv_kind conv_kind_of(const struct op_node *n)
{
	const struct tensor *bias = n->input_count > 2 ? n->inputs[2] : NULL;

	if (n->node->rounding == ROUND_ONNX && (TYPE_BIT(n->inputs[0]->type) & TYPES_8_BIT))
		return CONV_ONNX;
	switch (n->inputs[0]->type) {
	case TENSOR_INT8: return CONV_INT8;
	case TENSOR_UINT8: return CONV_UINT8;
	case TENSOR_INT16:
		return bias != NULL && bias->type == TENSOR_INT32 ? CONV_INT16 : CONV_INT16_WIDE;
	default: return n->inputs[1]->type == TENSOR_FLOAT32 ? CONV_FLOAT : CONV_HYBRID;
	}
}

int conv_check_sum(const struct op_node *n, int64_t products, struct fault *f)
{
	enum tensor_type type = n->inputs[0]->type;

	if (type == TENSOR_INT16 || conv_kind_of(n) == CONV_FLOAT || products <= CONV_MOST_PRODUCTS)
		return 0;
	return fault_set(f, -EOPNOTSUPP, "each output sums %lld products (at most %d)",
			 (long long)products, CONV_MOST_PRODUCTS);
}

static int check_filter_scales(const struct op_node *n, int32_t out_c, struct fault *f)
{
	const struct quant *q = &n->inputs[1]->quant;

	if (q->count != 1 && q->count != (size_t)out_c)
		return fault_set(f, -EBADMSG, "filter has %zu scales (1 or %d)", q->count, out_c);
	for (size_t i = 0; i < q->count; i++)
		if (!isfinite(q->scale[i]) || q->scale[i] < 0)
			return fault_set(f, -EBADMSG, "filter's scale %zu is %g", i,
					 (double)q->scale[i]);
	return 0;
}

static int check_bias(const struct op_node *n, unsigned types, int32_t out_c, struct fault *f)
{
	const struct tensor *bias = n->input_count > 2 ? n->inputs[2] : NULL;

	if (bias == NULL)
		return 0;
	if (tensor_elements(bias) != (size_t)out_c)
		return fault_set(f, -EBADMSG, "bias has %zu values (%d)", tensor_elements(bias),
				 out_c);
	return op_expect_type(bias, types, "bias", f);
}

int conv_check_types(const struct op_node *n, int32_t out_c, struct fault *f)
{
	static const struct kind {
		unsigned filter, bias;
		enum tensor_type output;
	} kinds[] = {
		[CONV_FLOAT] = { TYPE_BIT(TENSOR_FLOAT32), TYPE_BIT(TENSOR_FLOAT32),
				 TENSOR_FLOAT32 },
		[CONV_HYBRID] = { TYPE_BIT(TENSOR_INT8) | TYPE_BIT(TENSOR_INT4),
				  TYPE_BIT(TENSOR_FLOAT32), TENSOR_FLOAT32 },
		[CONV_INT8] = { TYPE_BIT(TENSOR_INT8) | TYPE_BIT(TENSOR_INT4),
				TYPE_BIT(TENSOR_INT32), TENSOR_INT8 },
		[CONV_UINT8] = { TYPE_BIT(TENSOR_UINT8), TYPE_BIT(TENSOR_INT32), TENSOR_UINT8 },
		[CONV_INT16] = { TYPE_BIT(TENSOR_INT8), TYPE_BIT(TENSOR_INT32), TENSOR_INT16 },
		[CONV_INT16_WIDE] = { TYPE_BIT(TENSOR_INT8), TYPE_BIT(TENSOR_INT64), TENSOR_INT16 },
		[CONV_ONNX] = { TYPES_8_BIT, TYPE_BIT(TENSOR_INT32), TENSOR_OPEN },
	};
	enum conv_kind kind = conv_kind_of(n);
	int rc = op_expect_type(n->inputs[0], TYPE_BIT(TENSOR_FLOAT32) | TYPES_QUANTIZED, "input",
				f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[1], kinds[kind].filter, "filter", f);
	if (rc == 0 && kind == CONV_ONNX)
		rc = op_expect_type(n->outputs[0], TYPES_8_BIT, "output", f);
	else if (rc == 0)
		rc = op_output_type(n, 0, kinds[kind].output, f);
	if (rc == 0)
		rc = check_bias(n, kinds[kind].bias, out_c, f);
	if (rc == 0 && kind != CONV_FLOAT)
		rc = check_filter_scales(n, out_c, f);
	if (rc == 0 && kind > CONV_HYBRID)
		rc = op_expect_scale(n->inputs[0], "input", f);
	if (rc == 0 && kind > CONV_HYBRID)
		rc = op_expect_scale(n->outputs[0], "output", f);
	if (rc == 0 && n->inputs[1]->type == TENSOR_INT4 && !n->inputs[1]->constant)
		return fault_set(f, -EOPNOTSUPP, "filter of int4 is computed (a constant)");
	return rc;
}

static int plan_onnx(const struct op_node *n, int32_t out_c, struct arena *memory,
		     struct conv_output *out, struct fault *f)
{
	const struct quant *in = &n->inputs[0]->quant, *w = &n->inputs[1]->quant,
			   *o = &n->outputs[0]->quant;
	float *scales = arena_alloc(memory, (size_t)out_c, sizeof(*scales));
	int32_t *zeros = arena_alloc(memory, (size_t)out_c, sizeof(*zeros));

	if (scales == NULL || zeros == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	for (int32_t c = 0; c < out_c; c++) {
		int32_t k = w->count > 1 ? c : 0;
		scales[c] = in->scale[0] * w->scale[k] / o->scale[0];
		zeros[c] = w->zero_point[k];
	}
	out->scales = scales;
	out->filter_zeros = zeros;
	op_activation_quantized(n->node->options.conv.activation, n->outputs[0], &out->low,
				&out->high);
	out->in_zero = in->zero_point[0];
	out->out_zero = o->zero_point[0];
	return 0;
}

int conv_plan_output(const struct op_node *n, int32_t out_c, struct arena *memory,
		     struct conv_output *out, struct fault *f)
{
	const struct quant *in = &n->inputs[0]->quant, *w = &n->inputs[1]->quant,
			   *o = &n->outputs[0]->quant;
	enum conv_kind kind = conv_kind_of(n);
	struct multiplier *m = arena_alloc(memory, (size_t)out_c, sizeof(*m));

	if (m == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	op_activation_float(n->node->options.conv.activation, &out->float_low, &out->float_high);
	out->multipliers = m;
	if (kind <= CONV_HYBRID)
		return 0;
	if (kind == CONV_ONNX)
		return plan_onnx(n, out_c, memory, out, f);
	for (int32_t c = 0; c < out_c; c++) {
		float scale = w->scale[w->count > 1 ? c : 0];
		double product = kind == CONV_UINT8 ? (double)(in->scale[0] * scale)
						    : (double)in->scale[0] * (double)scale;
		m[c] = multiplier_of(product / (double)o->scale[0]);
		if (kind == CONV_INT16_WIDE && m[c].shift > WIDE_MOST_SHIFT)
			return fault_set(f, -EBADMSG,
					 "channel %d: its scales make a factor of %g (below %d)", c,
					 product / (double)o->scale[0], 1 << WIDE_MOST_SHIFT);
	}
	op_activation_quantized(n->node->options.conv.activation, n->outputs[0], &out->low,
				&out->high);
	out->in_zero = in->zero_point[0];
	out->filter_zero = kind == CONV_UINT8 ? w->zero_point[0] : 0;
	out->out_zero = o->zero_point[0];
	return 0;
}

int conv_plan_filter(const struct op_node *n, struct arena *memory, const int8_t **out,
		     struct fault *f)
{
	const struct tensor *t = n->inputs[1];
	size_t count = tensor_elements(t);
	const uint8_t *packed = t->data;

	*out = NULL;
	if (t->type != TENSOR_INT4)
		return 0;
	int8_t *unpacked = arena_alloc(memory, count, 1);
	if (unpacked == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	for (size_t i = 0; i < count; i++)
		unpacked[i] = (int8_t)((int8_t)(packed[i / 2] << (i % 2 == 0 ? 4 : 0)) >> 4);
	*out = unpacked;
	return 0;
}

#define DOT(a_type, w_type)                                                                        \
	for (size_t i = 0; i < count; i++)                                                         \
	sum += (((const a_type *)a->data)[a_at + i] - a_zero) *                                    \
	       (((const w_type *)w->data)[w_at + i] - w_zero)

int32_t conv_dot_8(const struct tensor *a, size_t a_at, int32_t a_zero, const struct tensor *w,
		   size_t w_at, int32_t w_zero, size_t count)
{
	bool a_signed = a->type == TENSOR_INT8, w_signed = w->type == TENSOR_INT8;
	int32_t sum = 0;

	if (a_signed && w_signed)
		DOT(int8_t, int8_t);
	else if (a_signed)
		DOT(int8_t, uint8_t);
	else if (w_signed)
		DOT(uint8_t, int8_t);
	else
		DOT(uint8_t, uint8_t);
	return sum;
}

int32_t conv_finish_onnx(const struct conv_output *o, int32_t sum, int32_t c)
{
	return add_zero_point(requantize_even(sum, o->scales[c]), o->out_zero, o->low, o->high);
}

static float largest_magnitude(const float *values, size_t count)
{
	float largest = 0;

	for (size_t i = 0; i < count; i++)
		largest = fabsf(values[i]) > largest ? fabsf(values[i]) : largest;
	return largest;
}

static struct hybrid_scale symmetric(const float *values, size_t count, int8_t *out)
{
	float largest = largest_magnitude(values, count);

	if (largest == 0) {
		memset(out, 0, count);
		return (struct hybrid_scale){ 1, 0 };
	}
	float inverse = 127 / largest;
	for (size_t i = 0; i < count; i++)
		out[i] = (int8_t)clamp(round_float(values[i] * inverse), -127, 127);
	return (struct hybrid_scale){ largest / 127, 0 };
}

/* The zero point comes from that end of the range where it is rounded less. */
static struct hybrid_scale asymmetric_scale(const float *values, size_t count)
{
	double low = 0, high = 0;

	for (size_t i = 0; i < count; i++) {
		low = (double)values[i] < low ? (double)values[i] : low;
		high = (double)values[i] > high ? (double)values[i] : high;
	}
	if (low == high)
		return (struct hybrid_scale){ 1, 0 };
	double scale = (high - low) / 255;
	double from_low = -128 - low / scale, from_high = 127 - high / scale;
	double error_low = 128 + fabs(low / scale), error_high = 127 + fabs(high / scale);
	double zero = error_low < error_high ? from_low : from_high;
	return (struct hybrid_scale){ (float)scale, zero <= -128  ? -128
						    : zero >= 127 ? 127
								  : (int32_t)round(zero) };
}

struct hybrid_scale hybrid_quantize(const float *values, size_t count, bool asymmetric, int8_t *out)
{
	if (!asymmetric)
		return symmetric(values, count, out);
	struct hybrid_scale s = asymmetric_scale(values, count);
	float inverse = 1 / s.scale;
	for (size_t i = 0; i < count; i++)
		out[i] = (int8_t)clamp(round_float((float)s.zero_point + values[i] * inverse), -128,
				       127);
	return s;
}
