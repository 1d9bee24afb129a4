/* build.c - builds the engine's graph while an ONNX file is read. */
#include "model/onnx/build.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/onnx/convert.h"
#include "nn/infer.h"

enum { BUCKETS = 256, MOST_INPUTS = 1024, MOST_SUBGRAPHS = 256, MOST_ROUNDS = 64 };

/* ---- names ---- */

struct name {
	const char *text;
	int32_t tensor;
	struct name *next;
};

struct scope {
	struct scope *outer; /* whose names are seen too; NULL: a function sees none */
	struct parts *parts; /* where its tensors are */
	struct name *buckets[BUCKETS];
};

static unsigned hash(const char *text)
{
	unsigned h = 2166136261u; /* FNV-1a */

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 16777619u;
	return h % BUCKETS;
}

static struct scope *open_scope(struct build *b, struct scope *outer)
{
	struct scope *s = arena_alloc(b->memory, 1, sizeof(*s));

	if (s == NULL) {
		build_fail(b, -ENOMEM, "no memory");
		return NULL;
	}
	s->outer = outer;
	s->parts = b->parts;
	return s;
}

static void set_name(struct build *b, const char *text, int32_t tensor)
{
	struct name *n = arena_alloc(b->memory, 1, sizeof(*n));

	if (n == NULL || b->scope == NULL) {
		build_fail(b, -ENOMEM, "no memory");
		return;
	}
	*n = (struct name){ text, tensor, b->scope->buckets[hash(text)] };
	b->scope->buckets[hash(text)] = n;
}

/* ---- a subgraph that grows ---- */

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

static void *grow(struct build *b, void *old, size_t count, size_t *limit, size_t size)
{
	size_t more = *limit == 0 ? 64 : 2 * *limit;

	if (count < *limit)
		return old;
	void *larger = arena_alloc(b->memory, more, size);
	if (larger == NULL) {
		build_fail(b, -ENOMEM, "no memory");
		return old;
	}
	if (count > 0)
		memcpy(larger, old, count * size);
	*limit = more;
	return larger;
}

static int32_t add_tensor(struct build *b, const struct tensor *like)
{
	struct parts *p = b->parts;
	struct tensor *t = arena_alloc(b->memory, 1, sizeof(*t));

	p->tensors = grow(b, p->tensors, p->tensor_count, &p->tensor_limit, sizeof(p->tensors[0]));
	p->facts = grow(b, p->facts, p->tensor_count, &p->fact_limit, sizeof(p->facts[0]));
	if (t == NULL)
		build_fail(b, -ENOMEM, "no memory");
	if (b->rc < 0)
		return 0;
	*t = *like;
	if (t->name == NULL)
		t->name = "";
	p->tensors[p->tensor_count] = t;
	p->facts[p->tensor_count] = (struct fact){ NONE, false, -INFINITY, INFINITY };
	return (int32_t)p->tensor_count++;
}

/* Tensor 0 is what everything gives once there was a fault. */
static struct parts *open_parts(struct build *b, struct parts *outer)
{
	struct parts *p = arena_alloc(b->memory, 1, sizeof(*p));
	struct tensor nothing = {
		.name = "", .constant = true, .data = "\0\0\0\0\0\0\0", .bytes = 4
	};

	if (p == NULL) {
		build_fail(b, -ENOMEM, "no memory");
		return NULL;
	}
	struct parts *before = b->parts;
	b->parts = p;
	p->outer = outer;
	add_tensor(b, &nothing);
	b->parts = before;
	return p;
}

void build_fail(struct build *b, int rc, const char *format, ...)
{
	char text[300];
	va_list arguments;

	if (b->rc < 0)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	b->rc = fault_set(b->fault, rc, "%s", text);
}

const struct tensor *build_tensor(const struct build *b, int32_t t)
{
	return b->parts->tensors[t < 0 ? 0 : t];
}

