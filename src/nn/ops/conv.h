/* conv.h - what convolutions have in common: geometry, and the bounds and multipliers of the
 * output. */
#ifndef EDGED_NN_OPS_CONV_H
#define EDGED_NN_OPS_CONV_H
#include "nn/op.h"
#include "nn/requantize.h"

/* Sizes are those of TensorFlow: activations [batch, height, width, channels]. */
struct conv_shape {
	int32_t batch, in_h, in_w, in_c;
	int32_t out_h, out_w, out_c;
	int32_t filter_h, filter_w, stride_h, stride_w, dilation_h, dilation_w;
	int32_t pad_h, pad_w; /* zeros before the first row and column */
	int32_t multiplier;   /* depthwise: outputs of an input channel */
};

/* For quantized outputs, ready to be used by the kernels. */
struct conv_output {
	int32_t in_zero, filter_zero, out_zero;
	int32_t low, high; /* bounds of the activation, quantized */
	float float_low, float_high;
	const struct multiplier *multipliers; /* a channel */
	const float *scales;		      /* a channel: ONNX */
	const int32_t *filter_zeros;	      /* a channel: ONNX */
};

struct conv_state {
	struct conv_shape shape;
	struct conv_output output;
	const int8_t *filter; /* int4 unpacked to int8 at load; else the model's own */
};

/* Fills in the shape from input 0, the filter's rows and columns, and the options. */
int conv_shape_of(const struct op_node *n, int32_t filter_h, int32_t filter_w, int32_t out_c,
		  struct conv_shape *out, struct fault *f);

/* An output of 8-bit values sums up at most so many products: 255 * 255 of them fit 31 bits. */
enum { CONV_MOST_PRODUCTS = 32768 };
int conv_check_sum(const struct op_node *n, int64_t products, struct fault *f);

/* Types, scales and sizes of input, filter and bias. A filter has its scales along its output
 * channels, whatever axis the file says. */
int conv_check_types(const struct op_node *n, int32_t out_c, struct fault *f);

/* Bounds, zero points and multipliers; memory from the arena. */
int conv_plan_output(const struct op_node *n, int32_t out_c, struct arena *memory,
		     struct conv_output *out, struct fault *f);

/* The filter as int8: int4 is unpacked. */
int conv_plan_filter(const struct op_node *n, struct arena *memory, const int8_t **out,
		     struct fault *f);

enum conv_kind {
	CONV_FLOAT,
	CONV_HYBRID,
	CONV_INT8,
	CONV_UINT8,
	CONV_INT16,
	CONV_INT16_WIDE,
	CONV_ONNX, /* int8 and uint8 in any combination, scaled in float */
};
enum conv_kind conv_kind_of(const struct op_node *n);

/* Sum of (a - a_zero) * (w - w_zero) over so many values of tensors of 8 bits. */
int32_t conv_dot_8(const struct tensor *a, size_t a_at, int32_t a_zero, const struct tensor *w,
		   size_t w_at, int32_t w_zero, size_t count);
/* What a sum of channel c becomes: rule 5 of requantize.h. */
int32_t conv_finish_onnx(const struct conv_output *o, int32_t sum, int32_t c);

/* ---- hybrid: float activations are quantized on the way in, weights are int8 ---- */

/* One batch entry's scale and zero point; values into out. As tensor_utils' Symmetric- and
 * AsymmetricQuantizeFloats. */
struct hybrid_scale {
	float scale;
	int32_t zero_point;
};
struct hybrid_scale hybrid_quantize(const float *values, size_t count, bool asymmetric,
				    int8_t *out);
#endif
