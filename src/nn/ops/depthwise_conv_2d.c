/* depthwise_conv_2d.c - DEPTHWISE_CONV_2D: each channel by itself. */
#include <errno.h>
#include <string.h>

#include "nn/kernels/kernels.h"
#include "nn/ops/conv.h"

static int depthwise_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_rank(n->inputs[0], 4, 4, "input", f);
	if (rc == 0)
		rc = op_expect_rank(n->inputs[1], 4, 4, "filter", f);
	if (rc < 0)
		return rc;
	const int32_t *filter = n->inputs[1]->shape.dim, *in = n->inputs[0]->shape.dim;
	struct conv_shape shape;
	if (filter[0] != 1 || filter[3] % in[3] != 0)
		return fault_set(f, -EBADMSG, "filter of %dx…x%d (1x…x a multiple of %d)",
				 filter[0], filter[3], in[3]);
	rc = conv_check_types(n, filter[3], f);
	if (rc == 0)
		rc = conv_check_sum(n, (int64_t)filter[1] * filter[2], f);
	return rc < 0 ? rc : conv_shape_of(n, filter[1], filter[2], filter[3], &shape, f);
}

static int depthwise_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	const int32_t *filter = n->inputs[1]->shape.dim;
	struct conv_state *s = arena_alloc(memory, 1, sizeof(*s));

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	n->state = s;
	conv_shape_of(n, filter[1], filter[2], filter[3], &s->shape, NULL);
	s->shape.multiplier = filter[3] / s->shape.in_c;
	n->scratch_bytes = (size_t)s->shape.out_c * sizeof(int64_t); /* sums of one output pixel */
	if (conv_kind_of(n) == CONV_HYBRID) /* and behind them the quantized input */
		n->scratch_bytes +=
			(size_t)s->shape.in_h * (size_t)s->shape.in_w * (size_t)s->shape.in_c;
	int rc = conv_plan_output(n, filter[3], memory, &s->output, f);
	return rc < 0 ? rc : conv_plan_filter(n, memory, &s->filter, f);
}

/* The input of a tap, or -1 where it lies outside. */
static int64_t tap_offset(const struct conv_shape *s, int32_t y, int32_t x, int32_t ky, int32_t kx)
{
	int32_t iy = y * s->stride_h - s->pad_h + ky * s->dilation_h;
	int32_t ix = x * s->stride_w - s->pad_w + kx * s->dilation_w;

	if (iy < 0 || iy >= s->in_h || ix < 0 || ix >= s->in_w)
		return -1;
	return ((int64_t)iy * s->in_w + ix) * s->in_c;
}

/* Adds one tap's products to the sums of all channels. */
typedef void tap_fn(const struct op_node *n, const void *in, const void *filter, void *sums);

static void tap_float(const struct op_node *n, const void *in, const void *filter, void *sums)
{
	const struct conv_shape *s = &((const struct conv_state *)n->state)->shape;
	const float *a = in, *w = filter;
	float *sum = sums;

	for (int32_t c = 0; c < s->in_c; c++)
		for (int32_t m = 0; m < s->multiplier; m++)
			*sum++ += a[c] * *w++;
}

static void tap_s8(const struct op_node *n, const void *in, const void *filter, void *sums)
{
	const struct conv_state *s = n->state;
	const int8_t *a = in, *w = filter;
	int32_t *sum = sums;

	if (s->shape.multiplier == 1) {
		kernels_get()->mla_s8(sum, a, s->output.in_zero, w, (size_t)s->shape.in_c);
		return;
	}
	for (int32_t c = 0; c < s->shape.in_c; c++)
		for (int32_t m = 0; m < s->shape.multiplier; m++)
			*sum++ += (a[c] - s->output.in_zero) * *w++;
}

static void tap_u8(const struct op_node *n, const void *in, const void *filter, void *sums)
{
	const struct conv_state *s = n->state;
	const uint8_t *a = in, *w = filter;
	int32_t *sum = sums;

	for (int32_t c = 0; c < s->shape.in_c; c++)
		for (int32_t m = 0; m < s->shape.multiplier; m++)
			*sum++ += (a[c] - s->output.in_zero) * (*w++ - s->output.filter_zero);
}

