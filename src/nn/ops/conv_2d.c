/* conv_2d.c - CONV_2D: float by matrix multiplication, quantized and hybrid exactly. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "nn/gemm.h"
#include "nn/kernels/kernels.h"
#include "nn/ops/conv.h"

static int conv_2d_check(const struct op_node *n, struct fault *f)
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
	if (filter[3] < 1 || in[3] % filter[3] != 0 || filter[0] % (in[3] / filter[3]) != 0)
		return fault_set(f, -EBADMSG, "filter takes %d channels, the input has %d",
				 filter[3], in[3]);
	rc = conv_check_types(n, filter[0], f);
	if (rc == 0)
		rc = conv_check_sum(n, (int64_t)filter[1] * filter[2] * filter[3], f);
	return rc < 0 ? rc : conv_shape_of(n, filter[1], filter[2], filter[0], &shape, f);
}

/* The input is the matrix of patches as it lies. */
static bool is_pointwise(const struct op_node *n, const struct conv_shape *s)
{
	return s->filter_h == 1 && s->filter_w == 1 && s->stride_h == 1 && s->stride_w == 1 &&
	       s->out_h == s->in_h && s->out_w == s->in_w && n->inputs[1]->shape.dim[3] == s->in_c;
}

static size_t filter_size(const struct op_node *n)
{
	const int32_t *f = n->inputs[1]->shape.dim;

	return (size_t)f[1] * (size_t)f[2] * (size_t)f[3];
}

static int conv_2d_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	const int32_t *filter = n->inputs[1]->shape.dim;
	struct conv_state *s = arena_alloc(memory, 1, sizeof(*s));
	enum conv_kind kind = conv_kind_of(n);

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	n->state = s;
	conv_shape_of(n, filter[1], filter[2], filter[0], &s->shape, NULL);
	int rc = conv_plan_output(n, filter[0], memory, &s->output, f);
	if (rc == 0)
		rc = conv_plan_filter(n, memory, &s->filter, f);
	if (kind == CONV_FLOAT && !is_pointwise(n, &s->shape)) /* the patches of one output row */
		n->scratch_bytes = (size_t)s->shape.out_w * filter_size(n) * sizeof(float);
	else if (kind == CONV_HYBRID)
		n->scratch_bytes =
			(size_t)s->shape.in_h * (size_t)s->shape.in_w * (size_t)s->shape.in_c;
	return rc;
}

/* ---- float ---- */

/* Row by row of the filter: what lies outside of the picture is zero. */
static void gather_patch(const struct conv_shape *s, const float *in, int32_t y, int32_t x,
			 int32_t channel, int32_t channels, float *out)
{
	size_t bytes = (size_t)channels * sizeof(float);

	for (int32_t ky = 0; ky < s->filter_h; ky++)
		for (int32_t kx = 0; kx < s->filter_w; kx++, out += channels) {
			int32_t iy = y * s->stride_h - s->pad_h + ky * s->dilation_h;
			int32_t ix = x * s->stride_w - s->pad_w + kx * s->dilation_w;
			if (iy < 0 || iy >= s->in_h || ix < 0 || ix >= s->in_w)
				memset(out, 0, bytes);
			else
				memcpy(out,
				       in +
					       ((size_t)iy * (size_t)s->in_w + (size_t)ix) *
						       (size_t)s->in_c +
					       channel,
				       bytes);
		}
}

static void finish_float(const struct conv_state *s, const float *bias, float *out, size_t pixels)
{
	for (size_t p = 0; p < pixels; p++)
		for (int32_t c = 0; c < s->shape.out_c; c++) {
			float v = out[p * (size_t)s->shape.out_c + (size_t)c] +
				  (bias != NULL ? bias[c] : 0);
			v = v < s->output.float_low ? s->output.float_low : v;
			out[p * (size_t)s->shape.out_c + (size_t)c] =
				v > s->output.float_high ? s->output.float_high : v;
		}
}

/* A grouped convolution multiplies each group's patches by itself and places them. */
static void multiply_row(const struct op_node *n, const float *in, int32_t y, float *out)
{
	const struct conv_state *s = n->state;
	const struct conv_shape *d = &s->shape;
	const float *filter = n->inputs[1]->data;
	int32_t channels = n->inputs[1]->shape.dim[3], groups = d->in_c / channels;
	size_t k = filter_size(n), outputs = (size_t)(d->out_c / groups);

	for (int32_t g = 0; g < groups; g++) {
		for (int32_t x = 0; x < d->out_w; x++)
			gather_patch(d, in, y, x, g * channels, channels,
				     (float *)n->scratch + (size_t)x * k);
		const float *weights = filter + (size_t)g * outputs * k;
		if (groups == 1) {
			gemm_f32((size_t)d->out_w, outputs, k, n->scratch, weights, out);
			continue;
		}
		for (int32_t x = 0; x < d->out_w; x++)
			gemm_f32(1, outputs, k, (float *)n->scratch + (size_t)x * k, weights,
				 out + (size_t)x * (size_t)d->out_c + (size_t)g * outputs);
	}
}

