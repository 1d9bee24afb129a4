/* contrib.c - operators that ONNX Runtime fused (com.microsoft), floats. */
#include <errno.h>
#include <string.h>

#include "model/onnx/convert.h"

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
	struct onnx_target none = { .scale = NONE };
	int32_t y = onnx_convolution(b, build_need(b, 0), build_need(b, 1), build_in(b, 2), &none);
	int32_t more = build_in(b, 3);

	build_out(b, 0, activate(b, more < 0 ? y : build_two(b, "ADD", y, more)));
}

static void convert_fused_gemm(struct build *b)
{
	struct onnx_target none = { .scale = NONE };

	build_out(b, 0,
		  activate(b, onnx_gemm(b, build_need(b, 0), build_need(b, 1), build_in(b, 2),
					&none)));
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
	int32_t scaled =
		build_two(b, "MUL", x, build_float(b, attribute_float(b, "alpha", 1.702f)));

	build_out(b, 0, build_two(b, "MUL", x, build_one(b, "LOGISTIC", scaled)));
}

const struct onnx_converter onnx_contrib[] = {
	{ "BiasGelu", convert_bias_gelu },
	{ "FastGelu", convert_fast_gelu },
	{ "FusedConv", convert_fused_conv },
	{ "FusedGemm", convert_fused_gemm },
	{ "FusedMatMul", convert_fused_matmul },
	{ "QuickGelu", convert_quick_gelu },
	{ 0 },
};