static void tap_s16(const struct op_node *n, const void *in, const void *filter, void *sums)
{
	const struct conv_state *s = n->state;
	const int16_t *a = in;
	const int8_t *w = filter;
	int64_t *sum = sums;

	for (int32_t c = 0; c < s->shape.in_c; c++)
		for (int32_t m = 0; m < s->shape.multiplier; m++)
			*sum++ += a[c] * *w++;
}

/* Channel by channel: a filter's zero point may be its own. */
static void tap_onnx(const struct op_node *n, const void *in, const void *filter, void *sums)
{
	const struct conv_state *s = n->state;
	bool a_signed = n->inputs[0]->type == TENSOR_INT8,
	     w_signed = n->inputs[1]->type == TENSOR_INT8;
	int32_t *sum = sums;

	for (int32_t c = 0, k = 0; c < s->shape.in_c; c++) {
		int32_t a = a_signed ? ((const int8_t *)in)[c] : ((const uint8_t *)in)[c];
		for (int32_t m = 0; m < s->shape.multiplier; m++, k++) {
			int32_t w = w_signed ? ((const int8_t *)filter)[k]
					     : ((const uint8_t *)filter)[k];
			*sum++ += (a - s->output.in_zero) * (w - s->output.filter_zeros[k]);
		}
	}
}

/* The sums of one output pixel, from the taps that lie inside. */
static void sum_pixel(const struct op_node *n, const char *in, size_t in_bytes, const char *filter,
		      size_t filter_bytes, tap_fn *tap, int32_t y, int32_t x)
{
	const struct conv_shape *s = &((const struct conv_state *)n->state)->shape;

	memset(n->scratch, 0, (size_t)s->out_c * sizeof(int64_t));
	for (int32_t ky = 0; ky < s->filter_h; ky++)
		for (int32_t kx = 0; kx < s->filter_w; kx++) {
			int64_t offset = tap_offset(s, y, x, ky, kx);
			size_t w = (size_t)(ky * s->filter_w + kx) * (size_t)s->out_c;
			if (offset >= 0)
				tap(n, in + (size_t)offset * in_bytes, filter + w * filter_bytes,
				    n->scratch);
		}
}

static float float_result(const struct op_node *n, int32_t c, float sum)
{
	const struct conv_output *o = &((const struct conv_state *)n->state)->output;
	const float *bias = n->input_count > 2 && n->inputs[2] != NULL ? n->inputs[2]->data : NULL;
	float v = sum + (bias != NULL ? bias[c] : 0);

	v = v < o->float_low ? o->float_low : v;
	return v > o->float_high ? o->float_high : v;
}

static void store_float(const struct op_node *n, size_t at)
{
	int32_t channels = ((const struct conv_state *)n->state)->shape.out_c;
	float *out = (float *)n->outputs[0]->data + at;

	for (int32_t c = 0; c < channels; c++)
		out[c] = float_result(n, c, ((const float *)n->scratch)[c]);
}

/* Rules 1 and 2 of requantize.h. */
static void store_integer(const struct op_node *n, size_t at)
{
	const struct conv_state *s = n->state;
	const struct tensor *bias = n->input_count > 2 ? n->inputs[2] : NULL;
	bool wide = n->inputs[0]->type == TENSOR_INT16;

	for (int32_t c = 0; c < s->shape.out_c; c++) {
		int64_t acc =
			wide ? ((const int64_t *)n->scratch)[c] : ((const int32_t *)n->scratch)[c];
		if (bias != NULL)
			acc = add_bias(acc, tensor_int(bias, (size_t)c));
		int32_t q = wide && conv_kind_of(n) == CONV_INT16_WIDE
				    ? requantize_wide(acc, s->output.multipliers[c])
				    : requantize((int32_t)acc, s->output.multipliers[c]);
		q = add_zero_point(q, s->output.out_zero, s->output.low, s->output.high);
		if (wide)
			((int16_t *)n->outputs[0]->data)[at + (size_t)c] = (int16_t)q;
		else
			((uint8_t *)n->outputs[0]->data)[at + (size_t)c] = (uint8_t)q;
	}
}

