/* quantize.c - QUANTIZE and DEQUANTIZE: between real and quantized values, and between scales. */
#include <errno.h>
#include <math.h>

#include "nn/op.h"
#include "nn/requantize.h"

static int quantize_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0],
				    TYPE_BIT(TENSOR_FLOAT32) | TYPES_QUANTIZED |
					    TYPE_BIT(TENSOR_INT32),
				    "input", f);
	if (rc == 0)
		rc = op_expect_type(n->outputs[0],
				    TYPES_QUANTIZED | TYPE_BIT(TENSOR_UINT16) |
					    TYPE_BIT(TENSOR_INT32),
				    "output", f);
	if (rc == 0)
		rc = op_expect_scale(n->outputs[0], "output", f);
	if (rc == 0 && n->inputs[0]->type != TENSOR_FLOAT32)
		rc = op_expect_scale(n->inputs[0], "input", f);
	return rc < 0 ? rc : op_set_shape(n, 0, &n->inputs[0]->shape, f);
}

static void bounds_of(enum tensor_type type, int32_t *low, int32_t *high)
{
	op_type_range(type, low, high);
	if (type == TENSOR_UINT16)
		*high = UINT16_MAX;
	if (type == TENSOR_INT32) {
		*low = INT32_MIN;
		*high = INT32_MAX;
	}
}

/* round(x / scale) + zero, in float; half away from zero, or to even. */
static int32_t quantize_float(float x, const struct quant *q, enum rounding rounding, int32_t low,
			      int32_t high)
{
	float steps = x / q->scale[0];
	double v = (double)(rounding == ROUND_ONNX ? rintf(steps) : roundf(steps)) +
		   (double)q->zero_point[0];

	return !(v > (double)low) ? low : v >= (double)high ? high : (int32_t)v;
}

static void quantize_run(const struct op_node *n)
{
	const struct tensor *in = n->inputs[0], *out = n->outputs[0];
	size_t elements = tensor_elements(in);
	int32_t low, high;
	struct multiplier m = { 0 };

	bounds_of(out->type, &low, &high);
	if (in->type != TENSOR_FLOAT32)
		m = multiplier_of((double)in->quant.scale[0] / (double)out->quant.scale[0]);
	for (size_t i = 0; i < elements; i++) {
		if (in->type == TENSOR_FLOAT32) {
			tensor_set_int(out, i,
				       quantize_float(((const float *)in->data)[i], &out->quant,
						      n->node->options.quantize.rounding, low,
						      high));
			continue;
		}
		int32_t v = (int32_t)(tensor_int(in, i) - in->quant.zero_point[0]);
		tensor_set_int(
			out, i,
			add_zero_point(requantize(v, m), out->quant.zero_point[0], low, high));
	}
}

const struct op op_quantize = { .name = "QUANTIZE", .check = quantize_check, .run = quantize_run };

/* Several scales lie along one axis; TensorFlow names it in the tensor. */
static int dequantize_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0],
				    TYPES_QUANTIZED | TYPE_BIT(TENSOR_UINT16) |
					    TYPE_BIT(TENSOR_INT32) | TYPE_BIT(TENSOR_INT4) |
					    TYPE_BIT(TENSOR_FLOAT16),
				    "input", f);
	if (rc == 0)
		rc = op_output_type(n, 0, TENSOR_FLOAT32, f);
	if (rc < 0)
		return rc;
	const struct quant *q = &n->inputs[0]->quant;
	const struct shape *s = &n->inputs[0]->shape;
	bool along = q->count > 1 && q->axis >= 0 && q->axis < s->rank &&
		     (size_t)s->dim[q->axis] == q->count;
	if (n->inputs[0]->type != TENSOR_FLOAT16 && q->count != 1 && !along)
		return fault_set(f, -EBADMSG, "input has %zu scales along dimension %d", q->count,
				 q->axis);
	return op_set_shape(n, 0, s, f);
}

static void dequantize_run(const struct op_node *n)
{
	const struct tensor *in = n->inputs[0];
	const struct quant *q = &in->quant;
	size_t elements = tensor_elements(in), inner = 1;
	float *out = n->outputs[0]->data;

	if (q->count > 1)
		inner = shape_product(&in->shape, q->axis + 1, in->shape.rank);
	for (size_t i = 0; i < elements; i++) {
		if (in->type == TENSOR_FLOAT16) {
			out[i] = tensor_half(((const uint16_t *)in->data)[i]);
			continue;
		}
		size_t k = q->count > 1 ? i / inner % q->count : 0;
		int64_t v =
			in->type == TENSOR_INT4 ? (int64_t)tensor_float(in, i) : tensor_int(in, i);
		out[i] = q->scale[k] * (float)(v - q->zero_point[k]);
	}
}

const struct op op_dequantize = { .name = "DEQUANTIZE",
				  .check = dequantize_check,
				  .run = dequantize_run };
