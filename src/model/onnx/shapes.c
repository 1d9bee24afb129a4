/* shapes.c - operators of ONNX that give data another shape, cut it and join it. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/onnx/convert.h"

enum { MANY = 1024 };

/* From an input, or from an attribute of older operator sets; 0 where neither is given. */
static size_t ints_of(struct build *b, size_t input, const char *name, int64_t *out, size_t limit)
{
	int32_t t = build_in(b, input);
	size_t count;

	if (t < 0)
		return attribute_ints(b, name, out, limit);
	return build_read_ints(b, t, name, out, limit, &count) ? count : 0;
}

/* ---- other shapes ---- */

static bool is_empty(struct build *b, size_t input)
{
	return input < b->node->input_count && b->node->inputs[input][0] != '\0' &&
	       build_in(b, input) < 0;
}

static void convert_reshape(struct build *b)
{
	int32_t x = build_need(b, 0);
	const struct shape *in = onnx_shape(b, x);
	int64_t wanted[SHAPE_MOST_RANK];
	struct shape s = { 0 };
	int open = -1;
	size_t count = is_empty(b, 1) ? 0 : ints_of(b, 1, "shape", wanted, SHAPE_MOST_RANK);

	for (size_t i = 0; b->rc == 0 && i < count; i++) {
		if (wanted[i] == 0 && attribute_int(b, "allowzero", 0) == 0)
			wanted[i] = (int)i < in->rank ? in->dim[i] : 0;
		if (wanted[i] == -1 && open < 0)
			open = (int)i;
		else if (wanted[i] < 1 || wanted[i] > SHAPE_MOST_ELEMENTS)
			build_fail(b, -EBADMSG, "a dimension of %lld", (long long)wanted[i]);
		s.dim[s.rank++] = wanted[i] == -1 ? 1 : (int32_t)wanted[i];
	}
	size_t known = shape_elements(&s);
	if (b->rc == 0 && open >= 0 && known > 0)
		s.dim[open] = (int32_t)(shape_elements(in) / known);
	build_out(b, 0, build_reshape(b, x, &s));
}

static void convert_flatten(struct build *b)
{
	int32_t x = build_need(b, 0);
	const struct shape *in = onnx_shape(b, x);
	int64_t axis = attribute_int(b, "axis", 1);

	axis += axis < 0 ? in->rank : 0;
	if (axis < 0 || axis > in->rank)
		build_fail(b, -EBADMSG, "axis %lld of %d dimensions", (long long)axis, in->rank);
	if (b->rc < 0)
		return;
	struct shape s = { 2,
			   { (int32_t)shape_product(in, 0, (int)axis),
			     (int32_t)shape_product(in, (int)axis, in->rank) } };
	build_out(b, 0, build_reshape(b, x, &s));
}

static void convert_squeeze(struct build *b)
{
	int64_t axes[SHAPE_MOST_RANK];
	int32_t x = build_need(b, 0);
	size_t count = ints_of(b, 1, "axes", axes, SHAPE_MOST_RANK);
	union options o = { .squeeze = { .count = (int32_t)count } };

	for (size_t i = 0; i < count; i++)
		o.squeeze.axes[i] = onnx_axis(b, x, axes[i]);
	build_out(b, 0, build_op(b, "SQUEEZE", &x, 1, &o));
}

static void convert_unsqueeze(struct build *b)
{
	int64_t axes[SHAPE_MOST_RANK];
	int32_t x = build_need(b, 0);
	size_t count = ints_of(b, 1, "axes", axes, SHAPE_MOST_RANK);
	const struct shape *in = onnx_shape(b, x);
	struct shape s = { .rank = in->rank + (int)count };
	bool added[SHAPE_MOST_RANK] = { false };

	if (s.rank > SHAPE_MOST_RANK)
		build_fail(b, -EOPNOTSUPP, "more than %d dimensions", SHAPE_MOST_RANK);
	for (size_t i = 0; b->rc == 0 && i < count; i++) {
		int axis = shape_axis(&s, axes[i]);
		if (axis < 0 || added[axis])
			build_fail(b, -EBADMSG, "axis %lld of %d dimensions", (long long)axes[i],
				   s.rank);
		else
			added[axis] = true;
	}
	for (int d = 0, k = 0; b->rc == 0 && d < s.rank; d++)
		s.dim[d] = added[d] ? 1 : in->dim[k++];
	if (b->rc == 0)
		build_out(b, 0, build_reshape(b, x, &s));
}

