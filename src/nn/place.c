/* place.c - where the activations of a part lie. */
#include <errno.h>

#include "nn/part.h"
#include "nn/plan.h"

/* For each tensor of a part: its buffer, or none. An output that keeps its input's data shares
 * it. */
struct layout {
	struct plan_buffer *buffers; /* [tensors + nodes]: activations, then scratch */
	int32_t *root;		     /* [tensors]: whose buffer it uses */
	size_t *order;
};

static bool has_buffer(const struct tensor *t)
{
	return !t->constant && !t->variable && t->type != TENSOR_RESOURCE;
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
	for (size_t i = 0; i < p->tensor_count; i++)
		l->root[i] = (int32_t)i;
	for (size_t i = 0; i < p->node_count; i++) {
		const struct op_node *o = &p->nodes[i];
		if (o->op->keeps_data && has_buffer(o->inputs[0]))
			l->root[tensor_index(p, o->outputs[0])] =
				l->root[tensor_index(p, o->inputs[0])];
	}
}

/* Step 0 is before the first node, so inputs are alive from there; outputs stay to the end. */
static void find_lives(const struct layout *l, const struct part *p)
{
	size_t end = p->node_count + 1;

	for (size_t i = 0; i < p->from->input_count; i++)
		touch(l, p, p->inputs[i], 0);
	for (size_t i = 0; i < p->node_count; i++) {
		const struct op_node *o = &p->nodes[i];
		for (uint32_t k = 0; k < o->input_count; k++)
			touch(l, p, o->inputs[k], i + 1);
		for (uint32_t k = 0; k < o->output_count; k++)
			touch(l, p, o->outputs[k], i + 1);
		l->buffers[p->tensor_count + i] = (struct plan_buffer){ .bytes = o->scratch_bytes,
									.first = i + 1,
									.last = i + 1 };
	}
	for (size_t i = 0; i < p->from->output_count; i++)
		touch(l, p, p->outputs[i], end);
}

static void give_places(const struct layout *l, struct part *p)
{
	for (size_t i = 0; i < p->tensor_count; i++) {
		struct tensor *t = &p->tensors[i];
		if (!has_buffer(t))
			continue;
		t->data = (char *)p->arena + l->buffers[l->root[i]].offset;
		t->bytes = tensor_bytes(t->type, &t->shape);
	}
	for (size_t i = 0; i < p->node_count; i++) {
		struct op_node *o = &p->nodes[i];
		o->scratch = (char *)p->arena + l->buffers[p->tensor_count + i].offset;
	}
}

int part_place(struct part *p, struct arena *memory, struct fault *f)
{
	size_t count = p->tensor_count + p->node_count;
	AUTO(arena) struct arena *temporary = arena_create();
	struct layout l = { 0 };

	if (temporary == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	l.buffers = arena_alloc(temporary, count, sizeof(l.buffers[0]));
	l.root = arena_alloc(temporary, p->tensor_count, sizeof(l.root[0]));
	l.order = arena_alloc(temporary, 2 * count, sizeof(l.order[0]));
	if (l.buffers == NULL || l.root == NULL || l.order == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	share_buffers(&l, p);
	find_lives(&l, p);
	p->arena_bytes = plan_place(l.buffers, count, l.order);
	p->arena = arena_alloc(memory, 1, p->arena_bytes);
	if (p->arena == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	give_places(&l, p);
	return 0;
}
