/* strided_slice.c - STRIDED_SLICE and SLICE: every so-many-th value of a part, as NumPy cuts it. */
#include <errno.h>

#include "nn/op.h"
#include "nn/view.h"

struct slice {
	int rank; /* of the input */
	int64_t begin[SHAPE_MOST_RANK], stride[SHAPE_MOST_RANK];
	int32_t count[SHAPE_MOST_RANK];
	struct shape out;
};

static int64_t limited(int64_t v, int64_t low, int64_t high)
{
	return v < low ? low : v > high ? high : v;
}

static bool has_bit(int32_t mask, size_t bit)
{
	return mask >> bit & 1;
}

/* Dimension d of the input by entry `given` of the bounds: where it begins, how it steps, how
 * many. */
static int slice_dimension(const struct op_node *n, int d, size_t given, struct slice *s,
			   struct fault *f)
{
	const union options *o = &n->node->options;
	const int64_t bound = INT64_C(1) << 40; /* far beyond any size, far from overflow */
	int32_t size = n->inputs[0]->shape.dim[d];
	int64_t begin = tensor_int(n->inputs[1], given), end = tensor_int(n->inputs[2], given);
	int64_t stride = tensor_int(n->inputs[3], given);
	bool shrink = has_bit(o->slice.shrink_axis_mask, given);

	if (stride == 0 || stride > INT32_MAX || stride < INT32_MIN || (shrink && stride < 0))
		return fault_set(f, -EBADMSG, "stride %lld in dimension %d", (long long)stride, d);
	begin = limited(begin, -bound, bound);
	end = limited(end, -bound, bound) + (o->slice.offset ? begin : 0);
	begin += begin < 0 ? size : 0;
	end += end < 0 ? size : 0;
	int64_t low = stride > 0 ? 0 : -1, high = stride > 0 ? size : size - 1;
	if (shrink && (begin < 0 || begin >= size))
		return fault_set(f, -EBADMSG, "index %lld of %d in dimension %d", (long long)begin,
				 size, d);
	begin = has_bit(o->slice.begin_mask, given) && !shrink ? (stride > 0 ? 0 : size - 1)
							       : limited(begin, low, high);
	end = has_bit(o->slice.end_mask, given) ? (stride > 0 ? size : -1)
						: limited(end, low, high);
	if (shrink)
		end = begin + 1;
	int64_t span = stride > 0 ? end - begin : begin - end, step = stride > 0 ? stride : -stride;
	s->begin[d] = begin;
	s->stride[d] = stride;
	s->count[d] = (int32_t)(span <= 0 ? 0 : (span - 1) / step + 1);
	return 0;
}

static int add_dimension(struct slice *s, int32_t size, struct fault *f)
{
	if (s->out.rank == SHAPE_MOST_RANK)
		return fault_set(f, -EOPNOTSUPP, "more than %d dimensions", SHAPE_MOST_RANK);
	s->out.dim[s->out.rank++] = size;
	return 0;
}

static void take_whole(const struct op_node *n, int d, struct slice *s)
{
	s->begin[d] = 0;
	s->stride[d] = 1;
	s->count[d] = n->inputs[0]->shape.dim[d];
}

/* Entries of the bounds that stand for no dimension of the input: one ellipsis, new axes. */
static size_t without_dimension(const union options *o, size_t given)
{
	size_t count = 0;

	for (size_t i = 0; i < given; i++)
		count += has_bit(o->slice.ellipsis_mask, i) || has_bit(o->slice.new_axis_mask, i);
	return count;
}

/* Entry by entry: an ellipsis takes as many dimensions as are left over, a new axis none. */
static int slice_of(const struct op_node *n, struct slice *s, struct fault *f)
{
	const union options *o = &n->node->options;
	size_t given = tensor_elements(n->inputs[1]);
	int d = 0, rc = 0, covered = (int)(given - without_dimension(o, given));

	*s = (struct slice){ .rank = n->inputs[0]->shape.rank };
	if (covered > s->rank)
		return fault_set(f, -EBADMSG, "%zu bounds for %d dimensions", given, s->rank);
	for (size_t i = 0; rc == 0 && i < given; i++) {
		if (has_bit(o->slice.ellipsis_mask, i)) {
			for (int left = s->rank - covered; rc == 0 && left > 0 && d < s->rank;
			     left--, d++) {
				take_whole(n, d, s);
				rc = add_dimension(s, s->count[d], f);
			}
		} else if (has_bit(o->slice.new_axis_mask, i)) {
			rc = add_dimension(s, 1, f);
		} else if (d < s->rank) {
			rc = slice_dimension(n, d, i, s, f);
			if (rc == 0 && !has_bit(o->slice.shrink_axis_mask, i))
				rc = add_dimension(s, s->count[d], f);
			d++;
		}
	}
	for (; rc == 0 && d < s->rank; d++) {
		take_whole(n, d, s);
		rc = add_dimension(s, s->count[d], f);
	}
	return rc;
}