/* ---- inputs and outputs of the node in hand ---- */

/* A tensor of an outer subgraph becomes an input of this one. */
static int32_t capture(struct build *b, int32_t outside)
{
	struct parts *p = b->parts;
	size_t limit = p->capture_limit;

	for (size_t i = 0; i < p->capture_count; i++)
		if (p->captures[i] == outside)
			return p->capture_inputs[i];
	struct tensor like = *p->outer->tensors[outside];
	like.variable = like.varying = false;
	if (like.constant) /* no need to hand it over */
		return add_tensor(b, &like);
	int32_t inside = add_tensor(b, &like);
	p->captures = grow(b, p->captures, p->capture_count, &limit, sizeof(int32_t));
	p->capture_inputs =
		grow(b, p->capture_inputs, p->capture_count, &p->capture_limit, sizeof(int32_t));
	if (b->rc < 0)
		return 0;
	p->captures[p->capture_count] = outside;
	p->capture_inputs[p->capture_count++] = inside;
	return inside;
}

static int32_t find_in(struct build *b, struct scope *s, const char *text)
{
	for (; s != NULL; s = s->outer) {
		for (const struct name *n = s->buckets[hash(text)]; n != NULL; n = n->next) {
			if (strcmp(n->text, text) != 0)
				continue;
			if (s->parts == b->parts)
				return n->tensor;
			/* one subgraph further out: let that one find it, then take it from there */
			struct parts *here = b->parts;
			b->parts = here->outer;
			int32_t outside =
				b->parts == NULL ? NONE : build_force(b, find_in(b, s, text));
			b->parts = here;
			return outside < 0 ? NONE : capture(b, outside);
		}
	}
	return NONE;
}

static int32_t find_name(struct build *b, const char *text)
{
	int32_t t = find_in(b, b->scope, text);

	if (t < 0)
		build_fail(b, -EBADMSG, "damaged: nothing has written '%.80s'", text);
	return t < 0 ? 0 : t;
}

struct fact *build_fact(const struct build *b, int32_t t)
{
	return &b->parts->facts[t < 0 ? 0 : t];
}

int32_t build_in(struct build *b, size_t i)
{
	int32_t t = build_in_lazy(b, i);

	return t < 0 ? t : build_force(b, t);
}

int32_t build_in_lazy(struct build *b, size_t i)
{
	if (i == 0 && b->instead != NONE)
		return b->instead;
	if (i >= b->node->input_count || b->node->inputs[i][0] == '\0')
		return NONE;
	int32_t t = find_name(b, b->node->inputs[i]);
	/* An empty constant stands for nothing: Resize is given such. */
	return build_tensor(b, t)->constant && tensor_elements(build_tensor(b, t)) == 0 ? NONE : t;
}

bool build_has(struct build *b, const char *name)
{
	return find_in(b, b->scope, name) >= 0;
}

int32_t build_need(struct build *b, size_t i)
{
	int32_t t = build_in(b, i);

	if (t < 0)
		build_fail(b, -EBADMSG, "input %zu is left out", i);
	return t < 0 ? 0 : t;
}

void build_out(struct build *b, size_t i, int32_t t)
{
	if (i < b->node->output_count && b->node->outputs[i][0] != '\0')
		set_name(b, b->node->outputs[i], t < 0 ? 0 : t);
}

/* ---- operators ---- */

static void put_down(struct build *b, struct op_node *o, const struct node *n)
{
	struct parts *p = b->parts;
	int rc = infer_node(o, b->memory, b->fault);

	if (rc < 0) {
		b->rc = rc;
		return;
	}
	if (o->folded)
		return;
	p->nodes = grow(b, p->nodes, p->node_count, &p->node_limit, sizeof(p->nodes[0]));
	if (b->rc == 0)
		p->nodes[p->node_count++] = *n;
}

