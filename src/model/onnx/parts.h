/* parts.h - a subgraph that grows, and the names of its tensors; for the files that build graphs only. */
#ifndef EDGED_MODEL_ONNX_PARTS_H
#define EDGED_MODEL_ONNX_PARTS_H
#include "model/onnx/build.h"

enum { SCOPE_BUCKETS = 256, MOST_SUBGRAPHS = 256 };

struct name {
	const char *text;
	int32_t tensor;
	struct name *next;
};

struct scope {
	struct scope *outer; /* whose names are seen too; NULL: a function sees none */
	struct parts *parts; /* where its tensors are */
	struct name *buckets[SCOPE_BUCKETS];
};

struct parts {
	struct tensor **tensors;
	struct fact *facts; /* by tensor */
	size_t tensor_count, tensor_limit, fact_limit;
	struct node *nodes;
	size_t node_count, node_limit;
	/* What an inner subgraph takes from outside: */
	struct parts *outer;
	int32_t *captures, *capture_inputs; /* tensors outside, and here */
	size_t capture_count, capture_limit;
};

/* ---- names ---- */

struct scope *scope_open(struct build *b, struct scope *outer); /* NULL: a fault was set */
void scope_set(struct build *b, const char *text, int32_t tensor);
/* In the scope in hand and those around it; a tensor of an outer subgraph becomes an input of this
 * one. NONE: there is none. */
int32_t scope_find(struct build *b, const char *text);
int32_t scope_need(struct build *b, const char *text); /* the same; none is a fault */

/* ---- tensors and nodes ---- */

struct parts *parts_open(struct build *b, struct parts *outer); /* NULL: a fault was set */
int32_t parts_add_tensor(struct build *b, const struct tensor *like);
void parts_add_node(struct build *b, const struct node *n);
int32_t *parts_copy_indices(struct build *b, const int32_t *from, size_t count);
/* The subgraph as the engine wants it, without nodes that nothing asks for. */
void parts_close(struct build *b, struct subgraph *s, const int32_t *inputs, size_t input_count,
		 const int32_t *outputs, size_t output_count);

/* ---- graphs ---- */

/* Converts the nodes of a function or of a graph, in the scope in hand. */
void convert_nodes(struct build *b, const struct onnx_node *nodes, size_t count);
void convert_graph(struct build *b, const struct onnx_graph *g, int32_t *outs, size_t count);
#endif
