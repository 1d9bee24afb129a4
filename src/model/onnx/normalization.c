/* normalization.c - normalizations of ONNX, taken apart into what they are made of. */
#include <errno.h>

#include "model/onnx/convert.h"

static int rank_of(const struct build *b, int32_t t)
{
	return build_tensor(b, t)->shape.rank;
}

/* One value a channel, where the channels are dimension 1 of `rank`. */
static int32_t by_channel(struct build *b, int32_t t, int rank)
{
	struct shape s = { .rank = rank > 2 ? rank - 1 : 1 };

	s.dim[0] = (int32_t)tensor_elements(build_tensor(b, t));
	for (int d = 1; d < s.rank; d++)
		s.dim[d] = 1;
	return build_reshape(b, t, &s);
}

static void convert_batch_normalization(struct build *b)
{
	int32_t x = build_need(b, 0), scale = build_need(b, 1), shift = build_need(b, 2);
	int32_t mean = build_need(b, 3), variance = build_need(b, 4);
	int rank = rank_of(b, x);

	if (attribute_int(b, "training_mode", 0) != 0)
		build_fail(b, -EOPNOTSUPP, "training_mode");
	int32_t root = build_one(b, "SQRT",
				 build_two(b, "ADD", variance,
					   build_float(b, attribute_float(b, "epsilon", 1e-5f))));
	int32_t factor = build_two(b, "DIV", scale, root);
	int32_t offset = build_two(b, "SUB", shift, build_two(b, "MUL", mean, factor));
	int32_t y = build_two(b, "MUL", x, by_channel(b, factor, rank));
	build_out(b, 0, build_two(b, "ADD", y, by_channel(b, offset, rank)));
}

/* (x - mean) / sqrt(variance + epsilon) over some dimensions. */
static int32_t standardize(struct build *b, int32_t x, const int64_t *axes, size_t count,
			   float epsilon)
{
	int32_t mean = build_reduce(b, "MEAN", x, axes, count, true);
	int32_t centred = build_two(b, "SUB", x, mean);
	int32_t variance =
		build_reduce(b, "MEAN", build_one(b, "SQUARE", centred), axes, count, true);
	int32_t root = build_one(b, "SQRT", build_two(b, "ADD", variance, build_float(b, epsilon)));

	return build_two(b, "DIV", centred, root);
}

static void convert_layer_normalization(struct build *b)
{
	int32_t x = build_need(b, 0), scale = build_in(b, 1), shift = build_in(b, 2);
	int axis = shape_axis(&build_tensor(b, x)->shape, attribute_int(b, "axis", -1));
	int64_t axes[SHAPE_MOST_RANK];
	size_t count = 0;

	if (axis < 0)
		build_fail(b, -EBADMSG, "its axis");
	for (int d = axis; axis >= 0 && d < rank_of(b, x); d++)
		axes[count++] = d;
	int32_t y = standardize(b, x, axes, count, attribute_float(b, "epsilon", 1e-5f));
	y = scale < 0 ? y : build_two(b, "MUL", y, scale);
	build_out(b, 0, shift < 0 ? y : build_two(b, "ADD", y, shift));
}

static void convert_rms_normalization(struct build *b)
{
	int32_t x = build_need(b, 0), scale = build_in(b, 1);
	int axis = shape_axis(&build_tensor(b, x)->shape, attribute_int(b, "axis", -1));
	int64_t axes[SHAPE_MOST_RANK];
	size_t count = 0;

	for (int d = axis < 0 ? 0 : axis; d < rank_of(b, x); d++)
		axes[count++] = d;
	int32_t mean = build_reduce(b, "MEAN", build_one(b, "SQUARE", x), axes, count, true);
	int32_t root = build_one(
		b, "SQRT",
		build_two(b, "ADD", mean, build_float(b, attribute_float(b, "epsilon", 1e-5f))));
	int32_t y = build_two(b, "DIV", x, root);
	build_out(b, 0, scale < 0 ? y : build_two(b, "MUL", y, scale));
}

static void convert_instance_normalization(struct build *b)
{
	int32_t x = build_need(b, 0), scale = build_need(b, 1), shift = build_need(b, 2);
	int64_t axes[SHAPE_MOST_RANK];
	size_t count = 0;
	int rank = rank_of(b, x);

	for (int d = 2; d < rank; d++)
		axes[count++] = d;
	int32_t y = standardize(b, x, axes, count, attribute_float(b, "epsilon", 1e-5f));
	y = build_two(b, "MUL", y, by_channel(b, scale, rank));
	build_out(b, 0, build_two(b, "ADD", y, by_channel(b, shift, rank)));
}

