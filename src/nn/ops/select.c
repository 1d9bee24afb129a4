/* select.c - SELECT and SELECT_V2: of two tensors, the value that a third one chooses. */
#include <errno.h>
#include <string.h>

#include "nn/broadcast.h"
#include "nn/op.h"

static int select_check(const struct op_node *n, struct fault *f)
{
	struct shape shape;
	int rc = op_expect(n, 3, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0], TYPE_BIT(TENSOR_BOOL), "condition", f);
	if (rc == 0)
		rc = op_expect_type(n->inputs[2], TYPE_BIT(n->inputs[1]->type), "input 2", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[1]->type, f);
	if (rc < 0)
		return rc;
	if (tensor_type_bytes(n->inputs[1]->type) == 0)
		return fault_set(f, -EOPNOTSUPP, "type %s", tensor_type_name(n->inputs[1]->type));
	if (!shape_broadcast(&n->inputs[1]->shape, &n->inputs[2]->shape, &shape) ||
	    !shape_broadcast(&shape, &n->inputs[0]->shape, &shape))
		return fault_set(f, -EBADMSG, "its inputs do not go together");
	return op_set_shape(n, 0, &shape, f);
}

static void select_run(const struct op_node *n)
{
	size_t bytes = tensor_type_bytes(n->outputs[0]->type);
	char *out = n->outputs[0]->data;
	struct broadcast b;

	broadcast_start(&b, &n->outputs[0]->shape, n->inputs, 3);
	for (size_t i = 0; i < b.elements; i++, out += bytes, broadcast_next(&b)) {
		int from = ((const uint8_t *)n->inputs[0]->data)[b.at[0]] != 0 ? 1 : 2;
		memcpy(out, (const char *)n->inputs[from]->data + b.at[from] * bytes, bytes);
	}
}

const struct op op_select = {
	.name = "SELECT", .check = select_check, .run = select_run, .by_value = true
};
const struct op op_select_v2 = {
	.name = "SELECT_V2", .check = select_check, .run = select_run, .by_value = true
};
