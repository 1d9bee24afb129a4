/* tflite_options.c - operators of TensorFlow Lite by their number: names, and options into our own.
 * Source of numbers and fields: tensorflow/compiler/mlir/lite/schema/schema.fbs. */
#include "model/tflite_options.h"

#include <string.h>

#include "base/cleanup.h"

static const char *const names[] = {
	"ADD",
	"AVERAGE_POOL_2D",
	"CONCATENATION",
	"CONV_2D",
	"DEPTHWISE_CONV_2D",
	"DEPTH_TO_SPACE",
	"DEQUANTIZE",
	"EMBEDDING_LOOKUP",
	"FLOOR",
	"FULLY_CONNECTED",
	"HASHTABLE_LOOKUP",
	"L2_NORMALIZATION",
	"L2_POOL_2D",
	"LOCAL_RESPONSE_NORMALIZATION",
	"LOGISTIC",
	"LSH_PROJECTION",
	"LSTM",
	"MAX_POOL_2D",
	"MUL",
	"RELU",
	"RELU_N1_TO_1",
	"RELU6",
	"RESHAPE",
	"RESIZE_BILINEAR",
	"RNN",
	"SOFTMAX",
	"SPACE_TO_DEPTH",
	"SVDF",
	"TANH",
	"CONCAT_EMBEDDINGS",
	"SKIP_GRAM",
	"CALL",
	"CUSTOM",
	"EMBEDDING_LOOKUP_SPARSE",
	"PAD",
	"UNIDIRECTIONAL_SEQUENCE_RNN",
	"GATHER",
	"BATCH_TO_SPACE_ND",
	"SPACE_TO_BATCH_ND",
	"TRANSPOSE",
	"MEAN",
	"SUB",
	"DIV",
	"SQUEEZE",
	"UNIDIRECTIONAL_SEQUENCE_LSTM",
	"STRIDED_SLICE",
	"BIDIRECTIONAL_SEQUENCE_RNN",
	"EXP",
	"TOPK_V2",
	"SPLIT",
	"LOG_SOFTMAX",
	"DELEGATE",
	"BIDIRECTIONAL_SEQUENCE_LSTM",
	"CAST",
	"PRELU",
	"MAXIMUM",
	"ARG_MAX",
	"MINIMUM",
	"LESS",
	"NEG",
	"PADV2",
	"GREATER",
	"GREATER_EQUAL",
	"LESS_EQUAL",
	"SELECT",
	"SLICE",
	"SIN",
	"TRANSPOSE_CONV",
	"SPARSE_TO_DENSE",
	"TILE",
	"EXPAND_DIMS",
	"EQUAL",
	"NOT_EQUAL",
	"LOG",
	"SUM",
	"SQRT",
	"RSQRT",
	"SHAPE",
	"POW",
	"ARG_MIN",
	"FAKE_QUANT",
	"REDUCE_PROD",
	"REDUCE_MAX",
	"PACK",
	"LOGICAL_OR",
	"ONE_HOT",
	"LOGICAL_AND",
	"LOGICAL_NOT",
	"UNPACK",
	"REDUCE_MIN",
	"FLOOR_DIV",
	"REDUCE_ANY",
	"SQUARE",
	"ZEROS_LIKE",
	"FILL",
	"FLOOR_MOD",
	"RANGE",
	"RESIZE_NEAREST_NEIGHBOR",
	"LEAKY_RELU",
	"SQUARED_DIFFERENCE",
	"MIRROR_PAD",
	"ABS",
	"SPLIT_V",
	"UNIQUE",
	"CEIL",
	"REVERSE_V2",
	"ADD_N",
	"GATHER_ND",
	"COS",
	"WHERE",
	"RANK",
	"ELU",
	"REVERSE_SEQUENCE",
	"MATRIX_DIAG",
	"QUANTIZE",
	"MATRIX_SET_DIAG",
	"ROUND",
	"HARD_SWISH",
	"IF",
	"WHILE",
	"NON_MAX_SUPPRESSION_V4",
	"NON_MAX_SUPPRESSION_V5",
	"SCATTER_ND",
	"SELECT_V2",
	"DENSIFY",
	"SEGMENT_SUM",
	"BATCH_MATMUL",
	"PLACEHOLDER_FOR_GREATER_OP_CODES",
	"CUMSUM",
	"CALL_ONCE",
	"BROADCAST_TO",
	"RFFT2D",
	"CONV_3D",
	"IMAG",
	"REAL",
	"COMPLEX_ABS",
	"HASHTABLE",
	"HASHTABLE_FIND",
	"HASHTABLE_IMPORT",
	"HASHTABLE_SIZE",
	"REDUCE_ALL",
	"CONV_3D_TRANSPOSE",
	"VAR_HANDLE",
	"READ_VARIABLE",
	"ASSIGN_VARIABLE",
	"BROADCAST_ARGS",
	"RANDOM_STANDARD_NORMAL",
	"BUCKETIZE",
	"RANDOM_UNIFORM",
	"MULTINOMIAL",
	"GELU",
	"DYNAMIC_UPDATE_SLICE",
	"RELU_0_TO_1",
	"UNSORTED_SEGMENT_PROD",
	"UNSORTED_SEGMENT_MAX",
	"UNSORTED_SEGMENT_SUM",
	"ATAN2",
	"UNSORTED_SEGMENT_MIN",
	"SIGN",
	"BITCAST",
	"BITWISE_XOR",
	"RIGHT_SHIFT",
	"STABLEHLO_LOGISTIC",
	"STABLEHLO_ADD",
	"STABLEHLO_DIVIDE",
	"STABLEHLO_MULTIPLY",
	"STABLEHLO_MAXIMUM",
	"STABLEHLO_RESHAPE",
	"STABLEHLO_CLAMP",
	"STABLEHLO_CONCATENATE",
	"STABLEHLO_BROADCAST_IN_DIM",
	"STABLEHLO_CONVOLUTION",
	"STABLEHLO_SLICE",
	"STABLEHLO_CUSTOM_CALL",
	"STABLEHLO_REDUCE",
	"STABLEHLO_ABS",
	"STABLEHLO_AND",
	"STABLEHLO_COSINE",
	"STABLEHLO_EXPONENTIAL",
	"STABLEHLO_FLOOR",
	"STABLEHLO_LOG",
	"STABLEHLO_MINIMUM",
	"STABLEHLO_NEGATE",
	"STABLEHLO_OR",
	"STABLEHLO_POWER",
	"STABLEHLO_REMAINDER",
	"STABLEHLO_RSQRT",
	"STABLEHLO_SELECT",
	"STABLEHLO_SUBTRACT",
	"STABLEHLO_TANH",
	"STABLEHLO_SCATTER",
	"STABLEHLO_COMPARE",
	"STABLEHLO_CONVERT",
	"STABLEHLO_DYNAMIC_SLICE",
	"STABLEHLO_DYNAMIC_UPDATE_SLICE",
	"STABLEHLO_PAD",
	"STABLEHLO_IOTA",
	"STABLEHLO_DOT_GENERAL",
	"STABLEHLO_REDUCE_WINDOW",
	"STABLEHLO_SORT",
	"STABLEHLO_WHILE",
	"STABLEHLO_GATHER",
	"STABLEHLO_TRANSPOSE",
	"DILATE",
	"STABLEHLO_RNG_BIT_GENERATOR",
	"REDUCE_WINDOW",
	"STABLEHLO_COMPOSITE",
	"STABLEHLO_SHIFT_LEFT",
	"STABLEHLO_CBRT",
	"STABLEHLO_CASE",
};

