/* tile.c - TILE, BROADCAST_TO and REVERSE_V2: a tensor repeated, or backwards. */
#include <errno.h>
#include <string.h>

#include "nn/op.h"
#include "nn/view.h"

static int start_check(const struct op_node *n, const char *second, struct fault *f)
{
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_constant(n->inputs[1], second, f);
	if (rc == 0 && tensor_type_bytes(n->inputs[0]->type) == 0)
		return fault_set(f, -EOPNOTSUPP, "type %s", tensor_type_name(n->inputs[0]->type));
	return rc < 0 ? rc : op_output_type(n, 0, n->inputs[0]->type, f);
}

static int64_t stride_of(const struct shape *s, int d)
{
	return (int64_t)shape_product(s, d + 1, s->rank);
}

static void copy_view(const struct op_node *n, const struct view *v)
{
	view_read(v, n->inputs[0]->data, n->outputs[0]->data,
		  tensor_type_bytes(n->inputs[0]->type));
}

/* ---- TILE ---- */

static int tile_check(const struct op_node *n, struct fault *f)
{
	int rc = start_check(n, "multiples", f);

	if (rc < 0)
		return rc;
	struct shape shape = n->inputs[0]->shape;
	if (tensor_elements(n->inputs[1]) != (size_t)shape.rank)
		return fault_set(f, -EBADMSG, "%zu multiples for %d dimensions",
				 tensor_elements(n->inputs[1]), shape.rank);
	for (int d = 0; d < shape.rank; d++) {
		int64_t times = tensor_int(n->inputs[1], (size_t)d);
		if (times < 1 || times > SHAPE_MOST_ELEMENTS / shape.dim[d])
			return fault_set(f, -EBADMSG, "%lld times", (long long)times);
		shape.dim[d] *= (int32_t)times;
	}
	return op_set_shape(n, 0, &shape, f);
}

static void tile_run(const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape;
	struct view v = { 0 };

	for (int d = 0; d < in->rank; d++) {
		view_add(&v, n->outputs[0]->shape.dim[d] / in->dim[d], 0);
		view_add(&v, in->dim[d], stride_of(in, d));
	}
	copy_view(n, &v);
}

const struct op op_tile = { .name = "TILE", .check = tile_check, .run = tile_run };

/* ---- BROADCAST_TO: ONNX's Expand may also ask for less than the input has ---- */

static int broadcast_check(const struct op_node *n, struct fault *f)
{
	struct shape wanted = { 0 }, shape;
	int rc = start_check(n, "shape", f);

	if (rc < 0)
		return rc;
	size_t rank = tensor_elements(n->inputs[1]);
	if (rank > SHAPE_MOST_RANK)
		return fault_set(f, -EOPNOTSUPP, "%zu dimensions (at most %d)", rank,
				 SHAPE_MOST_RANK);
	for (size_t d = 0; d < rank; d++) {
		int64_t size = tensor_int(n->inputs[1], d);
		if (size < 1 || size > SHAPE_MOST_ELEMENTS)
			return fault_set(f, -EBADMSG, "a dimension of %lld", (long long)size);
		wanted.dim[wanted.rank++] = (int32_t)size;
	}
	if (!shape_broadcast(&n->inputs[0]->shape, &wanted, &shape))
		return fault_set(f, -EBADMSG, "its input does not go with that shape");
	return op_set_shape(n, 0, &shape, f);
}

static void broadcast_run(const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape, *out = &n->outputs[0]->shape;
	struct view v = { 0 };

	for (int d = 0; d < out->rank; d++) {
		int own = d - (out->rank - in->rank);
		bool repeated = own < 0 || in->dim[own] == 1;
		view_add(&v, out->dim[d], repeated ? 0 : stride_of(in, own));
	}
	copy_view(n, &v);
}

const struct op op_broadcast_to = { .name = "BROADCAST_TO",
				    .check = broadcast_check,
				    .run = broadcast_run };

/* ---- REVERSE_V2 ---- */

static int reverse_check(const struct op_node *n, struct fault *f)
{
	int rc = start_check(n, "axes", f);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < tensor_elements(n->inputs[1]); i++)
		if (shape_axis(&n->inputs[0]->shape, tensor_int(n->inputs[1], i)) < 0)
			return fault_set(f, -EBADMSG, "axis %lld of %d dimensions",
					 (long long)tensor_int(n->inputs[1], i),
					 n->inputs[0]->shape.rank);
	return op_set_shape(n, 0, &n->inputs[0]->shape, f);
}

static void reverse_run(const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape;
	bool reversed[SHAPE_MOST_RANK] = { false };
	struct view v = { 0 };

	for (size_t i = 0; i < tensor_elements(n->inputs[1]); i++)
		reversed[shape_axis(in, tensor_int(n->inputs[1], i))] = true;
	for (int d = 0; d < in->rank; d++) {
		int64_t stride = stride_of(in, d);
		view_add(&v, in->dim[d], reversed[d] ? -stride : stride);
		v.offset += reversed[d] ? (in->dim[d] - 1) * stride : 0;
	}
	copy_view(n, &v);
}

const struct op op_reverse_v2 = { .name = "REVERSE_V2",
				  .check = reverse_check,
				  .run = reverse_run };
