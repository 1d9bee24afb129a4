/* part.h - a subgraph as a net runs it; for the files of nn/ only. */
#ifndef EDGED_NN_PART_H
#define EDGED_NN_PART_H
#include "nn/op.h"

struct part {
	struct net *net;
	const struct subgraph *from;
	struct tensor *tensors; /* copies: their shapes and data are this net's own */
	size_t tensor_count, tensor_limit;
	struct op_node *nodes; /* in the order in which they run */
	size_t node_count, node_limit;
	struct tensor **inputs, **outputs;
	void *arena;
	size_t arena_bytes;
	size_t variable_bytes; /* what lasts from run to run */
	bool called;	   /* by CALL_ONCE, since the last reset */
	struct part *next; /* of the net's */
};

/* Opens subgraph number `subgraph` for one caller. Where `inputs` are given, its inputs have their
 * types and shapes, and are constants where those are. */
int part_open(struct net *n, int32_t subgraph, struct tensor *const *inputs, size_t count,
	      struct arena *memory, struct part **out, struct fault *f);
void part_run(const struct part *p);

/* Gives each activation and each scratch its place in one arena (place.c). */
int part_place(struct part *p, struct arena *memory, struct fault *f);

/* Rewrites the nodes so that transpositions meet and cancel (sink.c). */
int part_sink_transpositions(struct part *p, struct arena *memory, struct fault *f);

/* A tensor of its own for a rewritten graph; NULL: no room. */
struct tensor *part_add_tensor(struct part *p, const struct tensor *like);
#endif
