/* gather_nd.c - GATHER_ND, SCATTER_ND, DYNAMIC_UPDATE_SLICE, and ONNX's GATHER_ELEMENTS,
 * SCATTER_ELEMENTS and SCATTER_UPDATE: values picked or put by computed places. A place outside of
 * the tensor reads zeros and writes nothing. */
#include <errno.h>
#include <string.h>

#include "nn/op.h"

static int expect_indices(const struct tensor *t, struct fault *f)
{
	return op_expect_type(t, TYPE_BIT(TENSOR_INT32) | TYPE_BIT(TENSOR_INT64), "indices", f);
}

/* The last dimension of the indices is a place in the first `depth` dimensions of the tensor. */
static int nd_depth(const struct tensor *indices, const struct shape *in, struct fault *f)
{
	int rank = indices->shape.rank;
	int depth = rank > 0 ? indices->shape.dim[rank - 1] : 0;

	if (depth < 1 || depth > in->rank)
		return fault_set(f, -EBADMSG, "indices of %d for %d dimensions", depth, in->rank);
	return depth;
}

/* Where slice number i of the indices begins, in elements; SIZE_MAX: outside. Negative places count
 * from the end. */
static size_t nd_place(const struct tensor *indices, const struct shape *in, int depth, size_t i)
{
	size_t at = 0;

	for (int d = 0; d < depth; d++) {
		int64_t x = tensor_int(indices, i * (size_t)depth + (size_t)d);
		x += x < 0 ? in->dim[d] : 0;
		if (x < 0 || x >= in->dim[d])
			return SIZE_MAX;
		at = at * (size_t)in->dim[d] + (size_t)x;
	}
	return at * shape_product(in, depth, in->rank);
}

/* ---- GATHER_ND ---- */

static int gather_nd_check(const struct op_node *n, struct fault *f)
{
	struct shape shape = { 0 };
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = expect_indices(n->inputs[1], f);
	if (rc == 0 && tensor_type_bytes(n->inputs[0]->type) == 0)
		return fault_set(f, -EOPNOTSUPP, "type %s", tensor_type_name(n->inputs[0]->type));
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc < 0)
		return rc;
	const struct shape *in = &n->inputs[0]->shape, *picks = &n->inputs[1]->shape;
	int depth = nd_depth(n->inputs[1], in, f);
	if (depth < 0)
		return depth;
	if (picks->rank - 1 + in->rank - depth > SHAPE_MOST_RANK)
		return fault_set(f, -EOPNOTSUPP, "more than %d dimensions", SHAPE_MOST_RANK);
	for (int d = 0; d < picks->rank - 1; d++)
		shape.dim[shape.rank++] = picks->dim[d];
	for (int d = depth; d < in->rank; d++)
		shape.dim[shape.rank++] = in->dim[d];
	return op_set_shape(n, 0, &shape, f);
}

static void gather_nd_run(const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape;
	int depth = nd_depth(n->inputs[1], in, NULL);
	size_t bytes = tensor_type_bytes(n->inputs[0]->type);
	size_t slice = shape_product(in, depth, in->rank) * bytes;
	size_t count = tensor_elements(n->inputs[1]) / (size_t)depth;
	char *to = n->outputs[0]->data;

	for (size_t i = 0; i < count; i++, to += slice) {
		size_t at = nd_place(n->inputs[1], in, depth, i);
		if (at == SIZE_MAX)
			memset(to, 0, slice);
		else
			memcpy(to, (const char *)n->inputs[0]->data + at * bytes, slice);
	}
}

const struct op op_gather_nd = { .name = "GATHER_ND",
				 .check = gather_nd_check,
				 .run = gather_nd_run };

/* ---- SCATTER_ND (indices, updates, shape) adds into zeros; SCATTER_UPDATE (data, indices,
 * updates) overwrites ---- */

static void add_values(const struct tensor *out, size_t at, const struct tensor *from, size_t i,
		       size_t count)
{
	for (size_t k = 0; k < count; k++)
		if (out->type == TENSOR_FLOAT32)
			((float *)out->data)[at + k] += ((const float *)from->data)[i + k];
		else
			tensor_set_int(out, at + k,
				       (int64_t)((uint64_t)tensor_int(out, at + k) +
						 (uint64_t)tensor_int(from, i + k)));
}

static int check_updates(const struct tensor *indices, const struct tensor *updates,
			 const struct shape *out, struct fault *f)
{
	int depth = nd_depth(indices, out, f);

	if (depth < 0)
		return depth;
	size_t count = tensor_elements(indices) / (size_t)depth;
	size_t slice = shape_product(out, depth, out->rank);
	if (tensor_elements(updates) != count * slice)
		return fault_set(f, -EBADMSG, "%zu updates for %zu places of %zu values",
				 tensor_elements(updates), count, slice);
	return 0;
}