static void run_float(const struct op_node *n)
{
	const struct conv_state *s = n->state;
	const struct conv_shape *d = &s->shape;
	const float *in = n->inputs[0]->data;
	float *out = n->outputs[0]->data;
	size_t pixels = (size_t)d->batch * (size_t)d->out_h * (size_t)d->out_w;
	size_t row = (size_t)d->out_w * (size_t)d->out_c;
	const float *bias = n->input_count > 2 && n->inputs[2] != NULL ? n->inputs[2]->data : NULL;

	if (is_pointwise(n, d))
		gemm_f32(pixels, (size_t)d->out_c, (size_t)d->in_c, in, n->inputs[1]->data, out);
	else
		for (int32_t b = 0; b < d->batch; b++)
			for (int32_t y = 0; y < d->out_h; y++)
				multiply_row(
					n,
					in + (size_t)b * (size_t)d->in_h * (size_t)d->in_w *
							(size_t)d->in_c,
					y, out + ((size_t)b * (size_t)d->out_h + (size_t)y) * row);
	finish_float(s, bias, out, pixels);
}

/* ---- integers ---- */

/* One output before its bias: the sum over the taps that lie inside of the picture. */
typedef int64_t sum_fn(const struct op_node *n, const void *in, int32_t y, int32_t x, int32_t c);

struct taps { /* the filter's part that is inside, in filter coordinates */
	int32_t y0, y1, x0, x1;
};

static int32_t first_inside(int32_t start, int32_t dilation)
{
	return start >= 0 ? 0 : (-start + dilation - 1) / dilation;
}

static int32_t end_inside(int32_t start, int32_t dilation, int32_t size, int32_t filter)
{
	int32_t end = size <= start ? 0 : (size - start + dilation - 1) / dilation;

	return end < filter ? end : filter;
}

static struct taps taps_of(const struct conv_shape *s, int32_t y, int32_t x)
{
	int32_t top = y * s->stride_h - s->pad_h, left = x * s->stride_w - s->pad_w;

	return (struct taps){ first_inside(top, s->dilation_h),
			      end_inside(top, s->dilation_h, s->in_h, s->filter_h),
			      first_inside(left, s->dilation_w),
			      end_inside(left, s->dilation_w, s->in_w, s->filter_w) };
}

static size_t input_offset(const struct conv_shape *s, int32_t y, int32_t x, int32_t ky, int32_t kx,
			   int32_t channel)
{
	int32_t iy = y * s->stride_h - s->pad_h + ky * s->dilation_h;
	int32_t ix = x * s->stride_w - s->pad_w + kx * s->dilation_w;

	return ((size_t)iy * (size_t)s->in_w + (size_t)ix) * (size_t)s->in_c + (size_t)channel;
}

/* Filter channel count, and the input channel at which output channel c begins (groups). */
static int32_t group_start(const struct op_node *n, int32_t c)
{
	const struct conv_shape *s = &((const struct conv_state *)n->state)->shape;
	int32_t channels = n->inputs[1]->shape.dim[3], groups = s->in_c / channels;

	return c / (s->out_c / groups) * channels;
}

static const int8_t *filter_s8(const struct op_node *n)
{
	const struct conv_state *s = n->state;

	return s->filter != NULL ? s->filter : n->inputs[1]->data;
}

/* Where rows of taps lie next to each other in input and filter, one dot product takes them all. */
static int32_t dot_row(const struct kernels *k, const int8_t *in, const int8_t *w, size_t count,
		       int32_t zero)
{
	int32_t sum = k->dot_s8(in, w, count);

	if (zero == 0)
		return sum;
	int32_t weights = 0;
	for (size_t i = 0; i < count; i++)
		weights += w[i];
	return sum - zero * weights;
}

