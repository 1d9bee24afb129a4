/* colour.h - from one way of saying colours to another, in whole numbers. */
#ifndef EDGED_IMAGE_COLOUR_H
#define EDGED_IMAGE_COLOUR_H
#include <stddef.h>
#include <stdint.h>

/* BT.601. VIDEO: Y 16..235, U and V 16..240, as cameras deliver YUYV and NV12. FULL: 0..255 each, as
 * in JPEG and MJPEG. */
enum colour_range { RANGE_VIDEO, RANGE_FULL };

/* Pictures of which 2 or 4 neighbours share a colour. Width is even; of the planar ones height too.
 * U and V hold for each of the pixels that share them. `out` is [height][width][3]: R, G, B. */
void colour_yuyv_to_rgb(const uint8_t *in, size_t stride, int width, int height,
			enum colour_range range, uint8_t *out);
/* NV12: U and V by turns in one plane; I420: `step` 1, a plane each. */
struct colour_planes {
	const uint8_t *y, *u, *v;
	size_t y_stride, uv_stride;
	size_t step; /* bytes from one U to the next: 2 in NV12, 1 in I420 */
};
void colour_planes_to_rgb(const struct colour_planes *in, int width, int height,
			  enum colour_range range, uint8_t *out);

/* One pixel, the rule of all above: each channel within 1 of the exact value, rounded. */
void colour_yuv_to_rgb(int y, int u, int v, enum colour_range range, uint8_t out[3]);

void colour_swap(uint8_t *pixels, size_t count); /* RGB to BGR, and back */
/* Luma by BT.601 in 16-bit weights, rounded: the same as Pillow's convert("L"). */
void colour_rgb_to_grey(const uint8_t *in, size_t count, uint8_t *out);
void colour_grey_to_rgb(const uint8_t *in, size_t count, uint8_t *out);
#endif
