/* sink.c - transpositions sink towards each other and cancel.
 *
 * Files whose pictures are [batch, channels, height, width] bring a transposition before and one
 * behind every convolution. A tensor that is a transposed one is not computed until somebody needs
 * it as it is: operators that work value by value, or along axes, work on the one below instead, and
 * their result is a transposed one in turn. Two that undo each other meet and are gone. */
#include "nn/sink.h"

#include <errno.h>
#include <string.h>

void *sink_take(struct sink *s, size_t count, size_t size)
{
	void *memory = arena_alloc(s->memory, count, size);

	s->full |= memory == NULL;
	return memory;
}

struct tensor *sink_add_tensor(struct sink *s, const struct tensor *like)
{
	struct tensor *t = part_add_tensor(s->part, like);

	s->full |= t == NULL;
	return t;
}

struct tensor *sink_add_ints(struct sink *s, const int64_t *values, const struct shape *shape)
{
	size_t count = shape_elements(shape);
	int64_t *data = sink_take(s, count, sizeof(*data));
	struct tensor t = { .name = "",
			    .type = TENSOR_INT64,
			    .shape = *shape,
			    .constant = true,
			    .data = data,
			    .bytes = count * sizeof(*data) };

	if (data != NULL)
		memcpy(data, values, t.bytes);
	return s->full ? NULL : sink_add_tensor(s, &t);
}

/* Does the order move nothing but dimensions of one element? Then the data stays as it lies. */
static bool keeps_data(const struct shape *source, const int *order)
{
	int last = -1;

	for (int d = 0; d < source->rank; d++) {
		if (source->dim[order[d]] == 1)
			continue;
		if (order[d] < last)
			return false;
		last = order[d];
	}
	return true;
}

bool sink_is_identity(const int *order, int rank)
{
	for (int d = 0; d < rank; d++)
		if (order[d] != d)
			return false;
	return true;
}

/* ---- putting down ---- */

void sink_put(struct sink *s, const struct op_node *n)
{
	if (s->count == s->part->node_limit)
		s->full = true;
	else
		s->nodes[s->count++] = *n;
}

static struct op_node make_node(struct sink *s, const char *op, const struct op_node *because,
				struct tensor *in, struct tensor *second, struct tensor *out)
{
	struct node *node = sink_take(s, 1, sizeof(*node));
	struct tensor **tensors = sink_take(s, 3, sizeof(*tensors));

	if (s->full)
		return (struct op_node){ 0 };
	*node = *because->node;
	node->options = (union options){ 0 };
	node->op = op_find(op);
	tensors[0] = in;
	tensors[1] = second;
	tensors[2] = out;
	return (struct op_node){ .op = node->op,
				 .node = node,
				 .net = s->part->net,
				 .input_count = second != NULL ? 2 : 1,
				 .output_count = 1,
				 .inputs = tensors,
				 .outputs = tensors + 2 };
}

/* The tensor as it is: now somebody needs it. */
static struct tensor *compute(struct sink *s, struct tensor *t, const struct op_node *because)
{
	if (t == NULL)
		return NULL;
	struct origin *o = sink_origin(s, t);
	int64_t order[SHAPE_MOST_RANK];

	if (o->source == NULL || o->computed)
		return t;
	if (sink_is_identity(o->order, t->shape.rank) && t->quant.count == o->source->quant.count)
		return o->source;
	o->computed = true;
	for (int d = 0; d < t->shape.rank; d++)
		order[d] = o->order[d];
	if (keeps_data(&o->source->shape, o->order)) {
		struct op_node n = make_node(s, "RESHAPE", because, o->source, NULL, t);
		if (!s->full)
			((struct node *)n.node)->options.reshape =
				(__typeof__(n.node->options.reshape)){ t->shape, true };
		sink_put(s, &n);
	} else {
		struct tensor *ints =
			sink_add_ints(s, order, &(struct shape){ 1, { t->shape.rank } });
		struct op_node n = make_node(s, "TRANSPOSE", because, o->source, ints, t);
		sink_put(s, &n);
	}
	return t;
}

