/* integer.c - products of quantized tensors in integers, where the result is quantized again. */
#include <math.h>
#include <string.h>

#include "model/onnx/convert.h"

static bool is_output(const struct build *b, const char *name)
{
	if (b->outputs_of == NULL) {
		for (size_t i = 0; b->function != NULL && i < b->function->output_count; i++)
			if (strcmp(b->function->outputs[i], name) == 0)
				return true;
		return b->function == NULL;
	}
	for (size_t i = 0; i < b->outputs_of->output_count; i++)
		if (strcmp(b->outputs_of->outputs[i].name, name) == 0)
			return true;
	return false;
}

/* The only node that takes a tensor; NULL: there are others, or the graph gives it away. */
static const struct onnx_node *only_taker(const struct build *b, const char *name)
{
	const struct onnx_node *found = NULL;

	if (is_output(b, name))
		return NULL;
	for (size_t i = 0; i < b->sibling_count; i++) {
		const struct onnx_node *n = &b->siblings[i];
		if (strcmp(n->type, "If") == 0 || strcmp(n->type, "Loop") == 0)
			return NULL; /* may take anything */
		for (size_t k = 0; k < n->input_count; k++)
			if (strcmp(n->inputs[k], name) == 0) {
				if (found != NULL)
					return NULL;
				found = n;
			}
	}
	return found;
}

/* An input of another node, where it is known already. */
static int32_t known_input(struct build *b, const struct onnx_node *n, size_t i)
{
	const struct onnx_node *node = b->node;
	int32_t t = NONE;

	if (i < n->input_count && n->inputs[i][0] != '\0' && build_has(b, n->inputs[i])) {
		b->node = n;
		t = build_in(b, i);
		b->node = node;
	}
	return t;
}

static int activation_of(struct build *b, const struct onnx_node *n)
{
	if (strcmp(n->type, "Relu") == 0)
		return ACTIVATION_RELU;
	if (strcmp(n->type, "Clip") != 0 || n->input_count != 3)
		return -1;
	int32_t low = known_input(b, n, 1), high = known_input(b, n, 2);
	bool six = low >= 0 && high >= 0 && build_tensor(b, low)->constant &&
		   build_tensor(b, high)->constant && tensor_elements(build_tensor(b, low)) == 1 &&
		   tensor_elements(build_tensor(b, high)) == 1 &&
		   tensor_float(build_tensor(b, low), 0) == 0 &&
		   tensor_float(build_tensor(b, high), 0) == 6;
	return six ? ACTIVATION_RELU6 : -1;
}

struct onnx_target onnx_find_target(struct build *b)
{
	struct onnx_target none = { .scale = NONE, .zero = NONE }, target = none;
	const struct onnx_node *taker =
		b->node->output_count > 0 ? only_taker(b, b->node->outputs[0]) : NULL;
	int activation = taker != NULL ? activation_of(b, taker) : -1;

	if (activation >= 0) {
		target.activation = activation;
		taker = taker->output_count > 0 ? only_taker(b, taker->outputs[0]) : NULL;
	}
	if (taker == NULL || strcmp(taker->type, "QuantizeLinear") != 0)
		return none;
	target.scale = known_input(b, taker, 1);
	target.zero = known_input(b, taker, 2);
	bool known = target.scale >= 0 && target.zero >= 0 &&
		     onnx_is_known(b, target.scale, target.zero) &&
		     tensor_elements(build_tensor(b, target.scale)) == 1;
	if (!known)
		return none;
	target.type = build_tensor(b, target.zero)->type;
	return target;
}

static const struct tensor *quantized_8(struct build *b, int32_t t)
{
	int32_t q = t < 0 ? NONE : build_fact(b, t)->quantized;
	const struct tensor *found = q < 0 ? NULL : build_tensor(b, q);

	return found != NULL && (found->type == TENSOR_INT8 || found->type == TENSOR_UINT8) ? found
											    : NULL;
}

/* A bias counts in steps of both scales. */
static bool has_product_scale(const struct tensor *bias, const struct tensor *x,
			      const struct tensor *w)
{
	if (bias->type != TENSOR_INT32 ||
	    (bias->quant.count != 1 && bias->quant.count != w->quant.count))
		return false;
	for (size_t i = 0; i < w->quant.count; i++) {
		float product = x->quant.scale[0] * w->quant.scale[i];
		float own = bias->quant.scale[bias->quant.count > 1 ? i : 0];
		if (bias->quant.zero_point[bias->quant.count > 1 ? i : 0] != 0 ||
		    fabsf(own - product) > 1e-5f * product)
			return false;
	}
	return true;
}

bool onnx_is_integer(struct build *b, int32_t x, int32_t w, int32_t bias,
		     const struct onnx_target *target)
{
	const struct tensor *qx = quantized_8(b, x), *qw = quantized_8(b, w);

	if (target->scale < 0 || qx == NULL || qw == NULL || qx->quant.count != 1 ||
	    (target->type != TENSOR_INT8 && target->type != TENSOR_UINT8))
		return false;
	if (bias < 0)
		return true;
	int32_t qb = build_fact(b, bias)->quantized;
	return qb >= 0 && has_product_scale(build_tensor(b, qb), qx, qw);
}

int32_t onnx_integer_op(struct build *b, const char *op, int32_t x, int32_t w, int32_t bias,
			const union options *options, const struct onnx_target *target)
{
	int32_t inputs[] = { x, w, bias };
	union options o = *options;

	if (strcmp(op, "FULLY_CONNECTED") != 0)
		o.conv.activation = target->activation;
	return build_integer(b, op, inputs, bias < 0 ? 2 : 3, &o, target->scale, target->zero,
			     target->type);
}
