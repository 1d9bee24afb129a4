/* pack.c - PACK and UNPACK: tensors stacked along a new axis, and taken apart. */
#include <errno.h>

#include "nn/op.h"
#include "nn/view.h"

static int axis_of(const struct op_node *n, int rank) /* of the stacked one */
{
	int64_t axis = n->node->options.axis.axis;

	axis += axis < 0 ? rank : 0;
	return axis < 0 || axis >= rank ? -1 : (int)axis;
}

static int pack_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, n->input_count > 0 ? n->input_count : 1, 1, f);

	if (rc < 0)
		return rc;
	const struct tensor *first = n->inputs[0];
	int axis = axis_of(n, first->shape.rank + 1);
	if (axis < 0 || first->shape.rank == SHAPE_MOST_RANK || tensor_type_bytes(first->type) == 0)
		return fault_set(f, -EBADMSG, "axis %d for %d dimensions of %s",
				 n->node->options.axis.axis, first->shape.rank,
				 tensor_type_name(first->type));
	for (uint32_t i = 1; i < n->input_count; i++)
		if (n->inputs[i]->type != first->type ||
		    !shape_equal(&n->inputs[i]->shape, &first->shape))
			return fault_set(f, -EBADMSG, "input %u does not go with input 0", i);
	struct shape shape = { .rank = first->shape.rank + 1 };
	for (int d = 0, k = 0; d < shape.rank; d++)
		shape.dim[d] = d == axis ? (int32_t)n->input_count : first->shape.dim[k++];
	rc = op_output_type(n, 0, first->type, f);
	return rc < 0 ? rc : op_set_shape(n, 0, &shape, f);
}

/* One of the parts, as it lies in the stack. */
static struct view part_of(const struct shape *stack, int axis, uint32_t number)
{
	struct view v = { 0 };

	for (int d = 0; d < stack->rank; d++) {
		int64_t stride = (int64_t)shape_product(stack, d + 1, stack->rank);
		if (d == axis)
			v.offset = number * stride;
		else
			view_add(&v, stack->dim[d], stride);
	}
	return v;
}

static void pack_run(const struct op_node *n)
{
	const struct tensor *out = n->outputs[0];

	for (uint32_t i = 0; i < n->input_count; i++) {
		struct view v = part_of(&out->shape, axis_of(n, out->shape.rank), i);
		view_write(&v, n->inputs[i]->data, out->data, tensor_type_bytes(out->type));
	}
}

const struct op op_pack = { .name = "PACK", .check = pack_check, .run = pack_run };

static int unpack_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 1, n->output_count > 0 ? n->output_count : 1, f);
	struct shape shape = { 0 };

	if (rc < 0)
		return rc;
	const struct tensor *in = n->inputs[0];
	int axis = axis_of(n, in->shape.rank);
	if (axis < 0 || in->shape.dim[axis] != (int32_t)n->output_count ||
	    tensor_type_bytes(in->type) == 0)
		return fault_set(f, -EBADMSG, "axis %d and %u outputs of %d dimensions of %s",
				 n->node->options.axis.axis, n->output_count, in->shape.rank,
				 tensor_type_name(in->type));
	for (int d = 0; d < in->shape.rank; d++)
		if (d != axis)
			shape.dim[shape.rank++] = in->shape.dim[d];
	for (uint32_t i = 0; rc == 0 && i < n->output_count; i++) {
		rc = op_output_type(n, i, in->type, f);
		if (rc == 0)
			rc = op_set_shape(n, i, &shape, f);
	}
	return rc;
}

static void unpack_run(const struct op_node *n)
{
	const struct tensor *in = n->inputs[0];

	for (uint32_t i = 0; i < n->output_count; i++) {
		struct view v = part_of(&in->shape, axis_of(n, in->shape.rank), i);
		view_read(&v, in->data, n->outputs[i]->data, tensor_type_bytes(in->type));
	}
}

const struct op op_unpack = { .name = "UNPACK", .check = unpack_check, .run = unpack_run };
