/* gather.c - GATHER: slices along an axis, picked by index. */
#include <errno.h>
#include <string.h>

#include "nn/op.h"

static int gather_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[1],
				    TYPE_BIT(TENSOR_INT32) | TYPE_BIT(TENSOR_INT64) |
					    TYPE_BIT(TENSOR_INT16),
				    "indices", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc < 0)
		return rc;
	const struct shape *in = &n->inputs[0]->shape, *picks = &n->inputs[1]->shape;
	int axis = shape_axis(in, n->node->options.axis.axis);
	struct shape shape = { 0 };
	int batch = n->node->options.axis.batch_dims;
	if (axis < 0 || batch < 0 || batch > axis || batch > picks->rank ||
	    in->rank - 1 + picks->rank - batch > SHAPE_MOST_RANK ||
	    tensor_type_bytes(n->inputs[0]->type) == 0)
		return fault_set(f, -EBADMSG, "axis %d, batch dimensions %d",
				 n->node->options.axis.axis, batch);
	for (int d = 0; d < batch; d++)
		if (in->dim[d] != picks->dim[d])
			return fault_set(f, -EBADMSG, "batch dimension %d: %d and %d", d,
					 in->dim[d], picks->dim[d]);
	for (int d = 0; d < axis; d++)
		shape.dim[shape.rank++] = in->dim[d];
	for (int d = batch; d < picks->rank; d++)
		shape.dim[shape.rank++] = picks->dim[d];
	for (int d = axis + 1; d < in->rank; d++)
		shape.dim[shape.rank++] = in->dim[d];
	return op_set_shape(n, 0, &shape, f);
}

/* An index outside of the axis gives zeros: nothing beyond the tensor is read. */
static void gather_run(const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape, *picks = &n->inputs[1]->shape;
	int axis = shape_axis(in, n->node->options.axis.axis),
	    batch = n->node->options.axis.batch_dims;
	size_t bytes =
		tensor_type_bytes(n->inputs[0]->type) * shape_product(in, axis + 1, in->rank);
	size_t batches = shape_product(in, 0, batch), outer = shape_product(in, batch, axis);
	size_t count = shape_product(picks, batch, picks->rank), size = (size_t)in->dim[axis];
	char *to = n->outputs[0]->data;

	for (size_t b = 0; b < batches; b++)
		for (size_t o = 0; o < outer; o++)
			for (size_t i = 0; i < count; i++, to += bytes) {
				int64_t pick = tensor_int(n->inputs[1], b * count + i);
				if (pick < 0 || (size_t)pick >= size)
					memset(to, 0, bytes);
				else
					memcpy(to,
					       (const char *)n->inputs[0]->data +
						       ((b * outer + o) * size + (size_t)pick) *
							       bytes,
					       bytes);
			}
}

const struct op op_gather = { .name = "GATHER", .check = gather_check, .run = gather_run };
