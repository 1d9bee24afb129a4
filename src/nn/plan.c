/* plan.c - places in one arena for buffers that live only part of the time. */
#include "nn/plan.h"

#include <stdbool.h>

enum { ALIGNMENT = 64 };

static size_t aligned(size_t bytes)
{
	return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Largest first; of equal ones the one that comes first: the same plan on every machine. */
static void sort(const struct plan_buffer *buffers, size_t count, size_t *order)
{
	for (size_t i = 0; i < count; i++) {
		size_t j = i;
		for (; j > 0 && buffers[order[j - 1]].bytes < buffers[i].bytes; j--)
			order[j] = order[j - 1];
		order[j] = i;
	}
}

static bool meet(const struct plan_buffer *a, const struct plan_buffer *b)
{
	return a->first <= b->last && b->first <= a->last;
}

/* The lowest offset that collides with none of the buffers placed so far: each collision moves it
 * behind the one it hit, until there is none. */
static size_t lowest_place(const struct plan_buffer *buffers, const size_t *order, size_t placed,
			   const struct plan_buffer *b)
{
	size_t offset = 0;
	bool moved = true;

	while (moved) {
		moved = false;
		for (size_t i = 0; i < placed; i++) {
			const struct plan_buffer *other = &buffers[order[i]];
			if (meet(b, other) && offset < other->offset + aligned(other->bytes) &&
			    other->offset < offset + aligned(b->bytes)) {
				offset = other->offset + aligned(other->bytes);
				moved = true;
			}
		}
	}
	return offset;
}

size_t plan_place(struct plan_buffer *buffers, size_t count, size_t *order)
{
	size_t whole = 0;

	sort(buffers, count, order);
	for (size_t i = 0; i < count; i++) {
		struct plan_buffer *b = &buffers[order[i]];
		b->offset = lowest_place(buffers, order, i, b);
		if (b->offset + aligned(b->bytes) > whole)
			whole = b->offset + aligned(b->bytes);
	}
	return whole;
}
