/* transpose.c - TRANSPOSE: dimensions in another order. */
#include <errno.h>

#include "nn/op.h"
#include "nn/view.h"

static int order_of(const struct op_node *n, int *order, struct fault *f)
{
	int rank = n->inputs[0]->shape.rank;
	unsigned seen = 0;

	if (tensor_elements(n->inputs[1]) != (size_t)rank)
		return fault_set(f, -EBADMSG, "an order of %zu for %d dimensions",
				 tensor_elements(n->inputs[1]), rank);
	for (int d = 0; d < rank; d++) {
		order[d] = shape_axis(&n->inputs[0]->shape, tensor_int(n->inputs[1], (size_t)d));
		if (order[d] < 0 || (seen & 1u << order[d]))
			return fault_set(f, -EBADMSG, "its order is no order of %d dimensions",
					 rank);
		seen |= 1u << order[d];
	}
	return 0;
}

static int transpose_check(const struct op_node *n, struct fault *f)
{
	int order[SHAPE_MOST_RANK];
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_constant(n->inputs[1], "order", f);
	if (rc == 0 && tensor_type_bytes(n->inputs[0]->type) == 0)
		return fault_set(f, -EOPNOTSUPP, "type %s", tensor_type_name(n->inputs[0]->type));
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc == 0)
		rc = order_of(n, order, f);
	if (rc < 0)
		return rc;
	struct shape shape = n->inputs[0]->shape;
	for (int d = 0; d < shape.rank; d++)
		shape.dim[d] = n->inputs[0]->shape.dim[order[d]];
	return op_set_shape(n, 0, &shape, f);
}

static void transpose_run(const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape;
	int order[SHAPE_MOST_RANK];
	struct view v = { 0 };

	order_of(n, order, NULL);
	for (int d = 0; d < in->rank; d++)
		view_add(&v, in->dim[order[d]], (int64_t)shape_product(in, order[d] + 1, in->rank));
	view_read(&v, n->inputs[0]->data, n->outputs[0]->data,
		  tensor_type_bytes(n->inputs[0]->type));
}

const struct op op_transpose = { .name = "TRANSPOSE",
				 .check = transpose_check,
				 .run = transpose_run };
