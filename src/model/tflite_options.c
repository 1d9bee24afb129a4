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

static void call_once(struct flat *f, size_t t, union options *o)
{
	o->call.subgraph = flat_i32(f, t, 0, 0);
}

static const struct {
	const char *name;
	void (*read)(struct flat *f, size_t table, union options *out);
} readers[] = {
	{ "ADD", elementwise },
	{ "AVERAGE_POOL_2D", pool_2d },
	{ "CALL_ONCE", call_once },
	{ "CONCATENATION", concatenation },
	{ "CONV_2D", conv_2d },
	{ "DEPTHWISE_CONV_2D", depthwise_conv_2d },
	{ "DIV", elementwise },
	{ "FULLY_CONNECTED", fully_connected },
	{ "GATHER", gather },
	{ "MAX_POOL_2D", pool_2d },
	{ "MEAN", reduce },
	{ "MUL", elementwise },
	{ "RESHAPE", reshape },
	{ "SOFTMAX", softmax },
	{ "STRIDED_SLICE", strided_slice },
	{ "SUB", elementwise },
};

void tflite_read_options(const char *name, struct flat *f, size_t table, union options *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
		if (strcmp(readers[i].name, name) == 0)
			readers[i].read(f, table, out);
}
