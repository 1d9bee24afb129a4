/* colour.c - from one way of saying colours to another, in whole numbers. */
#include "image/colour.h"

/* BT.601: R = Y + 1.402 V, G = Y - 0.344136 U - 0.714136 V, B = Y + 1.772 U; of video ranges Y is
 * stretched by 255/219, U and V by 255/224. In units of 2^-16. */
static const struct weights {
	int32_t black, y, v_red, u_green, v_green, u_blue;
} weights_of[] = {
	[RANGE_VIDEO] = { 16, 76309, 104597, 25675, 53279, 132201 },
	[RANGE_FULL] = { 0, 65536, 91881, 22553, 46802, 116130 },
};

static uint8_t clamp(int32_t scaled)
{
	int32_t value = scaled >> 16;

	return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static inline void convert(const struct weights *w, int32_t y, int32_t u, int32_t v, uint8_t *out)
{
	int32_t light = (y - w->black) * w->y + (1 << 15);

	out[0] = clamp(light + (v - 128) * w->v_red);
	out[1] = clamp(light - (u - 128) * w->u_green - (v - 128) * w->v_green);
	out[2] = clamp(light + (u - 128) * w->u_blue);
}

void colour_yuv_to_rgb(int y, int u, int v, enum colour_range range, uint8_t out[3])
{
	convert(&weights_of[range], y, u, v, out);
}

void colour_yuyv_to_rgb(const uint8_t *in, size_t stride, int width, int height,
			enum colour_range range, uint8_t *out)
{
	const struct weights *w = &weights_of[range];

	for (int row = 0; row < height; row++, in += stride)
		for (int x = 0; x < width; x += 2, out += 6) {
			const uint8_t *p = in + 2 * (size_t)x;
			convert(w, p[0], p[1], p[3], out);
			convert(w, p[2], p[1], p[3], out + 3);
		}
}

void colour_planes_to_rgb(const struct colour_planes *in, int width, int height,
			  enum colour_range range, uint8_t *out)
{
	const struct weights *w = &weights_of[range];

	for (int row = 0; row < height; row++) {
		const uint8_t *y = in->y + (size_t)row * in->y_stride;
		size_t shared = (size_t)(row / 2) * in->uv_stride;
		for (int x = 0; x < width; x++, out += 3) {
			size_t at = shared + (size_t)(x / 2) * in->step;
			convert(w, y[x], in->u[at], in->v[at], out);
		}
	}
}

void colour_swap(uint8_t *pixels, size_t count)
{
	for (uint8_t *p = pixels; count > 0; count--, p += 3) {
		uint8_t first = p[0];
		p[0] = p[2];
		p[2] = first;
	}
}

void colour_rgb_to_grey(const uint8_t *in, size_t count, uint8_t *out)
{
	for (size_t i = 0; i < count; i++, in += 3)
		out[i] = (uint8_t)((19595u * in[0] + 38470u * in[1] + 7471u * in[2] + (1u << 15)) >>
				   16);
}

void colour_grey_to_rgb(const uint8_t *in, size_t count, uint8_t *out)
{
	for (size_t i = 0; i < count; i++, out += 3)
		out[0] = out[1] = out[2] = in[i];
}
