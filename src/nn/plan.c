/* plan.c - places in one arena for buffers that live only part of the time. */
#include "nn/plan.h"

#include <stdbool.h>
#include <stdlib.h>

enum { ALIGNMENT = 64 };

static size_t aligned(size_t bytes)
{
	return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool meet(const struct plan_buffer *a, const struct plan_buffer *b)
{
	return a->first <= b->last && b->first <= a->last;
}

/* Largest first; of equal ones the one that comes first: the same plan on every machine. */
static int by_size(const void *a, const void *b, void *context)
{
	const struct plan_buffer *buffers = context;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	if (buffers[x].bytes != buffers[y].bytes)
		return buffers[x].bytes < buffers[y].bytes ? 1 : -1;
	return x > y ? 1 : -1;
}

/* The lowest offset that collides with none of the buffers placed so far, which come in the order
 * of their offsets. */
static size_t lowest_place(const struct plan_buffer *buffers, const size_t *placed, size_t count,
			   const struct plan_buffer *b)
{
	size_t offset = 0;

	for (size_t i = 0; i < count; i++) {
		const struct plan_buffer *other = &buffers[placed[i]];
		if (!meet(b, other))
			continue;
		if (other->offset >= offset + aligned(b->bytes))
			break;
		if (other->offset + aligned(other->bytes) > offset)
			offset = other->offset + aligned(other->bytes);
	}
	return offset;
}

static void insert(const struct plan_buffer *buffers, size_t *placed, size_t count, size_t number)
{
	size_t i = count;

	for (; i > 0 && buffers[placed[i - 1]].offset > buffers[number].offset; i--)
		placed[i] = placed[i - 1];
	placed[i] = number;
}

size_t plan_place(struct plan_buffer *buffers, size_t count, size_t *room)
{
	size_t *order = room, *placed = room + count, placed_count = 0, whole = 0;

	for (size_t i = 0; i < count; i++)
		order[i] = i;
	qsort_r(order, count, sizeof(order[0]), by_size, buffers);
	for (size_t i = 0; i < count; i++) {
		struct plan_buffer *b = &buffers[order[i]];
		b->offset = 0;
		if (b->bytes == 0)
			continue;
		b->offset = lowest_place(buffers, placed, placed_count, b);
		insert(buffers, placed, placed_count++, order[i]);
		if (b->offset + aligned(b->bytes) > whole)
			whole = b->offset + aligned(b->bytes);
	}
	return whole;
}