static int slice_check(const struct op_node *n, struct fault *f)
{
	static const char *const names[] = { "input", "begin", "end", "strides" };
	struct slice s;
	int rc = op_expect(n, 4, 1, f);

	for (int i = 1; rc == 0 && i < 4; i++)
		rc = op_expect_constant(n->inputs[i], names[i], f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc < 0)
		return rc;
	size_t given = tensor_elements(n->inputs[1]);
	if (given > 2 * SHAPE_MOST_RANK || tensor_elements(n->inputs[2]) != given ||
	    tensor_elements(n->inputs[3]) != given || tensor_type_bytes(n->inputs[0]->type) == 0)
		return fault_set(f, -EBADMSG, "%zu bounds for %d dimensions of %s", given,
				 n->inputs[0]->shape.rank, tensor_type_name(n->inputs[0]->type));
	rc = slice_of(n, &s, f);
	return rc < 0 ? rc : op_set_shape(n, 0, &s.out, f);
}

static int slice_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	n->state = arena_alloc(memory, 1, sizeof(struct slice));
	return n->state == NULL ? fault_set(f, -ENOMEM, "no memory") : slice_of(n, n->state, f);
}

static void slice_run(const struct op_node *n)
{
	const struct slice *s = n->state;
	const struct shape *in = &n->inputs[0]->shape;
	struct view v = { 0 };

	for (int d = 0; d < s->rank; d++) {
		int64_t stride = (int64_t)shape_product(in, d + 1, in->rank);
		view_add(&v, s->count[d], s->stride[d] * stride);
		v.offset += s->begin[d] * stride;
	}
	view_read(&v, n->inputs[0]->data, n->outputs[0]->data,
		  tensor_type_bytes(n->inputs[0]->type));
}

const struct op op_strided_slice = {
	.name = "STRIDED_SLICE",
	.check = slice_check,
	.plan = slice_plan,
	.run = slice_run,
};

/* ---- SLICE: where it begins and how many; -1 takes what is left ---- */

static int plain_slice_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 3, 1, f);

	if (rc == 0)
		rc = op_expect_constant(n->inputs[1], "begin", f);
	if (rc == 0)
		rc = op_expect_constant(n->inputs[2], "size", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc < 0)
		return rc;
	struct shape shape = n->inputs[0]->shape;
	if (tensor_elements(n->inputs[1]) != (size_t)shape.rank ||
	    tensor_elements(n->inputs[2]) != (size_t)shape.rank ||
	    tensor_type_bytes(n->inputs[0]->type) == 0)
		return fault_set(f, -EBADMSG, "%zu bounds for %d dimensions of %s",
				 tensor_elements(n->inputs[1]), shape.rank,
				 tensor_type_name(n->inputs[0]->type));
	for (int d = 0; d < shape.rank; d++) {
		int64_t begin = tensor_int(n->inputs[1], (size_t)d);
		int64_t size = tensor_int(n->inputs[2], (size_t)d), whole = shape.dim[d];
		if (begin < 0 || begin >= whole || size < -1 || size == 0 || size > whole - begin)
			return fault_set(f, -EBADMSG, "%lld from %lld on of %lld in dimension %d",
					 (long long)size, (long long)begin, (long long)whole, d);
		shape.dim[d] = (int32_t)(size == -1 ? whole - begin : size);
	}
	return op_set_shape(n, 0, &shape, f);
}

static void plain_slice_run(const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape;
	struct view v = { 0 };

	for (int d = 0; d < in->rank; d++) {
		int64_t stride = (int64_t)shape_product(in, d + 1, in->rank);
		view_add(&v, n->outputs[0]->shape.dim[d], stride);
		v.offset += tensor_int(n->inputs[1], (size_t)d) * stride;
	}
	view_read(&v, n->inputs[0]->data, n->outputs[0]->data,
		  tensor_type_bytes(n->inputs[0]->type));
}

const struct op op_slice = { .name = "SLICE", .check = plain_slice_check, .run = plain_slice_run };