static int64_t sum_with_zero(const struct op_node *n, const int8_t *in, int32_t y, int32_t x,
			     int32_t c, int32_t zero)
{
	const struct conv_shape *s = &((const struct conv_state *)n->state)->shape;
	const struct kernels *k = kernels_get();
	const int8_t *w = filter_s8(n) + (size_t)c * filter_size(n);
	int32_t channels = n->inputs[1]->shape.dim[3], start = group_start(n, c);
	struct taps t = taps_of(s, y, x);
	bool joined = s->dilation_w == 1 && channels == s->in_c && t.x1 > t.x0;
	size_t width = (size_t)channels * (size_t)(joined ? t.x1 - t.x0 : 1);
	int32_t sum = 0;

	for (int32_t ky = t.y0; ky < t.y1; ky++)
		for (int32_t kx = t.x0; kx < t.x1; kx = joined ? t.x1 : kx + 1)
			sum += dot_row(k, in + input_offset(s, y, x, ky, kx, start),
				       w + ((size_t)ky * (size_t)s->filter_w + (size_t)kx) *
						       (size_t)channels,
				       width, zero);
	return sum;
}

static int64_t sum_s8(const struct op_node *n, const void *in, int32_t y, int32_t x, int32_t c)
{
	return sum_with_zero(n, in, y, x, c, ((const struct conv_state *)n->state)->output.in_zero);
}

static int64_t sum_u8(const struct op_node *n, const void *in, int32_t y, int32_t x, int32_t c)
{
	const struct conv_state *s = n->state;
	int32_t channels = n->inputs[1]->shape.dim[3], start = group_start(n, c), sum = 0;
	const uint8_t *w = (const uint8_t *)n->inputs[1]->data + (size_t)c * filter_size(n);
	struct taps t = taps_of(&s->shape, y, x);

	for (int32_t ky = t.y0; ky < t.y1; ky++)
		for (int32_t kx = t.x0; kx < t.x1; kx++) {
			const uint8_t *a =
				(const uint8_t *)in + input_offset(&s->shape, y, x, ky, kx, start);
			const uint8_t *b =
				w + (size_t)(ky * s->shape.filter_w + kx) * (size_t)channels;
			for (int32_t i = 0; i < channels; i++)
				sum += (a[i] - s->output.in_zero) * (b[i] - s->output.filter_zero);
		}
	return sum;
}

static int64_t sum_s16(const struct op_node *n, const void *in, int32_t y, int32_t x, int32_t c)
{
	const struct conv_state *s = n->state;
	int32_t channels = n->inputs[1]->shape.dim[3], start = group_start(n, c);
	const int8_t *w = filter_s8(n) + (size_t)c * filter_size(n);
	struct taps t = taps_of(&s->shape, y, x);
	int64_t sum = 0;

	for (int32_t ky = t.y0; ky < t.y1; ky++)
		for (int32_t kx = t.x0; kx < t.x1; kx++) {
			const int16_t *a =
				(const int16_t *)in + input_offset(&s->shape, y, x, ky, kx, start);
			const int8_t *b =
				w + (size_t)(ky * s->shape.filter_w + kx) * (size_t)channels;
			for (int32_t i = 0; i < channels; i++)
				sum += a[i] * b[i];
		}
	return sum;
}

static void store(const struct op_node *n, size_t at, int32_t value)
{
	const struct conv_output *o = &((const struct conv_state *)n->state)->output;
	int32_t q = add_zero_point(value, o->out_zero, o->low, o->high);

	if (n->outputs[0]->type == TENSOR_INT16)
		((int16_t *)n->outputs[0]->data)[at] = (int16_t)q;
	else
		((uint8_t *)n->outputs[0]->data)[at] = (uint8_t)q; /* int8 has the same byte */
}

/* Rules 1 and 2 of requantize.h. */
static void run_integer(const struct op_node *n, sum_fn *sum, bool wide)
{
	const struct conv_state *state = n->state;
	const struct conv_shape *s = &state->shape;
	const struct tensor *bias = n->input_count > 2 ? n->inputs[2] : NULL;
	size_t batch = (size_t)s->in_h * (size_t)s->in_w * (size_t)s->in_c *
		       tensor_type_bytes(n->inputs[0]->type);
	size_t at = 0;

	for (int32_t b = 0; b < s->batch; b++)
		for (int32_t y = 0; y < s->out_h; y++)
			for (int32_t x = 0; x < s->out_w; x++)
				for (int32_t c = 0; c < s->out_c; c++) {
					int64_t acc = sum(n,
							  (const char *)n->inputs[0]->data +
								  (size_t)b * batch,
							  y, x, c);
					if (bias != NULL)
						acc = add_bias(acc, tensor_int(bias, (size_t)c));
					store(n, at++,
					      wide ? requantize_wide(acc,
								     state->output.multipliers[c])
						   : requantize((int32_t)acc,
								state->output.multipliers[c]));
				}
}

