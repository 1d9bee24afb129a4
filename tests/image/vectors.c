/* vectors.c - reads tests/image/vectors.txt. */
#include "tests/image/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vectors {
	FILE *file;
	char *line;
	size_t size;
};

struct vectors *vectors_open(void)
{
	struct vectors *v = calloc(1, sizeof(*v));
	const char *folder = getenv("srcdir");
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/image/vectors.txt", folder == NULL ? "." : folder);
	v->file = fopen(path, "r");
	if (v->file == NULL) {
		perror(path);
		abort();
	}
	return v;
}

bool vectors_next(struct vectors *v, struct vector *out)
{
	*out = (struct vector){ 0 };
	if (getline(&v->line, &v->size, v->file) <= 0)
		return false;
	for (char *word = strtok(v->line, " \n"); word != NULL && out->count < VECTOR_WORDS;
	     word = strtok(NULL, " \n"))
		out->words[out->count++] = word;
	return true;
}

void vectors_free(struct vectors *v)
{
	fclose(v->file);
	free(v->line);
	free(v);
}

uint8_t *vector_bytes(const char *word, size_t *count)
{
	uint8_t *out = malloc(strlen(word) / 2 + 1);
	unsigned byte;

	for (*count = 0; sscanf(word + *count * 2, "%2x", &byte) == 1; ++*count)
		out[*count] = (uint8_t)byte;
	return out;
}
