/* strided_slice.c - STRIDED_SLICE: every so-many-th value of a part, as NumPy cuts it. */
#include <errno.h>
#include <string.h>

#include "nn/op.h"

struct slice {
	int rank;			/* of the input */
	int64_t begin[SHAPE_MOST_RANK], stride[SHAPE_MOST_RANK];
	int32_t count[SHAPE_MOST_RANK];
};

static int64_t limited(int64_t v, int64_t low, int64_t high)
{
	return v < low ? low : v > high ? high : v;
}

/* One dimension of size `size`: where it begins, how far it steps, how many there are. */
static int slice_dimension(const struct op_node *n, int d, int32_t size, struct slice *s, struct fault *f)
{
	const union options *o = &n->node->options;
	int64_t begin = tensor_int(n->inputs[1], (size_t)d), end = tensor_int(n->inputs[2], (size_t)d);
	int64_t stride = tensor_int(n->inputs[3], (size_t)d);
	bool shrink = o->slice.shrink_axis_mask >> d & 1;

	if (stride == 0 || (shrink && stride < 0))
		return fault_set(f, -EBADMSG, "stride %lld in dimension %d", (long long)stride, d);
	if (o->slice.offset)
		end += begin;
	begin += begin < 0 ? size : 0;
	end += end < 0 ? size : 0;
	int64_t low = stride > 0 ? 0 : -1, high = stride > 0 ? size : size - 1;
	if (shrink && (begin < 0 || begin >= size))
		return fault_set(f, -EBADMSG, "index %lld of %d in dimension %d", (long long)begin, size, d);
	begin = o->slice.begin_mask >> d & 1 ? (stride > 0 ? 0 : size - 1) : limited(begin, low, high);
	end = o->slice.end_mask >> d & 1 ? (stride > 0 ? size : -1) : limited(end, low, high);
	if (shrink)
		end = begin + 1;
	int64_t span = stride > 0 ? end - begin : begin - end, step = stride > 0 ? stride : -stride;
	s->begin[d] = begin;
	s->stride[d] = stride;
	s->count[d] = (int32_t)(span <= 0 ? 0 : (span - 1) / step + 1);
	return 0;
}

static int slice_of(const struct op_node *n, struct slice *out, struct fault *f)
{
	const struct shape *in = &n->inputs[0]->shape;
	int given = (int)tensor_elements(n->inputs[1]);

	*out = (struct slice){ .rank = in->rank };
	for (int d = 0; d < in->rank; d++) {
		out->stride[d] = 1;
		out->count[d] = in->dim[d];
		int rc = d < given ? slice_dimension(n, d, in->dim[d], out, f) : 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int slice_check(const struct op_node *n, struct fault *f)
{
	static const char *const names[] = { "input", "begin", "end", "strides" };
	struct slice s;
	int rc = op_expect(n, 4, 1, f);

	for (int i = 1; rc == 0 && i < 4; i++)
		rc = op_expect_constant(n->inputs[i], names[i], f);
	if (rc == 0)
		rc = op_expect_type(n->outputs[0], TYPE_BIT(n->inputs[0]->type), "output", f);
	if (rc < 0)
		return rc;
	size_t given = tensor_elements(n->inputs[1]);
	if (n->node->options.slice.ellipsis_mask != 0 || n->node->options.slice.new_axis_mask != 0)
		return fault_set(f, -EOPNOTSUPP, "ellipsis or new axis");
	if (given > (size_t)n->inputs[0]->shape.rank || tensor_elements(n->inputs[2]) != given ||
	    tensor_elements(n->inputs[3]) != given || tensor_type_bytes(n->inputs[0]->type) == 0)
		return fault_set(f, -EBADMSG, "%zu bounds for %d dimensions", given, n->inputs[0]->shape.rank);
	rc = slice_of(n, &s, f);
	if (rc < 0)
		return rc;
	struct shape shape = { 0 };
	for (int d = 0; d < s.rank; d++)
		if (!(n->node->options.slice.shrink_axis_mask >> d & 1))
			shape.dim[shape.rank++] = s.count[d];
	return op_set_shape(n, 0, &shape, f);
}

static int slice_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	n->state = arena_alloc(memory, 1, sizeof(struct slice));
	return n->state == NULL ? fault_set(f, -ENOMEM, "no memory") : slice_of(n, n->state, f);
}

static void copy(const struct op_node *n, int d, size_t offset, char **to)
{
	const struct slice *s = n->state;
	const struct shape *in = &n->inputs[0]->shape;
	size_t bytes = tensor_type_bytes(n->inputs[0]->type);

	if (d == s->rank) {
		memcpy(*to, (const char *)n->inputs[0]->data + offset * bytes, bytes);
		*to += bytes;
		return;
	}
	for (int32_t i = 0; i < s->count[d]; i++)
		copy(n, d + 1, offset * (size_t)in->dim[d] + (size_t)(s->begin[d] + i * s->stride[d]), to);
}

static void slice_run(const struct op_node *n)
{
	char *to = n->outputs[0]->data;

	copy(n, 0, 0, &to);
}

const struct op op_strided_slice = {
	.name = "STRIDED_SLICE", .check = slice_check, .plan = slice_plan, .run = slice_run,
};
