/* ops.c - the list of all operators. */
#include "nn/op.h"

/* clang-format off */
#define OPERATORS(X) \
	X(abs) X(add) X(add_n) X(arg_max) X(arg_min) X(assign_variable) X(average_pool_2d) \
	X(batch_matmul) X(batch_to_space_nd) X(broadcast_to) X(call) X(call_once) X(cast) \
	X(ceil) X(celu) X(complex_abs) X(concatenation) X(conv_2d) X(cos) X(cumsum) \
	X(depth_to_space) X(depthwise_conv_2d) X(dequantize) X(div) X(dynamic_update_slice) \
	X(elu) X(equal) X(erf) X(exp) X(expand_dims) X(fill) X(floor) X(floor_div) \
	X(floor_mod) X(fully_connected) X(gather) X(gather_elements) X(gather_nd) X(gelu) \
	X(greater) X(greater_equal) X(hard_sigmoid) X(hard_swish) X(identity) X(if) X(is_inf) \
	X(is_nan) X(l2_normalization) X(l2_pool_2d) X(leaky_relu) X(less) X(less_equal) X(log) \
	X(log_softmax) X(logical_and) X(logical_not) X(logical_or) X(logical_xor) X(logistic) \
	X(max_pool_2d) X(maximum) X(mean) X(minimum) X(mirror_pad) X(mish) X(mod) X(mul) \
	X(neg) X(non_max_suppression) X(non_max_suppression_v4) X(non_max_suppression_v5) \
	X(not_equal) X(one_hot) X(onnx_gru) X(onnx_lstm) X(onnx_rnn) X(pack) X(pad) X(padv2) X(pow) X(prelu) X(quantize) X(range) \
	X(rank) X(read_variable) X(reciprocal) X(reduce_all) X(reduce_any) X(reduce_max) \
	X(reduce_min) X(reduce_prod) X(relu) X(relu6) X(relu_0_to_1) X(relu_n1_to_1) \
	X(reshape) X(resize_bicubic) X(resize_bilinear) X(resize_nearest_neighbor) \
	X(reverse_v2) X(rfft2d) X(round) X(rsqrt) X(scatter_elements) X(scatter_nd) \
	X(scatter_update) X(select) X(select_v2) X(selu) X(shape) X(sign) X(sin) X(size) \
	X(slice) X(softmax) X(softplus) X(softsign) X(space_to_batch_nd) X(space_to_depth) \
	X(split) X(split_v) X(sqrt) X(square) X(squared_difference) X(squeeze) \
	X(strided_slice) X(sub) X(sum) X(svdf) X(tanh) X(tflite_detection_postprocess) \
	X(thresholded_relu) X(tile) X(topk_v2) X(transpose) X(transpose_conv) \
	X(unidirectional_sequence_lstm) X(unpack) X(var_handle) X(where) X(while) \
	X(zeros_like)
/* clang-format on */

#define DECLARE(name) extern const struct op op_##name;
OPERATORS(DECLARE)

#define ENTRY(name) &op_##name,
const struct op *const ops_all[] = { OPERATORS(ENTRY) NULL };
