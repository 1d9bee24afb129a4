/* quantized.c - QuantizeLinear, DequantizeLinear and the operators that hold both, of ONNX and of
 * ONNX Runtime (com.microsoft). The latter are taken apart: dequantize, compute, quantize. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "model/onnx/convert.h"

/* A scale or zero point along one axis of `rank` dimensions. */
static int32_t along(struct build *b, int32_t t, int rank, int axis)
{
	size_t count = tensor_elements(build_tensor(b, t));
	struct shape s = { .rank = rank };

	if (count == 1)
		return build_reshape(b, t, &(struct shape){ 0 });
	for (int d = 0; d < rank; d++)
		s.dim[d] = d == axis ? (int32_t)count : 1;
	return build_reshape(b, t, &s);
}

static int quantized_axis(struct build *b, int32_t x, int32_t scale, int axis)
{
	const struct shape *s = &build_tensor(b, x)->shape;
	size_t count = tensor_elements(build_tensor(b, scale));

	if (count == 1)
		return 0;
	int found = shape_axis(s, axis);
	if (found < 0 || (size_t)s->dim[found] != count)
		build_fail(b, -EOPNOTSUPP, "%zu scales along dimension %d", count, axis);
	return found < 0 ? 0 : found;
}

bool onnx_is_known(const struct build *b, int32_t scale, int32_t zero)
{
	return build_tensor(b, scale)->constant && (zero < 0 || build_tensor(b, zero)->constant);
}

int32_t onnx_dequantize(struct build *b, int32_t x, int32_t scale, int32_t zero, int axis)
{
	int rank = build_tensor(b, x)->shape.rank, own = quantized_axis(b, x, scale, axis);

	if (b->rc < 0)
		return 0;
	if (onnx_is_known(b, scale, zero))
		return build_lazy(b, build_quantized(b, x, scale, zero, own), -INFINITY, INFINITY);
	int32_t real = build_cast(b, x, TENSOR_FLOAT32);
	if (zero >= 0)
		real = build_two(b, "SUB", real,
				 along(b, build_cast(b, zero, TENSOR_FLOAT32), rank, own));
	return build_two(b, "MUL", real, along(b, scale, rank, own));
}

static void bounds_of(enum tensor_type type, float *low, float *high)
{
	*low = type == TENSOR_INT8 ? -128 : type == TENSOR_INT16 ? -32768 : 0;
	*high = type == TENSOR_INT8	? 127
		: type == TENSOR_INT16	? 32767
		: type == TENSOR_UINT16 ? 65535
					: 255;
}

/* round half to even, as the formula says */
int32_t onnx_quantize_computed(struct build *b, int32_t x, int32_t scale, int32_t zero,
			       enum tensor_type type, int axis)
{
	int rank = build_tensor(b, x)->shape.rank;
	float low, high;

	bounds_of(type, &low, &high);
	int32_t q = build_one(b, "ROUND", build_two(b, "DIV", x, along(b, scale, rank, axis)));
	if (zero >= 0)
		q = build_two(b, "ADD", q,
			      along(b, build_cast(b, zero, TENSOR_FLOAT32), rank, axis));
	q = build_two(b, "MAXIMUM", q, build_float(b, low));
	return build_cast(b, build_two(b, "MINIMUM", q, build_float(b, high)), type);
}

static bool is_same(struct build *b, int32_t x, int32_t scale, int32_t zero, enum tensor_type type)
{
	int32_t q = build_fact(b, x)->quantized;

	if (q < 0 || !onnx_is_known(b, scale, zero))
		return false;
	const struct tensor *t = build_tensor(b, q), *s = build_tensor(b, scale);
	int64_t zero_point = zero < 0 ? 0 : tensor_int(build_tensor(b, zero), 0);
	return t->type == type && t->quant.count == 1 && tensor_elements(s) == 1 &&
	       t->quant.scale[0] == (float)tensor_float(s, 0) &&
	       t->quant.zero_point[0] == zero_point;
}

int32_t onnx_quantize(struct build *b, int32_t x, int32_t scale, int32_t zero,
		      enum tensor_type type, int axis)
{
	int own = quantized_axis(b, x, scale, axis);

	if (b->rc < 0)
		return 0;
	if (is_same(b, x, scale, zero, type)) /* back to where it came from */
		return build_fact(b, x)->quantized;
	x = build_force(b, x);
	if (!onnx_is_known(b, scale, zero) || tensor_elements(build_tensor(b, scale)) != 1)
		return onnx_quantize_computed(b, x, scale, zero, type, own);
	union options o = { .quantize = { ROUND_ONNX, 0 } };
	return build_quantize(b, x, scale, zero, type, &o);
}

/* ---- the plain ones ---- */