const char *tflite_operator_name(int32_t code)
{
	return code >= 0 && (size_t)code < ARRAY_SIZE(names) ? names[code] : NULL;
}

static void conv_2d(struct flat *f, size_t t, union options *o)
{
	o->conv.padding = flat_u8(f, t, 0, 0);
	o->conv.stride_w = flat_i32(f, t, 1, 0);
	o->conv.stride_h = flat_i32(f, t, 2, 0);
	o->conv.activation = flat_u8(f, t, 3, 0);
	o->conv.dilation_w = flat_i32(f, t, 4, 1);
	o->conv.dilation_h = flat_i32(f, t, 5, 1);
}

static void depthwise_conv_2d(struct flat *f, size_t t, union options *o)
{
	o->conv.padding = flat_u8(f, t, 0, 0);
	o->conv.stride_w = flat_i32(f, t, 1, 0);
	o->conv.stride_h = flat_i32(f, t, 2, 0);
	o->conv.depth_multiplier = flat_i32(f, t, 3, 0);
	o->conv.activation = flat_u8(f, t, 4, 0);
	o->conv.dilation_w = flat_i32(f, t, 5, 1);
	o->conv.dilation_h = flat_i32(f, t, 6, 1);
}

static void pool_2d(struct flat *f, size_t t, union options *o)
{
	o->conv.padding = flat_u8(f, t, 0, 0);
	o->conv.stride_w = flat_i32(f, t, 1, 0);
	o->conv.stride_h = flat_i32(f, t, 2, 0);
	o->conv.filter_w = flat_i32(f, t, 3, 0);
	o->conv.filter_h = flat_i32(f, t, 4, 0);
	o->conv.activation = flat_u8(f, t, 5, 0);
	o->conv.dilation_w = o->conv.dilation_h = 1;
}

