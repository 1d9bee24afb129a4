/* ops.c - the list of all operators. */
#include "nn/op.h"

#define OPERATORS(X)                                                                               \
	X(add)                                                                                     \
	X(assign_variable) X(average_pool_2d) X(call_once) X(complex_abs) X(concatenation)         \
		X(conv_2d) X(depthwise_conv_2d) X(dequantize) X(div) X(expand_dims)                \
			X(fully_connected) X(gather) X(log) X(logistic) X(max_pool_2d) X(mean)     \
				X(mul) X(pad) X(padv2) X(quantize) X(read_variable) X(reshape)     \
					X(rfft2d) X(softmax) X(split) X(split_v) X(strided_slice)  \
						X(sub) X(var_handle)

#define DECLARE(name) extern const struct op op_##name;
OPERATORS(DECLARE)

#define ENTRY(name) &op_##name,
const struct op *const ops_all[] = { OPERATORS(ENTRY) NULL };
