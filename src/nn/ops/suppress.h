/* suppress.h - non-maximum suppression: of boxes that overlap, the one with the best score. */
#ifndef EDGED_NN_OPS_SUPPRESS_H
#define EDGED_NN_OPS_SUPPRESS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct box {
	float y0, x0, y1, x1; /* y0 <= y1, x0 <= x1 */
};

struct suppression {
	size_t most;	    /* boxes to keep */
	float least_score;  /* boxes below (or at: `above_only`) it are dropped at once */
	float most_overlap; /* intersection over union */
	bool above_only;
};

/* Indices of the boxes kept, the best first, into kept[most]; of equal scores the first comes first.
 * `order` has room for count indices. Gives how many. */
size_t suppress(const struct box *boxes, const float *scores, size_t count,
		const struct suppression *s, int32_t *order, int32_t *kept);
float box_overlap(const struct box *a, const struct box *b);
#endif