static void transpose_conv(struct flat *f, size_t t, union options *o)
{
	o->conv.padding = flat_u8(f, t, 0, 0);
	o->conv.stride_w = flat_i32(f, t, 1, 0);
	o->conv.stride_h = flat_i32(f, t, 2, 0);
	o->conv.activation = flat_u8(f, t, 3, 0);
	o->conv.dilation_w = o->conv.dilation_h = 1;
}

static void fully_connected(struct flat *f, size_t t, union options *o)
{
	o->dense.activation = flat_u8(f, t, 0, 0);
	o->dense.weights_format = flat_u8(f, t, 1, 0);
	o->dense.keep_dims = flat_u8(f, t, 2, 0) != 0;
	o->dense.asymmetric_inputs = flat_u8(f, t, 3, 0) != 0;
}

static void elementwise(struct flat *f, size_t t, union options *o)
{
	o->elementwise.activation = flat_u8(f, t, 0, 0);
}

static void softmax(struct flat *f, size_t t, union options *o)
{
	o->softmax.beta = flat_f32(f, t, 0, 0);
}

static void concatenation(struct flat *f, size_t t, union options *o)
{
	o->axis.axis = flat_i32(f, t, 0, 0);
	o->axis.activation = flat_u8(f, t, 1, 0);
}

static void gather(struct flat *f, size_t t, union options *o)
{
	o->axis.axis = flat_i32(f, t, 0, 0);
	o->axis.batch_dims = flat_i32(f, t, 1, 0);
}

static void reshape(struct flat *f, size_t t, union options *o)
{
	size_t rank;
	size_t vector = flat_vector(f, t, 0, 4, &rank);

	o->reshape.given = vector != 0 && rank <= SHAPE_MOST_RANK;
	if (!o->reshape.given)
		return;
	o->reshape.shape.rank = (int)rank;
	memcpy(o->reshape.shape.dim, f->data + vector, rank * 4);
}

static void reduce(struct flat *f, size_t t, union options *o)
{
	o->reduce.keep_dims = flat_u8(f, t, 0, 0) != 0;
}

static void strided_slice(struct flat *f, size_t t, union options *o)
{
	o->slice.begin_mask = flat_i32(f, t, 0, 0);
	o->slice.end_mask = flat_i32(f, t, 1, 0);
	o->slice.ellipsis_mask = flat_i32(f, t, 2, 0);
	o->slice.new_axis_mask = flat_i32(f, t, 3, 0);
	o->slice.shrink_axis_mask = flat_i32(f, t, 4, 0);
	o->slice.offset = flat_u8(f, t, 5, 0) != 0;
}

static void call(struct flat *f, size_t t, union options *o)
{
	o->call.subgraph = flat_i32(f, t, 0, 0);
}

static void two_calls(struct flat *f, size_t t, union options *o)
{
	o->call.subgraph = flat_i32(f, t, 0, 0);
	o->call.other = flat_i32(f, t, 1, 0);
}

static void composite(struct flat *f, size_t t, union options *o)
{
	o->call.subgraph = flat_i32(f, t, 1, 0);
}

static void elu(struct flat *f, size_t t, union options *o)
{
	(void)f;
	(void)t;
	o->unary.alpha = 1;
}

static void gelu(struct flat *f, size_t t, union options *o)
{
	o->unary.approximate = flat_u8(f, t, 0, 0) != 0;
}

static void leaky_relu(struct flat *f, size_t t, union options *o)
{
	o->unary.alpha = flat_f32(f, t, 0, 0);
}

static void squeeze(struct flat *f, size_t t, union options *o)
{
	size_t count;
	size_t vector = flat_vector(f, t, 0, 4, &count);

	o->squeeze.count = count > SHAPE_MOST_RANK ? SHAPE_MOST_RANK : (int32_t)count;
	if (count > 0)
		memcpy(o->squeeze.axes, f->data + vector, (size_t)o->squeeze.count * 4);
}

static void block(struct flat *f, size_t t, union options *o)
{
	o->block.block = flat_i32(f, t, 0, 0);
}

static void stack(struct flat *f, size_t t, union options *o)
{
	o->axis.count = flat_i32(f, t, 0, 0);
	o->axis.axis = flat_i32(f, t, 1, 0);
}

/* An index type: int32 (2) or int64 (4). */
static void index_type(struct flat *f, size_t t, union options *o)
{
	o->axis.type = flat_u8(f, t, 0, 0) == 4 ? TENSOR_INT64 : TENSOR_INT32;
}

static void top_k(struct flat *f, size_t t, union options *o)
{
	(void)f;
	(void)t;
	o->axis.axis = -1;
	o->axis.type = TENSOR_INT32;
}

static void one_hot(struct flat *f, size_t t, union options *o)
{
	o->axis.axis = flat_i32(f, t, 0, 0);
}

