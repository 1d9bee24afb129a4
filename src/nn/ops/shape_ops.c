/* shape_ops.c - RESHAPE, SQUEEZE, EXPAND_DIMS and IDENTITY: the same data in another shape. */
#include <errno.h>
#include <string.h>

#include "nn/op.h"

static int same_type(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 1, 1, f);

	return rc < 0 ? rc : op_output_type(n, 0, n->inputs[0]->type, f);
}

/* The wanted shape, from input 1 or the options; one -1 takes what is left. */
static int wanted_shape(const struct op_node *n, struct shape *out, struct fault *f)
{
	const struct tensor *t = n->input_count > 1 ? n->inputs[1] : NULL;

	*out = n->node->options.reshape.shape;
	if (t == NULL || (!t->constant && n->node->options.reshape.given))
		return n->node->options.reshape.given ? 0
						      : fault_set(f, -EBADMSG, "no shape is given");
	int rc = op_expect_constant(t, "shape", f);
	if (rc < 0)
		return rc;
	size_t rank = tensor_elements(t);
	if (rank > SHAPE_MOST_RANK)
		return fault_set(f, -EOPNOTSUPP, "%zu dimensions (at most %d)", rank,
				 SHAPE_MOST_RANK);
	out->rank = (int)rank;
	for (size_t i = 0; i < rank; i++)
		out->dim[i] = (int32_t)tensor_int(t, i);
	return 0;
}

static int reshape_check(const struct op_node *n, struct fault *f)
{
	struct shape shape;
	int rc = same_type(n, f), open = -1;
	char text[80];

	if (rc == 0)
		rc = wanted_shape(n, &shape, f);
	if (rc < 0)
		return rc;
	for (int i = 0; i < shape.rank; i++)
		if (shape.dim[i] == -1 && open < 0)
			open = i;
	size_t elements = tensor_elements(n->inputs[0]);
	if (open >= 0) {
		shape.dim[open] = 1;
		size_t known = shape_elements(&shape);
		shape.dim[open] = known == 0 ? 0 : (int32_t)(elements / known);
	}
	if (shape_elements(&shape) != elements)
		return fault_set(f, -EBADMSG, "%zu values do not fit %s", elements,
				 shape_text(&shape, text, sizeof(text)));
	return op_set_shape(n, 0, &shape, f);
}

/* Where the planner gave the output its input's place there is nothing to do. */
static void keep_run(const struct op_node *n)
{
	if (n->outputs[0]->data != n->inputs[0]->data)
		memcpy(n->outputs[0]->data, n->inputs[0]->data, n->inputs[0]->bytes);
}

const struct op op_reshape = {
	.name = "RESHAPE",
	.check = reshape_check,
	.run = keep_run,
	.keeps_data = true,
};

static int expand_dims_check(const struct op_node *n, struct fault *f)
{
	struct shape shape = { 0 };
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = same_type(n, f);
	if (rc == 0)
		rc = op_expect_constant(n->inputs[1], "axis", f);
	if (rc < 0)
		return rc;
	const struct shape *in = &n->inputs[0]->shape;
	int64_t axis = tensor_int(n->inputs[1], 0);
	axis += axis < 0 ? in->rank + 1 : 0;
	if (axis < 0 || axis > in->rank || in->rank == SHAPE_MOST_RANK)
		return fault_set(f, -EBADMSG, "axis %lld of %d dimensions", (long long)axis,
				 in->rank);
	for (int i = 0, k = 0; i <= in->rank; i++)
		shape.dim[shape.rank++] = i == axis ? 1 : in->dim[k++];
	return op_set_shape(n, 0, &shape, f);
}

const struct op op_expand_dims = {
	.name = "EXPAND_DIMS",
	.check = expand_dims_check,
	.run = keep_run,
	.keeps_data = true,
};

static int squeeze_check(const struct op_node *n, struct fault *f)
{
	const union options *o = &n->node->options;
	struct shape shape = { 0 };
	bool dropped[SHAPE_MOST_RANK] = { false };
	int rc = same_type(n, f);

	if (rc < 0)
		return rc;
	const struct shape *in = &n->inputs[0]->shape;
	for (int i = 0; i < o->squeeze.count && i < SHAPE_MOST_RANK; i++) {
		int axis = shape_axis(in, o->squeeze.axes[i]);
		if (axis < 0 || in->dim[axis] != 1)
			return fault_set(f, -EBADMSG, "dimension %d is not of size 1",
					 o->squeeze.axes[i]);
		dropped[axis] = true;
	}
	for (int d = 0; d < in->rank; d++)
		if (o->squeeze.count > 0 ? !dropped[d] : in->dim[d] != 1)
			shape.dim[shape.rank++] = in->dim[d];
	return op_set_shape(n, 0, &shape, f);
}

const struct op op_squeeze = {
	.name = "SQUEEZE",
	.check = squeeze_check,
	.run = keep_run,
	.keeps_data = true,
};

static int identity_check(const struct op_node *n, struct fault *f)
{
	int rc = same_type(n, f);

	return rc < 0 ? rc : op_set_shape(n, 0, &n->inputs[0]->shape, f);
}

const struct op op_identity = {
	.name = "IDENTITY",
	.check = identity_check,
	.run = keep_run,
	.keeps_data = true,
	.by_value = true,
};
