/* vectors.h - reads tests/image/vectors.txt, whose lines make_vectors.py explains. */
#ifndef EDGED_TESTS_IMAGE_VECTORS_H
#define EDGED_TESTS_IMAGE_VECTORS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VECTOR_WORDS = 8 };

struct vector {
	char *words[VECTOR_WORDS];
	size_t count;
};

struct vectors; /* layout private to vectors.c */

struct vectors *vectors_open(void);
bool vectors_next(struct vectors *v, struct vector *out);
void vectors_free(struct vectors *v);

/* The bytes that a word of hexadecimal digits says; ends with free(). */
uint8_t *vector_bytes(const char *word, size_t *count);
#endif
