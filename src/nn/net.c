/* net.c - a graph that runs: every tensor has its place, every operator is prepared. */
#include "nn/net.h"

#include <errno.h>
#include <string.h>

#include "nn/op.h"
#include "nn/plan.h"

struct part { /* a subgraph as it runs */
	const struct subgraph *from;
	struct tensor *tensors; /* copies: their shapes and data are this net's own */
	struct op_node *nodes;
	void *arena;
	size_t arena_bytes;
	bool called; /* by CALL_ONCE, since the last reset */
};

struct net {
	const struct graph *graph;
	struct part *parts;
	struct tensor *variables;
};

static int no_memory(struct fault *f)
{
	return fault_set(f, -ENOMEM, "no memory");
}

/* ---- nodes ---- */

static struct tensor **pick_tensors(struct part *p, const int32_t *indices, uint32_t count,
				    struct arena *memory)
{
	struct tensor **out = arena_alloc(memory, count, sizeof(*out));

	for (uint32_t i = 0; out != NULL && i < count; i++)
		out[i] = indices[i] < 0 ? NULL : &p->tensors[indices[i]];
	return out;
}

static int open_node(struct net *n, struct part *p, size_t number, struct arena *memory,
		     struct fault *f)
{
	const struct node *node = &p->from->nodes[number];
	struct op_node *o = &p->nodes[number];

	*o = (struct op_node){ .op = node->op,
			       .node = node,
			       .number = number,
			       .net = n,
			       .input_count = node->input_count,
			       .output_count = node->output_count };
	o->inputs = pick_tensors(p, node->inputs, node->input_count, memory);
	o->outputs = pick_tensors(p, node->outputs, node->output_count, memory);
	if (o->inputs == NULL || o->outputs == NULL)
		return no_memory(f);
	if (o->op == NULL)
		return fault_set(f, -EOPNOTSUPP,
				 "this operator is not known to edged " PACKAGE_VERSION);
	for (uint32_t i = 0; i < o->output_count; i++)
		if (o->outputs[i] != NULL && o->outputs[i]->constant)
			return fault_set(f, -EBADMSG, "output %u is a constant", i);
	int rc = o->op->check(o, f);
	if (rc == 0 && o->op->plan != NULL)
		rc = o->op->plan(o, memory, f);
	return rc;
}

static int open_nodes(struct net *n, struct part *p, struct arena *memory, struct fault *f)
{
	for (size_t i = 0; i < p->from->node_count; i++) {
		int rc = open_node(n, p, i, memory, f);
		if (rc < 0) {
			fault_prefix(f, "%s: node %zu %s", n->graph->name, i,
				     p->from->nodes[i].name);
			return rc;
		}
	}
	return 0;
}

/* ---- where the activations lie ---- */

/* For each tensor of a part: its buffer, or none. An output that keeps its input's data shares
 * it. */
struct layout {
	struct plan_buffer *buffers; /* [tensors + nodes]: activations, then scratch */
	int32_t *root;		     /* [tensors]: whose buffer it uses */
	size_t *order;
};

static bool has_buffer(const struct tensor *t)
{
	return !t->constant && t->type != TENSOR_RESOURCE;
}

static size_t tensor_index(const struct part *p, const struct tensor *t)
{
	return (size_t)(t - p->tensors);
}

static void touch(const struct layout *l, const struct part *p, const struct tensor *t, size_t step)
{
	if (t == NULL || !has_buffer(t))
		return;
	struct plan_buffer *b = &l->buffers[l->root[tensor_index(p, t)]];
	if (b->bytes == 0 || step < b->first)
		b->first = step;
	if (step > b->last)
		b->last = step;
	size_t bytes = tensor_bytes(t->type, &t->shape);
	if (bytes > b->bytes)
		b->bytes = bytes;
}

