/* graphs.c - nodes, functions, graphs inside of graphs, branches; and the whole of a file. */
#include "model/onnx/parts.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/onnx/convert.h"
#include "nn/op.h"

enum { MOST_ROUNDS = 64 };

/* ---- nodes ---- */

static const struct onnx_function *find_function(const struct build *b)
{
	for (size_t i = 0; i < b->file->function_count; i++) {
		const struct onnx_function *f = &b->file->functions[i];
		if (strcmp(f->name, b->node->type) == 0 && strcmp(f->domain, b->node->domain) == 0)
			return f;
	}
	return NULL;
}

/* A function's nodes see its inputs and nothing else. */
static void convert_call(struct build *b, const struct onnx_function *fn)
{
	const struct onnx_node *call = b->node, *caller = b->caller;
	const struct onnx_function *function = b->function;
	struct scope *outside = b->scope, *inside = scope_open(b, NULL);

	if (++b->depth > ONNX_MOST_DEPTH)
		build_fail(b, -EOPNOTSUPP, "functions call each other more than %d deep",
			   ONNX_MOST_DEPTH);
	for (size_t i = 0; b->rc == 0 && i < fn->input_count; i++) {
		int32_t t = build_in(b, i);
		b->scope = inside;
		if (t >= 0)
			scope_set(b, fn->inputs[i], t);
		b->scope = outside;
	}
	const struct onnx_graph *outputs_of = b->outputs_of;
	b->scope = inside;
	b->caller = call;
	b->function = fn;
	b->outputs_of = NULL;
	if (b->rc == 0)
		convert_nodes(b, fn->nodes, fn->node_count);
	b->caller = caller;
	b->function = function;
	b->outputs_of = outputs_of;
	for (size_t i = 0; b->rc == 0 && i < fn->output_count; i++) {
		b->scope = inside;
		int32_t t = build_force(b, scope_need(b, fn->outputs[i]));
		b->scope = outside;
		b->node = call;
		build_out(b, i, t);
	}
	b->scope = outside;
	b->node = call;
	b->depth--;
}

/* Operators that only move values do it to quantized ones as well. */
static bool only_moves(const struct onnx_node *n)
{
	static const char *const names[] = { "Reshape",	  "Flatten", "Squeeze",	     "Unsqueeze",
					     "Transpose", "MaxPool", "DepthToSpace", "SpaceToDepth",
					     "Slice",	  "Gather",  "Expand",	     "Tile" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(n->type, names[i]) == 0 && n->domain[0] == '\0')
			return true;
	return false;
}

/* The same on the quantized tensor; the result is its real values, once somebody needs them. */
static bool convert_quantized(struct build *b, onnx_convert_fn *convert)
{
	int32_t x = only_moves(b->node) ? build_in_lazy(b, 0) : NONE;
	struct fact fact = *build_fact(b, x);

	if (x < 0 || !fact.lazy || build_tensor(b, x)->constant ||
	    tensor_type_bytes(build_tensor(b, fact.quantized)->type) != 1 ||
	    build_tensor(b, fact.quantized)->quant.count != 1 || b->node->output_count != 1)
		return false;
	b->instead = fact.quantized;
	convert(b);
	b->instead = NONE;
	if (b->rc < 0)
		return true;
	int32_t moved = scope_need(b, b->node->outputs[0]);
	build_out(b, 0, build_lazy(b, moved, fact.low, fact.high));
	return true;
}

static void convert_node(struct build *b, const struct onnx_node *n)
{
	onnx_convert_fn *convert = onnx_find_converter(n->domain, n->type);
	const struct onnx_function *fn;

	b->node = n;
	if (b->nodes_left-- == 0) {
		build_fail(b, -EOPNOTSUPP, "more than %d nodes", ONNX_MOST_NODES);
		return;
	}
	fn = convert == NULL ? find_function(b) : NULL;
	if (convert != NULL && !convert_quantized(b, convert))
		convert(b);
	else if (convert != NULL)
		return;
	else if (fn != NULL)
		convert_call(b, fn);
	else
		build_fail(b, -EOPNOTSUPP, "this operator%s%s is not known to edged %s%s",
			   n->domain[0] != '\0' ? " of " : "", n->domain, PACKAGE_VERSION,
			   op_remedy(n->type));
}

static bool is_ready(struct build *b, const struct onnx_node *n)
{
	for (size_t i = 0; i < n->input_count; i++)
		if (n->inputs[i][0] != '\0' && scope_find(b, n->inputs[i]) < 0)
			return false;
	return true;
}

