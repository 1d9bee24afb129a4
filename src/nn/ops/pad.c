/* pad.c - PAD, PADV2 and MIRROR_PAD: zeros, another value, or the tensor's own edge around it. */
#include <errno.h>
#include <string.h>

#include "nn/op.h"
#include "nn/view.h"

static int set_padded_shape(const struct op_node *n, struct fault *f)
{
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

static int pad_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_constant(n->inputs[1], "padding", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc == 0 && n->input_count > 2 && n->inputs[2] != NULL)
		rc = op_expect_type(n->inputs[2], TYPE_BIT(n->inputs[0]->type), "value", f);
	return rc < 0 ? rc : set_padded_shape(n, f);
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

static void pad_run(const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape, *out = &n->outputs[0]->shape;
	struct view v = { 0 };

	fill(n);
	for (int d = 0; d < in->rank; d++) {
		int64_t stride = (int64_t)shape_product(out, d + 1, out->rank);
		view_add(&v, in->dim[d], stride);
		v.offset += tensor_int(n->inputs[1], 2 * (size_t)d) * stride;
	}
	view_write(&v, n->inputs[0]->data, n->outputs[0]->data,
		   tensor_type_bytes(n->inputs[0]->type));
}

const struct op op_pad = { .name = "PAD", .check = pad_check, .run = pad_run };
const struct op op_padv2 = { .name = "PADV2", .check = pad_check, .run = pad_run };

/* ---- MIRROR_PAD: what lies beyond the edge is a place inside ---- */

enum mirror { MIRROR_REFLECT, MIRROR_SYMMETRIC, MIRROR_EDGE, MIRROR_WRAP, MIRRORS };

static int mirror_check(const struct op_node *n, struct fault *f)
{
	int32_t mode = n->node->options.mirror.mode;
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_constant(n->inputs[1], "padding", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc == 0 && (mode < 0 || mode >= MIRRORS))
		return fault_set(f, -EOPNOTSUPP, "mode %d", mode);
	if (rc == 0)
		rc = set_padded_shape(n, f);
	for (int d = 0; rc == 0 && mode != MIRROR_EDGE && d < n->inputs[0]->shape.rank; d++) {
		int64_t most = n->inputs[0]->shape.dim[d] - (mode == MIRROR_REFLECT);
		for (int end = 0; end < 2; end++)
			if (tensor_int(n->inputs[1], 2 * (size_t)d + (size_t)end) > most)
				return fault_set(f, -EBADMSG,
						 "dimension %d has not that much to mirror", d);
	}
	return rc;
}

static int64_t mirrored(int64_t at, int64_t size, int32_t mode)
{
	if (at >= 0 && at < size)
		return at;
	switch (mode) {
	case MIRROR_EDGE: return at < 0 ? 0 : size - 1;
	case MIRROR_WRAP: return at < 0 ? at + size : at - size;
	case MIRROR_SYMMETRIC: return at < 0 ? -1 - at : 2 * size - 1 - at;
	default: return at < 0 ? -at : 2 * (size - 1) - at;
	}
}

static void mirror_run(const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape, *out = &n->outputs[0]->shape;
	size_t bytes = tensor_type_bytes(n->inputs[0]->type), elements = shape_elements(out);
	char *to = n->outputs[0]->data;

	for (size_t i = 0; i < elements; i++, to += bytes) {
		size_t rest = i, from = 0, stride = 1;
		for (int d = out->rank - 1; d >= 0; d--) {
			int64_t at = (int64_t)(rest % (size_t)out->dim[d]) -
				     tensor_int(n->inputs[1], 2 * (size_t)d);
			from += (size_t)mirrored(at, in->dim[d], n->node->options.mirror.mode) *
				stride;
			stride *= (size_t)in->dim[d];
			rest /= (size_t)out->dim[d];
		}
		memcpy(to, (const char *)n->inputs[0]->data + from * bytes, bytes);
	}
}

const struct op op_mirror_pad = { .name = "MIRROR_PAD", .check = mirror_check, .run = mirror_run };
