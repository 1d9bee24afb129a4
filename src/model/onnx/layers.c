/* layers.c - convolutions, pooling and resizing of ONNX. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "model/onnx/convert.h"

static int rank_of(const struct build *b, int32_t t)
{
	return build_tensor(b, t)->shape.rank;
}

static int32_t dim_of(const struct build *b, int32_t t, int d)
{
	return build_tensor(b, t)->shape.dim[d];
}

static int32_t expand(struct build *b, int32_t t, int axis)
{
	return build_two(b, "EXPAND_DIMS", t, build_int(b, axis));
}

static int32_t squeeze(struct build *b, int32_t t, int axis)
{
	union options o = { .squeeze = { 1, { axis } } };

	return build_op(b, "SQUEEZE", &t, 1, &o);
}

int32_t onnx_to_nhwc(struct build *b, int32_t x)
{
	static const int order[] = { 0, 2, 3, 1 };

	if (rank_of(b, x) == 3)
		x = expand(b, x, 2);
	if (rank_of(b, x) != 4)
		build_fail(b, -EOPNOTSUPP, "%d dimensions (3 or 4)", rank_of(b, x));
	return build_transpose(b, x, order, 4);
}

int32_t onnx_to_nchw(struct build *b, int32_t x, int rank)
{
	static const int order[] = { 0, 3, 1, 2 };

	x = build_transpose(b, x, order, 4);
	return rank == 3 ? squeeze(b, x, 2) : x;
}

/* ---- windows: strides, dilations, padding ---- */

struct window {
	int64_t kernel[2], stride[2], dilation[2], before[2], after[2], more[2];
	int padding;
};

/* One spatial dimension is the second of two. */
static void read_pair(struct build *b, const char *name, int spatial, int64_t fallback,
		      int64_t *out)
{
	int64_t values[2];
	size_t count = attribute_ints(b, name, values, 2);

	out[0] = out[1] = fallback;
	if (count != 0 && count != (size_t)spatial)
		build_fail(b, -EBADMSG, "%s has %zu values (%d)", name, count, spatial);
	for (size_t i = 0; i < count && i < (size_t)spatial; i++)
		out[2 - spatial + (int)i] = values[i];
	if (spatial == 1)
		out[0] = strcmp(name, "output_padding") == 0 ? 0 : 1;
}

static void read_pads(struct build *b, int spatial, struct window *w)
{
	int64_t pads[4];
	size_t count = attribute_ints(b, "pads", pads, 4);

	w->padding = PADDING_EXPLICIT;
	if (count != 0 && count != 2 * (size_t)spatial)
		build_fail(b, -EBADMSG, "pads has %zu values (%d)", count, 2 * spatial);
	for (int i = 0; count > 0 && i < spatial; i++) {
		w->before[2 - spatial + i] = pads[i];
		w->after[2 - spatial + i] = pads[spatial + i];
	}
}

/* SAME_LOWER puts the odd zero in front; SAME_UPPER is TensorFlow's SAME. */
static void pad_lower(struct build *b, int32_t nhwc, struct window *w)
{
	w->padding = PADDING_EXPLICIT;
	for (int i = 0; i < 2; i++) {
		int64_t in = dim_of(b, nhwc, 1 + i), stride = w->stride[i] > 0 ? w->stride[i] : 1;
		int64_t out = (in + stride - 1) / stride;
		int64_t total = (out - 1) * stride + (w->kernel[i] - 1) * w->dilation[i] + 1 - in;
		w->after[i] = total > 0 ? total / 2 : 0;
		w->before[i] = total > 0 ? total - w->after[i] : 0;
	}
}

static struct window read_window(struct build *b, int32_t nhwc, int spatial, const int64_t *kernel)
{
	struct window w = { .kernel = { kernel[0], kernel[1] } };
	const char *automatic = attribute_text(b, "auto_pad", "NOTSET");

