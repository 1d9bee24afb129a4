/* transpose_conv.c - TRANSPOSE_CONV: each input pixel adds the filter, times its value, to the
 * output. Filter [out, height, width, in / groups]; with groups, those of the inputs in turn. */
#include <errno.h>
#include <string.h>

#include "nn/ops/conv.h"

/* Inputs: the output's shape (or none), filter, input, bias. conv_check_types() and the like take a node with
 * input, filter and bias in this order. */
struct arranged {
	struct op_node node;
	struct tensor *inputs[3];
};

static void arrange(const struct op_node *n, struct arranged *a)
{
	a->inputs[0] = n->inputs[2];
	a->inputs[1] = n->inputs[1];
	a->inputs[2] = n->input_count > 3 ? n->inputs[3] : NULL;
	a->node = *n;
	a->node.inputs = a->inputs;
	a->node.input_count = 3;
}

/* The output's size is given; SAME and VALID say where the first input pixel lies in it. */
static int size_of(const struct op_node *n, struct conv_shape *s, struct fault *f)
{
	const union options *o = &n->node->options;
	const int32_t *in = n->inputs[2]->shape.dim, *filter = n->inputs[1]->shape.dim;
	int64_t out[2];

	if (o->conv.padding == PADDING_EXPLICIT) {
		out[0] = (int64_t)(in[1] - 1) * o->conv.stride_h - o->conv.top - o->conv.bottom +
			 (int64_t)(filter[1] - 1) * o->conv.dilation_h + 1 + o->conv.more_h;
		out[1] = (int64_t)(in[2] - 1) * o->conv.stride_w - o->conv.left - o->conv.right +
			 (int64_t)(filter[2] - 1) * o->conv.dilation_w + 1 + o->conv.more_w;
	} else if (n->inputs[0] == NULL) { /* MediaPipe's operator: the smallest that goes */
		bool same = o->conv.padding == PADDING_SAME;
		out[0] = (int64_t)in[1] * o->conv.stride_h +
			 (same ? 0 : (int64_t)filter[1] - o->conv.stride_h);
		out[1] = (int64_t)in[2] * o->conv.stride_w +
			 (same ? 0 : (int64_t)filter[2] - o->conv.stride_w);
	} else {
		int rc = op_expect_constant(n->inputs[0], "output shape", f);
		if (rc < 0)
			return rc;
		if (tensor_elements(n->inputs[0]) != 4)
			return fault_set(f, -EBADMSG, "output shape has %zu values (4)",
					 tensor_elements(n->inputs[0]));
		out[0] = tensor_int(n->inputs[0], 1);
		out[1] = tensor_int(n->inputs[0], 2);
	}
	if (out[0] < 1 || out[1] < 1 || out[0] > 1 << 20 || out[1] > 1 << 20)
		return fault_set(f, -EBADMSG, "an output of %lldx%lld", (long long)out[0],
				 (long long)out[1]);
	s->out_h = (int32_t)out[0];
	s->out_w = (int32_t)out[1];
	return 0;
}

/* The padding is that of the convolution that would lead from the output back to the input. */
static int shape_of(const struct op_node *n, struct conv_shape *s, struct fault *f)
{
	const union options *o = &n->node->options;
	const int32_t *in = n->inputs[2]->shape.dim, *filter = n->inputs[1]->shape.dim;
	struct extent h = { 0, o->conv.top, o->conv.bottom };
	struct extent w = { 0, o->conv.left, o->conv.right };
	int rc = size_of(n, s, f);

	if (rc < 0)
		return rc;
	if (o->conv.padding == PADDING_EXPLICIT) {
		if (h.before < 0 || w.before < 0 || o->conv.stride_h < 1 || o->conv.stride_w < 1 ||
		    o->conv.dilation_h < 1 || o->conv.dilation_w < 1)
			return fault_set(f, -EBADMSG, "strides, dilations or paddings");
	} else if (!op_extent(o->conv.padding, false, s->out_h, filter[1], o->conv.stride_h, 1,
			      &h) ||
		   !op_extent(o->conv.padding, false, s->out_w, filter[2], o->conv.stride_w, 1,
			      &w) ||
		   h.out != in[1] || w.out != in[2]) {
		return fault_set(f, -EBADMSG,
				 "an output of %dx%d does not go with an input of %dx%d", s->out_h,
				 s->out_w, in[1], in[2]);
	}
	*s = (struct conv_shape){
		.batch = in[0],
		.in_h = in[1],
		.in_w = in[2],
		.in_c = in[3],
		.out_h = s->out_h,
		.out_w = s->out_w,
		.out_c = filter[0],
		.filter_h = filter[1],
		.filter_w = filter[2],
		.stride_h = o->conv.stride_h,
		.stride_w = o->conv.stride_w,
		.dilation_h = o->conv.dilation_h,
		.dilation_w = o->conv.dilation_w,
		.pad_h = h.before,
		.pad_w = w.before,
	};
	return 0;
}

