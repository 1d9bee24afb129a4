/* view.h - the elements of a tensor in another order: every operator that only moves data is a view
 * of its input, copied out. */
#ifndef EDGED_NN_VIEW_H
#define EDGED_NN_VIEW_H
#include <stddef.h>
#include <stdint.h>

enum { VIEW_MOST_RANK = 14 };

/* Element (i0, i1, …) lies at offset + i0 * stride[0] + i1 * stride[1] + …, counted in elements. A
 * stride may be 0 (repeated) or negative (backwards). */
struct view {
	int rank;
	int64_t offset;
	int32_t count[VIEW_MOST_RANK];
	int64_t stride[VIEW_MOST_RANK];
};

/* Puts a dimension behind the others. */
void view_add(struct view *v, int32_t count, int64_t stride);
/* Elements of so many bytes: out of the view into one block, or out of one block into it. */
void view_read(const struct view *v, const void *from, void *to, size_t bytes);
void view_write(const struct view *v, const void *from, void *to, size_t bytes);
#endif