static void convert_transpose(struct build *b)
{
	int64_t values[SHAPE_MOST_RANK];
	int32_t x = build_need(b, 0);
	int rank = onnx_shape(b, x)->rank, order[SHAPE_MOST_RANK];
	size_t count = attribute_ints(b, "perm", values, SHAPE_MOST_RANK);

	if (count != 0 && count != (size_t)rank)
		build_fail(b, -EBADMSG, "perm has %zu values (%d)", count, rank);
	for (int d = 0; d < rank; d++)
		order[d] = count == 0 ? rank - 1 - d : (int)values[d];
	build_out(b, 0, build_transpose(b, x, order, rank));
}

static void convert_shape(struct build *b)
{
	int32_t x = build_need(b, 0);
	const struct shape *s = onnx_shape(b, x);
	int64_t start = attribute_int(b, "start", 0), end = attribute_int(b, "end", s->rank);
	int64_t sizes[SHAPE_MOST_RANK];
	size_t count = 0;

	start += start < 0 ? s->rank : 0;
	end += end < 0 ? s->rank : 0;
	for (int64_t d = start < 0 ? 0 : start; d < end && d < s->rank; d++)
		sizes[count++] = s->dim[d];
	build_out(b, 0, build_ints(b, sizes, count));
}

static void convert_size(struct build *b)
{
	int32_t x = build_need(b, 0);

	build_out(b, 0, build_int(b, (int64_t)tensor_elements(build_tensor(b, x))));
}

/* ---- joining and cutting ---- */

int32_t onnx_concat(struct build *b, const int32_t *parts, size_t count, int64_t axis)
{
	int32_t kept[MANY];
	size_t kept_count = 0;

	for (size_t i = 0; i < count && kept_count < MANY; i++)
		if (parts[i] >= 0)
			kept[kept_count++] = parts[i];
	if (kept_count == 0)
		return build_ints(b, NULL, 0);
	union options o = { .axis = { .axis = (int32_t)axis } };
	return kept_count == 1 ? kept[0] : build_op(b, "CONCATENATION", kept, kept_count, &o);
}

static void convert_concat(struct build *b)
{
	int32_t parts[MANY];

	if (b->node->input_count > MANY)
		build_fail(b, -EOPNOTSUPP, "%zu parts (at most %d)", b->node->input_count, MANY);
	for (size_t i = 0; b->rc == 0 && i < b->node->input_count; i++)
		parts[i] = build_in(b, i); /* an empty one adds nothing */
	if (b->rc == 0)
		build_out(b, 0,
			  onnx_concat(b, parts, b->node->input_count, attribute_int(b, "axis", 1)));
}

/* Sizes by an input or an attribute; else equal parts, the last one smaller. */
static void convert_split(struct build *b)
{
	int64_t sizes[MANY];
	int32_t x = build_need(b, 0), outs[MANY];
	int axis = onnx_axis(b, x, attribute_int(b, "axis", 0));
	size_t parts = b->node->output_count, count = ints_of(b, 1, "split", sizes, MANY);

	if (parts < 1 || parts > MANY || (count != 0 && count != parts))
		build_fail(b, -EBADMSG, "%zu sizes for %zu parts", count, parts);
	if (b->rc < 0)
		return;
	int64_t whole = onnx_shape(b, x)->dim[axis],
		each = (whole + (int64_t)parts - 1) / (int64_t)parts;
	for (size_t i = 0; count == 0 && i < parts; i++)
		sizes[i] = i + 1 < parts ? each : whole - each * (int64_t)(parts - 1);
	int32_t inputs[] = { x, build_ints(b, sizes, parts), build_int(b, axis) };
	build_op_many(b, "SPLIT_V", inputs, 3, NULL, NULL, outs, parts);
	for (size_t i = 0; i < parts; i++)
		build_out(b, i, outs[i]);
}

