/* convert.h - from ONNX's operators to the engine's. */
#ifndef EDGED_MODEL_ONNX_CONVERT_H
#define EDGED_MODEL_ONNX_CONVERT_H
#include "model/onnx/build.h"

typedef void onnx_convert_fn(struct build *b);

struct onnx_converter {
	const char *type;
	onnx_convert_fn *convert;
};

/* NULL where there is none for that operator of that domain ("" is ONNX's own). */
onnx_convert_fn *onnx_find_converter(const char *domain, const char *type);

/* One list a file; an empty type ends it. */
extern const struct onnx_converter onnx_layers[], onnx_normalizations[], onnx_elementwise[],
	onnx_shapes[], onnx_picking[], onnx_making[], onnx_reductions[], onnx_products[],
	onnx_recurrent[], onnx_quantized[], onnx_qlinear[], onnx_control[];
extern const struct onnx_converter onnx_contrib[], onnx_contrib_quantized[]; /* com.microsoft */

/* The engine's type for one of onnx_type; false: none. */
bool onnx_tensor_type(int32_t type, enum tensor_type *out);

/* A tensor of the file as a constant: in place where that can be. False: a fault was set. */
bool onnx_read_tensor(struct build *b, const struct onnx_tensor *t, struct tensor *out);

/* ---- what several of them need ---- */

const struct shape *onnx_shape(const struct build *b, int32_t t);
int onnx_axis(struct build *b, int32_t t, int64_t axis); /* from 0 on; none such is a fault */

/* A convolution, pooling or resizing of x in ONNX's order [batch, channels, (height,) width]:
 * as the engine has it, [batch, height, width, channels], and back. */
int32_t onnx_to_nhwc(struct build *b, int32_t x);
int32_t onnx_to_nchw(struct build *b, int32_t x, int rank);
/* How a result will be quantized, where that is known beforehand. */
struct onnx_target {
	int32_t scale, zero; /* constants of one value; scale NONE: not known */
	enum tensor_type type;
	int activation; /* between the product and the quantization */
};

/* Of output 0 of the node in hand, by the nodes that take it. */
struct onnx_target onnx_find_target(struct build *b);
/* x, w and bias may be lazy; bias may be NONE. Where all of them are quantized and the target is
 * known, it is computed in integers, and the result is lazy. By the attributes of the node in hand. */
int32_t onnx_convolution(struct build *b, int32_t x, int32_t w, int32_t bias,
			 const struct onnx_target *target);
/* Can the product be computed in integers? */
bool onnx_is_integer(struct build *b, int32_t x, int32_t w, int32_t bias,
		     const struct onnx_target *target);
/* A tensor that is described by the target, as build_into() wants it. */
int32_t onnx_integer_op(struct build *b, const char *op, int32_t x, int32_t w, int32_t bias,
			const union options *options, const struct onnx_target *target);
int32_t onnx_average_pool(struct build *b, int32_t x);
/* x * w (+ bias): NumPy's matmul, and Gemm by the attributes of the node in hand. */
int32_t onnx_gemm(struct build *b, int32_t a, int32_t w, int32_t c,
		  const struct onnx_target *target);
/* Softmax or log of it along an axis, as the operator set has it. */
int32_t onnx_softmax(struct build *b, const char *op, int32_t x);
int32_t onnx_concat(struct build *b, const int32_t *parts, size_t count, int64_t axis);
int32_t onnx_leaky_relu(struct build *b, int32_t x);
int32_t onnx_gelu(struct build *b, int32_t x);
/* Means over all but the first two dimensions. */
int32_t onnx_global_pool(struct build *b, const char *reduction, int32_t x);
/* From real to quantized and back; scale and zero point may be computed. */
int32_t onnx_quantize(struct build *b, int32_t x, int32_t scale, int32_t zero,
		      enum tensor_type type, int axis);
int32_t onnx_dequantize(struct build *b, int32_t x, int32_t scale, int32_t zero, int axis);
/* A float tensor quantized by scale and zero point as tensors, in the formula's own operators. */
int32_t onnx_quantize_computed(struct build *b, int32_t x, int32_t scale, int32_t zero,
			       enum tensor_type type, int axis);
/* Scale and zero point of the values that are there, to uint8; safe: 1 where the scale is 0. */
struct onnx_dynamic {
	int32_t scale, safe_scale, zero;
};
struct onnx_dynamic onnx_dynamic_range(struct build *b, int32_t x);
bool onnx_is_known(const struct build *b, int32_t scale, int32_t zero); /* are they constants? */
#endif
