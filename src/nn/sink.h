/* sink.h - transpositions on their way down; for sink.c and sink_ops.c only. */
#ifndef EDGED_NN_SINK_H
#define EDGED_NN_SINK_H
#include "nn/part.h"

/* "This tensor is `source` with its dimensions in another order": dimension d is source's order[d].
 * source NULL: it is itself. */
struct origin {
	struct tensor *source;
	int order[SHAPE_MOST_RANK];
	bool computed; /* the tensor itself exists as well */
};

struct sink {
	struct part *part;
	struct arena *memory;
	struct origin *origins; /* by tensor */
	struct op_node *nodes;	/* the new list */
	size_t count;
	bool full; /* no memory, or no room */
};

static inline struct origin *sink_origin(const struct sink *s, const struct tensor *t)
{
	return &s->origins[t - s->part->tensors];
}

void *sink_take(struct sink *s, size_t count, size_t size); /* memory; NULL sets `full` */
struct tensor *sink_add_tensor(struct sink *s, const struct tensor *like);
struct tensor *sink_add_ints(struct sink *s, const int64_t *values, const struct shape *shape);
bool sink_is_identity(const int *order, int rank);
void sink_put(struct sink *s, const struct op_node *n);

/* Puts the node down on the sources of its inputs, its outputs being transposed ones from then on;
 * false: it must have its inputs as they are. */
bool sink_through(struct sink *s, struct op_node *n);
#endif