static int32_t *copy_indices(struct build *b, const int32_t *from, size_t count)
{
	int32_t *copy = arena_alloc(b->memory, count, sizeof(*copy));

	if (copy == NULL)
		build_fail(b, -ENOMEM, "no memory");
	else if (count > 0)
		memcpy(copy, from, count * sizeof(*copy));
	return copy;
}

static void build_outputs(struct build *b, const char *op, const int32_t *inputs, size_t count,
			  const union options *options, const int32_t *outs, size_t out_count);

void build_op_many(struct build *b, const char *op, const int32_t *inputs, size_t count,
		   const union options *options, const enum tensor_type *types, int32_t *outs,
		   size_t out_count)
{
	for (size_t i = 0; i < out_count; i++) {
		struct tensor open = { .type = types != NULL ? types[i] : TENSOR_OPEN };
		outs[i] = add_tensor(b, &open);
	}
	build_outputs(b, op, inputs, count, options, outs, out_count);
}

/* An operator of one input and one output that is described already. */
static int32_t build_into(struct build *b, const char *op, int32_t input, const struct tensor *like,
			  const union options *options)
{
	int32_t out = add_tensor(b, like);

	build_outputs(b, op, &input, 1, options, &out, 1);
	return out;
}

static bool moves_values(const char *op)
{
	static const char *const names[] = { "TRANSPOSE",      "RESHAPE",      "SQUEEZE",
					     "EXPAND_DIMS",    "MAX_POOL_2D",  "STRIDED_SLICE",
					     "SLICE",	       "GATHER",       "DEPTH_TO_SPACE",
					     "SPACE_TO_DEPTH", "BROADCAST_TO", "TILE" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(op, names[i]) == 0)
			return true;
	return false;
}