	read_pair(b, "strides", spatial, 1, w.stride);
	read_pair(b, "dilations", spatial, 1, w.dilation);
	read_pads(b, spatial, &w);
	if (strcmp(automatic, "SAME_UPPER") == 0)
		w.padding = PADDING_SAME;
	else if (strcmp(automatic, "SAME_LOWER") == 0)
		pad_lower(b, nhwc, &w);
	else if (strcmp(automatic, "VALID") == 0)
		w.padding = PADDING_VALID;
	return w;
}

static int32_t limited(int64_t v)
{
	return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int32_t)v;
}

static union options conv_options(const struct window *w)
{
	return (union options){ .conv = {
					.padding = w->padding,
					.stride_h = limited(w->stride[0]),
					.stride_w = limited(w->stride[1]),
					.dilation_h = limited(w->dilation[0]),
					.dilation_w = limited(w->dilation[1]),
					.filter_h = limited(w->kernel[0]),
					.filter_w = limited(w->kernel[1]),
					.top = limited(w->before[0]),
					.left = limited(w->before[1]),
					.bottom = limited(w->after[0]),
					.right = limited(w->after[1]),
					.more_h = limited(w->more[0]),
					.more_w = limited(w->more[1]),
				} };
}

/* ---- Conv, ConvTranspose ---- */

int32_t onnx_convolution(struct build *b, int32_t x, int32_t w, int32_t bias,
			 const struct onnx_target *target)
{
	static const int plain[] = { 0, 2, 3, 1 }, depthwise[] = { 1, 2, 3, 0 };
	int rank = rank_of(b, x);
	int64_t group = attribute_int(b, "group", 1);
	bool integer = rank == 4 && onnx_is_integer(b, x, w, bias, target);

	x = integer ? build_fact(b, x)->quantized : build_force(b, x);
	w = integer ? build_fact(b, w)->quantized : build_force(b, w);
	if (bias >= 0)
		bias = integer ? build_fact(b, bias)->quantized : build_force(b, bias);

	if (rank_of(b, w) != rank)
		build_fail(b, -EOPNOTSUPP, "weights of %d dimensions for %d", rank_of(b, w), rank);
	int32_t in = onnx_to_nhwc(b, x);
	if (rank == 3)
		w = expand(b, w, 2);
	if (b->rc < 0)
		return 0;
	int64_t kernel[] = { dim_of(b, w, 2), dim_of(b, w, 3) };
	struct window window = read_window(b, in, rank - 2, kernel);
	union options o = conv_options(&window);
	bool each = group > 1 && group == dim_of(b, in, 3) && dim_of(b, w, 1) == 1;
	if (group < 1 || dim_of(b, in, 3) != group * dim_of(b, w, 1))
		build_fail(b, -EBADMSG, "%lld groups of %d channels, the input has %d",
			   (long long)group, dim_of(b, w, 1), dim_of(b, in, 3));
	if (each)
		o.conv.depth_multiplier = (int32_t)(dim_of(b, w, 0) / group);
	int32_t filter = build_transpose(b, w, each ? depthwise : plain, 4);
	if (integer) {
		static const int back[] = { 0, 3, 1, 2 };
		int32_t q = onnx_integer_op(b, each ? "DEPTHWISE_CONV_2D" : "CONV_2D", in, filter,
					    bias, &o, target);
		q = build_transpose(b, q, back, 4);
		return build_lazy(b, q, target->activation == ACTIVATION_NONE ? -INFINITY : 0,
				  target->activation == ACTIVATION_RELU6 ? 6 : INFINITY);
	}
	int32_t y = build_op(b, each ? "DEPTHWISE_CONV_2D" : "CONV_2D",
			     (int32_t[]){ in, filter, bias }, bias < 0 ? 2 : 3, &o);
	return onnx_to_nchw(b, y, rank);
}

static void convert_conv(struct build *b)
{
	int32_t x = build_in_lazy(b, 0), w = build_in_lazy(b, 1), bias = build_in_lazy(b, 2);
	struct onnx_target target = onnx_find_target(b);

	if (x < 0 || w < 0)
		build_fail(b, -EBADMSG, "input or weights are left out");
	else
		build_out(b, 0, onnx_convolution(b, x, w, bias, &target));
}