/* The node as it is, on computed tensors. */
static void put_plain(struct sink *s, struct op_node *n)
{
	for (uint32_t i = 0; i < n->input_count; i++)
		n->inputs[i] = compute(s, n->inputs[i], n);
	sink_put(s, n);
}

/* ---- the walk ---- */

static void defer(struct sink *s, const struct op_node *n)
{
	struct tensor *in = n->inputs[0];
	const struct origin *before = sink_origin(s, in);
	struct origin *o = sink_origin(s, n->outputs[0]);
	int rank = in->shape.rank;

	o->source = before->source != NULL ? before->source : in;
	for (int d = 0; d < rank; d++) {
		int axis = shape_axis(&in->shape, tensor_int(n->inputs[1], (size_t)d));
		o->order[d] = before->source != NULL ? before->order[axis] : axis;
	}
}

/* A new shape of the same data: it may as well be the source's. */
static void use_data(struct sink *s, struct op_node *n)
{
	const struct origin *o = sink_origin(s, n->inputs[0]);

	if (o->source != NULL && keeps_data(&o->source->shape, o->order))
		n->inputs[0] = o->source;
}

static void walk(struct sink *s)
{
	for (size_t i = 0; i < s->part->node_count && !s->full; i++) {
		struct op_node *n = &s->part->nodes[i];
		if (strcmp(n->op->name, "TRANSPOSE") == 0 && n->inputs[0]->quant.count <= 1) {
			defer(s, n);
			continue;
		}
		if (sink_through(s, n))
			continue;
		if (n->op->keeps_data && n->inputs[0] != NULL &&
		    strcmp(n->op->name, "RESHAPE") == 0)
			use_data(s, n);
		put_plain(s, n);
	}
	for (size_t i = 0; i < s->part->from->output_count && !s->full && s->part->node_count > 0;
	     i++)
		s->part->outputs[i] =
			compute(s, s->part->outputs[i], &s->part->nodes[s->part->node_count - 1]);
}

/* Nodes whose results nobody takes any more. */
static void drop_unused(struct part *p, bool *used)
{
	size_t kept = p->node_count;

	for (size_t i = 0; i < p->from->output_count; i++)
		used[p->outputs[i] - p->tensors] = true;
	for (size_t i = p->node_count; i-- > 0;) {
		struct op_node *n = &p->nodes[i];
		bool wanted = n->op->keeps_state;
		for (uint32_t k = 0; k < n->output_count; k++)
			wanted |= n->outputs[k] != NULL && used[n->outputs[k] - p->tensors];
		for (uint32_t k = 0; wanted && k < n->input_count; k++)
			if (n->inputs[k] != NULL)
				used[n->inputs[k] - p->tensors] = true;
		if (wanted)
			p->nodes[--kept] = *n;
	}
	p->nodes += kept;
	p->node_count -= kept;
}

int part_sink_transpositions(struct part *p, struct arena *memory, struct fault *f)
{
	struct sink s = { .part = p, .memory = memory };
	bool *used = arena_alloc(memory, p->tensor_limit, sizeof(bool));
	bool any = false;

	for (size_t i = 0; i < p->node_count; i++)
		any |= strcmp(p->nodes[i].op->name, "TRANSPOSE") == 0;
	if (!any)
		return 0;
	s.origins = sink_take(&s, p->tensor_limit, sizeof(s.origins[0]));
	s.nodes = sink_take(&s, p->node_limit, sizeof(s.nodes[0]));
	if (s.full || used == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	walk(&s);
	if (s.full)
		return fault_set(f, -ENOMEM, "no memory");
	p->nodes = s.nodes;
	p->node_count = s.count;
	drop_unused(p, used);
	return 0;
}