static int transpose_conv_check(const struct op_node *n, struct fault *f)
{
	struct arranged a;
	struct conv_shape s = { 0 };
	int rc = 0;

	if (n->input_count < 3 || n->inputs[1] == NULL || n->inputs[2] == NULL ||
	    n->output_count < 1 || n->outputs[0] == NULL)
		return fault_set(f, -EBADMSG, "filter, input or output are left out");
	rc = op_expect_rank(n->inputs[1], 4, 4, "filter", f);
	if (rc == 0)
		rc = op_expect_rank(n->inputs[2], 4, 4, "input", f);
	if (rc < 0)
		return rc;
	arrange(n, &a);
	const int32_t *filter = n->inputs[1]->shape.dim, *in = n->inputs[2]->shape.dim;
	if (in[3] % filter[3] != 0 || filter[0] % (in[3] / filter[3]) != 0 ||
	    n->node->options.conv.activation < 0 ||
	    n->node->options.conv.activation > ACTIVATION_RELU6)
		return fault_set(f, -EBADMSG, "filter takes %d channels, the input has %d",
				 filter[3], in[3]);
	rc = conv_check_types(&a.node, filter[0], f);
	if (rc == 0)
		rc = conv_check_sum(&a.node, (int64_t)filter[1] * filter[2] * filter[3], f);
	if (rc == 0)
		rc = shape_of(n, &s, f);
	return rc < 0 ? rc
		      : op_set_shape(n, 0,
				     &(struct shape){ 4, { s.batch, s.out_h, s.out_w, s.out_c } },
				     f);
}

static size_t sum_bytes(const struct conv_shape *s)
{
	return (size_t)s->out_h * (size_t)s->out_w * (size_t)s->out_c * sizeof(int64_t);
}

static int transpose_conv_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct conv_state *s = arena_alloc(memory, 1, sizeof(*s));
	struct arranged a;

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	n->state = s;
	arrange(n, &a);
	int rc = shape_of(n, &s->shape, f);
	if (rc == 0)
		rc = conv_plan_output(&a.node, s->shape.out_c, memory, &s->output, f);
	n->scratch_bytes = sum_bytes(&s->shape);
	if (conv_kind_of(&a.node) == CONV_HYBRID) /* and behind them the quantized input */
		n->scratch_bytes +=
			(size_t)s->shape.in_h * (size_t)s->shape.in_w * (size_t)s->shape.in_c;
	return rc < 0 ? rc : conv_plan_filter(&a.node, memory, &s->filter, f);
}

/* The products of one input pixel with the filter's tap that falls on one output pixel. */
static void add_tap(const struct op_node *n, size_t in_base, size_t in, size_t tap, size_t out)
{
	const struct conv_state *s = n->state;
	const struct tensor *x = n->inputs[2], *w = n->inputs[1];
	size_t depth = (size_t)w->shape.dim[3],
	       taps = (size_t)s->shape.filter_h * (size_t)s->shape.filter_w;
	size_t groups = (size_t)s->shape.in_c / depth, each = (size_t)s->shape.out_c / groups;

	for (size_t c = 0; c < (size_t)s->shape.out_c; c++) {
		size_t first = in + c / each * depth, row = (c * taps + tap) * depth;
		if (w->type == TENSOR_FLOAT32) {
			float sum = 0;
			for (size_t i = 0; i < depth; i++)
				sum += ((const float *)x->data)[first + i] *
				       ((const float *)w->data)[row + i];
			((float *)n->scratch)[out + c] += sum;
			continue;
		}
		int64_t sum = 0;
		const int8_t *quantized = (const int8_t *)n->scratch + sum_bytes(&s->shape);
		for (size_t i = 0; i < depth; i++)
			sum += ((x->type == TENSOR_FLOAT32 ? quantized[first - in_base + i]
							   : tensor_int(x, first + i)) -
				s->output.in_zero) *
			       ((s->filter != NULL ? s->filter[row + i] : tensor_int(w, row + i)) -
				s->output.filter_zero);
		((int64_t *)n->scratch)[out + c] += sum;
	}
}

