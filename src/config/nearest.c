/* nearest.c - the known name that a misspelt one was meant to be. */
#include <string.h>

#include "config/schema.h"

enum { LONGEST = 40, FARTHEST = 2 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment distance: insertions, deletions, substitutions and swaps of
 * neighbours. */
static unsigned distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned rows[3][LONGEST + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2];

	for (size_t j = 0; j <= m; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			now[j] = least(least(last[j] + 1, now[j - 1] + 1),
				       last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
		unsigned *oldest = before;
		before = last;
		last = now;
		now = oldest;
	}
	return last[m];
}

void nearest_offer(struct nearest *n, const char *wanted, const char *candidate)
{
	size_t length = strlen(wanted), other = strlen(candidate);

	if (length > LONGEST || other > LONGEST)
		return;
	unsigned d = distance(wanted, length, candidate, other);
	if (d > FARTHEST || d >= length || (n->name != NULL && d >= n->distance))
		return;
	*n = (struct nearest){ candidate, d };
}