/* Rule 5 of requantize.h. */
static void store_onnx(const struct op_node *n, size_t at)
{
	const struct conv_state *s = n->state;
	const struct tensor *bias = n->input_count > 2 ? n->inputs[2] : NULL;

	for (int32_t c = 0; c < s->shape.out_c; c++) {
		int64_t sum = ((const int32_t *)n->scratch)[c];
		if (bias != NULL)
			sum = add_bias(sum, tensor_int(bias, (size_t)c));
		((uint8_t *)n->outputs[0]->data)[at + (size_t)c] =
			(uint8_t)conv_finish_onnx(&s->output, (int32_t)sum, c);
	}
}

static void run_pixels(const struct op_node *n, tap_fn *tap, size_t filter_bytes,
		       void (*store)(const struct op_node *n, size_t at))
{
	const struct conv_state *state = n->state;
	const struct conv_shape *s = &state->shape;
	size_t in_bytes = tensor_type_bytes(n->inputs[0]->type), at = 0;
	size_t batch = (size_t)s->in_h * (size_t)s->in_w * (size_t)s->in_c * in_bytes;
	const char *filter =
		state->filter != NULL ? (const char *)state->filter : n->inputs[1]->data;

	for (int32_t b = 0; b < s->batch; b++)
		for (int32_t y = 0; y < s->out_h; y++)
			for (int32_t x = 0; x < s->out_w; x++, at += (size_t)s->out_c) {
				sum_pixel(n, (const char *)n->inputs[0]->data + (size_t)b * batch,
					  in_bytes, filter, filter_bytes, tap, y, x);
				store(n, at);
			}
}

/* ---- hybrid ---- */

static void store_hybrid(const struct op_node *n, struct hybrid_scale in, float *out)
{
	const struct conv_state *s = n->state;
	const struct quant *w = &n->inputs[1]->quant;

	for (int32_t c = 0; c < s->shape.out_c; c++)
		out[c] = float_result(n, c,
				      (float)((const int32_t *)n->scratch)[c] * in.scale *
					      w->scale[w->count > 1 ? c : 0]);
}

static void run_hybrid(const struct op_node *n)
{
	struct conv_state *state = n->state;
	const struct conv_shape *s = &state->shape;
	size_t batch = (size_t)s->in_h * (size_t)s->in_w * (size_t)s->in_c;
	int8_t *quantized = (int8_t *)n->scratch + (size_t)s->out_c * sizeof(int64_t);
	const char *filter =
		state->filter != NULL ? (const char *)state->filter : n->inputs[1]->data;
	float *out = n->outputs[0]->data;

	for (int32_t b = 0; b < s->batch; b++) {
		struct hybrid_scale in =
			hybrid_quantize((const float *)n->inputs[0]->data + (size_t)b * batch,
					batch, true, quantized);
		state->output.in_zero = in.zero_point;
		for (int32_t y = 0; y < s->out_h; y++)
			for (int32_t x = 0; x < s->out_w; x++, out += s->out_c) {
				sum_pixel(n, (const char *)quantized, 1, filter, 1, tap_s8, y, x);
				store_hybrid(n, in, out);
			}
	}
}

static void depthwise_run(const struct op_node *n)
{
	switch (conv_kind_of(n)) {
	case CONV_FLOAT: run_pixels(n, tap_float, sizeof(float), store_float); break;
	case CONV_HYBRID: run_hybrid(n); break;
	case CONV_INT8: run_pixels(n, tap_s8, 1, store_integer); break;
	case CONV_UINT8: run_pixels(n, tap_u8, 1, store_integer); break;
	case CONV_ONNX: run_pixels(n, tap_onnx, 1, store_onnx); break;
	default: run_pixels(n, tap_s16, 1, store_integer); break;
	}
}

static uint64_t depthwise_macs(const struct op_node *n)
{
	const int32_t *filter = n->inputs[1]->shape.dim;

	return (uint64_t)tensor_elements(n->outputs[0]) * (uint64_t)filter[1] * (uint64_t)filter[2];
}

const struct op op_depthwise_conv_2d = {
	.name = "DEPTHWISE_CONV_2D",
	.check = depthwise_check,
	.plan = depthwise_plan,
	.run = depthwise_run,
	.macs = depthwise_macs,
};