static void share_buffers(const struct layout *l, const struct part *p)
{
	for (size_t i = 0; i < p->from->tensor_count; i++)
		l->root[i] = (int32_t)i;
	for (size_t i = 0; i < p->from->node_count; i++) {
		const struct op_node *o = &p->nodes[i];
		if (o->op->keeps_data && has_buffer(o->inputs[0]))
			l->root[tensor_index(p, o->outputs[0])] =
				l->root[tensor_index(p, o->inputs[0])];
	}
}

/* Step 0 is before the first node, so inputs are alive from there; outputs stay to the end. */
static void find_lives(const struct layout *l, const struct part *p)
{
	size_t end = p->from->node_count + 1;

	for (size_t i = 0; i < p->from->input_count; i++)
		touch(l, p, &p->tensors[p->from->inputs[i]], 0);
	for (size_t i = 0; i < p->from->node_count; i++) {
		const struct op_node *o = &p->nodes[i];
		for (uint32_t k = 0; k < o->input_count; k++)
			touch(l, p, o->inputs[k], i + 1);
		for (uint32_t k = 0; k < o->output_count; k++)
			touch(l, p, o->outputs[k], i + 1);
		l->buffers[p->from->tensor_count + i] = (struct plan_buffer){
			.bytes = o->scratch_bytes, .first = i + 1, .last = i + 1
		};
	}
	for (size_t i = 0; i < p->from->output_count; i++)
		touch(l, p, &p->tensors[p->from->outputs[i]], end);
}

static void give_places(const struct layout *l, struct part *p)
{
	for (size_t i = 0; i < p->from->tensor_count; i++) {
		struct tensor *t = &p->tensors[i];
		if (!has_buffer(t))
			continue;
		t->data = (char *)p->arena + l->buffers[l->root[i]].offset;
		t->bytes = tensor_bytes(t->type, &t->shape);
	}
	for (size_t i = 0; i < p->from->node_count; i++) {
		struct op_node *o = &p->nodes[i];
		o->scratch = (char *)p->arena + l->buffers[p->from->tensor_count + i].offset;
		if (o->op->keeps_data && o->inputs[0]->constant) {
			o->outputs[0]->data = o->inputs[0]->data;
			o->outputs[0]->constant = true;
		}
	}
}

static int lay_out(struct part *p, struct arena *memory, struct fault *f)
{
	size_t count = p->from->tensor_count + p->from->node_count;
	AUTO(arena) struct arena *temporary = arena_create();
	struct layout l = { 0 };

	if (temporary == NULL)
		return no_memory(f);
	l.buffers = arena_alloc(temporary, count, sizeof(l.buffers[0]));
	l.root = arena_alloc(temporary, p->from->tensor_count, sizeof(l.root[0]));
	l.order = arena_alloc(temporary, count, sizeof(l.order[0]));
	if (l.buffers == NULL || l.root == NULL || l.order == NULL)
		return no_memory(f);
	share_buffers(&l, p);
	find_lives(&l, p);
	p->arena_bytes = plan_place(l.buffers, count, l.order);
	p->arena = arena_alloc(memory, 1, p->arena_bytes);
	if (p->arena == NULL)
		return no_memory(f);
	give_places(&l, p);
	return 0;
}

/* ---- opening ---- */

static int open_part(struct net *n, size_t number, struct arena *memory, struct fault *f)
{
	struct part *p = &n->parts[number];

	p->from = &n->graph->subgraphs[number];
	p->tensors = arena_alloc(memory, p->from->tensor_count, sizeof(p->tensors[0]));
	p->nodes = arena_alloc(memory, p->from->node_count, sizeof(p->nodes[0]));
	if (p->tensors == NULL || p->nodes == NULL)
		return no_memory(f);
	memcpy(p->tensors, p->from->tensors, p->from->tensor_count * sizeof(p->tensors[0]));
	int rc = open_nodes(n, p, memory, f);
	return rc < 0 ? rc : lay_out(p, memory, f);
}