/* A slice without elements is left out by those that take it. */
static bool is_nothing(int64_t start, int64_t end, int32_t size)
{
	start += start < 0 ? size : 0;
	end += end < 0 ? size : 0;
	return (start < 0 ? 0 : start) >= (end > size ? size : end);
}

/* Starts, ends, axes and steps become bounds for every dimension. */
static void slice_constant(struct build *b, int32_t x, const int64_t *starts, const int64_t *ends,
			   const int64_t *axes, const int64_t *steps, size_t count)
{
	const struct shape *in = onnx_shape(b, x);
	int64_t begin[SHAPE_MOST_RANK] = { 0 }, end[SHAPE_MOST_RANK], step[SHAPE_MOST_RANK];
	union options o = { 0 };

	for (int d = 0; d < in->rank; d++) {
		end[d] = in->dim[d];
		step[d] = 1;
	}
	for (size_t i = 0; i < count; i++) {
		int d = onnx_axis(b, x, axes[i]);
		if (steps[i] > 0 && is_nothing(starts[i], ends[i], in->dim[d])) {
			build_out(b, 0, build_ints(b, NULL, 0));
			return;
		}
		begin[d] = starts[i];
		end[d] = ends[i];
		step[d] = steps[i];
		/* below the beginning: an end of -1 would count from behind */
		if (ends[i] < -in->dim[d])
			o.slice.end_mask |= steps[i] < 0 ? 1 << d : 0;
	}
	int32_t inputs[] = { x, build_ints(b, begin, (size_t)in->rank),
			     build_ints(b, end, (size_t)in->rank),
			     build_ints(b, step, (size_t)in->rank) };
	build_out(b, 0, build_op(b, "STRIDED_SLICE", inputs, 4, &o));
}

static void convert_slice(struct build *b)
{
	int64_t starts[SHAPE_MOST_RANK], ends[SHAPE_MOST_RANK], axes[SHAPE_MOST_RANK],
		steps[SHAPE_MOST_RANK];
	int32_t x = build_need(b, 0);
	size_t count = ints_of(b, 1, "starts", starts, SHAPE_MOST_RANK);
	size_t end_count = ints_of(b, 2, "ends", ends, SHAPE_MOST_RANK);
	size_t axis_count = ints_of(b, 3, "axes", axes, SHAPE_MOST_RANK);
	size_t step_count = ints_of(b, 4, "steps", steps, SHAPE_MOST_RANK);

	for (size_t i = 0; i < count; i++) {
		axes[i] = axis_count == 0 ? (int64_t)i : axes[i];
		steps[i] = step_count == 0 ? 1 : steps[i];
	}
	if (end_count != count || (axis_count != 0 && axis_count != count) ||
	    (step_count != 0 && step_count != count) || count > (size_t)onnx_shape(b, x)->rank)
		build_fail(b, -EBADMSG, "%zu starts, %zu ends, %zu axes and %zu steps", count,
			   end_count, axis_count, step_count);
	if (b->rc == 0)
		slice_constant(b, x, starts, ends, axes, steps, count);
}

/* pads: all before, then all behind; from operator set 18 on of some axes only. */
static size_t read_pads(struct build *b, int32_t x, int64_t *out)
{
	int64_t given[2 * SHAPE_MOST_RANK], axes[SHAPE_MOST_RANK];
	size_t rank = (size_t)onnx_shape(b, x)->rank;
	size_t count = ints_of(b, 1, "pads", given, 2 * SHAPE_MOST_RANK);
	size_t some = ints_of(b, 3, "axes", axes, SHAPE_MOST_RANK);

	for (size_t d = 0; some == 0 && d < rank; d++)
		axes[d] = (int64_t)d;
	some = some == 0 ? rank : some;
	if (count != 2 * some)
		build_fail(b, -EBADMSG, "%zu pads for %zu dimensions", count, some);
	memset(out, 0, 2 * rank * sizeof(*out));
	for (size_t i = 0; b->rc == 0 && i < some; i++) {
		int d = onnx_axis(b, x, axes[i]);
		out[2 * d] = given[i];
		out[2 * d + 1] = given[some + i];
	}
	return rank;
}