static enum tensor_type type_of_zero(struct build *b, int32_t zero)
{
	enum tensor_type type = TENSOR_UINT8;
	int64_t wanted = attribute_int(b, "output_dtype", 0);

	if (zero >= 0)
		return build_tensor(b, zero)->type;
	if (wanted > 0 && wanted < 64 && !onnx_tensor_type((int32_t)wanted, &type))
		build_fail(b, -EOPNOTSUPP, "output_dtype %lld", (long long)wanted);
	return type;
}

static void no_blocks(struct build *b)
{
	if (attribute_int(b, "block_size", 0) != 0)
		build_fail(b, -EOPNOTSUPP, "block_size");
}

static void convert_quantize(struct build *b)
{
	int32_t x = build_in_lazy(b, 0), scale = build_need(b, 1), zero = build_in(b, 2);

	no_blocks(b);
	build_out(b, 0,
		  onnx_quantize(b, x, scale, zero, type_of_zero(b, zero),
				(int)attribute_int(b, "axis", 1)));
}

static void convert_dequantize(struct build *b)
{
	int32_t x = build_need(b, 0), scale = build_need(b, 1), zero = build_in(b, 2);

	no_blocks(b);
	build_out(b, 0, onnx_dequantize(b, x, scale, zero, (int)attribute_int(b, "axis", 1)));
}

struct onnx_dynamic onnx_dynamic_range(struct build *b, int32_t x)
{
	int32_t zero = build_float(b, 0), steps = build_float(b, 255);
	int64_t axes[SHAPE_MOST_RANK];
	size_t count = (size_t)build_tensor(b, x)->shape.rank;

	for (size_t d = 0; d < count; d++)
		axes[d] = (int64_t)d;
	int32_t least =
		build_two(b, "MINIMUM", build_reduce(b, "REDUCE_MIN", x, axes, count, false), zero);
	int32_t most =
		build_two(b, "MAXIMUM", build_reduce(b, "REDUCE_MAX", x, axes, count, false), zero);
	int32_t scale = build_two(b, "DIV", build_two(b, "SUB", most, least), steps);
	/* all zeros: any scale will do */
	int32_t safe = build_op(
		b, "SELECT_V2",
		(int32_t[]){ build_two(b, "EQUAL", scale, zero), build_float(b, 1), scale }, 3,
		NULL);
	int32_t place = build_two(b, "DIV", build_one(b, "NEG", least), safe);
	place = build_two(b, "MINIMUM", build_two(b, "MAXIMUM", place, zero), steps);
	return (struct onnx_dynamic){ scale, safe,
				      build_cast(b, build_one(b, "ROUND", place), TENSOR_UINT8) };
}

static void convert_dynamic_quantize(struct build *b)
{
	int32_t x = build_need(b, 0);
	struct onnx_dynamic range = onnx_dynamic_range(b, x);

	build_out(b, 0,
		  onnx_quantize_computed(b, x, range.safe_scale, range.zero, TENSOR_UINT8, 0));
	build_out(b, 1, range.scale);
	build_out(b, 2, range.zero);
}

/* x - zero point, as real numbers: sums of products of such are exact up to 2^24. */
static int32_t centred(struct build *b, int32_t x, int32_t zero, int axis)
{
	int32_t real = build_cast(b, x, TENSOR_FLOAT32);

	if (zero < 0)
		return real;
	return build_two(b, "SUB", real,
			 along(b, build_cast(b, zero, TENSOR_FLOAT32),
			       build_tensor(b, x)->shape.rank, axis));
}

static void convert_conv_integer(struct build *b)
{
	int32_t x = centred(b, build_need(b, 0), build_in(b, 2), 1);
	int32_t w = centred(b, build_need(b, 1), build_in(b, 3), 0);
	struct onnx_target none = { .scale = NONE };

	build_out(b, 0, build_cast(b, onnx_convolution(b, x, w, NONE, &none), TENSOR_INT32));
}

static void convert_matmul_integer(struct build *b)
{
	int32_t a = build_need(b, 0), w = build_need(b, 1);
	int rows = build_tensor(b, a)->shape.rank - 2, columns = build_tensor(b, w)->shape.rank - 1;
	int32_t y = build_two(b, "BATCH_MATMUL", centred(b, a, build_in(b, 2), rows),
			      centred(b, w, build_in(b, 3), columns));

	build_out(b, 0, build_cast(b, y, TENSOR_INT32));
}

const struct onnx_converter onnx_quantized[] = {
	{ "ConvInteger", convert_conv_integer },
	{ "DequantizeLinear", convert_dequantize },
	{ "DynamicQuantizeLinear", convert_dynamic_quantize },
	{ "MatMulInteger", convert_matmul_integer },
	{ "QuantizeLinear", convert_quantize },
	{ 0 },
};
