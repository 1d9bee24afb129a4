/* graph.h - what a model file says: tensors and the operators between them. Filled by a reader. */
#ifndef EDGED_NN_GRAPH_H
#define EDGED_NN_GRAPH_H
#include "tensor/tensor.h"

struct op;

enum padding { PADDING_SAME, PADDING_VALID };
enum activation {
	ACTIVATION_NONE,
	ACTIVATION_RELU,
	ACTIVATION_RELU_N1_TO_1,
	ACTIVATION_RELU6,
	ACTIVATION_TANH,
	ACTIVATION_SIGN_BIT,
	ACTIVATIONS
};

/* The options of an operator, by its kind. Values are as the file has them: check() judges them. */
union options {
	struct { /* convolutions, pooling */
		int32_t padding, stride_h, stride_w, dilation_h, dilation_w;
		int32_t filter_h, filter_w; /* pooling */
		int32_t depth_multiplier;   /* depthwise */
		int32_t activation;
	} conv;
	struct {
		int32_t activation;
		bool keep_dims, asymmetric_inputs;
		int32_t weights_format;
	} dense;
	struct { /* add, mul and the like */
		int32_t activation;
	} elementwise;
	struct {
		float beta;
	} softmax;
	struct {
		int32_t axis, activation;
		int32_t batch_dims; /* gather */
		int32_t count;	    /* split, pack */
	} axis;
	struct {
		struct shape shape;
		bool given;
	} reshape;
	struct {
		bool keep_dims;
	} reduce;
	struct {
		int32_t begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask;
		bool offset;
	} slice;
	struct {
		int32_t subgraph; /* call once */
	} call;
	struct {
		int32_t variable; /* var handle: number of the variable, the same for one name */
	} variable;
};

struct node {
	const char *name;    /* of the operator, as the file calls it */
	const struct op *op; /* NULL: not known here; net_open() refuses it */
	uint32_t input_count, output_count;
	const int32_t *inputs; /* tensors of the subgraph; -1: left out */
	const int32_t *outputs;
	union options options;
};

struct subgraph {
	const char *name;
	size_t tensor_count, node_count, input_count, output_count;
	struct tensor *tensors;
	struct node *nodes;
	const int32_t *inputs, *outputs;
};

/* Subgraph 0 is the model; others are called by it. All indices were checked by the reader. */
struct graph {
	const char *name; /* of the file, for messages */
	size_t subgraph_count, variable_count;
	struct subgraph *subgraphs;
};
#endif
