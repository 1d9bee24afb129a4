/* split.c - SPLIT and SPLIT_V: one tensor into several along an axis. */
#include <errno.h>
#include <string.h>

#include "nn/op.h"

/* The two operators have their inputs in another order. */
struct split_inputs {
	const struct tensor *value, *axis, *sizes; /* sizes: NULL for equal parts */
};

static struct split_inputs inputs_of(const struct op_node *n)
{
	if (strcmp(n->op->name, "SPLIT") == 0)
		return (struct split_inputs){ n->inputs[1], n->inputs[0], NULL };
	return (struct split_inputs){ n->inputs[0], n->inputs[2], n->inputs[1] };
}

/* Sizes along the axis; one -1 takes what is left. */
static int part_sizes(const struct op_node *n, const struct split_inputs *in, int32_t whole,
		      int32_t *sizes, struct fault *f)
{
	int64_t sum = 0;
	int64_t open = -1;

	for (uint32_t i = 0; i < n->output_count; i++) {
		int64_t size = in->sizes == NULL ? whole / (int32_t)n->output_count
						 : tensor_int(in->sizes, i);
		if (size == -1 && open < 0) {
			open = i;
			size = 0;
		}
		if (size < 0 || size > whole)
			return fault_set(f, -EBADMSG, "part %u has size %lld of %d", i,
					 (long long)size, whole);
		sizes[i] = (int32_t)size;
		sum += size;
	}
	if (open >= 0)
		sizes[open] = (int32_t)(whole - sum);
	else if (sum != whole)
		return fault_set(f, -EBADMSG, "%u parts do not make %d", n->output_count, whole);
	return 0;
}

enum { MOST_PARTS = 256 };

static int split_check(const struct op_node *n, struct fault *f)
{
	bool equal = strcmp(n->op->name, "SPLIT") == 0;
	int32_t sizes[MOST_PARTS];
	int rc = op_expect(n, equal ? 2 : 3, n->output_count > 0 ? n->output_count : 1, f);

	if (rc < 0)
		return rc;
	struct split_inputs in = inputs_of(n);
	rc = op_expect_constant(in.axis, "axis", f);
	if (rc == 0 && in.sizes != NULL)
		rc = op_expect_constant(in.sizes, "sizes", f);
	if (rc < 0)
		return rc;
	int axis = shape_axis(&in.value->shape, tensor_int(in.axis, 0));
	if (axis < 0 || n->output_count > MOST_PARTS || tensor_type_bytes(in.value->type) == 0 ||
	    (in.sizes != NULL && tensor_elements(in.sizes) != n->output_count))
		return fault_set(f, -EBADMSG, "axis %lld, %u outputs of %s",
				 (long long)tensor_int(in.axis, 0), n->output_count,
				 tensor_type_name(in.value->type));
	rc = part_sizes(n, &in, in.value->shape.dim[axis], sizes, f);
	for (uint32_t i = 0; rc == 0 && i < n->output_count; i++) {
		struct shape shape = in.value->shape;
		shape.dim[axis] = sizes[i];
		rc = op_output_type(n, i, in.value->type, f);
		if (rc == 0)
			rc = op_set_shape(n, i, &shape, f);
	}
	return rc;
}

static void split_run(const struct op_node *n)
{
	struct split_inputs in = inputs_of(n);
	const struct shape *s = &in.value->shape;
	int axis = shape_axis(s, tensor_int(in.axis, 0));
	size_t bytes = tensor_type_bytes(in.value->type), outer = 1, inner = bytes;
	const char *from = in.value->data;

	for (int i = 0; i < axis; i++)
		outer *= (size_t)s->dim[i];
	for (int i = axis + 1; i < s->rank; i++)
		inner *= (size_t)s->dim[i];
	for (size_t o = 0; o < outer; o++)
		for (uint32_t i = 0; i < n->output_count; i++) {
			size_t row = inner * (size_t)n->outputs[i]->shape.dim[axis];
			memcpy((char *)n->outputs[i]->data + o * row, from, row);
			from += row;
		}
}

const struct op op_split = { .name = "SPLIT", .check = split_check, .run = split_run };
const struct op op_split_v = { .name = "SPLIT_V", .check = split_check, .run = split_run };