/* Channels in groups; operator set 18 has a scale a group, 21 one a channel. */
static void convert_group_normalization(struct build *b)
{
	int32_t x = build_need(b, 0), scale = build_need(b, 1), shift = build_need(b, 2);
	const struct shape whole = build_tensor(b, x)->shape;
	int64_t groups = attribute_int(b, "num_groups", 0);
	static const int64_t axes[] = { 2 };

	if (groups < 1 || whole.rank < 3 || whole.dim[1] % groups != 0)
		build_fail(b, -EBADMSG, "%lld groups of %d channels", (long long)groups,
			   whole.dim[1]);
	if (b->rc < 0)
		return;
	int32_t each = (int32_t)(shape_elements(&whole) / (size_t)whole.dim[0] / (size_t)groups);
	struct shape grouped = { 3, { whole.dim[0], (int32_t)groups, each } };
	int32_t y = standardize(b, build_reshape(b, x, &grouped), axes, 1,
				attribute_float(b, "epsilon", 1e-5f));
	bool by_group = tensor_elements(build_tensor(b, scale)) == (size_t)groups;
	if (!by_group)
		y = build_reshape(b, y, &whole);
	int rank = by_group ? 3 : whole.rank;
	y = build_two(b, "MUL", y, by_channel(b, scale, rank));
	y = build_two(b, "ADD", y, by_channel(b, shift, rank));
	build_out(b, 0, build_reshape(b, y, &whole));
}

static void convert_lp_normalization(struct build *b)
{
	int32_t x = build_need(b, 0);
	int64_t axis = attribute_int(b, "axis", -1), p = attribute_int(b, "p", 2);

	if (p != 1 && p != 2)
		build_fail(b, -EOPNOTSUPP, "p of %lld", (long long)p);
	int32_t size = build_one(b, p == 1 ? "ABS" : "SQUARE", x);
	size = build_reduce(b, "SUM", size, &axis, 1, true);
	build_out(b, 0, build_two(b, "DIV", x, p == 1 ? size : build_one(b, "SQRT", size)));
}

/* Local response normalization: the sum over neighbouring channels as an average pooling. */
static void convert_lrn(struct build *b)
{
	int32_t x = build_need(b, 0);
	int64_t size = attribute_int(b, "size", 1);
	const struct shape s = build_tensor(b, x)->shape;
	union options o = { .conv = { .padding = PADDING_EXPLICIT,
				      .stride_h = 1,
				      .stride_w = 1,
				      .dilation_h = 1,
				      .dilation_w = 1,
				      .filter_w = 1,
				      .count_padding = true } };

	if (s.rank < 3 || size < 1 || size > 1024) {
		build_fail(b, -EBADMSG, "%lld neighbours in %d dimensions", (long long)size,
			   s.rank);
		return;
	}
	o.conv.filter_h = (int32_t)size;
	o.conv.top = (int32_t)(size - 1) / 2;
	o.conv.bottom = (int32_t)size - 1 - o.conv.top;
	struct shape flat = { 4, { s.dim[0], s.dim[1], (int32_t)shape_product(&s, 2, s.rank), 1 } };
	int32_t square = build_reshape(b, build_one(b, "SQUARE", x), &flat);
	int32_t mean = build_reshape(b, build_op(b, "AVERAGE_POOL_2D", &square, 1, &o), &s);
	int32_t base = build_two(
		b, "ADD",
		build_two(b, "MUL", mean, build_float(b, attribute_float(b, "alpha", 1e-4f))),
		build_float(b, attribute_float(b, "bias", 1)));
	int32_t power =
		build_two(b, "POW", base, build_float(b, attribute_float(b, "beta", 0.75f)));
	build_out(b, 0, build_two(b, "DIV", x, power));
}

const struct onnx_converter onnx_normalizations[] = {
	{ "BatchNormalization", convert_batch_normalization },
	{ "GroupNormalization", convert_group_normalization },
	{ "InstanceNormalization", convert_instance_normalization },
	{ "LRN", convert_lrn },
	{ "LayerNormalization", convert_layer_normalization },
	{ "LpNormalization", convert_lp_normalization },
	{ "RMSNormalization", convert_rms_normalization },
	{ 0 },
};
