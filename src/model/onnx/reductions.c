/* reductions.c - operators of ONNX that look along axes. */
#include <errno.h>
#include <string.h>

#include "model/onnx/convert.h"

/* Axes by an attribute or an input; none means all, unless noop_with_empty_axes. */
static size_t read_axes(struct build *b, int32_t x, int64_t *axes)
{
	int32_t t = build_in(b, 1);
	size_t count = 0;

	if (t >= 0)
		build_read_ints(b, t, "axes", axes, SHAPE_MOST_RANK, &count);
	else
		count = attribute_ints(b, "axes", axes, SHAPE_MOST_RANK);
	if (count == 0 && attribute_int(b, "noop_with_empty_axes", 0) == 0)
		for (int d = 0; d < build_tensor(b, x)->shape.rank; d++)
			axes[count++] = d;
	return count;
}

/* before: value by value, then the reduction, then behind. */
static void reduce(struct build *b, const char *before, const char *op, const char *behind)
{
	int64_t axes[SHAPE_MOST_RANK];
	int32_t x = build_need(b, 0);
	size_t count = read_axes(b, x, axes);
	bool keep = attribute_int(b, "keepdims", 1) != 0;

	if (before != NULL)
		x = build_one(b, before, x);
	if (count > 0)
		x = build_reduce(b, op, x, axes, count, keep);
	build_out(b, 0, behind != NULL ? build_one(b, behind, x) : x);
}

static void convert_mean(struct build *b)
{
	reduce(b, NULL, "MEAN", NULL);
}

static void convert_sum(struct build *b)
{
	reduce(b, NULL, "SUM", NULL);
}

static void convert_max(struct build *b)
{
	reduce(b, NULL, "REDUCE_MAX", NULL);
}

static void convert_min(struct build *b)
{
	reduce(b, NULL, "REDUCE_MIN", NULL);
}

static void convert_prod(struct build *b)
{
	reduce(b, NULL, "REDUCE_PROD", NULL);
}

static void convert_l1(struct build *b)
{
	reduce(b, "ABS", "SUM", NULL);
}

static void convert_l2(struct build *b)
{
	reduce(b, "SQUARE", "SUM", "SQRT");
}

static void convert_sum_square(struct build *b)
{
	reduce(b, "SQUARE", "SUM", NULL);
}

static void convert_log_sum(struct build *b)
{
	reduce(b, NULL, "SUM", "LOG");
}

/* With the greatest value taken out, so that nothing overflows. */
static void convert_log_sum_exp(struct build *b)
{
	int64_t axes[SHAPE_MOST_RANK];
	int32_t x = build_need(b, 0);
	size_t count = read_axes(b, x, axes);
	bool keep = attribute_int(b, "keepdims", 1) != 0;
	int32_t most = build_reduce(b, "REDUCE_MAX", x, axes, count, true);
	int32_t powers = build_one(b, "EXP", build_two(b, "SUB", x, most));
	int32_t log = build_one(b, "LOG", build_reduce(b, "SUM", powers, axes, count, true));
	int32_t y = build_two(b, "ADD", log, most);

	build_out(b, 0, keep ? y : build_reduce(b, "SUM", y, axes, count, false));
}

/* ---- which is the greatest ---- */

static void arg(struct build *b, const char *op)
{
	int32_t x = build_need(b, 0);
	union options o = { .axis = { .axis = (int32_t)attribute_int(b, "axis", 0),
				      .type = TENSOR_INT64,
				      .last = attribute_int(b, "select_last_index", 0) != 0,
				      .keep_dims = attribute_int(b, "keepdims", 1) != 0 } };

	build_out(b, 0, build_op(b, op, &x, 1, &o));
}

static void convert_arg_max(struct build *b)
{
	arg(b, "ARG_MAX");
}

static void convert_arg_min(struct build *b)
{
	arg(b, "ARG_MIN");
}

