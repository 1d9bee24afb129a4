/* top.c - the few best of many scores. */
#include "process/top.h"

size_t top_labels(const float *scores, size_t labels, size_t most, size_t *out)
{
	size_t count = 0;

	for (size_t i = 0; i < labels; i++) {
		size_t place = count;
		while (place > 0 && scores[i] > scores[out[place - 1]])
			place--;
		if (place == most)
			continue;
		count += count < most;
		for (size_t k = count - 1; k > place; k--)
			out[k] = out[k - 1];
		out[place] = i;
	}
	return count;
}