static void build_outputs(struct build *b, const char *op, const int32_t *inputs, size_t count,
			  const union options *options, const int32_t *outs, size_t out_count)
{
	struct tensor *in[MOST_INPUTS], *out[MOST_INPUTS];
	struct node n = { .name = b->node->type,
			  .label = b->node->name[0] != '\0' ? b->node->name : NULL,
			  .number = b->node->number,
			  .op = op_find(op),
			  .input_count = (uint32_t)count,
			  .output_count = (uint32_t)out_count };

	if (count > MOST_INPUTS || out_count > MOST_INPUTS)
		build_fail(b, -EOPNOTSUPP, "more than %d inputs or outputs", MOST_INPUTS);
	n.inputs = copy_indices(b, inputs, count);
	n.outputs = copy_indices(b, outs, out_count);
	if (options != NULL)
		n.options = *options;
	if (b->rc < 0 || n.inputs == NULL || n.outputs == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		in[i] = inputs[i] < 0 ? NULL : b->parts->tensors[inputs[i]];
	for (size_t i = 0; i < out_count; i++)
		out[i] = b->parts->tensors[outs[i]];
	if (moves_values(op) && out[0]->quant.count == 0)
		out[0]->quant = in[0]->quant; /* the scale goes with the values */
	if (out[0]->quant.count > 0)
		n.rounding = ROUND_ONNX;
	struct node *kept = arena_alloc(b->memory, 1, sizeof(*kept)); /* plan() may look at it */
	if (kept == NULL) {
		build_fail(b, -ENOMEM, "no memory");
		return;
	}
	*kept = n;
	struct op_node o = { .op = n.op,
			     .node = kept,
			     .input_count = n.input_count,
			     .output_count = n.output_count,
			     .inputs = in,
			     .outputs = out };
	put_down(b, &o, &n);
}

int32_t build_lazy(struct build *b, int32_t quantized, float low, float high)
{
	struct tensor t = { .type = TENSOR_FLOAT32, .shape = build_tensor(b, quantized)->shape };
	int32_t lazy = add_tensor(b, &t);

	*build_fact(b, lazy) = (struct fact){ quantized, true, low, high };
	return lazy;
}

int32_t build_force(struct build *b, int32_t t)
{
	struct fact *fact = t < 0 ? NULL : build_fact(b, t);

	if (fact == NULL || !fact->lazy)
		return t;
	fact->lazy = false;
	union options o = { .quantize = { ROUND_ONNX, 0 } };
	build_outputs(b, "DEQUANTIZE", &fact->quantized, 1, &o, &t, 1);
	return t;
}

int32_t build_op_typed(struct build *b, const char *op, const int32_t *inputs, size_t count,
		       const union options *options, enum tensor_type type)
{
	int32_t out = 0;

	build_op_many(b, op, inputs, count, options, &type, &out, 1);
	return out;
}

int32_t build_op(struct build *b, const char *op, const int32_t *inputs, size_t count,
		 const union options *options)
{
	return build_op_typed(b, op, inputs, count, options, TENSOR_OPEN);
}

int32_t build_one(struct build *b, const char *op, int32_t input)
{
	return build_op(b, op, &input, 1, NULL);
}

int32_t build_two(struct build *b, const char *op, int32_t x, int32_t y)
{
	return build_op(b, op, (int32_t[]){ x, y }, 2, NULL);
}

int32_t build_transpose(struct build *b, int32_t t, const int *order, int rank)
{
	int64_t values[SHAPE_MOST_RANK];
	bool moves = false;

	for (int d = 0; d < rank; d++) {
		values[d] = order[d];
		moves |= order[d] != d;
	}
	if (!moves)
		return t;
	return build_two(b, "TRANSPOSE", t, build_ints(b, values, (size_t)rank));
}

int32_t build_reshape(struct build *b, int32_t t, const struct shape *s)
{
	union options o = { .reshape = { *s, true } };

	return shape_equal(&build_tensor(b, t)->shape, s) ? t : build_op(b, "RESHAPE", &t, 1, &o);
}

int32_t build_cast(struct build *b, int32_t t, enum tensor_type type)
{
	return build_tensor(b, t)->type == type ? t : build_op_typed(b, "CAST", &t, 1, NULL, type);
}

int32_t build_reduce(struct build *b, const char *op, int32_t t, const int64_t *axes, size_t count,
		     bool keep_dims)
{
	union options o = { .reduce = { keep_dims } };

	return build_op(b, op, (int32_t[]){ t, build_ints(b, axes, count) }, 2, &o);
}

/* ---- attributes ---- */

static const struct onnx_attribute *find_attribute(const struct onnx_attribute *list, size_t count,
						   const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

/* Inside of a function an attribute may refer to one of the call, or to the function's default. */
const struct onnx_attribute *attribute(struct build *b, const char *name)
{
	const struct onnx_attribute *a =
		find_attribute(b->node->attributes, b->node->attribute_count, name);

	if (a == NULL || a->reference == NULL || a->reference[0] == '\0')
		return a;
	const struct onnx_attribute *given =
		b->caller == NULL ? NULL
				  : find_attribute(b->caller->attributes,
						   b->caller->attribute_count, a->reference);
	if (given == NULL && b->function != NULL)
		given = find_attribute(b->function->defaults, b->function->default_count,
				       a->reference);
	return given != NULL && (given->reference == NULL || given->reference[0] == '\0') ? given
											  : NULL;
}

int64_t attribute_int(struct build *b, const char *name, int64_t fallback)
{
	const struct onnx_attribute *a = attribute(b, name);

	return a != NULL ? a->i : fallback;
}

float attribute_float(struct build *b, const char *name, float fallback)
{
	const struct onnx_attribute *a = attribute(b, name);

	return a != NULL ? a->f : fallback;
}

const char *attribute_text(struct build *b, const char *name, const char *fallback)
{
	const struct onnx_attribute *a = attribute(b, name);

	return a != NULL ? a->s : fallback;
}

size_t attribute_ints(struct build *b, const char *name, int64_t *out, size_t limit)
{
	const struct onnx_attribute *a = attribute(b, name);

	if (a == NULL)
		return 0;
	if (a->int_count > limit)
		build_fail(b, -EOPNOTSUPP, "%s has %zu values (at most %zu)", name, a->int_count,
			   limit);
	size_t count = a->int_count < limit ? a->int_count : limit;
	for (size_t i = 0; i < count; i++)
		out[i] = a->ints[i];
	return count;
}

/* ---- constants ---- */

static int32_t add_constant(struct build *b, enum tensor_type type, const struct shape *s,
			    const void *values)
{
	size_t bytes = tensor_type_bytes(type) * (s->rank == 0 ? 1 : shape_elements(s));
	struct tensor t = { .type = type, .shape = *s, .constant = true, .bytes = bytes };

	t.data = arena_alloc(b->memory, 1, bytes);
	if (t.data == NULL)
		build_fail(b, -ENOMEM, "no memory");
	else if (bytes > 0)
		memcpy(t.data, values, bytes);
	return add_tensor(b, &t);
}

int32_t build_ints(struct build *b, const int64_t *values, size_t count)
{
	return add_constant(b, TENSOR_INT64, &(struct shape){ 1, { (int32_t)count } }, values);
}

int32_t build_int(struct build *b, int64_t value)
{
	return add_constant(b, TENSOR_INT64, &(struct shape){ 0 }, &value);
}

int32_t build_float(struct build *b, float value)
{
	return add_constant(b, TENSOR_FLOAT32, &(struct shape){ 0 }, &value);
}

int32_t build_onnx_tensor(struct build *b, const struct onnx_tensor *t)
{
	struct tensor tensor;

	return onnx_read_tensor(b, t, &tensor) ? add_tensor(b, &tensor) : 0;
}

bool build_read_ints(struct build *b, int32_t t, const char *what, int64_t *out, size_t limit,
		     size_t *count)
{
	const struct tensor *tensor = build_tensor(b, t);

	*count = 0;
	if (t < 0 || !tensor->constant) {
		build_fail(b, -EOPNOTSUPP, "%s is computed (a constant)", what);
		return false;
	}
	size_t elements = tensor_elements(tensor);
	if (elements > limit) {
		build_fail(b, -EOPNOTSUPP, "%s has %zu values (at most %zu)", what, elements,
			   limit);
		return false;
	}
	for (size_t i = 0; i < elements; i++)
		out[i] = tensor_int(tensor, i);
	*count = elements;
	return true;
}

int32_t build_quantized(struct build *b, int32_t t, int32_t scale, int32_t zero_point, int axis)
{
	const struct tensor *s = build_tensor(b, scale),
			    *z = zero_point < 0 ? NULL : build_tensor(b, zero_point);
	struct tensor copy = *build_tensor(b, t);
	size_t count = tensor_elements(s);
	float *scales = arena_alloc(b->memory, count, sizeof(*scales));
	int32_t *zeros = arena_alloc(b->memory, count, sizeof(*zeros));

	if (scales == NULL || zeros == NULL) {
		build_fail(b, -ENOMEM, "no memory");
		return 0;
	}
	if (z != NULL && tensor_elements(z) != count)
		build_fail(b, -EBADMSG, "%zu scales and %zu zero points", count,
			   tensor_elements(z));
	for (size_t i = 0; b->rc == 0 && i < count; i++) {
		scales[i] = (float)tensor_float(s, i);
		zeros[i] = z == NULL ? 0 : (int32_t)tensor_int(z, i);
	}
	copy.quant = (struct quant){ count, scales, zeros, axis };
	if (copy.constant)
		return add_tensor(b, &copy);
	/* Another tensor with the same data: IDENTITY is none once the graph is laid out. */
	return build_into(b, "IDENTITY", t, &copy, NULL);
}

int32_t build_quantize(struct build *b, int32_t x, int32_t scale, int32_t zero_point,
		       enum tensor_type type, const union options *options)
{
	return build_integer(b, "QUANTIZE", &x, 1, options, scale, zero_point, type);
}

int32_t build_integer(struct build *b, const char *op, const int32_t *inputs, size_t count,
		      const union options *options, int32_t scale, int32_t zero_point,
		      enum tensor_type type)
{
	float *scales = arena_alloc(b->memory, 1, sizeof(*scales));
	int32_t *zeros = arena_alloc(b->memory, 1, sizeof(*zeros));
	struct tensor t = { .type = type };

	if (scales == NULL || zeros == NULL) {
		build_fail(b, -ENOMEM, "no memory");
		return 0;
	}
	scales[0] = (float)tensor_float(build_tensor(b, scale), 0);
	zeros[0] = zero_point < 0 ? 0 : (int32_t)tensor_int(build_tensor(b, zero_point), 0);
	t.quant = (struct quant){ 1, scales, zeros, 0 };
	int32_t out = add_tensor(b, &t);
	build_outputs(b, op, inputs, count, options, &out, 1);
	return out;
}

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

static void convert_nodes(struct build *b, const struct onnx_node *nodes, size_t count);

/* A function's nodes see its inputs and nothing else. */
static void convert_call(struct build *b, const struct onnx_function *fn)
{
	const struct onnx_node *call = b->node, *caller = b->caller;
	const struct onnx_function *function = b->function;
	struct scope *outside = b->scope, *inside = open_scope(b, NULL);

	if (++b->depth > ONNX_MOST_DEPTH)
		build_fail(b, -EOPNOTSUPP, "functions call each other more than %d deep",
			   ONNX_MOST_DEPTH);
	for (size_t i = 0; b->rc == 0 && i < fn->input_count; i++) {
		int32_t t = build_in(b, i);
		b->scope = inside;
		if (t >= 0)
			set_name(b, fn->inputs[i], t);
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
		int32_t t = build_force(b, find_name(b, fn->outputs[i]));
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
	int32_t moved = find_name(b, b->node->outputs[0]);
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
		if (n->inputs[i][0] != '\0' && find_in(b, b->scope, n->inputs[i]) < 0)
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

/* Nodes should stand in an order in which they can run; some tools do not keep it. One that is not
 * ready waits for the next round; a round that gets no further takes the first and says why. */
static void convert_all(struct build *b, const struct onnx_node *nodes, size_t count)
{
	bool *done = arena_alloc(b->memory, count, sizeof(bool));
	size_t left = count, rounds = 0;

	if (done == NULL)
		build_fail(b, -ENOMEM, "no memory");
	while (b->rc == 0 && left > 0) {
		size_t before = left;
		for (size_t i = 0; b->rc == 0 && i < count; i++) {
			if (done[i] || !is_ready(b, &nodes[i]))
				continue;
			convert_named(b, &nodes[i]);
			done[i] = true;
			left--;
		}
		for (size_t i = 0;
		     b->rc == 0 && (left == before || ++rounds > MOST_ROUNDS) && i < count; i++)
			if (!done[i])
				convert_named(b, &nodes[i]);
	}
}

static void convert_nodes(struct build *b, const struct onnx_node *nodes, size_t count)
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
		set_name(b, g->initializers[i].name, build_onnx_tensor(b, &g->initializers[i]));
		if (b->rc < 0)
			fault_prefix(b->fault, "initializer '%.80s'", g->initializers[i].name);
	}
}

static void convert_graph(struct build *b, const struct onnx_graph *g, int32_t *outs, size_t count)
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
		outs[i] = b->rc == 0 ? build_force(b, find_name(b, g->outputs[i].name)) : 0;
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

	b->scope = open_scope(b, outside);
	for (size_t i = 0; b->rc == 0 && i < input_count && i < g->input_count; i++)
		if (inputs[i] >= 0)
			set_name(b, g->inputs[i].name, inputs[i]);
	if (b->rc == 0)
		convert_graph(b, g, outs, count);
	b->scope = outside;
	b->node = node;
}

/* Nodes that nothing asks for are left out: shapes were computed by them. */
static size_t drop_unused(struct build *b, const int32_t *outputs, size_t output_count)
{
	struct parts *p = b->parts;
	bool *used = arena_alloc(b->memory, p->tensor_count, sizeof(bool));
	size_t kept = p->node_count;

	if (used == NULL) {
		build_fail(b, -ENOMEM, "no memory");
		return 0;
	}
	for (size_t i = 0; i < output_count; i++)
		used[outputs[i]] = true;
	for (size_t i = p->node_count; i-- > 0;) {
		const struct node *n = &p->nodes[i];
		bool wanted = n->op->keeps_state;
		for (uint32_t k = 0; k < n->output_count; k++)
			wanted |= n->outputs[k] >= 0 && used[n->outputs[k]];
		for (uint32_t k = 0; wanted && k < n->input_count; k++)
			if (n->inputs[k] >= 0)
				used[n->inputs[k]] = true;
		if (wanted)
			p->nodes[--kept] = *n;
	}
	return kept;
}

static void close_parts(struct build *b, struct subgraph *s, const int32_t *inputs,
			size_t input_count, const int32_t *outputs, size_t output_count)
{
	struct parts *p = b->parts;
	size_t first = drop_unused(b, outputs, output_count);

	s->inputs = copy_indices(b, inputs, input_count);
	s->outputs = copy_indices(b, outputs, output_count);
	s->tensors = arena_alloc(b->memory, p->tensor_count, sizeof(s->tensors[0]));
	if (b->rc < 0 || s->tensors == NULL) {
		build_fail(b, -ENOMEM, "no memory");
		return;
	}
	for (size_t i = 0; i < p->tensor_count; i++)
		s->tensors[i] = *p->tensors[i];
	s->tensor_count = p->tensor_count;
	s->nodes = p->nodes == NULL ? NULL : p->nodes + first;
	s->node_count = p->node_count - first;
	s->input_count = input_count;
	s->output_count = output_count;
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
	struct parts *inside = open_parts(b, outside);
	if (inside == NULL)
		return 0;
	b->parts = inside;
	b->scope = open_scope(b, scope);
	if (b->rc == 0)
		convert_graph(b, g, outputs, out_count);
	if (inside->capture_count > limit)
		build_fail(b, -EOPNOTSUPP, "a branch takes more than %zu tensors", limit);
	if (b->rc == 0) {
		close_parts(b, &b->graph->subgraphs[number], inside->capture_inputs,
			    inside->capture_count, outputs, out_count);
		memcpy(captures, inside->captures, inside->capture_count * sizeof(int32_t));
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
		outputs[i] = add_tensor(b, &t);
		build_out(b, i, outputs[i]);
	}
	n.input_count = (uint32_t)count + 1;
	n.output_count = (uint32_t)out_count;
	n.inputs = copy_indices(b, inputs, count + 1);
	n.outputs = copy_indices(b, outputs, out_count);
	struct parts *p = b->parts;
	p->nodes = grow(b, p->nodes, p->node_count, &p->node_limit, sizeof(p->nodes[0]));
	if (b->rc == 0)
		p->nodes[p->node_count++] = n;
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
	return add_tensor(b, &t);
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
		set_name(b, tensors[i]->name,
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
	b->parts = open_parts(b, NULL);
	if (b->parts == NULL)
		return b->rc;
	b->scope = open_scope(b, NULL);
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
		close_parts(b, &b->graph->subgraphs[0], inputs, input_count, outputs,
			    g->output_count);
	b->graph->subgraphs[0].name = g->name;
	for (size_t i = 0; b->rc == 0 && i < b->graph->subgraph_count; i++)
		b->rc = graph_check_order(&b->graph->subgraphs[i], b->fault);
	return b->rc;
}