static void convert_named(struct build *b, const struct onnx_node *n)
{
	convert_node(b, n);
	if (b->rc < 0 && n->name[0] != '\0')
		fault_prefix(b->fault, "node %zu %s '%.80s'", n->number, n->type, n->name);
	else if (b->rc < 0)
		fault_prefix(b->fault, "node %zu %s", n->number, n->type);
}

/* Converts the nodes that are ready, or all that are left; how many it were. */
static size_t convert_round(struct build *b, const struct onnx_node *nodes, size_t count,
			    bool *done, bool all)
{
	size_t converted = 0;

	for (size_t i = 0; b->rc == 0 && i < count; i++) {
		if (done[i] || (!all && !is_ready(b, &nodes[i])))
			continue;
		convert_named(b, &nodes[i]);
		done[i] = true;
		converted++;
	}
	return converted;
}

/* Nodes should stand in an order in which they can run; some tools do not keep it. One that is not
 * ready waits for the next round; after a round that gets no further all are taken, and the first
 * that lacks something says so. */
static void convert_all(struct build *b, const struct onnx_node *nodes, size_t count)
{
	bool *done = arena_alloc(b->memory, count, sizeof(bool)), stuck = false;
	size_t left = count;

	if (done == NULL)
		build_fail(b, -ENOMEM, "no memory");
	for (int round = 0; b->rc == 0 && left > 0; round++) {
		size_t converted =
			convert_round(b, nodes, count, done, stuck || round > MOST_ROUNDS);
		stuck = converted == 0;
		left -= converted;
	}
}

void convert_nodes(struct build *b, const struct onnx_node *nodes, size_t count)
{
	const struct onnx_node *siblings = b->siblings;
	size_t sibling_count = b->sibling_count;

	b->siblings = nodes;
	b->sibling_count = count;
	convert_all(b, nodes, count);
	b->siblings = siblings;
	b->sibling_count = sibling_count;
}

/* ---- graphs ---- */

static void read_initializers(struct build *b, const struct onnx_graph *g)
{
	for (size_t i = 0; b->rc == 0 && i < g->initializer_count; i++) {
		scope_set(b, g->initializers[i].name, build_onnx_tensor(b, &g->initializers[i]));
		if (b->rc < 0)
			fault_prefix(b->fault, "initializer '%.80s'", g->initializers[i].name);
	}
}

void convert_graph(struct build *b, const struct onnx_graph *g, int32_t *outs, size_t count)
{
	if (++b->depth > ONNX_MOST_DEPTH)
		build_fail(b, -EOPNOTSUPP, "graphs lie more than %d deep", ONNX_MOST_DEPTH);
	if (g->output_count < count)
		build_fail(b, -EBADMSG, "%zu outputs of a graph (%zu)", g->output_count, count);
	const struct onnx_graph *outputs_of = b->outputs_of;
	b->outputs_of = g;
	read_initializers(b, g);
	if (b->rc == 0)
		convert_nodes(b, g->nodes, g->node_count);
	for (size_t i = 0; i < count; i++)
		outs[i] = b->rc == 0 ? build_force(b, scope_need(b, g->outputs[i].name)) : 0;
	b->outputs_of = outputs_of;
	b->depth--;
}

void build_inline_graph(struct build *b, const struct onnx_graph *g, int32_t *outs, size_t count)
{
	build_inline_body(b, g, NULL, 0, outs, count);
}

void build_inline_body(struct build *b, const struct onnx_graph *g, const int32_t *inputs,
		       size_t input_count, int32_t *outs, size_t count)
{
	const struct onnx_node *node = b->node;
	struct scope *outside = b->scope;

	b->scope = scope_open(b, outside);
	for (size_t i = 0; b->rc == 0 && i < input_count && i < g->input_count; i++)
		if (inputs[i] >= 0)
			scope_set(b, g->inputs[i].name, inputs[i]);
	if (b->rc == 0)
		convert_graph(b, g, outs, count);
	b->scope = outside;
	b->node = node;
}

int32_t build_subgraph(struct build *b, const struct onnx_graph *g, int32_t *captures, size_t limit,
		       size_t *capture_count, struct tensor *outs, size_t out_count)
{
	const struct onnx_node *node = b->node;
	struct parts *outside = b->parts;
	struct scope *scope = b->scope;
	int32_t outputs[64] = { 0 };

	*capture_count = 0;
	if (b->graph->subgraph_count == MOST_SUBGRAPHS || out_count > ARRAY_SIZE(outputs))
		build_fail(b, -EOPNOTSUPP, "more than %d subgraphs", MOST_SUBGRAPHS);
	if (b->rc < 0)
		return 0;
	int32_t number = (int32_t)b->graph->subgraph_count++;
	struct parts *inside = parts_open(b, outside);
	if (inside == NULL)
		return 0;
	b->parts = inside;
	b->scope = scope_open(b, scope);
	if (b->rc == 0)
		convert_graph(b, g, outputs, out_count);
	if (inside->capture_count > limit)
		build_fail(b, -EOPNOTSUPP, "a branch takes more than %zu tensors", limit);
	if (b->rc == 0) {
		parts_close(b, &b->graph->subgraphs[number], inside->capture_inputs,
			    inside->capture_count, outputs, out_count);
		for (size_t i = 0; i < inside->capture_count; i++)
			captures[i] = inside->captures[i];
		*capture_count = inside->capture_count;
		for (size_t i = 0; i < out_count; i++)
			outs[i] = *inside->tensors[outputs[i]];
	}
	b->parts = outside;
	b->scope = scope;
	b->node = node;
	return number;
}

