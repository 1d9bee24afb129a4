/* net.c - a graph that runs: every tensor has its shape and place, every operator is prepared. */
#include "nn/net.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nn/infer.h"
#include "nn/part.h"

enum { MOST_PARTS = 256 }; /* calls of subgraphs */

struct net {
	const struct graph *graph;
	struct part *main;
	struct part *parts; /* all of them, the last opened first */
	size_t part_count, fold_budget;
	struct tensor *variables;
};

static int no_memory(struct fault *f)
{
	return fault_set(f, -ENOMEM, "no memory");
}

/* ---- nodes ---- */

static struct tensor **pick_tensors(struct part *p, const int32_t *indices, size_t count,
				    struct arena *memory)
{
	struct tensor **out = arena_alloc(memory, count, sizeof(struct tensor *));

	for (size_t i = 0; out != NULL && i < count; i++)
		out[i] = indices[i] < 0 ? NULL : &p->tensors[indices[i]];
	return out;
}

static int set_node(struct part *p, size_t number, struct arena *memory, struct fault *f)
{
	const struct node *node = &p->from->nodes[number];
	struct op_node *o = &p->nodes[number];

	*o = (struct op_node){ .op = node->op,
			       .node = node,
			       .net = p->net,
			       .input_count = node->input_count,
			       .output_count = node->output_count };
	o->inputs = pick_tensors(p, node->inputs, node->input_count, memory);
	o->outputs = pick_tensors(p, node->outputs, node->output_count, memory);
	if (o->inputs == NULL || o->outputs == NULL)
		return no_memory(f);
	if (o->op == NULL)
		return fault_set(f, -EOPNOTSUPP, "this operator is not known to edged %s%s",
				 PACKAGE_VERSION, op_remedy(node->name));
	for (uint32_t i = 0; i < o->output_count; i++)
		if (o->outputs[i] != NULL && (o->outputs[i]->constant || o->outputs[i]->variable))
			return fault_set(f, -EBADMSG, "output %u is a constant", i);
	return 0;
}

static int infer_in_part(struct part *p, size_t number, struct arena *memory, struct fault *f)
{
	int rc = set_node(p, number, memory, f);

	return rc < 0 ? rc
		      : infer_node(&p->nodes[number], memory, &((struct net *)p->net)->fold_budget,
				   f);
}

static int name_node(const struct part *p, const struct node *node, int rc, struct fault *f)
{
	const char *file = ((const struct net *)p->net)->graph->name;

	if (rc < 0 && node->label != NULL)
		fault_prefix(f, "%s: node %zu %s '%.80s'", file, node->number, node->name,
			     node->label);
	else if (rc < 0)
		fault_prefix(f, "%s: node %zu %s", file, node->number, node->name);
	return rc;
}

static int infer_nodes(struct part *p, struct arena *memory, struct fault *f)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->node_count; i++) {
		rc = infer_in_part(p, i, memory, f);
		name_node(p, &p->from->nodes[i], rc, f);
	}
	return rc;
}

static void drop_folded(struct part *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->node_count; i++)
		if (!p->nodes[i].folded)
			p->nodes[kept++] = p->nodes[i];
	p->node_count = kept;
}

static int plan_nodes(struct part *p, struct arena *memory, struct fault *f)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->node_count; i++) {
		struct op_node *o = &p->nodes[i];
		rc = o->op->plan != NULL ? o->op->plan(o, memory, f) : 0;
		name_node(p, o->node, rc, f);
	}
	return rc;
}

/* ---- parts ---- */

struct tensor *part_add_tensor(struct part *p, const struct tensor *like)
{
	if (p->tensor_count == p->tensor_limit)
		return NULL;
	struct tensor *t = &p->tensors[p->tensor_count++];
	*t = *like;
	return t;
}

/* Room for what rewriting may add: a tensor and a node for each input and output of a node. */
static void count_room(const struct subgraph *s, size_t *tensors, size_t *nodes)
{
	size_t rewritten = 0;

	for (size_t i = 0; i < s->node_count; i++) {
		const char *name = s->nodes[i].op != NULL ? s->nodes[i].op->name : "";
		rewritten += strcmp(name, "TRANSPOSE") == 0;
	}
	*tensors = s->tensor_count;
	*nodes = s->node_count;
	for (size_t i = 0; rewritten > 0 && i < s->node_count; i++) {
		*tensors += 3 * (s->nodes[i].input_count + s->nodes[i].output_count);
		*nodes += s->nodes[i].output_count;
	}
}

