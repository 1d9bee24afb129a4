/* qlinear.c - operators of ONNX and ONNX Runtime that hold quantization: value, scale and zero point as
 * three inputs. They are taken apart: dequantize, compute, quantize. */
#include <errno.h>
#include <string.h>

#include "model/onnx/convert.h"

static int32_t dequantized_lazy(struct build *b, size_t first, int axis)
{
	int32_t x = build_need(b, first), scale = build_need(b, first + 1);

	return onnx_dequantize(b, x, scale, build_in(b, first + 2), axis);
}

static int32_t dequantized(struct build *b, size_t first, int axis)
{
	return build_force(b, dequantized_lazy(b, first, axis));
}

static void quantized_out(struct build *b, int32_t y, size_t scale, size_t zero, size_t like)
{
	int32_t z = build_in(b, zero);
	enum tensor_type type = build_tensor(b, z >= 0 ? z : build_need(b, like))->type;

	build_out(b, 0, onnx_quantize(b, y, build_need(b, scale), z, type, 1));
}

static struct onnx_target target_of(struct build *b, size_t scale, size_t zero, size_t like)
{
	struct onnx_target t = { build_need(b, scale), build_in(b, zero), TENSOR_UINT8, 0 };
	const struct tensor *s = build_tensor(b, t.scale);

	t.type = build_tensor(b, t.zero >= 0 ? t.zero : build_need(b, like))->type;
	if (!onnx_is_known(b, t.scale, t.zero) || tensor_elements(s) != 1)
		t.scale = NONE;
	return t;
}

static void convert_qlinear_conv(struct build *b)
{
	struct onnx_target target = target_of(b, 6, 7, 0);
	int32_t x = dequantized_lazy(b, 0, 1), w = dequantized_lazy(b, 3, 0), bias = build_in(b, 8);

	if (bias >= 0) /* in steps of the product of both scales */
		bias = onnx_dequantize(
			b, bias, build_two(b, "MUL", build_need(b, 1), build_need(b, 4)), NONE, 0);
	quantized_out(b, onnx_convolution(b, x, w, bias, &target), 6, 7, 0);
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
		      build_reduce(b, "MEAN", x, axes, count, attribute_int(b, "keepdims", 1) != 0),
		      3, 4, 0);
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
		quantized_out(b, onnx_concat(b, parts, count, attribute_int(b, "axis", 1)), 0, 1,
			      2);
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
	int32_t a = dequantized_lazy(b, 0, 1), c = build_in(b, 6);
	int32_t w = dequantized_lazy(b, 3, attribute_int(b, "transB", 0) != 0 ? 0 : 1);
	struct onnx_target target = { .scale = NONE };

	if (c >= 0) {
		int rank = build_tensor(b, c)->shape.rank;
		int32_t scale = build_two(b, "MUL", build_need(b, 1), build_need(b, 4));
		scale = build_two(b, "MUL", scale, build_float(b, attribute_float(b, "alpha", 1)));
		c = onnx_dequantize(b, c, scale, NONE, rank - 1);
	}
	if (build_in(b, 7) >= 0)
		target = target_of(b, 7, 8, 0);
	int32_t y = onnx_gemm(b, a, w, c, &target);
	if (build_in(b, 7) < 0)
		build_out(b, 0, build_force(b, y));
	else
		quantized_out(b, y, 7, 8, 0);
}

/* a * w as real numbers; scales along the columns of w. */
static int32_t integer_product(struct build *b, int32_t a, int32_t w, int32_t w_zero,
			       int32_t w_scale, int32_t bias)
{
	int columns = build_tensor(b, w)->shape.rank - 1;
	w = build_force(b, onnx_dequantize(b, w, w_scale, w_zero, columns));
	int32_t y = build_two(b, "BATCH_MATMUL", build_force(b, a), w);

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
	int32_t x = build_need(b, 0);
	struct onnx_dynamic range = onnx_dynamic_range(b, x);
	int32_t q = onnx_quantize_computed(b, x, range.safe_scale, range.zero, TENSOR_UINT8, 0);
	int32_t a = onnx_dequantize(b, q, range.safe_scale, range.zero, 0);

	build_out(b, 0,
		  integer_product(b, a, build_need(b, 1), build_in(b, 3), build_need(b, 2),
				  build_in(b, 4)));
}

const struct onnx_converter onnx_qlinear[] = {
	{ "QLinearConv", convert_qlinear_conv },
	{ "QLinearMatMul", convert_qlinear_matmul },
	{ 0 },
};

const struct onnx_converter onnx_contrib_quantized[] = {
	{ "DynamicQuantizeMatMul", convert_dynamic_quantize_matmul },
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
	{ 0 },
};