static void convert_top_k(struct build *b)
{
	int32_t x = build_need(b, 0), outs[2];
	int32_t k = b->file->opset < 10 ? build_int(b, attribute_int(b, "k", 1)) : build_need(b, 1);
	union options o = { .axis = { .axis = (int32_t)attribute_int(b, "axis", -1),
				      .type = TENSOR_INT64,
				      .smallest = attribute_int(b, "largest", 1) == 0 } };
	enum tensor_type types[] = { TENSOR_OPEN, TENSOR_OPEN };

	build_op_many(b, "TOPK_V2", (int32_t[]){ x, k }, 2, &o, types, outs, 2);
	build_out(b, 0, outs[0]);
	build_out(b, 1, outs[1]);
}

static void convert_cumsum(struct build *b)
{
	union options o = { .axis = { .exclusive = attribute_int(b, "exclusive", 0) != 0,
				      .reverse = attribute_int(b, "reverse", 0) != 0 } };
	int32_t inputs[] = { build_need(b, 0), build_need(b, 1) };

	build_out(b, 0, build_op(b, "CUMSUM", inputs, 2, &o));
}

/* ---- softmax: along one axis, before operator set 13 over all from the axis on ---- */

static int32_t softmax_along(struct build *b, const char *op, int32_t x, int axis)
{
	union options o = { .softmax = { .beta = 1 } };
	int rank = build_tensor(b, x)->shape.rank, order[SHAPE_MOST_RANK];

	for (int d = 0; d < rank; d++)
		order[d] = d == axis ? rank - 1 : d == rank - 1 ? axis : d;
	int32_t last = build_transpose(b, x, order, rank);
	return build_transpose(b, build_op(b, op, &last, 1, &o), order, rank);
}

static int32_t softmax_flat(struct build *b, const char *op, int32_t x, int axis)
{
	union options o = { .softmax = { .beta = 1 } };
	const struct shape s = build_tensor(b, x)->shape;
	struct shape flat = {
		2, { (int32_t)shape_product(&s, 0, axis), (int32_t)shape_product(&s, axis, s.rank) }
	};
	int32_t rows = build_reshape(b, x, &flat);

	return build_reshape(b, build_op(b, op, &rows, 1, &o), &s);
}

int32_t onnx_softmax(struct build *b, const char *op, int32_t x)
{
	bool old = b->file->opset < 13;
	int axis = shape_axis(&build_tensor(b, x)->shape, attribute_int(b, "axis", old ? 1 : -1));

	if (axis < 0)
		build_fail(b, -EBADMSG, "its axis is none of %d dimensions",
			   build_tensor(b, x)->shape.rank);
	if (b->rc < 0)
		return 0;
	return old ? softmax_flat(b, op, x, axis) : softmax_along(b, op, x, axis);
}

static void convert_softmax(struct build *b)
{
	build_out(b, 0, onnx_softmax(b, "SOFTMAX", build_need(b, 0)));
}

static void convert_log_softmax(struct build *b)
{
	build_out(b, 0, onnx_softmax(b, "LOG_SOFTMAX", build_need(b, 0)));
}

static void convert_nms(struct build *b)
{
	int32_t inputs[] = { build_need(b, 0), build_need(b, 1), build_in(b, 2), build_in(b, 3),
			     build_in(b, 4) };
	union options o = { .detection = { .centred_boxes =
						   attribute_int(b, "center_point_box", 0) != 0 } };

	build_out(b, 0, build_op(b, "NON_MAX_SUPPRESSION", inputs, 5, &o));
}

const struct onnx_converter onnx_reductions[] = {
	{ "ArgMax", convert_arg_max },
	{ "ArgMin", convert_arg_min },
	{ "CumSum", convert_cumsum },
	{ "LogSoftmax", convert_log_softmax },
	{ "NonMaxSuppression", convert_nms },
	{ "ReduceL1", convert_l1 },
	{ "ReduceL2", convert_l2 },
	{ "ReduceLogSum", convert_log_sum },
	{ "ReduceLogSumExp", convert_log_sum_exp },
	{ "ReduceMax", convert_max },
	{ "ReduceMean", convert_mean },
	{ "ReduceMin", convert_min },
	{ "ReduceProd", convert_prod },
	{ "ReduceSum", convert_sum },
	{ "ReduceSumSquare", convert_sum_square },
	{ "Softmax", convert_softmax },
	{ "TopK", convert_top_k },
	{ 0 },
};
