/* plan.h - places in one arena for buffers that live only part of the time. */
#ifndef EDGED_NN_PLAN_H
#define EDGED_NN_PLAN_H
#include <stddef.h>

/* A buffer that is alive from step `first` to step `last`, both included. */
struct plan_buffer {
	size_t bytes;
	size_t first, last;
	size_t offset; /* filled in, a multiple of 64 */
};

/* Places the buffers so that two that are alive at the same time never overlap: the largest
 * first, each at the lowest free place. Gives the bytes of the whole; `room` holds 2 * count
 * numbers. */
size_t plan_place(struct plan_buffer *buffers, size_t count, size_t *room);
#endif