static void cumsum(struct flat *f, size_t t, union options *o)
{
	o->axis.exclusive = flat_u8(f, t, 0, 0) != 0;
	o->axis.reverse = flat_u8(f, t, 1, 0) != 0;
}

static void resize(struct flat *f, size_t t, unsigned field, union options *o)
{
	if (flat_u8(f, t, field, 0) != 0)
		o->resize.centres = RESIZE_ALIGN_CORNERS;
	else if (flat_u8(f, t, field + 1, 0) != 0)
		o->resize.centres = RESIZE_HALF_PIXEL;
}

static void resize_bilinear(struct flat *f, size_t t, union options *o)
{
	resize(f, t, 2, o);
}

static void resize_nearest(struct flat *f, size_t t, union options *o)
{
	resize(f, t, 0, o);
}

static void mirror_pad(struct flat *f, size_t t, union options *o)
{
	o->mirror.mode = flat_u8(f, t, 0, 0);
}

static void batch_matmul(struct flat *f, size_t t, union options *o)
{
	o->matmul.adjoint_x = flat_u8(f, t, 0, 0) != 0;
	o->matmul.adjoint_y = flat_u8(f, t, 1, 0) != 0;
	o->matmul.asymmetric_inputs = flat_u8(f, t, 2, 0) != 0;
}

static void svdf(struct flat *f, size_t t, union options *o)
{
	o->recurrent.rank = flat_i32(f, t, 0, 0);
	o->recurrent.activation = flat_u8(f, t, 1, 0);
	o->recurrent.asymmetric_inputs = flat_u8(f, t, 2, 0) != 0;
	if (o->recurrent.activation > ACTIVATION_RELU6)
		o->recurrent.rank = 0; /* refused by the operator */
}

static void sequence_lstm(struct flat *f, size_t t, union options *o)
{
	o->recurrent.activation = flat_u8(f, t, 0, 0);
	o->recurrent.cell_clip = flat_f32(f, t, 1, 0);
	o->recurrent.projection_clip = flat_f32(f, t, 2, 0);
	o->recurrent.time_major = flat_u8(f, t, 3, 0) != 0;
	o->recurrent.asymmetric_inputs = flat_u8(f, t, 4, 0) != 0;
}

static const struct {
	const char *name;
	void (*read)(struct flat *f, size_t table, union options *out);
} readers[] = {
	{ "ADD", elementwise },
	{ "ARG_MAX", index_type },
	{ "ARG_MIN", index_type },
	{ "AVERAGE_POOL_2D", pool_2d },
	{ "BATCH_MATMUL", batch_matmul },
	{ "CALL", call },
	{ "CALL_ONCE", call },
	{ "CONCATENATION", concatenation },
	{ "CONV_2D", conv_2d },
	{ "CUMSUM", cumsum },
	{ "DEPTHWISE_CONV_2D", depthwise_conv_2d },
	{ "DEPTH_TO_SPACE", block },
	{ "DIV", elementwise },
	{ "ELU", elu },
	{ "FULLY_CONNECTED", fully_connected },
	{ "GATHER", gather },
	{ "GELU", gelu },
	{ "IF", two_calls },
	{ "L2_POOL_2D", pool_2d },
	{ "LEAKY_RELU", leaky_relu },
	{ "MAX_POOL_2D", pool_2d },
	{ "MEAN", reduce },
	{ "MIRROR_PAD", mirror_pad },
	{ "MUL", elementwise },
	{ "ONE_HOT", one_hot },
	{ "PACK", stack },
	{ "REDUCE_ALL", reduce },
	{ "REDUCE_ANY", reduce },
	{ "REDUCE_MAX", reduce },
	{ "REDUCE_MIN", reduce },
	{ "REDUCE_PROD", reduce },
	{ "RESHAPE", reshape },
	{ "RESIZE_BILINEAR", resize_bilinear },
	{ "RESIZE_NEAREST_NEIGHBOR", resize_nearest },
	{ "SHAPE", index_type },
	{ "SOFTMAX", softmax },
	{ "SPACE_TO_DEPTH", block },
	{ "SQUEEZE", squeeze },
	{ "STABLEHLO_COMPOSITE", composite },
	{ "STRIDED_SLICE", strided_slice },
	{ "SUB", elementwise },
	{ "SUM", reduce },
	{ "SVDF", svdf },
	{ "TOPK_V2", top_k },
	{ "TRANSPOSE_CONV", transpose_conv },
	{ "UNIDIRECTIONAL_SEQUENCE_LSTM", sequence_lstm },
	{ "UNPACK", stack },
	{ "WHILE", two_calls },
};

void tflite_read_options(const char *name, struct flat *f, size_t table, union options *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
		if (strcmp(readers[i].name, name) == 0)
			readers[i].read(f, table, out);
}
