/* quantized.c - QuantizeLinear, DequantizeLinear and the operators that hold both, of ONNX and of
 * ONNX Runtime (com.microsoft). The latter are taken apart: dequantize, compute, quantize. */
#include <errno.h>
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

static bool is_known(const struct build *b, int32_t scale, int32_t zero)
{
	return build_tensor(b, scale)->constant && (zero < 0 || build_tensor(b, zero)->constant);
}

int32_t onnx_dequantize(struct build *b, int32_t x, int32_t scale, int32_t zero, int axis)
{
	int rank = build_tensor(b, x)->shape.rank, own = quantized_axis(b, x, scale, axis);

	if (b->rc < 0)
		return 0;
	if (is_known(b, scale, zero)) {
		int32_t q = build_quantized(b, x, scale, zero, own);
		union options o = { .quantize = { ROUND_ONNX, own } };
		return build_op(b, "DEQUANTIZE", &q, 1, &o);
	}
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
static int32_t quantize_computed(struct build *b, int32_t x, int32_t scale, int32_t zero,
				 enum tensor_type type, int axis)
{
	int rank = build_tensor(b, x)->shape.rank;
	float low, high;

	bounds_of(type, &low, &high);
	int32_t q = build_one(b, "ROUND", build_two(b, "DIV", x, along(b, scale, rank, axis)));
	if (zero >= 0)
		q = build_two(b, "ADD", q, along(b, build_cast(b, zero, TENSOR_FLOAT32), rank, axis));
	q = build_two(b, "MAXIMUM", q, build_float(b, low));
	return build_cast(b, build_two(b, "MINIMUM", q, build_float(b, high)), type);
}

int32_t onnx_quantize(struct build *b, int32_t x, int32_t scale, int32_t zero, enum tensor_type type,
		      int axis)
{
	int own = quantized_axis(b, x, scale, axis);

	if (b->rc < 0)
		return 0;
	if (!is_known(b, scale, zero) || tensor_elements(build_tensor(b, scale)) != 1)
		return quantize_computed(b, x, scale, zero, type, own);
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
	int32_t x = build_need(b, 0), scale = build_need(b, 1), zero = build_in(b, 2);

	no_blocks(b);
	build_out(b, 0, onnx_quantize(b, x, scale, zero, type_of_zero(b, zero),
				      (int)attribute_int(b, "axis", 1)));
}

static void convert_dequantize(struct build *b)
{
	int32_t x = build_need(b, 0), scale = build_need(b, 1), zero = build_in(b, 2);

	no_blocks(b);
	build_out(b, 0, onnx_dequantize(b, x, scale, zero, (int)attribute_int(b, "axis", 1)));
}

/* Scale and zero point of the values that are there, to uint8. */
static void convert_dynamic_quantize(struct build *b)
{
	int32_t x = build_need(b, 0), zero_float = build_float(b, 0);
	int64_t axes[SHAPE_MOST_RANK];
	size_t count = (size_t)build_tensor(b, x)->shape.rank;

	for (size_t d = 0; d < count; d++)
		axes[d] = (int64_t)d;
	int32_t least = build_two(b, "MINIMUM", build_reduce(b, "REDUCE_MIN", x, axes, count, false),
				  zero_float);
	int32_t most = build_two(b, "MAXIMUM", build_reduce(b, "REDUCE_MAX", x, axes, count, false),
				 zero_float);
	int32_t span = build_two(b, "SUB", most, least);
	int32_t scale = build_two(b, "DIV", span, build_float(b, 255));
	/* all zeros: any scale will do */
	int32_t safe = build_op(b, "SELECT_V2",
				(int32_t[]){ build_two(b, "EQUAL", scale, zero_float),
					     build_float(b, 1), scale },
				3, NULL);
	int32_t place = build_two(b, "DIV", build_one(b, "NEG", least), safe);
	place = build_two(b, "MINIMUM", build_two(b, "MAXIMUM", place, zero_float),
			  build_float(b, 255));
	int32_t zero = build_cast(b, build_one(b, "ROUND", place), TENSOR_UINT8);
	build_out(b, 0, quantize_computed(b, x, safe, zero, TENSOR_UINT8, 0));
	build_out(b, 1, scale);
	build_out(b, 2, zero);
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

	build_out(b, 0, build_cast(b, onnx_convolution(b, x, w, NONE), TENSOR_INT32));
}

static void convert_matmul_integer(struct build *b)
{
	int32_t a = build_need(b, 0), w = build_need(b, 1);
	int rows = build_tensor(b, a)->shape.rank - 2, columns = build_tensor(b, w)->shape.rank - 1;
	int32_t y = build_two(b, "BATCH_MATMUL", centred(b, a, build_in(b, 2), rows),
			      centred(b, w, build_in(b, 3), columns));

	build_out(b, 0, build_cast(b, y, TENSOR_INT32));
}

/* ---- those that hold both: value, scale and zero point as three inputs ---- */

static int32_t dequantized(struct build *b, size_t first, int axis)
{
	int32_t x = build_need(b, first), scale = build_need(b, first + 1);

	return onnx_dequantize(b, x, scale, build_in(b, first + 2), axis);
}

static void quantized_out(struct build *b, int32_t y, size_t scale, size_t zero, size_t like)
{
	int32_t z = build_in(b, zero);
	enum tensor_type type = build_tensor(b, z >= 0 ? z : build_need(b, like))->type;

	build_out(b, 0, onnx_quantize(b, y, build_need(b, scale), z, type, 1));
}

static void convert_qlinear_conv(struct build *b)
{
	int32_t x = dequantized(b, 0, 1), w = dequantized(b, 3, 0), bias = build_in(b, 8);

	if (bias >= 0) /* in steps of the product of both scales */
		bias = onnx_dequantize(b, bias,
				       build_two(b, "MUL", build_need(b, 1), build_need(b, 4)), NONE,
				       0);
	quantized_out(b, onnx_convolution(b, x, w, bias), 6, 7, 0);
}

static void convert_qlinear_matmul(struct build *b)
{
	int32_t a = build_need(b, 0), w = build_need(b, 3);
	int32_t x = dequantized(b, 0, build_tensor(b, a)->shape.rank - 2);
	int32_t y = dequantized(b, 3, build_tensor(b, w)->shape.rank - 1);

	quantized_out(b, build_two(b, "BATCH_MATMUL", x, y), 6, 7, 0);
}

static void qlinear_binary(struct build *b, const char *op)
{
	quantized_out(b, build_two(b, op, dequantized(b, 0, 1), dequantized(b, 3, 1)), 6, 7, 0);
}

static void convert_qlinear_add(struct build *b)
{
	qlinear_binary(b, "ADD");
}

static void convert_qlinear_mul(struct build *b)
{
	qlinear_binary(b, "MUL");
}

static void convert_qlinear_sigmoid(struct build *b)
{
	quantized_out(b, build_one(b, "LOGISTIC", dequantized(b, 0, 1)), 3, 4, 0);
}

static void convert_qlinear_leaky_relu(struct build *b)
{
	quantized_out(b, onnx_leaky_relu(b, dequantized(b, 0, 1)), 3, 4, 0);
}

static void convert_qlinear_softmax(struct build *b)
{
	quantized_out(b, onnx_softmax(b, "SOFTMAX", dequantized(b, 0, 1)), 3, 4, 0);
}

/* channels_last: [batch, height, width, channels] as it comes. */
static int32_t channels_first(struct build *b, int32_t x)
{
	return attribute_int(b, "channels_last", 0) != 0 ? onnx_to_nchw(b, x, 4) : x;
}

static int32_t channels_back(struct build *b, int32_t x)
{
	return attribute_int(b, "channels_last", 0) != 0 ? onnx_to_nhwc(b, x) : x;
}

static void convert_qlinear_average_pool(struct build *b)
{
	int32_t x = channels_first(b, dequantized(b, 0, 1));

	quantized_out(b, channels_back(b, onnx_average_pool(b, x)), 3, 4, 0);
}

static void convert_qlinear_global_average_pool(struct build *b)
{
	int32_t x = channels_first(b, dequantized(b, 0, 1));

	quantized_out(b, channels_back(b, onnx_global_pool(b, "MEAN", x)), 3, 4, 0);
}

static void convert_qlinear_reduce_mean(struct build *b)
{
	int64_t axes[SHAPE_MOST_RANK];
	int32_t x = dequantized(b, 0, 1);
	size_t count = attribute_ints(b, "axes", axes, SHAPE_MOST_RANK);

	for (int d = 0; count == 0 && d < build_tensor(b, x)->shape.rank; d++)
		axes[d] = d;
	count = count == 0 ? (size_t)build_tensor(b, x)->shape.rank : count;
	quantized_out(b,
		      build_reduce(b, "MEAN", x, axes, count, attribute_int(b, "keepdims", 1) != 0), 3,
		      4, 0);
}

/* Output scale and zero point first, then three inputs a part. */
static void convert_qlinear_concat(struct build *b)
{
	int32_t parts[256];
	size_t count = b->node->input_count >= 2 ? (b->node->input_count - 2) / 3 : 0;

	if (count > 256 || count < 1)
		build_fail(b, -EOPNOTSUPP, "%zu parts", count);
	for (size_t i = 0; b->rc == 0 && i < count; i++)
		parts[i] = dequantized(b, 2 + 3 * i, 1);
	if (b->rc == 0)
		quantized_out(b, onnx_concat(b, parts, count, attribute_int(b, "axis", 1)), 0, 1, 2);
}

static void convert_qlinear_where(struct build *b)
{
	int32_t x = dequantized(b, 1, 1), y = dequantized(b, 4, 1);
	int32_t inputs[] = { build_need(b, 0), x, y };

	quantized_out(b, build_op(b, "SELECT_V2", inputs, 3, NULL), 7, 8, 1);
}

/* A, B with scales and zero points, C in steps of both scales; without output scale it is real. */
static void convert_qgemm(struct build *b)
{
	int32_t a = dequantized(b, 0, 1), c = build_in(b, 6);
	int32_t w = dequantized(b, 3, attribute_int(b, "transB", 0) != 0 ? 0 : 1);

	if (c >= 0) {
		int rank = build_tensor(b, c)->shape.rank;
		int32_t scale = build_two(b, "MUL", build_need(b, 1), build_need(b, 4));
		scale = build_two(b, "MUL", scale, build_float(b, attribute_float(b, "alpha", 1)));
		c = onnx_dequantize(b, c, scale, NONE, rank - 1);
	}
	int32_t y = onnx_gemm(b, a, w, c);
	if (build_in(b, 7) < 0)
		build_out(b, 0, y);
	else
		quantized_out(b, y, 7, 8, 0);
}

/* a * w as real numbers; scales along the columns of w. */
static int32_t integer_product(struct build *b, int32_t a, int32_t w, int32_t w_zero,
			       int32_t w_scale, int32_t bias)
{
	int columns = build_tensor(b, w)->shape.rank - 1;
	int32_t y = build_two(b, "BATCH_MATMUL", a, onnx_dequantize(b, w, w_scale, w_zero, columns));

	return bias < 0 ? y : build_two(b, "ADD", y, bias);
}

static void convert_matmul_integer_to_float(struct build *b)
{
	int32_t a = onnx_dequantize(b, build_need(b, 0), build_need(b, 2), build_in(b, 4),
				    build_tensor(b, build_need(b, 0))->shape.rank - 1);

	build_out(b, 0,
		  integer_product(b, a, build_need(b, 1), build_in(b, 5), build_need(b, 3),
				  build_in(b, 6)));
}

/* The activations' own rounding to uint8 is what ONNX Runtime does; without it the result is
 * nearer to the real one. It is kept, so that both give the same. */
static void convert_dynamic_quantize_matmul(struct build *b)
{
	int32_t x = build_need(b, 0), zero_float = build_float(b, 0);
	int64_t axes[SHAPE_MOST_RANK];
	size_t count = (size_t)build_tensor(b, x)->shape.rank;

	for (size_t d = 0; d < count; d++)
		axes[d] = (int64_t)d;
	int32_t least = build_two(b, "MINIMUM", build_reduce(b, "REDUCE_MIN", x, axes, count, false),
				  zero_float);
	int32_t most = build_two(b, "MAXIMUM", build_reduce(b, "REDUCE_MAX", x, axes, count, false),
				 zero_float);
	int32_t scale = build_two(b, "DIV", build_two(b, "SUB", most, least), build_float(b, 255));
	scale = build_two(b, "MAXIMUM", scale, build_float(b, 1e-30f));
	int32_t zero = build_cast(
		b, build_one(b, "ROUND", build_two(b, "DIV", build_one(b, "NEG", least), scale)),
		TENSOR_UINT8);
	int32_t q = quantize_computed(b, x, scale, zero, TENSOR_UINT8, 0);
	int32_t a = onnx_dequantize(b, q, scale, zero, 0);
	build_out(b, 0,
		  integer_product(b, a, build_need(b, 1), build_in(b, 3), build_need(b, 2),
				  build_in(b, 4)));
}

const struct onnx_converter onnx_quantized[] = {
	{ "ConvInteger", convert_conv_integer },
	{ "DequantizeLinear", convert_dequantize },
	{ "DynamicQuantizeLinear", convert_dynamic_quantize },
	{ "MatMulInteger", convert_matmul_integer },
	{ "QLinearConv", convert_qlinear_conv },
	{ "QLinearMatMul", convert_qlinear_matmul },
	{ "QuantizeLinear", convert_quantize },
	{ 0 },
};

/* ---- com.microsoft beside the quantized ones ---- */

static void convert_fused_matmul(struct build *b)
{
	union options o = { .matmul = { .adjoint_x = attribute_int(b, "transA", 0) != 0,
					.adjoint_y = attribute_int(b, "transB", 0) != 0 } };
	int32_t inputs[] = { build_need(b, 0), build_need(b, 1) };
	float alpha = attribute_float(b, "alpha", 1);
	int32_t y = build_op(b, "BATCH_MATMUL", inputs, 2, &o);

	build_out(b, 0, alpha == 1 ? y : build_two(b, "MUL", y, build_float(b, alpha)));
}

static int32_t activate(struct build *b, int32_t x)
{
	const char *activation = attribute_text(b, "activation", "");

	if (activation[0] == '\0')
		return x;
	if (strcmp(activation, "Relu") == 0)
		return build_one(b, "RELU", x);
	if (strcmp(activation, "Sigmoid") == 0)
		return build_one(b, "LOGISTIC", x);
	if (strcmp(activation, "Tanh") == 0)
		return build_one(b, "TANH", x);
	build_fail(b, -EOPNOTSUPP, "activation %.40s", activation);
	return 0;
}

static void convert_fused_conv(struct build *b)
{
	int32_t y = onnx_convolution(b, build_need(b, 0), build_need(b, 1), build_in(b, 2));
	int32_t more = build_in(b, 3);

	build_out(b, 0, activate(b, more < 0 ? y : build_two(b, "ADD", y, more)));
}

static void convert_fused_gemm(struct build *b)
{
	build_out(b, 0,
		  activate(b, onnx_gemm(b, build_need(b, 0), build_need(b, 1), build_in(b, 2))));
}

static void convert_bias_gelu(struct build *b)
{
	int32_t x = build_need(b, 0), bias = build_in(b, 1);

	build_out(b, 0, onnx_gelu(b, bias < 0 ? x : build_two(b, "ADD", x, bias)));
}

static void convert_fast_gelu(struct build *b)
{
	int32_t x = build_need(b, 0), bias = build_in(b, 1);
	union options o = { .unary = { .approximate = true } };

	x = bias < 0 ? x : build_two(b, "ADD", x, bias);
	build_out(b, 0, build_op(b, "GELU", &x, 1, &o));
}

static void convert_quick_gelu(struct build *b)
{
	int32_t x = build_need(b, 0);
	int32_t scaled = build_two(b, "MUL", x, build_float(b, attribute_float(b, "alpha", 1.702f)));

	build_out(b, 0, build_two(b, "MUL", x, build_one(b, "LOGISTIC", scaled)));
}

const struct onnx_converter onnx_contrib[] = {
	{ "BiasGelu", convert_bias_gelu },
	{ "DynamicQuantizeMatMul", convert_dynamic_quantize_matmul },
	{ "FastGelu", convert_fast_gelu },
	{ "FusedConv", convert_fused_conv },
	{ "FusedGemm", convert_fused_gemm },
	{ "FusedMatMul", convert_fused_matmul },
	{ "MatMulIntegerToFloat", convert_matmul_integer_to_float },
	{ "QGemm", convert_qgemm },
	{ "QLinearAdd", convert_qlinear_add },
	{ "QLinearAveragePool", convert_qlinear_average_pool },
	{ "QLinearConcat", convert_qlinear_concat },
	{ "QLinearGlobalAveragePool", convert_qlinear_global_average_pool },
	{ "QLinearLeakyRelu", convert_qlinear_leaky_relu },
	{ "QLinearMul", convert_qlinear_mul },
	{ "QLinearReduceMean", convert_qlinear_reduce_mean },
	{ "QLinearSigmoid", convert_qlinear_sigmoid },
	{ "QLinearSoftmax", convert_qlinear_softmax },
	{ "QLinearWhere", convert_qlinear_where },
	{ "QuickGelu", convert_quick_gelu },
	{ 0 },
};
