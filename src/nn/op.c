/* op.c - what the checks of operators have in common. */
#include "nn/op.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

const struct op *op_find(const char *name)
{
	for (size_t i = 0; ops_all[i] != NULL; i++)
		if (strcmp(ops_all[i]->name, name) == 0)
			return ops_all[i];
	return NULL;
}

const char *op_remedy(const char *name)
{
	static const struct {
		const char *start, *remedy;
	} remedies[] = {
		{ "edgetpu-custom-op", ": the file was compiled for a Coral Edge TPU; take the one "
				       "that the compiler was given" },
		{ "Flex", ": it needs TensorFlow itself; convert again with "
			  "target_spec.supported_ops = [TFLITE_BUILTINS]" },
		{ "ethos-u", ": the file was compiled by Vela; take the one that Vela was given" },
		{ "TRTEngineOp", ": the file was made for TensorRT; convert the model itself" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(remedies); i++)
		if (strncmp(name, remedies[i].start, strlen(remedies[i].start)) == 0)
			return remedies[i].remedy;
	return "";
}

int op_expect(const struct op_node *n, uint32_t inputs, uint32_t outputs, struct fault *f)
{
	if (n->input_count < inputs || n->output_count < outputs)
		return fault_set(f, -EBADMSG, "%u inputs and %u outputs (%u and %u expected)",
				 n->input_count, n->output_count, inputs, outputs);
	for (uint32_t i = 0; i < inputs; i++)
		if (n->inputs[i] == NULL)
			return fault_set(f, -EBADMSG, "input %u is left out", i);
	for (uint32_t i = 0; i < outputs; i++)
		if (n->outputs[i] == NULL)
			return fault_set(f, -EBADMSG, "output %u is left out", i);
	return 0;
}

int op_expect_type(const struct tensor *t, unsigned types, const char *what, struct fault *f)
{
	char accepted[120] = "";
	size_t used = 0;

	if (types & TYPE_BIT(t->type))
		return 0;
	for (int i = 0; i < TENSOR_TYPES && used < sizeof(accepted); i++)
		if (types & TYPE_BIT(i))
			used += (size_t)snprintf(accepted + used, sizeof(accepted) - used, "%s%s",
						 used > 0 ? ", " : "", tensor_type_name(i));
	return fault_set(f, -EOPNOTSUPP, "%s is %s (%s)", what, tensor_type_name(t->type),
			 accepted);
}

int op_expect_rank(const struct tensor *t, int least, int most, const char *what, struct fault *f)
{
	if (t->shape.rank >= least && t->shape.rank <= most)
		return 0;
	if (least == most)
		return fault_set(f, -EBADMSG, "%s has %d dimensions (%d expected)", what,
				 t->shape.rank, least);
	return fault_set(f, -EBADMSG, "%s has %d dimensions (%d to %d expected)", what,
			 t->shape.rank, least, most);
}

int op_expect_scale(const struct tensor *t, const char *what, struct fault *f)
{
	if (t->quant.count == 1 && isfinite(t->quant.scale[0]) && t->quant.scale[0] > 0)
		return 0;
	return fault_set(f, -EBADMSG, "%s has %zu scales (one, above 0)", what, t->quant.count);
}

int op_expect_constant(const struct tensor *t, const char *what, struct fault *f)
{
	if (!t->constant)
		return fault_set(f, -EOPNOTSUPP, "%s is computed (a constant)", what);
	return op_expect_type(t, TYPE_BIT(TENSOR_INT32) | TYPE_BIT(TENSOR_INT64), what, f);
}

int op_output_type(const struct op_node *n, uint32_t output, enum tensor_type type, struct fault *f)
{
	struct tensor *t = n->outputs[output];

	if (t->type == TENSOR_OPEN)
		t->type = type;
	if (t->type == type)
		return 0;
	return fault_set(f, -EOPNOTSUPP, "output %u is %s (%s)", output, tensor_type_name(t->type),
			 tensor_type_name(type));
}

int op_check_value(const struct op_node *n, unsigned types, unsigned scaled, struct fault *f)
{
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0], types, "input", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	bool quantized = rc == 0 && (TYPE_BIT(n->inputs[0]->type) & TYPES_QUANTIZED);
	if (quantized && (scaled & SCALED_INPUT))
		rc = op_expect_scale(n->inputs[0], "input", f);
	if (rc == 0 && quantized && (scaled & SCALED_OUTPUT))
		rc = op_expect_scale(n->outputs[0], "output", f);
	return rc < 0 ? rc : op_set_shape(n, 0, &n->inputs[0]->shape, f);
}

