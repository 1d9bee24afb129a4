/* arena.h - memory that is taken while something opens and given back all at once. */
#ifndef EDGED_BASE_ARENA_H
#define EDGED_BASE_ARENA_H
#include <stddef.h>

#include "base/cleanup.h"

struct arena; /* layout private to arena.c */

struct arena *arena_create(void); /* NULL: no memory */
void arena_free(struct arena *a); /* NULL is fine; everything taken from it is gone */
AUTO_DEFINE(arena)

/* Zeroed bytes, aligned to 64 (a cache line, the widest vector); NULL: no memory, or the product
 * of count and size does not fit. Pointers stay valid until arena_free(). */
void *arena_alloc(struct arena *a, size_t count, size_t size);
char *arena_strdup(struct arena *a, const char *text);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

size_t arena_bytes(const struct arena *a); /* handed out so far, for --check-config */
#endif
