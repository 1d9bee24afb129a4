/* quantize.c - QUANTIZE and DEQUANTIZE: between real and quantized values, and between scales. */
#include <errno.h>
#include <math.h>
#include <string.h>

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
		rc = op_expect_type(n->outputs[0], TYPES_QUANTIZED | TYPE_BIT(TENSOR_INT32),
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
	if (type == TENSOR_INT32) {
		*low = INT32_MIN;
		*high = INT32_MAX;
	}
}

/* round(x / scale) + zero, half away from zero, in float. */
static int32_t quantize_float(float x, const struct quant *q, int32_t low, int32_t high)
{
	double v = (double)roundf(x / q->scale[0]) + (double)q->zero_point[0];

	return !(v > (double)low) ? low : v >= (double)high ? high : (int32_t)v;
}

static void store(const struct tensor *t, size_t i, int32_t v)
{
	if (t->type == TENSOR_INT32)
		((int32_t *)t->data)[i] = v;
	else if (t->type == TENSOR_INT16)
		((int16_t *)t->data)[i] = (int16_t)v;
	else
		((uint8_t *)t->data)[i] = (uint8_t)v;
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
			store(out, i,
			      quantize_float(((const float *)in->data)[i], &out->quant, low, high));
			continue;
		}
		int32_t v = (int32_t)(tensor_int(in, i) - in->quant.zero_point[0]);
		store(out, i,
		      add_zero_point(requantize(v, m), out->quant.zero_point[0], low, high));
	}
}

const struct op op_quantize = { .name = "QUANTIZE", .check = quantize_check, .run = quantize_run };

static int dequantize_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0], TYPES_QUANTIZED | TYPE_BIT(TENSOR_FLOAT16),
				    "input", f);
	if (rc == 0)
		rc = op_output_type(n, 0, TENSOR_FLOAT32, f);
	if (rc < 0)
		return rc;
	const struct quant *q = &n->inputs[0]->quant;
	if (n->inputs[0]->type != TENSOR_FLOAT16 && q->count != 1)
		return fault_set(f, -EOPNOTSUPP, "input has %zu scales (one)", q->count);
	return op_set_shape(n, 0, &n->inputs[0]->shape, f);
}

/* IEEE 754 binary16 to binary32: exact. */
static float float_of_half(uint16_t h)
{
	uint32_t sign = (uint32_t)(h >> 15) << 31, exponent = (h >> 10) & 31, fraction = h & 1023,
		 bits;
	float value;

	if (exponent == 0) {
		value = ldexpf((float)fraction, -24);
		return sign ? -value : value;
	}
	bits = sign | (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

static void dequantize_run(const struct op_node *n)
{
	const struct tensor *in = n->inputs[0];
	size_t elements = tensor_elements(in);
	float *out = n->outputs[0]->data;

	for (size_t i = 0; i < elements; i++)
		out[i] = in->type == TENSOR_FLOAT16
				 ? float_of_half(((const uint16_t *)in->data)[i])
				 : in->quant.scale[0] * (float)((int32_t)tensor_int(in, i) -
								in->quant.zero_point[0]);
}

const struct op op_dequantize = { .name = "DEQUANTIZE",
				  .check = dequantize_check,
				  .run = dequantize_run };