static int create_part(struct net *n, int32_t subgraph, struct arena *memory, struct part **out,
		       struct fault *f)
{
	struct part *p = arena_alloc(memory, 1, sizeof(*p));

	if (n->part_count++ == MOST_PARTS)
		return fault_set(f, -EOPNOTSUPP, "more than %d calls of subgraphs", MOST_PARTS);
	if (p == NULL)
		return no_memory(f);
	p->net = n;
	p->from = &n->graph->subgraphs[subgraph];
	count_room(p->from, &p->tensor_limit, &p->node_limit);
	p->tensor_count = p->from->tensor_count;
	p->node_count = p->from->node_count;
	p->tensors = arena_alloc(memory, p->tensor_limit, sizeof(p->tensors[0]));
	p->nodes = arena_alloc(memory, p->node_limit, sizeof(p->nodes[0]));
	if (p->tensors == NULL || p->nodes == NULL)
		return no_memory(f);
	memcpy(p->tensors, p->from->tensors, p->tensor_count * sizeof(p->tensors[0]));
	p->inputs = pick_tensors(p, p->from->inputs, p->from->input_count, memory);
	p->outputs = pick_tensors(p, p->from->outputs, p->from->output_count, memory);
	if (p->inputs == NULL || p->outputs == NULL)
		return no_memory(f);
	p->next = n->parts;
	n->parts = p;
	*out = p;
	return 0;
}

/* The caller's tensors say what the inputs are; without a caller they are written from outside. */
static int set_inputs(struct part *p, struct tensor *const *inputs, size_t count, struct fault *f)
{
	if (inputs != NULL && count != p->from->input_count)
		return fault_set(f, -EBADMSG, "its subgraph takes %zu inputs, not %zu",
				 p->from->input_count, count);
	for (size_t i = 0; i < p->from->input_count; i++) {
		struct tensor *t = p->inputs[i];
		t->constant = t->variable = false;
		if (inputs == NULL)
			continue;
		const char *name = t->name;
		*t = *inputs[i];
		t->name = name;
		t->variable = t->varying = false;
	}
	return 0;
}

static int open_variables(struct part *p, struct arena *memory, struct fault *f)
{
	for (size_t i = 0; i < p->tensor_count; i++) {
		struct tensor *t = &p->tensors[i];
		if (!t->variable)
			continue;
		t->bytes = tensor_bytes(t->type, &t->shape);
		t->data = arena_alloc(memory, 1, t->bytes);
		if (t->data == NULL || t->bytes == 0)
			return no_memory(f);
		p->variable_bytes += t->bytes;
	}
	return 0;
}

int part_open(struct net *n, int32_t subgraph, struct tensor *const *inputs, size_t count,
	      struct arena *memory, struct part **out, struct fault *f)
{
	struct part *p = NULL;
	int rc = create_part(n, subgraph, memory, &p, f);

	if (rc == 0)
		rc = set_inputs(p, inputs, count, f);
	if (rc == 0)
		rc = infer_nodes(p, memory, f);
	if (rc == 0) /* only what the operators have agreed to gets memory */
		rc = open_variables(p, memory, f);
	if (rc < 0)
		return rc;
	drop_folded(p);
	rc = part_sink_transpositions(p, memory, f);
	if (rc == 0)
		rc = plan_nodes(p, memory, f);
	if (rc == 0)
		rc = part_place(p, memory, f);
	*out = p;
	return rc;
}

void part_run(const struct part *p)
{
	for (size_t i = 0; i < p->node_count; i++)
		p->nodes[i].op->run(&p->nodes[i]);
}

/* ---- the net ---- */

static int open_resources(struct net *n, struct arena *memory, struct fault *f)
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

static size_t constant_bytes(const struct graph *g)
{
	size_t bytes = 0;

	for (size_t i = 0; i < g->subgraph_count; i++)
		for (size_t k = 0; k < g->subgraphs[i].tensor_count; k++)
			if (g->subgraphs[i].tensors[k].constant)
				bytes += g->subgraphs[i].tensors[k].bytes;
	return bytes;
}

