/* concatenation.c - CONCATENATION: tensors one behind the other along an axis. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "nn/op.h"
#include "nn/requantize.h"

static int concatenation_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, n->input_count > 0 ? n->input_count : 1, 1, f);

	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc < 0)
		return rc;
	struct shape shape = n->inputs[0]->shape;
	int axis = shape_axis(&shape, n->node->options.axis.axis);
	if (axis < 0 || n->node->options.axis.activation != ACTIVATION_NONE)
		return fault_set(f, -EBADMSG, "axis %d of %d dimensions, activation %d (none)",
				 n->node->options.axis.axis, shape.rank,
				 n->node->options.axis.activation);
	for (uint32_t i = 0; i < n->input_count; i++) {
		const struct shape *s = &n->inputs[i]->shape;
		rc = op_expect_type(n->inputs[i], TYPE_BIT(n->outputs[0]->type), "input", f);
		if (rc < 0)
			return rc;
		struct shape like = *s;
		if (s->rank == shape.rank)
			like.dim[axis] = shape.dim[axis];
		if (!shape_equal(&like, &shape) || shape.dim[axis] > SHAPE_MOST_ELEMENTS)
			return fault_set(f, -EBADMSG, "input %u does not go with input 0", i);
		shape.dim[axis] += i > 0 ? s->dim[axis] : 0;
		if (n->outputs[0]->type == TENSOR_UINT8 &&
		    (n->inputs[i]->quant.count > 1 || n->outputs[0]->quant.count > 1))
			return fault_set(f, -EOPNOTSUPP, "several scales");
	}
	if (tensor_type_bytes(n->outputs[0]->type) == 0)
		return fault_set(f, -EOPNOTSUPP, "type %s", tensor_type_name(n->outputs[0]->type));
	return op_set_shape(n, 0, &shape, f);
}

static bool scale_differs(const struct tensor *a, const struct tensor *b)
{
	return a->type == TENSOR_UINT8 && a->quant.count == 1 && b->quant.count == 1 &&
	       (a->quant.scale[0] != b->quant.scale[0] ||
		a->quant.zero_point[0] != b->quant.zero_point[0]);
}

/* Rule 4 of requantize.h: uint8 with another scale goes through float. */
static void copy_rescaled(const struct tensor *in, const struct tensor *out, const uint8_t *from,
			  uint8_t *to, size_t count)
{
	float inverse = 1 / out->quant.scale[0], scale = in->quant.scale[0] * inverse;
	float bias = (float)-in->quant.zero_point[0] * scale;

	for (size_t i = 0; i < count; i++) {
		int32_t v = round_float((float)from[i] * scale + bias);
		to[i] = (uint8_t)clamp(v + out->quant.zero_point[0], 0, 255);
	}
}

static void concatenation_run(const struct op_node *n)
{
	struct tensor *out = n->outputs[0];
	int axis = shape_axis(&out->shape, n->node->options.axis.axis);
	size_t bytes = tensor_type_bytes(out->type), outer = shape_product(&out->shape, 0, axis),
	       before = 0;
	size_t out_row = shape_product(&out->shape, axis, out->shape.rank);

	for (uint32_t i = 0; i < n->input_count; i++) {
		const struct tensor *in = n->inputs[i];
		size_t row = shape_product(&in->shape, axis, in->shape.rank);
		for (size_t o = 0; o < outer; o++) {
			const char *from = (const char *)in->data + o * row * bytes;
			char *to = (char *)out->data + (o * out_row + before) * bytes;
			if (scale_differs(in, out))
				copy_rescaled(in, out, (const uint8_t *)from, (uint8_t *)to, row);
			else
				memcpy(to, from, row * bytes);
		}
		before += row;
	}
}

const struct op op_concatenation = {
	.name = "CONCATENATION",
	.check = concatenation_check,
	.run = concatenation_run,
};
