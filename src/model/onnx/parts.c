/* parts.c - a subgraph that grows, and the names of its tensors. */
#include "model/onnx/parts.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "nn/op.h"

/* ---- tensors and nodes ---- */

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

int32_t parts_add_tensor(struct build *b, const struct tensor *like)
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
struct parts *parts_open(struct build *b, struct parts *outer)
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
	parts_add_tensor(b, &nothing);
	b->parts = before;
	return p;
}

void parts_add_node(struct build *b, const struct node *n)
{
	struct parts *p = b->parts;

	p->nodes = grow(b, p->nodes, p->node_count, &p->node_limit, sizeof(p->nodes[0]));
	if (b->rc == 0)
		p->nodes[p->node_count++] = *n;
}

int32_t *parts_copy_indices(struct build *b, const int32_t *from, size_t count)
{
	int32_t *copy = arena_alloc(b->memory, count, sizeof(*copy));

	if (copy == NULL)
		build_fail(b, -ENOMEM, "no memory");
	else if (count > 0)
		memcpy(copy, from, count * sizeof(*copy));
	return copy;
}

void parts_close(struct build *b, struct subgraph *s, const int32_t *inputs, size_t input_count,
		 const int32_t *outputs, size_t output_count)
{
	struct parts *p = b->parts;

	s->inputs = parts_copy_indices(b, inputs, input_count);
	s->outputs = parts_copy_indices(b, outputs, output_count);
	s->tensors = arena_alloc(b->memory, p->tensor_count, sizeof(s->tensors[0]));
	if (b->rc < 0 || s->tensors == NULL) {
		build_fail(b, -ENOMEM, "no memory");
		return;
	}
	for (size_t i = 0; i < p->tensor_count; i++)
		s->tensors[i] = *p->tensors[i];
	s->tensor_count = p->tensor_count;
	s->nodes = p->nodes;
	s->node_count = p->node_count;
	s->input_count = input_count;
	s->output_count = output_count;
	b->rc = graph_drop_unused(s, b->fault);
}

/* ---- names ---- */

static unsigned hash(const char *text)
{
	unsigned h = 2166136261u; /* FNV-1a */

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 16777619u;
	return h % SCOPE_BUCKETS;
}

struct scope *scope_open(struct build *b, struct scope *outer)
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

void scope_set(struct build *b, const char *text, int32_t tensor)
{
	struct name *n = arena_alloc(b->memory, 1, sizeof(*n));

	if (n == NULL || b->scope == NULL) {
		build_fail(b, -ENOMEM, "no memory");
		return;
	}
	*n = (struct name){ text, tensor, b->scope->buckets[hash(text)] };
	b->scope->buckets[hash(text)] = n;
}

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
		return parts_add_tensor(b, &like);
	int32_t inside = parts_add_tensor(b, &like);
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

int32_t scope_find(struct build *b, const char *text)
{
	return find_in(b, b->scope, text);
}

int32_t scope_need(struct build *b, const char *text)
{
	int32_t t = scope_find(b, text);

	if (t < 0)
		build_fail(b, -EBADMSG, "damaged: nothing has written '%.80s'", text);
	return t < 0 ? 0 : t;
}
