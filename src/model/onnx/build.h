/* build.h - builds the engine's graph while an ONNX file is read: every operator is checked as it is
 * put down, so that types and shapes are known to those that follow, and constants are computed at
 * once.
 *
 * A converter reads what it needs of its node and puts down operators:
 *
 *     static void convert_hard_sigmoid(struct build *b)
 *     {
 *             union options o = { .unary = { .alpha = attribute_float(b, "alpha", 0.2f), … } };
 *             build_out(b, 0, build_op(b, "HARD_SIGMOID", (int32_t[]){ build_in(b, 0) }, 1, &o));
 *     }
 *
 * The first fault is kept, all that follows gives tensor 0: converters need not look. */
#ifndef EDGED_MODEL_ONNX_BUILD_H
#define EDGED_MODEL_ONNX_BUILD_H
#include "model/onnx/proto.h"
#include "nn/graph.h"

/* Gives the bytes of another file beside the model; they stay there as long as the graph. */
typedef int onnx_open_fn(void *context, const char *location, const uint8_t **data, size_t *size,
			 struct fault *f);

struct scope; /* names of tensors */
struct parts; /* a subgraph that grows */

struct build {
	const struct onnx_file *file;
	struct arena *memory;
	struct fault *fault;
	int rc;
	onnx_open_fn *open_file;
	void *open_context;
	struct graph *graph;
	const struct graph_wish *wish;
	struct parts *parts; /* of the subgraph in hand */
	struct scope *scope;
	const struct onnx_node *node;	/* in hand */
	const struct onnx_node *caller; /* whose function it stands in; NULL: none */
	const struct onnx_function *function;
	const struct onnx_node *siblings; /* of the node in hand */
	size_t sibling_count;
	const struct onnx_graph *outputs_of; /* the graph in hand; NULL: a function */
	int32_t instead;		     /* of input 0 of the node in hand; NONE */
	int depth;			     /* of functions and graphs */
	size_t fold_budget;		     /* bytes of constants that may still be computed */
	size_t nodes_left;		     /* functions and branches may multiply nodes */
	size_t branch_budget;		     /* bytes of branches that may still be parsed: the same */
};

enum { NONE = -1 }; /* a tensor that is left out */

/* Says what is wrong with the node in hand, unless a fault came before. */
void build_fail(struct build *b, int rc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- tensors ---- */

const struct tensor *build_tensor(const struct build *b, int32_t t);
/* What is known of a tensor beside its type and shape. */
struct fact {
	int32_t quantized; /* the tensor whose real values it holds; NONE: none */
	bool lazy;	   /* they are not computed yet: nobody may need them */
	float low, high;   /* bounds of its values */
};

struct fact *build_fact(const struct build *b, int32_t t);
/* The real values of a quantized tensor, once somebody needs them. */
int32_t build_lazy(struct build *b, int32_t quantized, float low, float high);
/* Now somebody does. Gives t. */
int32_t build_force(struct build *b, int32_t t);
/* Input i as it is, lazy or not; NONE where it is left out. */
int32_t build_in_lazy(struct build *b, size_t i);

/* Input i of the node in hand; NONE where it is left out. */
int32_t build_in(struct build *b, size_t i);
/* The same, which must be there. */
int32_t build_need(struct build *b, size_t i);
bool build_has(struct build *b, const char *name); /* is there a tensor of that name yet? */
void build_out(struct build *b, size_t i, int32_t t);

/* Constants. */
int32_t build_ints(struct build *b, const int64_t *values, size_t count); /* int64 [count] */
int32_t build_int(struct build *b, int64_t value);			  /* int64, no dimensions */
int32_t build_float(struct build *b, float value);
int32_t build_onnx_tensor(struct build *b, const struct onnx_tensor *t);
/* Values of a constant of integers; false (and a fault) where it is computed or has too many. */
bool build_read_ints(struct build *b, int32_t t, const char *what, int64_t *out, size_t limit,
		     size_t *count);
/* The same data with other quantization: what QUANTIZE and DEQUANTIZE go by. */
int32_t build_quantized(struct build *b, int32_t t, int32_t scale, int32_t zero_point, int axis);

/* Quantizes x to so many steps; scale and zero point are constants of one value. */
int32_t build_quantize(struct build *b, int32_t x, int32_t scale, int32_t zero_point,
		       enum tensor_type type, const union options *options);

/* The same for any operator of integers. */
int32_t build_integer(struct build *b, const char *op, const int32_t *inputs, size_t count,
		      const union options *options, int32_t scale, int32_t zero_point,
		      enum tensor_type type);

/* ---- operators ---- */

/* Puts one down and gives its output (or its outputs into outs[]). options may be NULL. */
int32_t build_op(struct build *b, const char *op, const int32_t *inputs, size_t count,
		 const union options *options);
int32_t build_op_typed(struct build *b, const char *op, const int32_t *inputs, size_t count,
		       const union options *options, enum tensor_type type);
void build_op_many(struct build *b, const char *op, const int32_t *inputs, size_t count,
		   const union options *options, const enum tensor_type *types, int32_t *outs,
		   size_t out_count);
int32_t build_one(struct build *b, const char *op, int32_t input);
int32_t build_two(struct build *b, const char *op, int32_t x, int32_t y);
/* An output tensor for an op that build_op_many() is not for. */
int32_t build_transpose(struct build *b, int32_t t, const int *order, int rank);
int32_t build_reshape(struct build *b, int32_t t, const struct shape *s);
int32_t build_cast(struct build *b, int32_t t, enum tensor_type type);
int32_t build_reduce(struct build *b, const char *op, int32_t t, const int64_t *axes, size_t count,
		     bool keep_dims);

/* ---- attributes of the node in hand; integers beyond 2^32 say "all there is" and become 2^32 ---- */

const struct onnx_attribute *attribute(struct build *b, const char *name); /* NULL: left out */
int64_t attribute_int(struct build *b, const char *name, int64_t fallback);
float attribute_float(struct build *b, const char *name, float fallback);
const char *attribute_text(struct build *b, const char *name, const char *fallback);
/* Into out[limit], the rest zero; gives how many there are, 0 where it is left out. */
size_t attribute_ints(struct build *b, const char *name, int64_t *out, size_t limit);

/* ---- graphs ---- */

/* Converts the nodes of a graph in a scope of its own; its outputs into outs[]. */
void build_inline_graph(struct build *b, const struct onnx_graph *g, int32_t *outs, size_t count);
/* The same with its inputs given. */
void build_inline_body(struct build *b, const struct onnx_graph *g, const int32_t *inputs,
		       size_t input_count, int32_t *outs, size_t count);
/* The same as a subgraph by itself; what it takes from outside into captures[]. Gives its number. */
int32_t build_subgraph(struct build *b, const struct onnx_graph *g, int32_t *captures, size_t limit,
		       size_t *capture_count, struct tensor *outs, size_t out_count);
/* Puts down an IF with the branches' own types and shapes. */
void build_if(struct build *b, int32_t condition, const struct onnx_graph *then,
	      const struct onnx_graph *other);

int build_graph(struct build *b);
#endif
