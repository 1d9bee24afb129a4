/* suppress.c - non-maximum suppression: of boxes that overlap, the one with the best score. */
#include "nn/ops/suppress.h"

#include <math.h>
#include <stdlib.h>

float box_overlap(const struct box *a, const struct box *b)
{
	float area_a = (a->y1 - a->y0) * (a->x1 - a->x0),
	      area_b = (b->y1 - b->y0) * (b->x1 - b->x0);
	float height = fminf(a->y1, b->y1) - fmaxf(a->y0, b->y0);
	float width = fminf(a->x1, b->x1) - fmaxf(a->x0, b->x0);

	if (!(area_a > 0) || !(area_b > 0))
		return 0;
	float common = fmaxf(height, 0) * fmaxf(width, 0);
	return common / (area_a + area_b - common);
}

static int by_score(const void *a, const void *b, void *context)
{
	const float *scores = context;
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	if (scores[x] != scores[y])
		return scores[x] < scores[y] ? 1 : -1;
	return x > y ? 1 : -1;
}

static bool is_covered(const struct box *boxes, int32_t candidate, const int32_t *kept,
		       size_t count, float most_overlap)
{
	for (size_t i = 0; i < count; i++)
		if (box_overlap(&boxes[kept[i]], &boxes[candidate]) > most_overlap)
			return true;
	return false;
}

size_t suppress(const struct box *boxes, const float *scores, size_t count,
		const struct suppression *s, int32_t *order, int32_t *kept)
{
	size_t candidates = 0, found = 0;

	for (size_t i = 0; i < count; i++)
		if (s->above_only ? scores[i] > s->least_score : scores[i] >= s->least_score)
			order[candidates++] = (int32_t)i;
	qsort_r(order, candidates, sizeof(order[0]), by_score, (void *)scores);
	for (size_t i = 0; i < candidates && found < s->most; i++)
		if (!is_covered(boxes, order[i], kept, found, s->most_overlap))
			kept[found++] = order[i];
	return found;
}