/* Weights [in, out / groups, h, w] to [out, h, w, in / groups]. */
static int32_t transposed_filter(struct build *b, int32_t w, int64_t group)
{
	static const int order[] = { 1, 2, 3, 0 }, grouped[] = { 0, 2, 3, 4, 1 };

	if (group == 1)
		return build_transpose(b, w, order, 4);
	const int32_t *d = build_tensor(b, w)->shape.dim;
	if (group < 1 || d[0] % group != 0) {
		build_fail(b, -EBADMSG, "%lld groups of %d channels", (long long)group, d[0]);
		return 0;
	}
	int32_t g = (int32_t)group;
	struct shape apart = { 5, { g, d[0] / g, d[1], d[2], d[3] } };
	struct shape together = { 4, { g * d[1], d[2], d[3], d[0] / g } };
	return build_reshape(b, build_transpose(b, build_reshape(b, w, &apart), grouped, 5),
			     &together);
}

/* Where the output's size is given, or SAME, padding is what is left over. */
static void fit_output(struct build *b, int32_t nhwc, int spatial, struct window *w)
{
	int64_t wanted[2];
	size_t count = attribute_ints(b, "output_shape", wanted, 2);
	const char *automatic = attribute_text(b, "auto_pad", "NOTSET");
	bool same = strncmp(automatic, "SAME", 4) == 0,
	     lower = strcmp(automatic, "SAME_LOWER") == 0;

	w->padding = PADDING_EXPLICIT;
	if (count == 0 && !same)
		return;
	for (int i = 2 - spatial; i < 2; i++) {
		int64_t in = dim_of(b, nhwc, 1 + i);
		int64_t out = count > 0 ? wanted[i - (2 - spatial)] : in * w->stride[i];
		int64_t total = w->stride[i] * (in - 1) + w->more[i] +
				(w->kernel[i] - 1) * w->dilation[i] + 1 - out;
		total = total < 0 ? 0 : total;
		w->before[i] = lower ? total - total / 2 : total / 2;
		w->after[i] = total - w->before[i];
	}
}

static void convert_conv_transpose(struct build *b)
{
	int32_t x = build_need(b, 0), w = build_need(b, 1), bias = build_in(b, 2);
	int rank = rank_of(b, x);
	int32_t in = onnx_to_nhwc(b, x);

	if (rank_of(b, w) != rank)
		build_fail(b, -EOPNOTSUPP, "weights of %d dimensions for %d", rank_of(b, w), rank);
	if (rank == 3)
		w = expand(b, w, 2);
	if (b->rc < 0)
		return;
	int64_t kernel[] = { dim_of(b, w, 2), dim_of(b, w, 3) };
	struct window window = read_window(b, in, rank - 2, kernel);
	read_pair(b, "output_padding", rank - 2, 0, window.more);
	fit_output(b, in, rank - 2, &window);
	union options o = conv_options(&window);
	int32_t filter = transposed_filter(b, w, attribute_int(b, "group", 1));
	int32_t y = build_op(b, "TRANSPOSE_CONV", (int32_t[]){ NONE, filter, in, bias }, 4, &o);
	build_out(b, 0, onnx_to_nchw(b, y, rank));
}

/* ---- pooling ---- */

static int32_t pool(struct build *b, const char *op, int32_t x)
{
	int rank = rank_of(b, x);
	int32_t in = onnx_to_nhwc(b, x);
	int64_t kernel[2];

	if (b->rc < 0)
		return 0;
	read_pair(b, "kernel_shape", rank - 2, 1, kernel);
	struct window window = read_window(b, in, rank - 2, kernel);
	union options o = conv_options(&window);
	o.conv.ceil = attribute_int(b, "ceil_mode", 0) != 0;
	o.conv.count_padding = attribute_int(b, "count_include_pad", 0) != 0;
	return onnx_to_nchw(b, build_op(b, op, &in, 1, &o), rank);
}

