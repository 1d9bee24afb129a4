/* bmp.c - Windows bitmaps without compression: 8 bits with a palette, 24 and 32 bits. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "image/formats.h"

enum {
	FILE_HEAD = 14,
	OLD_HEAD = 12, /* of OS/2: sizes in 16 bits, palettes of 3 bytes a colour */
	NEW_HEAD = 40, /* later ones begin with this one */
	COMPRESSION_NONE = 0,
	COMPRESSION_MASKS = 3, /* the bits of red, green and blue are told by masks */
};

struct head {
	uint32_t pixels_at, size, width, height, bits, compression, colours;
	bool from_top;
};

static uint32_t u16(const uint8_t *p)
{
	return (uint32_t)(p[0] | p[1] << 8);
}

static uint32_t u32(const uint8_t *p)
{
	return u16(p) | u16(p + 2) << 16;
}

static int read_head(const uint8_t *b, size_t count, struct head *h, struct fault *f)
{
	if (count < FILE_HEAD + NEW_HEAD)
		return fault_set(f, -EBADMSG, "cut off: a head of %zu bytes", count);
	h->pixels_at = u32(b + 10);
	h->size = u32(b + FILE_HEAD);
	if (h->size == OLD_HEAD) {
		h->width = u16(b + 18);
		h->height = u16(b + 20);
		h->bits = u16(b + 24);
		return 0;
	}
	if (h->size < NEW_HEAD || h->size > 124)
		return fault_set(f, -EBADMSG, "damaged: a head of %u bytes", h->size);
	h->width = u32(b + 18);
	h->height = u32(b + 22);
	h->bits = u16(b + 28);
	h->compression = u32(b + 30);
	h->colours = u32(b + 46);
	h->from_top = h->height > INT32_MAX; /* a negative height: the first row is the top one */
	if (h->from_top)
		h->height = 0 - h->height;
	return 0;
}

/* Masks may say any order of bits; that of every program is blue, green, red in a byte each. */
static bool has_usual_masks(const uint8_t *b, const struct head *h)
{
	const uint8_t *masks = b + FILE_HEAD + NEW_HEAD;

	return u32(masks) == 0xff0000 && u32(masks + 4) == 0xff00 && u32(masks + 8) == 0xff &&
	       h->bits == 32;
}

static int check_format(const uint8_t *b, size_t count, const struct head *h, struct fault *f)
{
	if (h->bits != 8 && h->bits != 24 && h->bits != 32)
		return fault_set(f, -EBADMSG, "%u bits a pixel (8, 24 or 32)", h->bits);
	if (h->compression == COMPRESSION_NONE)
		return 0;
	if (h->compression != COMPRESSION_MASKS)
		return fault_set(f, -EBADMSG, "compressed, kind %u (uncompressed)", h->compression);
	if (count < FILE_HEAD + NEW_HEAD + 12 || !has_usual_masks(b, h))
		return fault_set(f, -EBADMSG, "an unusual order of bits (blue, green, red)");
	return 0;
}

/* Red, green and blue of each colour, and whether all are grey. Colours that are not there are
 * black, as in other programs. */
static bool read_palette(const uint8_t *b, size_t count, const struct head *h, uint8_t out[256][3])
{
	size_t step = h->size == OLD_HEAD ? 3 : 4, at = FILE_HEAD + h->size;
	size_t colours = h->colours == 0 || h->colours > 256 ? 256 : h->colours;
	bool grey = true;

	memset(out, 0, 256 * 3);
	for (size_t i = 0; i < colours && at + step <= count && at + step <= h->pixels_at;
	     i++, at += step) {
		for (int c = 0; c < 3; c++)
			out[i][c] = b[at + 2 - (size_t)c];
		grey &= out[i][0] == out[i][1] && out[i][1] == out[i][2];
	}
	return grey;
}

static void copy_row(const uint8_t *in, const struct head *h, const struct image *i,
		     uint8_t palette[256][3], uint8_t *out)
{
	size_t step = h->bits / 8, channels = (size_t)i->channels;

	for (size_t x = 0; x < (size_t)i->width; x++)
		for (size_t c = 0; c < channels; c++)
			out[x * channels + c] =
				step == 1 ? palette[in[x]][c] : in[x * step + 2 - c];
}

int bmp_decode(const uint8_t *bytes, size_t count, struct image *out, struct fault *f)
{
	struct head h = { 0 };
	uint8_t palette[256][3];
	int rc = read_head(bytes, count, &h, f);

	if (rc == 0)
		rc = check_format(bytes, count, &h, f);
	if (rc < 0)
		return rc;
	bool grey = h.bits == 8 && read_palette(bytes, count, &h, palette);
	rc = image_allocate(out, h.width, h.height, grey ? 1 : 3, f);
	if (rc < 0)
		return rc;
	size_t row = (size_t)h.width * h.bits / 8, stride = (row + 3) / 4 * 4;
	size_t wanted = stride * (h.height - 1) + row;
	size_t there = h.pixels_at > count ? 0 : count - h.pixels_at;
	if (there < wanted)
		return fault_set(f, -EBADMSG, "cut off: %zu bytes of pixels, %zu are there", wanted,
				 there);
	for (size_t y = 0; y < h.height; y++)
		copy_row(bytes + h.pixels_at + (h.from_top ? y : h.height - 1 - y) * stride, &h,
			 out, palette,
			 out->pixels + y * (size_t)out->width * (size_t)out->channels);
	return 0;
}