static void scatter_pixel(const struct op_node *n, size_t in_base, size_t in, int32_t y, int32_t x)
{
	const struct conv_shape *s = &((const struct conv_state *)n->state)->shape;

	for (int32_t ky = 0; ky < s->filter_h; ky++)
		for (int32_t kx = 0; kx < s->filter_w; kx++) {
			int64_t oy =
				(int64_t)y * s->stride_h - s->pad_h + (int64_t)ky * s->dilation_h;
			int64_t ox =
				(int64_t)x * s->stride_w - s->pad_w + (int64_t)kx * s->dilation_w;
			if (oy < 0 || oy >= s->out_h || ox < 0 || ox >= s->out_w)
				continue;
			add_tap(n, in_base, in, (size_t)(ky * s->filter_w + kx),
				((size_t)oy * (size_t)s->out_w + (size_t)ox) * (size_t)s->out_c);
		}
}

static void store_float(const struct op_node *n, size_t at, float sum, size_t c)
{
	const struct conv_output *o = &((const struct conv_state *)n->state)->output;
	const struct tensor *bias = n->input_count > 3 ? n->inputs[3] : NULL;
	float v = sum + (bias != NULL ? ((const float *)bias->data)[c] : 0);

	v = v < o->float_low ? o->float_low : v;
	((float *)n->outputs[0]->data)[at] = v > o->float_high ? o->float_high : v;
}

static void store_hybrid(const struct op_node *n, size_t at, size_t i, size_t c, float scale)
{
	const struct quant *w = &n->inputs[1]->quant;

	store_float(n, at,
		    (float)((const int64_t *)n->scratch)[i] * scale *
			    w->scale[w->count > 1 ? c : 0],
		    c);
}

/* Rules 1 and 2 of requantize.h. */
static void store_integer(const struct op_node *n, size_t at, size_t i, size_t c, bool wide)
{
	const struct conv_output *o = &((const struct conv_state *)n->state)->output;
	const struct tensor *bias = n->input_count > 3 ? n->inputs[3] : NULL;
	int64_t sum = ((const int64_t *)n->scratch)[i];

	if (bias != NULL)
		sum = add_bias(sum, tensor_int(bias, c));
	int32_t q = wide ? requantize_wide(sum, o->multipliers[c])
			 : requantize((int32_t)sum, o->multipliers[c]);
	tensor_set_int(n->outputs[0], at, add_zero_point(q, o->out_zero, o->low, o->high));
}

static void transpose_conv_run(const struct op_node *n)
{
	struct conv_state *state = n->state;
	const struct conv_shape *s = &state->shape;
	size_t out = (size_t)s->out_h * (size_t)s->out_w * (size_t)s->out_c;
	size_t in = (size_t)s->in_h * (size_t)s->in_w * (size_t)s->in_c;
	struct arranged a;

	arrange(n, &a);
	enum conv_kind kind = conv_kind_of(&a.node);
	for (size_t b = 0; b < (size_t)s->batch; b++) {
		struct hybrid_scale quantized = { 0 };
		memset(n->scratch, 0, out * sizeof(int64_t));
		if (kind == CONV_HYBRID)
			quantized = hybrid_quantize((const float *)n->inputs[2]->data + b * in, in,
						    true, (int8_t *)n->scratch + sum_bytes(s));
		state->output.in_zero =
			kind == CONV_HYBRID ? quantized.zero_point : state->output.in_zero;
		for (int32_t y = 0; y < s->in_h; y++)
			for (int32_t x = 0; x < s->in_w; x++)
				scatter_pixel(n, b * in,
					      b * in + ((size_t)y * (size_t)s->in_w + (size_t)x) *
							       (size_t)s->in_c,
					      y, x);
		for (size_t i = 0; i < out; i++)
			if (kind == CONV_FLOAT)
				store_float(n, b * out + i, ((const float *)n->scratch)[i],
					    i % (size_t)s->out_c);
			else if (kind == CONV_HYBRID)
				store_hybrid(n, b * out + i, i, i % (size_t)s->out_c,
					     quantized.scale);
			else
				store_integer(n, b * out + i, i, i % (size_t)s->out_c,
					      kind == CONV_INT16_WIDE);
	}
}

static uint64_t transpose_conv_macs(const struct op_node *n)
{
	const int32_t *filter = n->inputs[1]->shape.dim;

	return (uint64_t)tensor_elements(n->inputs[2]) * (uint64_t)filter[0] * (uint64_t)filter[1] *
	       (uint64_t)filter[2] * (uint64_t)filter[3] / (uint64_t)n->inputs[2]->shape.dim[3];
}

const struct op op_transpose_conv = {
	.name = "TRANSPOSE_CONV",
	.check = transpose_conv_check,
	.plan = transpose_conv_plan,
	.run = transpose_conv_run,
	.macs = transpose_conv_macs,
};
