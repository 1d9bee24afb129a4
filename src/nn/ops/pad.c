/* pad.c - PAD and PADV2: zeros, or another value, around a tensor. */
#include <errno.h>
#include <string.h>

#include "nn/op.h"

static int pad_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_constant(n->inputs[1], "padding", f);
	if (rc == 0)
		rc = op_expect_type(n->outputs[0], TYPE_BIT(n->inputs[0]->type), "output", f);
	if (rc == 0 && n->input_count > 2 && n->inputs[2] != NULL)
		rc = op_expect_type(n->inputs[2], TYPE_BIT(n->inputs[0]->type), "value", f);
	if (rc < 0)
		return rc;
	struct shape shape = n->inputs[0]->shape;
	if (tensor_elements(n->inputs[1]) != 2 * (size_t)shape.rank ||
	    tensor_type_bytes(n->inputs[0]->type) == 0)
		return fault_set(f, -EBADMSG, "%zu paddings for %d dimensions",
				 tensor_elements(n->inputs[1]), shape.rank);
	for (int d = 0; d < shape.rank; d++) {
		int64_t before = tensor_int(n->inputs[1], 2 * (size_t)d);
		int64_t after = tensor_int(n->inputs[1], 2 * (size_t)d + 1);
		if (before < 0 || after < 0 || before > SHAPE_MOST_ELEMENTS ||
		    after > SHAPE_MOST_ELEMENTS)
			return fault_set(f, -EBADMSG, "padding %lld and %lld", (long long)before,
					 (long long)after);
		shape.dim[d] += (int32_t)(before + after);
	}
	return op_set_shape(n, 0, &shape, f);
}

/* The zero point is zero to a quantized tensor. */
static void fill(const struct op_node *n)
{
	struct tensor *out = n->outputs[0];
	size_t bytes = tensor_type_bytes(out->type), elements = tensor_elements(out);
	const struct tensor *value = n->input_count > 2 ? n->inputs[2] : NULL;
	int64_t zero = out->quant.count == 1 ? out->quant.zero_point[0] : 0;

	for (size_t i = 0; i < elements; i++) /* little-endian: the low bytes are the value */
		memcpy((char *)out->data + i * bytes,
		       value != NULL ? value->data : (const void *)&zero, bytes);
}

static void copy(const struct op_node *n, int d, const char **from, size_t to)
{
	const struct shape *in = &n->inputs[0]->shape, *out = &n->outputs[0]->shape;
	size_t bytes = tensor_type_bytes(n->inputs[0]->type);

	if (d == in->rank) {
		memcpy((char *)n->outputs[0]->data + to * bytes, *from, bytes);
		*from += bytes;
		return;
	}
	size_t before = (size_t)tensor_int(n->inputs[1], 2 * (size_t)d);
	for (int32_t i = 0; i < in->dim[d]; i++)
		copy(n, d + 1, from, to * (size_t)out->dim[d] + before + (size_t)i);
}

static void pad_run(const struct op_node *n)
{
	const char *from = n->inputs[0]->data;

	fill(n);
	copy(n, 0, &from, 0);
}

const struct op op_pad = { .name = "PAD", .check = pad_check, .run = pad_run };
const struct op op_padv2 = { .name = "PADV2", .check = pad_check, .run = pad_run };
