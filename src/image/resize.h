/* resize.h - the same picture with more pixels or fewer, the same bits on every machine. */
#ifndef EDGED_IMAGE_RESIZE_H
#define EDGED_IMAGE_RESIZE_H
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "settings/picture.h"

struct resizer; /* layout private to resize.c */

struct resize_sizes {
	int in_width, in_height, out_width, out_height;
	int channels; /* 1 or 3, interleaved */
};

/* 0 or -ENOMEM; all memory is from the arena. */
int resize_open(enum resize_method method, const struct resize_sizes *sizes, struct arena *memory,
		struct resizer **out);

/* `in` has in_stride bytes from row to row, `out` out_stride values. Pillow's methods equal the
 * bytes of Pillow (before 13); the others give 0..255 with fractions (bicubic: a little beyond), or rounded and clamped. */
void resize_run(struct resizer *r, const uint8_t *in, size_t in_stride, float *out,
		size_t out_stride);
void resize_run_u8(struct resizer *r, const uint8_t *in, size_t in_stride, uint8_t *out,
		   size_t out_stride);
#endif
