/* finding.h - what is wrong in a configuration, with the place where it stands. */
#ifndef EDGED_CONFIG_FINDING_H
#define EDGED_CONFIG_FINDING_H
#include <stddef.h>

#include "base/arena.h"

/* A place in a file; line and column count from 1, columns in characters. */
struct mark {
	const char *file;
	unsigned line, column;
};

/* The way from the document's root to a value, built on the stack while walking down. */
struct path {
	const struct path *parent; /* NULL: the root */
	const char *key;	   /* NULL: an element of a sequence */
	size_t index;
};

struct finding {
	struct mark at;
	const char *path; /* "inputs.microphone.alsa.rate", or "" for the whole file */
	const char *text; /* what is wrong (what is accepted) */
};

enum { FINDINGS_MOST = 50 }; /* further ones are only counted */

struct findings {
	struct arena *memory; /* borrowed; holds the texts */
	size_t count;	      /* all that were found, also beyond the list */
	struct finding list[FINDINGS_MOST];
};

void finding_add(struct findings *fs, struct mark at, const struct path *path, const char *format,
		 ...) __attribute__((format(printf, 4, 5)));

/* In the order of files and lines; to be called once, before they are printed. */
void findings_sort(struct findings *fs);

/* "file:line:column: key.path: text" into out; gives out back. */
const char *finding_line(const struct finding *f, char *out, size_t size);
#endif
