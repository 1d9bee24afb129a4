/* graph.h - what a model file says: tensors and the operators between them. Filled by a reader. */
#ifndef EDGED_NN_GRAPH_H
#define EDGED_NN_GRAPH_H
#include "base/arena.h"
#include "base/fault.h"
#include "tensor/tensor.h"

struct op;

enum padding { PADDING_SAME, PADDING_VALID, PADDING_EXPLICIT };
enum activation {
	ACTIVATION_NONE,
	ACTIVATION_RELU,
	ACTIVATION_RELU_N1_TO_1,
	ACTIVATION_RELU6,
	ACTIVATION_TANH,
	ACTIVATION_SIGN_BIT,
	ACTIVATIONS
};

/* Where a resized picture takes its pixels from: source coordinate of pixel x out of `out` pixels
 * made of `in` (ONNX Resize; TensorFlow has the first three). */
enum resize_centres {
	RESIZE_ASYMMETRIC,	   /* x * in / out */
	RESIZE_ALIGN_CORNERS,	   /* x * (in - 1) / (out - 1) */
	RESIZE_HALF_PIXEL,	   /* (x + 1/2) * in / out - 1/2 */
	RESIZE_PYTORCH_HALF_PIXEL, /* the same; 0 where out is 1 */
	RESIZE_CENTRES
};
/* Which pixel lies nearest. TENSORFLOW: as its operator computes it. */
enum resize_nearest {
	NEAREST_TENSORFLOW,
	NEAREST_ROUND_PREFER_FLOOR,
	NEAREST_ROUND_PREFER_CEIL,
	NEAREST_FLOOR,
	NEAREST_CEIL,
	NEAREST_KINDS
};
enum rounding { ROUND_TENSORFLOW, ROUND_ONNX }; /* half away from zero, or half to even */
enum { RESIZE_MOST_AXES = 2 };

/* The options of an operator, by its kind. Values are as the file has them: check() judges them. */
union options {
	struct { /* convolutions, pooling */
		int32_t padding, stride_h, stride_w, dilation_h, dilation_w;
		int32_t filter_h, filter_w; /* pooling */
		int32_t depth_multiplier;   /* depthwise */
		int32_t activation;
		int32_t top, left, bottom, right; /* PADDING_EXPLICIT */
		int32_t more_h, more_w; /* transposed, PADDING_EXPLICIT: added to the output */
		bool ceil;		/* pooling: a last window may hang over the edge */
		bool count_padding;	/* average pooling: padding counts as zeros */
	} conv;
	struct {
		int32_t activation;
		bool keep_dims, asymmetric_inputs;
		int32_t weights_format;
	} dense;
	struct { /* add, mul and the like */
		int32_t activation;
	} elementwise;
	struct { /* functions of one value */
		float alpha, beta;
		bool approximate; /* gelu */
	} unary;
	struct {
		float beta;
	} softmax;
	struct {
		int32_t axis, activation;
		int32_t batch_dims;	 /* gather */
		int32_t count;		 /* split, pack */
		enum tensor_type type;	 /* arg max, shape: of the output */
		bool last;		 /* arg max: of equal ones the last, not the first */
		bool exclusive, reverse; /* cumulative sum */
		bool smallest;		 /* top k */
		bool keep_dims;
	} axis;
	struct {
		struct shape shape;
		bool given;
	} reshape;
	struct {				      /* squeeze */
		int32_t count, axes[SHAPE_MOST_RANK]; /* count 0: all of size 1 */
	} squeeze;
	struct {
		bool keep_dims;
	} reduce;
	struct {
		int32_t begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask;
		bool offset;
	} slice;
	struct {
		enum resize_centres centres;
		enum resize_nearest nearest;
		float cubic;		/* coefficient of the cubic; 0: not cubic */
		float scale_h, scale_w; /* of the output to the input; 0: as their sizes are */
	} resize;
	struct {
		int32_t block;
		bool crd; /* depth to space: columns, rows, depth */
	} block;
	struct {
		int32_t mode; /* mirror pad: 0 without the edge, 1 with it; 2 edge, 3 wrap */
	} mirror;
	struct {
		bool adjoint_x, adjoint_y, asymmetric_inputs;
	} matmul;
	struct {
		enum rounding rounding;
		int32_t axis; /* of several scales */
	} quantize;
	struct {			  /* recurrent */
		int32_t activation, rank; /* svdf */
		float cell_clip, projection_clip;
		bool time_major, asymmetric_inputs;
		bool reverse, both;	  /* directions */
		bool linear_before_reset; /* gru */
		float hidden_scale; /* int8 lstm: of what leaves the cells; 0: as the output state */
		int32_t hidden_zero_point;
	} recurrent;
	struct { /* detection post-processing, non-maximum suppression */
		int32_t most_detections, classes_each, detections_class, classes;
		float score_threshold, overlap_threshold;
		float y_scale, x_scale, h_scale, w_scale;
		bool regular, centred_boxes;
	} detection;
	struct {
		int32_t subgraph, other; /* call once, if: then and else, while: condition, body */
	} call;
	struct {
		int32_t variable; /* var handle: number of the variable, the same for one name */
	} variable;
	struct { /* a custom operator's own bytes */
		const uint8_t *data;
		size_t size;
	} custom;
};

struct node {
	const char *name;    /* of the operator, as the file calls it */
	const char *label;   /* of the node, as the file calls it; NULL: not at all */
	size_t number;	     /* of the node in the file; several may have come of one */
	const struct op *op; /* NULL: not known here; net_open() refuses it */
	uint32_t input_count, output_count;
	const int32_t *inputs; /* tensors of the subgraph; -1: left out */
	const int32_t *outputs;
	union options options;
	enum rounding rounding; /* of integer products: ROUND_ONNX scales them in float */
};

struct subgraph {
	const char *name;
	size_t tensor_count, node_count, input_count, output_count;
	struct tensor *tensors;
	struct node *nodes;
	const int32_t *inputs, *outputs;
};

/* What may be asked of a reader for inputs whose dimensions the file leaves open: shapes, or how many
 * bytes there are of each (of one call or several; 0: not known), or a picture's size. Nothing: they
 * are 1. */
struct graph_wish {
	const struct shape *shapes;
	size_t shape_count;
	const size_t *bytes;
	size_t byte_count;
	int32_t height, width, channels; /* of a picture; 0: none */
};

/* Subgraph `main` is the model; others are called by it. All indices were checked by the reader. */
struct graph {
	const char *name; /* of the file, for messages */
	size_t subgraph_count, variable_count, main;
	struct subgraph *subgraphs;
	unsigned *open_dims; /* by input of the model: bit d: the file leaves dimension d open */
};

/* Every tensor is written once, before it is read: by an operator, or as an input, a constant or a
 * variable of the subgraph. -EBADMSG: not so. */
int graph_check_order(const struct subgraph *s, struct fault *f);

/* Leaves out nodes that nothing asks for. -ENOMEM. */
int graph_drop_unused(struct subgraph *s, struct fault *f);

/* Fixes the open dimensions of the inputs of the model; bit d of open[i]: dimension d of input i is
 * open. Shapes must go with what is not. With bytes, the first open dimension is 1, the last takes
 * what is left; an input without open ones tells how many calls there are. */
int graph_fix_inputs(struct tensor *const *inputs, const unsigned *open, size_t count,
		     const struct graph_wish *wish, struct fault *f);
#endif