enum { MOST_CAPTURES = 256, MOST_BRANCH_OUTPUTS = 64 };

/* Both branches take all that either takes; so their inputs are put in one order. */
static void join_inputs(struct build *b, int32_t subgraph, const int32_t *own, size_t own_count,
			const int32_t *all, size_t count)
{
	struct subgraph *s = &b->graph->subgraphs[subgraph];
	int32_t *inputs = arena_alloc(b->memory, count, sizeof(*inputs));
	struct tensor *tensors = arena_alloc(b->memory, s->tensor_count + count, sizeof(*tensors));

	if (inputs == NULL || tensors == NULL) {
		build_fail(b, -ENOMEM, "no memory");
		return;
	}
	memcpy(tensors, s->tensors, s->tensor_count * sizeof(*tensors));
	for (size_t i = 0; i < count; i++) {
		inputs[i] = NONE;
		for (size_t k = 0; k < own_count; k++)
			if (own[k] == all[i])
				inputs[i] = s->inputs[k];
		if (inputs[i] == NONE) {
			tensors[s->tensor_count] = *build_tensor(b, all[i]);
			inputs[i] = (int32_t)s->tensor_count++;
		}
	}
	s->tensors = tensors;
	s->inputs = inputs;
	s->input_count = count;
}

static size_t unite(int32_t *all, size_t count, const int32_t *more, size_t more_count)
{
	for (size_t i = 0; i < more_count; i++) {
		size_t k = 0;
		while (k < count && all[k] != more[i])
			k++;
		if (k == count)
			all[count++] = more[i];
	}
	return count;
}

void build_if(struct build *b, int32_t condition, const struct onnx_graph *then,
	      const struct onnx_graph *other)
{
	int32_t captures[2][MOST_CAPTURES], inputs[1 + 2 * MOST_CAPTURES] = { condition };
	int32_t outputs[MOST_BRANCH_OUTPUTS];
	struct tensor outs[2][MOST_BRANCH_OUTPUTS];
	size_t counts[2], count = 0, out_count = b->node->output_count;
	struct node n = { .name = b->node->type,
			  .label = b->node->name,
			  .number = b->node->number,
			  .op = op_find("IF") };

	if (out_count > MOST_BRANCH_OUTPUTS)
		build_fail(b, -EOPNOTSUPP, "%zu outputs", out_count);
	n.options.call.subgraph =
		build_subgraph(b, then, captures[0], MOST_CAPTURES, &counts[0], outs[0], out_count);
	n.options.call.other = build_subgraph(b, other, captures[1], MOST_CAPTURES, &counts[1],
					      outs[1], out_count);
	if (b->rc < 0)
		return;
	count = unite(inputs + 1, 0, captures[0], counts[0]);
	count = unite(inputs + 1, count, captures[1], counts[1]);
	join_inputs(b, n.options.call.subgraph, captures[0], counts[0], inputs + 1, count);
	join_inputs(b, n.options.call.other, captures[1], counts[1], inputs + 1, count);
	for (size_t i = 0; i < out_count; i++) {
		struct tensor t = { .type = outs[0][i].type, .shape = outs[0][i].shape };
		if (t.type != outs[1][i].type || !shape_equal(&t.shape, &outs[1][i].shape))
			build_fail(b, -EOPNOTSUPP, "output %zu has another shape in each branch",
				   i);
		outputs[i] = parts_add_tensor(b, &t);
		build_out(b, i, outputs[i]);
	}
	n.input_count = (uint32_t)count + 1;
	n.output_count = (uint32_t)out_count;
	n.inputs = parts_copy_indices(b, inputs, count + 1);
	n.outputs = parts_copy_indices(b, outputs, out_count);
	parts_add_node(b, &n);
}

/* ---- the whole ---- */

static bool is_initializer(const struct onnx_graph *g, const char *name)
{
	for (size_t i = 0; i < g->initializer_count; i++)
		if (strcmp(g->initializers[i].name, name) == 0)
			return true;
	return false;
}