static int open_variables(struct net *n, struct arena *memory, struct fault *f)
{
	for (size_t i = 0; i < n->graph->variable_count; i++) {
		struct tensor *v = &n->variables[i];
		v->bytes = tensor_bytes(v->type, &v->shape);
		v->data = arena_alloc(memory, 1, v->bytes);
		if (v->data == NULL)
			return no_memory(f);
	}
	return 0;
}

int net_open(const struct graph *g, struct arena *memory, struct net **out, struct fault *f)
{
	struct net *n = arena_alloc(memory, 1, sizeof(*n));
	int rc = 0;

	if (n == NULL)
		return no_memory(f);
	n->graph = g;
	n->parts = arena_alloc(memory, g->subgraph_count, sizeof(n->parts[0]));
	n->variables = arena_alloc(memory, g->variable_count, sizeof(n->variables[0]));
	if (n->parts == NULL || n->variables == NULL)
		return no_memory(f);
	/* The called ones first: they say what the variables are. */
	for (size_t i = g->subgraph_count; rc == 0 && i-- > 0;)
		rc = open_part(n, i, memory, f);
	if (rc == 0)
		rc = open_variables(n, memory, f);
	if (rc < 0)
		return rc;
	*out = n;
	return 0;
}

/* ---- running ---- */

static void run_part(const struct part *p)
{
	for (size_t i = 0; i < p->from->node_count; i++)
		p->nodes[i].op->run(&p->nodes[i]);
}

void net_run(struct net *n)
{
	run_part(&n->parts[0]);
}

void net_run_subgraph(struct net *n, size_t subgraph)
{
	struct part *p = &n->parts[subgraph];

	if (!p->called)
		run_part(p);
	p->called = true;
}

void net_reset(struct net *n)
{
	for (size_t i = 0; i < n->graph->variable_count; i++)
		memset(n->variables[i].data, 0, n->variables[i].bytes);
	for (size_t i = 0; i < n->graph->subgraph_count; i++)
		n->parts[i].called = false;
}

struct tensor *net_variable(struct net *n, int32_t variable)
{
	return &n->variables[variable];
}

/* ---- what it is ---- */

size_t net_inputs(const struct net *n)
{
	return n->parts[0].from->input_count;
}

size_t net_outputs(const struct net *n)
{
	return n->parts[0].from->output_count;
}

struct tensor *net_input(struct net *n, size_t i)
{
	return &n->parts[0].tensors[n->parts[0].from->inputs[i]];
}

const struct tensor *net_output(const struct net *n, size_t i)
{
	return &n->parts[0].tensors[n->parts[0].from->outputs[i]];
}

uint64_t net_macs(const struct net *n)
{
	const struct part *p = &n->parts[0];
	uint64_t macs = 0;

	for (size_t i = 0; i < p->from->node_count; i++)
		if (p->nodes[i].op->macs != NULL)
			macs += p->nodes[i].op->macs(&p->nodes[i]);
	return macs;
}

bool net_needs_gemm(const struct net *n)
{
	const struct part *p = &n->parts[0];

	for (size_t i = 0; i < p->from->node_count; i++)
		if (p->nodes[i].op->needs_gemm != NULL && p->nodes[i].op->needs_gemm(&p->nodes[i]))
			return true;
	return false;
}

size_t net_arena_bytes(const struct net *n)
{
	size_t bytes = 0;

	for (size_t i = 0; i < n->graph->subgraph_count; i++)
		bytes += n->parts[i].arena_bytes;
	return bytes;
}

/* Shapes and axes are constants too, but no parameters: those are quantized, or float. */
size_t net_parameters(const struct net *n)
{
	const struct part *p = &n->parts[0];
	size_t parameters = 0;

	for (size_t i = 0; i < p->from->tensor_count; i++) {
		const struct tensor *t = &p->from->tensors[i];
		bool integer = t->type == TENSOR_INT32 || t->type == TENSOR_INT64;
		if (t->constant && (!integer || t->quant.count > 0))
			parameters += tensor_elements(t);
	}
	return parameters;
}