static int scatter_nd_check(const struct op_node *n, struct fault *f)
{
	struct shape shape = { 0 };
	int rc = op_expect(n, 3, 1, f);

	if (rc == 0)
		rc = expect_indices(n->inputs[0], f);
	if (rc == 0)
		rc = op_expect_constant(n->inputs[2], "shape", f);
	if (rc == 0)
		rc = op_expect_type(n->inputs[1],
				    TYPE_BIT(TENSOR_FLOAT32) | TYPES_8_BIT |
					    TYPE_BIT(TENSOR_INT32) | TYPE_BIT(TENSOR_INT64),
				    "updates", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[1]->type, f);
	if (rc < 0)
		return rc;
	size_t rank = tensor_elements(n->inputs[2]);
	if (rank > SHAPE_MOST_RANK)
		return fault_set(f, -EOPNOTSUPP, "more than %d dimensions", SHAPE_MOST_RANK);
	for (size_t d = 0; d < rank; d++) {
		int64_t size = tensor_int(n->inputs[2], d);
		shape.dim[shape.rank++] =
			size > 0 && size <= SHAPE_MOST_ELEMENTS ? (int32_t)size : 0;
	}
	rc = op_set_shape(n, 0, &shape, f);
	return rc < 0 ? rc : check_updates(n->inputs[0], n->inputs[1], &shape, f);
}

static void scatter_nd_run(const struct op_node *n)
{
	const struct tensor *out = n->outputs[0];
	int depth = nd_depth(n->inputs[0], &out->shape, NULL);
	size_t slice = shape_product(&out->shape, depth, out->shape.rank);
	size_t count = tensor_elements(n->inputs[0]) / (size_t)depth;

	memset(out->data, 0, tensor_bytes(out->type, &out->shape));
	for (size_t i = 0; i < count; i++) {
		size_t at = nd_place(n->inputs[0], &out->shape, depth, i);
		if (at != SIZE_MAX)
			add_values(out, at, n->inputs[1], i * slice, slice);
	}
}

const struct op op_scatter_nd = { .name = "SCATTER_ND",
				  .check = scatter_nd_check,
				  .run = scatter_nd_run };

static int scatter_update_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 3, 1, f);

	if (rc == 0)
		rc = expect_indices(n->inputs[1], f);
	if (rc == 0 && tensor_type_bytes(n->inputs[0]->type) == 0)
		return fault_set(f, -EOPNOTSUPP, "type %s", tensor_type_name(n->inputs[0]->type));
	if (rc == 0)
		rc = op_expect_type(n->inputs[2], TYPE_BIT(n->inputs[0]->type), "updates", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc == 0)
		rc = check_updates(n->inputs[1], n->inputs[2], &n->inputs[0]->shape, f);
	return rc < 0 ? rc : op_set_shape(n, 0, &n->inputs[0]->shape, f);
}

static void scatter_update_run(const struct op_node *n)
{
	const struct tensor *out = n->outputs[0];
	int depth = nd_depth(n->inputs[1], &out->shape, NULL);
	size_t bytes = tensor_type_bytes(out->type);
	size_t slice = shape_product(&out->shape, depth, out->shape.rank) * bytes;
	size_t count = tensor_elements(n->inputs[1]) / (size_t)depth;

	memcpy(out->data, n->inputs[0]->data, tensor_bytes(out->type, &out->shape));
	for (size_t i = 0; i < count; i++) {
		size_t at = nd_place(n->inputs[1], &out->shape, depth, i);
		if (at != SIZE_MAX)
			memcpy((char *)out->data + at * bytes,
			       (const char *)n->inputs[2]->data + i * slice, slice);
	}
}

const struct op op_scatter_update = { .name = "SCATTER_UPDATE",
				      .check = scatter_update_check,
				      .run = scatter_update_run };

/* ---- GATHER_ELEMENTS, SCATTER_ELEMENTS: one index an element, along an axis ---- */

static int elements_check(const struct op_node *n, struct fault *f)
{
	bool scatters = strcmp(n->op->name, "SCATTER_ELEMENTS") == 0;
	int rc = op_expect(n, scatters ? 3 : 2, 1, f);

	if (rc == 0)
		rc = expect_indices(n->inputs[1], f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc < 0)
		return rc;
	const struct shape *in = &n->inputs[0]->shape, *picks = &n->inputs[1]->shape;
	int axis = shape_axis(in, n->node->options.axis.axis);
	if (axis < 0 || picks->rank != in->rank || tensor_type_bytes(n->inputs[0]->type) == 0)
		return fault_set(f, -EBADMSG, "axis %d, indices of %d dimensions for %d",
				 n->node->options.axis.axis, picks->rank, in->rank);
	for (int d = 0; d < in->rank; d++)
		if (d != axis && picks->dim[d] > in->dim[d])
			return fault_set(f, -EBADMSG, "indices do not fit in dimension %d", d);
	if (scatters &&
	    (n->inputs[2]->type != n->inputs[0]->type || !shape_equal(&n->inputs[2]->shape, picks)))
		return fault_set(f, -EBADMSG, "updates do not go with the indices");
	return op_set_shape(n, 0, scatters ? in : picks, f);
}