int32_t onnx_average_pool(struct build *b, int32_t x)
{
	return pool(b, "AVERAGE_POOL_2D", x);
}

static void convert_average_pool(struct build *b)
{
	build_out(b, 0, onnx_average_pool(b, build_need(b, 0)));
}

static void convert_max_pool(struct build *b)
{
	if (b->node->output_count > 1 && b->node->outputs[1][0] != '\0')
		build_fail(b, -EOPNOTSUPP, "the places of the greatest values");
	build_out(b, 0, pool(b, "MAX_POOL_2D", build_need(b, 0)));
}

int32_t onnx_global_pool(struct build *b, const char *reduction, int32_t x)
{
	int64_t axes[SHAPE_MOST_RANK];
	size_t count = 0;

	for (int d = 2; d < rank_of(b, x); d++)
		axes[count++] = d;
	if (count == 0)
		build_fail(b, -EBADMSG, "an input without width");
	return b->rc < 0 ? 0 : build_reduce(b, reduction, x, axes, count, true);
}

static void convert_global_average_pool(struct build *b)
{
	build_out(b, 0, onnx_global_pool(b, "MEAN", build_need(b, 0)));
}

static void convert_global_max_pool(struct build *b)
{
	build_out(b, 0, onnx_global_pool(b, "REDUCE_MAX", build_need(b, 0)));
}

/* ---- Resize, Upsample ---- */

static bool read_choice(const char *text, const char *const *names, int count, int *out)
{
	for (int i = 0; i < count; i++)
		if (strcmp(text, names[i]) == 0) {
			*out = i;
			return true;
		}
	return false;
}

static void read_resize_modes(struct build *b, union options *o, const char *mode)
{
	static const char *const centres[] = { "asymmetric", "align_corners", "half_pixel",
					       "pytorch_half_pixel" };
	static const char *const nearest[] = { "", "round_prefer_floor", "round_prefer_ceil",
					       "floor", "ceil" };
	const char *centre = attribute_text(b, "coordinate_transformation_mode",
					    b->file->opset < 11 ? "asymmetric" : "half_pixel");
	const char *rounding = attribute_text(b, "nearest_mode",
					      b->file->opset < 11 ? "floor" : "round_prefer_floor");
	int choice = 0;

	if (!read_choice(centre, centres, RESIZE_CENTRES, &choice))
		build_fail(b, -EOPNOTSUPP, "coordinate_transformation_mode %.40s", centre);
	o->resize.centres = (enum resize_centres)choice;
	if (!read_choice(rounding, nearest, NEAREST_KINDS, &choice))
		build_fail(b, -EOPNOTSUPP, "nearest_mode %.40s", rounding);
	o->resize.nearest = (enum resize_nearest)choice;
	o->resize.cubic =
		strcmp(mode, "cubic") == 0 ? attribute_float(b, "cubic_coeff_a", -0.75f) : 0;
	if (attribute_int(b, "antialias", 0) != 0 || attribute_int(b, "exclude_outside", 0) != 0)
		build_fail(b, -EOPNOTSUPP, "antialias or exclude_outside");
}