int net_open(const struct graph *g, struct arena *memory, struct net **out, struct fault *f)
{
	struct net *n = arena_alloc(memory, 1, sizeof(*n));

	if (n == NULL)
		return no_memory(f);
	n->graph = g;
	n->fold_budget = INFER_BUDGET(constant_bytes(g));
	n->variables = arena_alloc(memory, g->variable_count, sizeof(n->variables[0]));
	if (n->variables == NULL)
		return no_memory(f);
	int rc = part_open(n, (int32_t)g->main, NULL, 0, memory, &n->main, f);
	if (rc == 0)
		rc = open_resources(n, memory, f);
	if (rc < 0)
		return rc;
	net_reset(n);
	*out = n;
	return 0;
}

void net_run(struct net *n)
{
	part_run(n->main);
}

/* Zero is the zero point to a quantized variable. */
static void reset_variable(const struct tensor *t)
{
	memset(t->data, 0, t->bytes);
	if (t->type == TENSOR_INT8 && t->quant.count == 1)
		memset(t->data, t->quant.zero_point[0], t->bytes);
}

void net_reset(struct net *n)
{
	for (size_t i = 0; i < n->graph->variable_count; i++)
		memset(n->variables[i].data, 0, n->variables[i].bytes);
	for (struct part *p = n->parts; p != NULL; p = p->next) {
		p->called = false;
		for (size_t i = 0; i < p->tensor_count; i++)
			if (p->tensors[i].variable)
				reset_variable(&p->tensors[i]);
	}
}

struct tensor *net_variable(struct net *n, int32_t variable)
{
	return &n->variables[variable];
}

/* ---- what it is ---- */

size_t net_inputs(const struct net *n)
{
	return n->main->from->input_count;
}

size_t net_outputs(const struct net *n)
{
	return n->main->from->output_count;
}

struct tensor *net_input(struct net *n, size_t i)
{
	return n->main->inputs[i];
}

const struct tensor *net_output(const struct net *n, size_t i)
{
	return n->main->outputs[i];
}

size_t net_nodes(const struct net *n)
{
	size_t nodes = 0;

	for (const struct part *p = n->parts; p != NULL; p = p->next)
		nodes += p->node_count;
	return nodes;
}

uint64_t net_macs(const struct net *n)
{
	const struct part *p = n->main;
	uint64_t macs = 0;

	for (size_t i = 0; i < p->node_count; i++)
		if (p->nodes[i].op->macs != NULL)
			macs += p->nodes[i].op->macs(&p->nodes[i]);
	return macs;
}

bool net_needs_gemm(const struct net *n)
{
	for (const struct part *p = n->parts; p != NULL; p = p->next)
		for (size_t i = 0; i < p->node_count; i++)
			if (p->nodes[i].op->needs_gemm != NULL &&
			    p->nodes[i].op->needs_gemm(&p->nodes[i]))
				return true;
	return false;
}

size_t net_arena_bytes(const struct net *n)
{
	size_t bytes = 0;

	for (const struct part *p = n->parts; p != NULL; p = p->next)
		bytes += p->arena_bytes + p->variable_bytes;
	for (size_t i = 0; i < n->graph->variable_count; i++)
		bytes += n->variables[i].bytes;
	return bytes;
}

static bool is_taken_before(const struct part *p, size_t node, uint32_t input)
{
	const struct tensor *t = p->nodes[node].inputs[input];

	for (size_t i = 0; i <= node; i++)
		for (uint32_t k = 0; k < p->nodes[i].input_count; k++) {
			if (i == node && k == input)
				return false;
			if (p->nodes[i].inputs[k] != NULL && p->nodes[i].inputs[k]->data == t->data)
				return true;
		}
	return false;
}

/* Shapes and axes are constants too, but no parameters: those are quantized, or float. Each counts
 * once, however many operators take it. */
size_t net_parameters(const struct net *n)
{
	const struct part *p = n->main;
	size_t parameters = 0;

	for (size_t i = 0; i < p->node_count; i++)
		for (uint32_t k = 0; k < p->nodes[i].input_count; k++) {
			const struct tensor *t = p->nodes[i].inputs[k];
			bool integer =
				t != NULL && (t->type == TENSOR_INT32 || t->type == TENSOR_INT64 ||
					      t->type == TENSOR_BOOL);
			if (t != NULL && t->constant && (!integer || t->quant.count > 0) &&
			    !is_taken_before(p, i, k))
				parameters += tensor_elements(t);
		}
	return parameters;
}
