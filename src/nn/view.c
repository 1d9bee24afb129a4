/* view.c - the elements of a tensor in another order. */
#include "nn/view.h"

#include <string.h>

void view_add(struct view *v, int32_t count, int64_t stride)
{
	v->count[v->rank] = count;
	v->stride[v->rank] = stride;
	v->rank++;
}

/* The last dimensions whose elements lie one behind the other, as one run of them. */
static size_t run_length(const struct view *v, int *outer)
{
	int64_t length = 1;
	int d = v->rank;

	while (d > 0 && (v->stride[d - 1] == length || v->count[d - 1] == 1))
		length *= v->count[--d];
	*outer = d;
	return (size_t)length;
}

/* Calls of memcpy with a length that the compiler knows become one move. */
static void move(char *to, const char *from, size_t bytes)
{
	switch (bytes) {
	case 1: *to = *from; break;
	case 2: memcpy(to, from, 2); break;
	case 4: memcpy(to, from, 4); break;
	case 8: memcpy(to, from, 8); break;
	default: memcpy(to, from, bytes); break;
	}
}

/* `block` runs straight, `scattered` by the view. */
static void walk(const struct view *v, char *block, char *scattered, size_t bytes, int to_view)
{
	int32_t place[VIEW_MOST_RANK] = { 0 };
	int outer;
	size_t run = run_length(v, &outer) * bytes;
	int64_t at = v->offset;

	for (;;) {
		char *there = scattered + at * (int64_t)bytes;
		if (to_view)
			move(there, block, run);
		else
			move(block, there, run);
		block += run;
		int d = outer - 1;
		for (; d >= 0; d--) {
			at += v->stride[d];
			if (++place[d] < v->count[d])
				break;
			at -= v->stride[d] * v->count[d];
			place[d] = 0;
		}
		if (d < 0)
			return;
	}
}

void view_read(const struct view *v, const void *from, void *to, size_t bytes)
{
	walk(v, to, (char *)from, bytes, 0);
}

void view_write(const struct view *v, const void *from, void *to, size_t bytes)
{
	walk(v, (char *)from, to, bytes, 1);
}