/* Half and double are float32 within. */
static int32_t add_input(struct build *b, const struct onnx_value *v, size_t number)
{
	struct tensor t = { .name = v->name };
	unsigned open = 0;

	if (!onnx_tensor_type(v->type, &t.type))
		build_fail(b, -EOPNOTSUPP, "input '%.60s' has type %d, which is not supported",
			   v->name, v->type);
	if (v->rank > SHAPE_MOST_RANK)
		build_fail(b, -EOPNOTSUPP, "input '%.60s' has %d dimensions (at most %d)", v->name,
			   v->rank, SHAPE_MOST_RANK);
	t.shape.rank = v->rank < 0 ? 0 : v->rank;
	for (int d = 0; b->rc == 0 && d < t.shape.rank; d++) {
		open |= v->dim[d] <= 0 ? 1u << d : 0;
		t.shape.dim[d] = v->dim[d] > SHAPE_MOST_ELEMENTS ? 0 : (int32_t)v->dim[d];
	}
	b->graph->open_dims[number] = open;
	return parts_add_tensor(b, &t);
}

static void fix_inputs(struct build *b, const int32_t *inputs, size_t count)
{
	struct tensor **tensors = arena_alloc(b->memory, count, sizeof(struct tensor *));

	if (tensors == NULL)
		build_fail(b, -ENOMEM, "no memory");
	for (size_t i = 0; b->rc == 0 && i < count; i++)
		tensors[i] = b->parts->tensors[inputs[i]];
	if (b->rc == 0)
		b->rc = graph_fix_inputs(tensors, b->graph->open_dims, count, b->wish, b->fault);
	for (size_t i = 0; b->rc == 0 && i < count; i++) {
		enum tensor_type type = tensors[i]->type;
		bool real = type == TENSOR_FLOAT16 || type == TENSOR_FLOAT64;
		scope_set(b, tensors[i]->name,
			  real ? build_cast(b, inputs[i], TENSOR_FLOAT32) : inputs[i]);
	}
}

static int32_t finish_output(struct build *b, const struct onnx_value *v, int32_t t)
{
	enum tensor_type type;

	if (v->type == ONNX_FLOAT16 || v->type == ONNX_DOUBLE)
		if (onnx_tensor_type(v->type, &type) && build_tensor(b, t)->type == TENSOR_FLOAT32)
			t = build_cast(b, t, type);
	if (b->parts->tensors[t]->name[0] == '\0')
		b->parts->tensors[t]->name = v->name;
	return t;
}

int build_graph(struct build *b)
{
	static const struct onnx_node boundary = { .name = "", .type = "Cast", .domain = "" };
	const struct onnx_graph *g = &b->file->graph;
	int32_t *inputs = arena_alloc(b->memory, g->input_count, sizeof(*inputs));
	int32_t *outputs = arena_alloc(b->memory, g->output_count, sizeof(*outputs));
	size_t input_count = 0;

	b->graph->subgraphs =
		arena_alloc(b->memory, MOST_SUBGRAPHS, sizeof(b->graph->subgraphs[0]));
	b->graph->open_dims = arena_alloc(b->memory, g->input_count, sizeof(unsigned));
	if (inputs == NULL || outputs == NULL || b->graph->subgraphs == NULL ||
	    b->graph->open_dims == NULL)
		return fault_set(b->fault, -ENOMEM, "no memory");
	b->graph->subgraph_count = 1;
	b->nodes_left = ONNX_MOST_NODES;
	b->instead = NONE;
	b->node = &boundary;
	b->parts = parts_open(b, NULL);
	if (b->parts == NULL)
		return b->rc;
	b->scope = scope_open(b, NULL);
	for (size_t i = 0; b->rc == 0 && i < g->input_count; i++) { /* old files list weights too */
		if (!is_initializer(g, g->inputs[i].name)) {
			inputs[input_count] = add_input(b, &g->inputs[i], input_count);
			input_count++;
		}
	}
	fix_inputs(b, inputs, input_count);
	if (b->rc == 0)
		convert_graph(b, g, outputs, g->output_count);
	b->node = &boundary;
	for (size_t i = 0; b->rc == 0 && i < g->output_count; i++)
		outputs[i] = finish_output(b, &g->outputs[i], outputs[i]);
	if (b->rc == 0)
		parts_close(b, &b->graph->subgraphs[0], inputs, input_count, outputs,
			    g->output_count);
	b->graph->subgraphs[0].name = g->name;
	for (size_t i = 0; b->rc == 0 && i < b->graph->subgraph_count; i++)
		b->rc = graph_check_order(&b->graph->subgraphs[i], b->fault);
	return b->rc;
}
