/* arena.c - memory that is taken while something opens and given back all at once. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, CHUNK_BYTES = 32768 };

/* A chunk's own head fills one alignment step, so that its payload is aligned too. */
struct chunk {
	_Alignas(ALIGNMENT) struct chunk *next;
	size_t size, used;
};

struct arena {
	struct chunk *chunks; /* the newest first */
	size_t bytes;
};

struct arena *arena_create(void)
{
	return calloc(1, sizeof(struct arena));
}

void arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	while (a->chunks != NULL) {
		struct chunk *next = a->chunks->next;
		free(a->chunks);
		a->chunks = next;
	}
	free(a);
}

static struct chunk *chunk_create(size_t payload)
{
	size_t size = payload > CHUNK_BYTES ? payload : CHUNK_BYTES;
	struct chunk *c = aligned_alloc(ALIGNMENT, sizeof(*c) + size);

	if (c == NULL)
		return NULL;
	memset(c, 0, sizeof(*c) + size);
	c->size = size;
	return c;
}

void *arena_alloc(struct arena *a, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2)
		return NULL;
	bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (bytes == 0)
		bytes = ALIGNMENT; /* an empty array still has an address */

	struct chunk *c = a->chunks;
	if (c == NULL || c->size - c->used < bytes) {
		c = chunk_create(bytes);
		if (c == NULL)
			return NULL;
		c->next = a->chunks;
		a->chunks = c;
	}
	void *p = (char *)(c + 1) + c->used;
	c->used += bytes;
	a->bytes += bytes;
	return p;
}

char *arena_strdup(struct arena *a, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = arena_alloc(a, 1, size);

	return copy == NULL ? NULL : memcpy(copy, text, size);
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *text = length < 0 ? NULL : arena_alloc(a, 1, (size_t)length + 1);
	if (text != NULL)
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

size_t arena_bytes(const struct arena *a)
{
	return a->bytes;
}
