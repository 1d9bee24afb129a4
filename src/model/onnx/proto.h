/* proto.h - an ONNX file as it stands there: graphs of named nodes. Field numbers: onnx.proto of ONNX
 * (IR version 13). Strings are copies ended by a NUL, everything in the arena; tensor data is
 * borrowed from the file. */
#ifndef EDGED_MODEL_ONNX_PROTO_H
#define EDGED_MODEL_ONNX_PROTO_H
#include "base/arena.h"
#include "base/fault.h"
#include "model/onnx/wire.h"

enum onnx_type { /* of TensorProto */
		 ONNX_FLOAT = 1,
		 ONNX_UINT8,
		 ONNX_INT8,
		 ONNX_UINT16,
		 ONNX_INT16,
		 ONNX_INT32,
		 ONNX_INT64,
		 ONNX_STRING,
		 ONNX_BOOL,
		 ONNX_FLOAT16,
		 ONNX_DOUBLE,
		 ONNX_UINT32,
		 ONNX_UINT64,
		 ONNX_BFLOAT16 = 16,
		 ONNX_UINT4 = 21,
		 ONNX_INT4 = 22,
};

enum { ONNX_MOST_RANK = 8, ONNX_MOST_DEPTH = 16, ONNX_MOST_NODES = 20000 };

struct onnx_tensor {
	const char *name;
	int32_t type;
	int rank;
	int64_t dim[ONNX_MOST_RANK];
	struct wire raw;	 /* raw_data */
	struct wire numbers;	 /* or packed int32_data, int64_data, uint64_data: varints */
	struct wire reals;	 /* or packed float_data, double_data */
	const char *location;	 /* or another file; NULL: not there */
	uint64_t offset, length; /* in that file; length 0: to its end */
};

struct onnx_attribute {
	const char *name, *reference; /* reference: to one of the function's caller */
	int32_t type;
	float f;
	int64_t i;
	const char *s;
	struct wire t, g;    /* messages: a tensor, a graph */
	struct wire strings; /* the attribute itself: its field 9 */
	size_t float_count, int_count;
	const float *floats;
	const int64_t *ints;
};

struct onnx_node {
	const char *name, *type, *domain;
	size_t number; /* in its graph */
	size_t input_count, output_count, attribute_count;
	const char **inputs, **outputs; /* "": left out */
	struct onnx_attribute *attributes;
};

struct onnx_value { /* of the graph's inputs and outputs */
	const char *name;
	int32_t type;
	int rank;		     /* -1: not said */
	int64_t dim[ONNX_MOST_RANK]; /* -1: open */
};

struct onnx_graph {
	const char *name;
	size_t node_count, initializer_count, input_count, output_count;
	struct onnx_node *nodes;
	struct onnx_tensor *initializers;
	struct onnx_value *inputs, *outputs;
};

struct onnx_function {
	const char *name, *domain;
	size_t input_count, output_count, node_count, default_count;
	const char **inputs, **outputs;
	struct onnx_node *nodes;
	struct onnx_attribute *defaults;
};

struct onnx_pair {
	const char *key, *value;
};

struct onnx_file {
	int64_t opset; /* of the domain "" */
	const char *producer;
	struct onnx_graph graph;
	size_t function_count, pair_count;
	struct onnx_function *functions;
	struct onnx_pair *pairs; /* metadata_props */
};

int onnx_parse(const uint8_t *data, size_t size, struct arena *memory, struct onnx_file *out,
	       struct fault *f);
/* A graph or a tensor that an attribute holds; `depth` graphs lie around it. */
int onnx_parse_graph(struct wire w, int depth, struct arena *memory, struct onnx_graph *out,
		     struct fault *f);
int onnx_parse_tensor(struct wire w, struct arena *memory, struct onnx_tensor *out,
		      struct fault *f);
#endif