/* The element of the data that index number i names. */
static size_t element_of(const struct op_node *n, size_t i)
{
	const struct shape *in = &n->inputs[0]->shape, *picks = &n->inputs[1]->shape;
	int axis = shape_axis(in, n->node->options.axis.axis);
	size_t at = 0, stride = 1, rest = i;

	for (int d = in->rank - 1; d >= 0; d--) {
		int64_t x = (int64_t)(rest % (size_t)picks->dim[d]);
		rest /= (size_t)picks->dim[d];
		if (d == axis) {
			x = tensor_int(n->inputs[1], i);
			x += x < 0 ? in->dim[d] : 0;
			if (x < 0 || x >= in->dim[d])
				return SIZE_MAX;
		}
		at += (size_t)x * stride;
		stride *= (size_t)in->dim[d];
	}
	return at;
}

static void elements_run(const struct op_node *n)
{
	bool scatters = strcmp(n->op->name, "SCATTER_ELEMENTS") == 0;
	size_t bytes = tensor_type_bytes(n->inputs[0]->type), count = tensor_elements(n->inputs[1]);
	char *out = n->outputs[0]->data;

	if (scatters)
		memcpy(out, n->inputs[0]->data, tensor_elements(n->inputs[0]) * bytes);
	for (size_t i = 0; i < count; i++) {
		size_t at = element_of(n, i);
		if (scatters && at != SIZE_MAX)
			memcpy(out + at * bytes, (const char *)n->inputs[2]->data + i * bytes,
			       bytes);
		else if (!scatters && at != SIZE_MAX)
			memcpy(out + i * bytes, (const char *)n->inputs[0]->data + at * bytes,
			       bytes);
		else if (!scatters)
			memset(out + i * bytes, 0, bytes);
	}
}

const struct op op_gather_elements = { .name = "GATHER_ELEMENTS",
				       .check = elements_check,
				       .run = elements_run };
const struct op op_scatter_elements = { .name = "SCATTER_ELEMENTS",
					.check = elements_check,
					.run = elements_run };

/* ---- DYNAMIC_UPDATE_SLICE (operand, update, start): the start is moved so that it fits ---- */

static int update_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 3, 1, f);

	if (rc == 0)
		rc = expect_indices(n->inputs[2], f);
	if (rc == 0)
		rc = op_expect_type(n->inputs[1], TYPE_BIT(n->inputs[0]->type), "update", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc < 0)
		return rc;
	const struct shape *in = &n->inputs[0]->shape, *part = &n->inputs[1]->shape;
	if (in->rank != part->rank || tensor_elements(n->inputs[2]) != (size_t)in->rank ||
	    tensor_type_bytes(n->inputs[0]->type) == 0)
		return fault_set(f, -EBADMSG, "operand, update and start do not go together");
	for (int d = 0; d < in->rank; d++)
		if (part->dim[d] > in->dim[d])
			return fault_set(f, -EBADMSG, "update is larger in dimension %d", d);
	return op_set_shape(n, 0, in, f);
}

static void update_run(const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape, *part = &n->inputs[1]->shape;
	size_t bytes = tensor_type_bytes(n->inputs[0]->type), count = shape_elements(part);
	char *out = n->outputs[0]->data;

	memcpy(out, n->inputs[0]->data, shape_elements(in) * bytes);
	for (size_t i = 0; i < count; i++) {
		size_t at = 0, stride = 1, rest = i;
		for (int d = in->rank - 1; d >= 0; d--) {
			int64_t start = tensor_int(n->inputs[2], (size_t)d);
			int64_t most = in->dim[d] - part->dim[d];
			start = start < 0 ? 0 : start > most ? most : start;
			at += ((size_t)start + rest % (size_t)part->dim[d]) * stride;
			rest /= (size_t)part->dim[d];
			stride *= (size_t)in->dim[d];
		}
		memcpy(out + at * bytes, (const char *)n->inputs[1]->data + i * bytes, bytes);
	}
}

const struct op op_dynamic_update_slice = { .name = "DYNAMIC_UPDATE_SLICE",
					    .check = update_check,
					    .run = update_run };