/* Negative ones cut off. */
static int32_t cut_negative(struct build *b, int32_t x, int64_t *pads, size_t rank)
{
	int64_t begin[SHAPE_MOST_RANK], size[SHAPE_MOST_RANK];
	bool cuts = false;

	for (size_t d = 0; d < rank; d++) {
		int64_t before = pads[2 * d] < 0 ? -pads[2 * d] : 0;
		int64_t after = pads[2 * d + 1] < 0 ? -pads[2 * d + 1] : 0;
		begin[d] = before;
		size[d] = onnx_shape(b, x)->dim[d] - before - after;
		if (size[d] < 1)
			build_fail(b, -EBADMSG, "nothing would be left");
		cuts |= before > 0 || after > 0;
		pads[2 * d] = pads[2 * d] < 0 ? 0 : pads[2 * d];
		pads[2 * d + 1] = pads[2 * d + 1] < 0 ? 0 : pads[2 * d + 1];
	}
	if (!cuts)
		return x;
	int32_t inputs[] = { x, build_ints(b, begin, rank), build_ints(b, size, rank) };
	return build_op(b, "SLICE", inputs, 3, NULL);
}

static void convert_pad(struct build *b)
{
	static const char *const modes[] = { "reflect", NULL, "edge", "wrap" };
	int64_t pads[2 * SHAPE_MOST_RANK];
	int32_t x = build_need(b, 0), value = build_in(b, 2);
	size_t rank = read_pads(b, x, pads);
	const char *mode = attribute_text(b, "mode", "constant");
	union options o = { 0 };

	if (b->rc < 0)
		return;
	x = cut_negative(b, x, pads, rank);
	int32_t padding = build_op_typed(
		b, "RESHAPE", (int32_t[]){ build_ints(b, pads, 2 * rank) }, 1,
		&(union options){ .reshape = { { 2, { (int32_t)rank, 2 } }, true } }, TENSOR_INT64);
	if (strcmp(mode, "constant") == 0) {
		if (value < 0 && attribute(b, "value") != NULL)
			value = build_float(b, attribute_float(b, "value", 0));
		if (value >= 0)
			value = build_cast(b, value, build_tensor(b, x)->type);
		build_out(b, 0,
			  build_op(b, value < 0 ? "PAD" : "PADV2", (int32_t[]){ x, padding, value },
				   value < 0 ? 2 : 3, NULL));
		return;
	}
	for (o.mirror.mode = 0; o.mirror.mode < 4; o.mirror.mode++)
		if (modes[o.mirror.mode] != NULL && strcmp(mode, modes[o.mirror.mode]) == 0)
			break;
	if (o.mirror.mode == 4)
		build_fail(b, -EOPNOTSUPP, "mode %.40s", mode);
	build_out(b, 0, build_op(b, "MIRROR_PAD", (int32_t[]){ x, padding }, 2, &o));
}

/* Backwards along time, where every sequence has the full length. */
static void convert_reverse_sequence(struct build *b)
{
	int64_t lengths[MANY], time = attribute_int(b, "time_axis", 0);
	int32_t x = build_need(b, 0);
	int axis = onnx_axis(b, x, time);
	size_t count;

	if (!build_read_ints(b, build_need(b, 1), "sequence_lens", lengths, MANY, &count))
		return;
	for (size_t i = 0; i < count; i++)
		if (lengths[i] != onnx_shape(b, x)->dim[axis])
			build_fail(b, -EOPNOTSUPP, "a sequence of %lld of %d steps",
				   (long long)lengths[i], onnx_shape(b, x)->dim[axis]);
	time = axis;
	build_out(b, 0, build_two(b, "REVERSE_V2", x, build_ints(b, &time, 1)));
}

const struct onnx_converter onnx_shapes[] = {
	{ "Concat", convert_concat },
	{ "Flatten", convert_flatten },
	{ "Pad", convert_pad },
	{ "Reshape", convert_reshape },
	{ "ReverseSequence", convert_reverse_sequence },
	{ "Shape", convert_shape },
	{ "Size", convert_size },
	{ "Slice", convert_slice },
	{ "Split", convert_split },
	{ "Squeeze", convert_squeeze },
	{ "Transpose", convert_transpose },
	{ "Unsqueeze", convert_unsqueeze },
	{ 0 },
};