int op_set_shape(const struct op_node *n, uint32_t output, const struct shape *s, struct fault *f)
{
	char text[80];

	if (shape_elements(s) == 0)
		return fault_set(f, -EBADMSG, "its output would have the shape %s (1 to %d values)",
				 shape_text(s, text, sizeof(text)), SHAPE_MOST_ELEMENTS);
	n->outputs[output]->shape = *s;
	return 0;
}

bool op_extent(int32_t padding, bool ceil, int32_t in, int32_t filter, int32_t stride,
	       int32_t dilation, struct extent *e)
{
	const int32_t most = 1 << 20;
	struct extent given = *e;

	if (in < 1 || filter < 1 || stride < 1 || dilation < 1 || in > most || filter > most ||
	    stride > most || dilation > most / filter)
		return false;
	int32_t covered = (filter - 1) * dilation + 1;
	*e = (struct extent){ 0 };
	if (padding == PADDING_SAME) {
		e->out = (in + stride - 1) / stride;
		int32_t total = (e->out - 1) * stride + covered - in;
		e->before = total > 0 ? total / 2 : 0;
		e->after = total > 0 ? total - e->before : 0;
		return true;
	}
	if (padding == PADDING_EXPLICIT) {
		if (given.before < 0 || given.after < 0 || given.before > most ||
		    given.after > most)
			return false;
		e->before = given.before;
		e->after = given.after;
	} else if (padding != PADDING_VALID) {
		return false;
	}
	int32_t room = in + e->before + e->after - covered;
	if (room < 0)
		return false;
	e->out = (room + (ceil ? stride - 1 : 0)) / stride + 1;
	if (ceil && (e->out - 1) * stride >= in + e->before) /* it would begin in the padding */
		e->out--;
	return e->out > 0;
}

void op_activation_float(int32_t activation, float *low, float *high)
{
	static const float bounds[ACTIVATIONS][2] = {
		[ACTIVATION_NONE] = { -INFINITY, INFINITY },
		[ACTIVATION_RELU] = { 0, INFINITY },
		[ACTIVATION_RELU_N1_TO_1] = { -1, 1 },
		[ACTIVATION_RELU6] = { 0, 6 },
		[ACTIVATION_TANH] = { -INFINITY, INFINITY },
		[ACTIVATION_SIGN_BIT] = { -INFINITY, INFINITY },
	};
	*low = bounds[activation][0];
	*high = bounds[activation][1];
}

void op_type_range(enum tensor_type type, int32_t *low, int32_t *high)
{
	*low = type == TENSOR_INT8 ? INT8_MIN : type == TENSOR_INT16 ? INT16_MIN : 0;
	*high = type == TENSOR_INT8 ? INT8_MAX : type == TENSOR_INT16 ? INT16_MAX : UINT8_MAX;
}

/* round(bound / scale) + zero point, in float as CalculateActivationRangeQuantized does. */
static int32_t quantized_bound(float bound, const struct tensor *t)
{
	float steps = roundf(bound / t->quant.scale[0]);

	return t->quant.zero_point[0] + (steps < -1e9f	? -1000000000
					 : steps > 1e9f ? 1000000000
							: (int32_t)steps);
}

void op_bound_quantized(float real_low, float real_high, const struct tensor *t, int32_t *low,
			int32_t *high)
{
	if (isfinite(real_low) && quantized_bound(real_low, t) > *low)
		*low = quantized_bound(real_low, t);
	if (isfinite(real_high) && quantized_bound(real_high, t) < *high)
		*high = quantized_bound(real_high, t);
}

void op_activation_quantized(int32_t activation, const struct tensor *t, int32_t *low,
			     int32_t *high)
{
	float real_low, real_high;

	op_type_range(t->type, low, high);
	op_activation_float(activation, &real_low, &real_high);
	op_bound_quantized(real_low, real_high, t, low, high);
}