/* Each entry of the batch has a scale of its own; per-channel filters go with a zero point. */
static void run_hybrid(const struct op_node *n)
{
	const struct conv_state *state = n->state;
	const struct conv_shape *s = &state->shape;
	const struct quant *w = &n->inputs[1]->quant;
	const float *bias = n->input_count > 2 && n->inputs[2] != NULL ? n->inputs[2]->data : NULL;
	size_t batch = (size_t)s->in_h * (size_t)s->in_w * (size_t)s->in_c;
	float *out = n->outputs[0]->data;

	for (int32_t b = 0; b < s->batch; b++) {
		struct hybrid_scale in =
			hybrid_quantize((const float *)n->inputs[0]->data + (size_t)b * batch,
					batch, w->count > 1, n->scratch);
		for (int32_t y = 0; y < s->out_h; y++)
			for (int32_t x = 0; x < s->out_w; x++)
				for (int32_t c = 0; c < s->out_c; c++) {
					int64_t acc = sum_with_zero(n, n->scratch, y, x, c,
								    in.zero_point);
					float v = (float)acc * in.scale *
							  w->scale[w->count > 1 ? c : 0] +
						  (bias != NULL ? bias[c] : 0);
					v = v < state->output.float_low ? state->output.float_low
									: v;
					*out++ = v > state->output.float_high
							 ? state->output.float_high
							 : v;
				}
	}
}

static int32_t sum_onnx(const struct op_node *n, size_t base, int32_t y, int32_t x, int32_t c)
{
	const struct conv_state *s = n->state;
	int32_t channels = n->inputs[1]->shape.dim[3], start = group_start(n, c), sum = 0;
	size_t w = (size_t)c * filter_size(n);
	struct taps t = taps_of(&s->shape, y, x);

	for (int32_t ky = t.y0; ky < t.y1; ky++)
		for (int32_t kx = t.x0; kx < t.x1; kx++)
			sum += conv_dot_8(
				n->inputs[0], base + input_offset(&s->shape, y, x, ky, kx, start),
				s->output.in_zero, n->inputs[1],
				w + (size_t)(ky * s->shape.filter_w + kx) * (size_t)channels,
				s->output.filter_zeros[c], (size_t)channels);
	return sum;
}

/* Rule 5 of requantize.h. */
static void run_onnx(const struct op_node *n)
{
	const struct conv_state *state = n->state;
	const struct conv_shape *s = &state->shape;
	const struct tensor *bias = n->input_count > 2 ? n->inputs[2] : NULL;
	size_t batch = (size_t)s->in_h * (size_t)s->in_w * (size_t)s->in_c;
	uint8_t *out = n->outputs[0]->data;

	for (int32_t b = 0; b < s->batch; b++)
		for (int32_t y = 0; y < s->out_h; y++)
			for (int32_t x = 0; x < s->out_w; x++)
				for (int32_t c = 0; c < s->out_c; c++) {
					int64_t sum = sum_onnx(n, (size_t)b * batch, y, x, c);
					if (bias != NULL)
						sum = add_bias(sum, tensor_int(bias, (size_t)c));
					*out++ = (uint8_t)conv_finish_onnx(&state->output,
									   (int32_t)sum, c);
				}
}

static void conv_2d_run(const struct op_node *n)
{
	switch (conv_kind_of(n)) {
	case CONV_FLOAT: run_float(n); break;
	case CONV_HYBRID: run_hybrid(n); break;
	case CONV_INT8: run_integer(n, sum_s8, false); break;
	case CONV_UINT8: run_integer(n, sum_u8, false); break;
	case CONV_INT16: run_integer(n, sum_s16, false); break;
	case CONV_INT16_WIDE: run_integer(n, sum_s16, true); break;
	case CONV_ONNX: run_onnx(n); break;
	}
}

static uint64_t conv_2d_macs(const struct op_node *n)
{
	return (uint64_t)tensor_elements(n->outputs[0]) * filter_size(n);
}

static bool conv_2d_needs_gemm(const struct op_node *n)
{
	return conv_kind_of(n) == CONV_FLOAT;
}

const struct op op_conv_2d = {
	.name = "CONV_2D",
	.check = conv_2d_check,
	.plan = conv_2d_plan,
	.run = conv_2d_run,
	.macs = conv_2d_macs,
	.needs_gemm = conv_2d_needs_gemm,
};