/* By scales or sizes, of all dimensions or of those in `axes`; only the last two may change. */
static void read_resize_size(struct build *b, const struct shape *in, int32_t scales, int32_t sizes,
			     int64_t *size, float *factors)
{
	int64_t axes[SHAPE_MOST_RANK];
	size_t count = attribute_ints(b, "axes", axes, SHAPE_MOST_RANK);
	const struct tensor *t = build_tensor(b, sizes >= 0 ? sizes : scales);

	for (size_t d = 0; count == 0 && d < (size_t)in->rank; d++)
		axes[d] = (int64_t)d;
	count = count == 0 ? (size_t)in->rank : count;
	if ((sizes < 0 && scales < 0) || !t->constant || tensor_elements(t) != count) {
		build_fail(b, -EOPNOTSUPP, "its size is computed, or not for %zu dimensions",
			   count);
		return;
	}
	for (int d = 0; d < in->rank; d++)
		size[d] = in->dim[d];
	for (size_t i = 0; i < count; i++) {
		int axis = shape_axis(in, axes[i]);
		double v = tensor_float(t, i);
		if (axis < 0)
			continue;
		double wanted = sizes >= 0 ? v : floor(in->dim[axis] * (double)(float)v);
		size[axis] = wanted >= 1 && wanted <= SHAPE_MOST_ELEMENTS ? (int64_t)wanted : 0;
		factors[axis] = sizes >= 0 ? 0 : (float)v;
	}
	for (int d = 0; d < in->rank; d++)
		if (d < 2 ? size[d] != in->dim[d] : size[d] < 1)
			build_fail(b, -EOPNOTSUPP, "dimension %d becomes %lld (height and width)",
				   d, (long long)size[d]);
}

static void resize(struct build *b, int32_t x, int32_t scales, int32_t sizes)
{
	const struct shape *in = &build_tensor(b, x)->shape;
	const char *mode = attribute_text(b, "mode", "nearest");
	bool nearest = strcmp(mode, "nearest") == 0, cubic = strcmp(mode, "cubic") == 0;
	int64_t size[SHAPE_MOST_RANK] = { 0 };
	float factors[SHAPE_MOST_RANK] = { 0 };
	union options o = { 0 };
	int rank = in->rank;

	if (rank != 3 && rank != 4)
		build_fail(b, -EOPNOTSUPP, "%d dimensions (3 or 4)", rank);
	if (!nearest && !cubic && strcmp(mode, "linear") != 0 && strcmp(mode, "bilinear") != 0)
		build_fail(b, -EOPNOTSUPP, "mode %.40s", mode);
	read_resize_modes(b, &o, mode);
	if (b->rc == 0)
		read_resize_size(b, in, scales, sizes, size, factors);
	if (b->rc < 0)
		return;
	int64_t wanted[2] = { rank == 3 ? 1 : size[2], size[rank - 1] };
	o.resize.scale_h = rank == 3 ? 0 : factors[2];
	o.resize.scale_w = factors[rank - 1];
	int32_t y = build_op(b,
			     nearest ? "RESIZE_NEAREST_NEIGHBOR"
			     : cubic ? "RESIZE_BICUBIC"
				     : "RESIZE_BILINEAR",
			     (int32_t[]){ onnx_to_nhwc(b, x), build_ints(b, wanted, 2) }, 2, &o);
	build_out(b, 0, onnx_to_nchw(b, y, rank));
}

/* Operator set 10 has no roi. */
static void convert_resize(struct build *b)
{
	if (b->file->opset < 11)
		resize(b, build_need(b, 0), build_in(b, 1), NONE);
	else
		resize(b, build_need(b, 0), build_in(b, 2), build_in(b, 3));
}

static void convert_upsample(struct build *b)
{
	const struct onnx_attribute *a = attribute(b, "scales");
	int32_t scales = build_in(b, 1), x = build_need(b, 0);

	if (a != NULL) { /* operator set 7 */
		struct onnx_tensor t = { .name = "",
					 .type = ONNX_FLOAT,
					 .rank = 1,
					 .dim = { (int64_t)a->float_count } };
		t.raw = wire_of((const uint8_t *)a->floats, a->float_count * sizeof(float));
		scales = build_onnx_tensor(b, &t);
	}
	resize(b, x, scales, NONE);
}

const struct onnx_converter onnx_layers[] = {
	{ "AveragePool", convert_average_pool },
	{ "Conv", convert_conv },
	{ "ConvTranspose", convert_conv_transpose },
	{ "GlobalAveragePool", convert_global_average_pool },
	{ "GlobalMaxPool", convert_global_max_pool },
	{ "MaxPool", convert_max_pool },
	{ "Resize", convert_resize },
	{ "Upsample", convert_upsample },
	{ 0 },
};
