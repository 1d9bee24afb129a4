/* decode.h - pictures out of the bytes of JPEG, PNG, BMP and PNM files. */
#ifndef EDGED_IMAGE_DECODE_H
#define EDGED_IMAGE_DECODE_H
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/fault.h"

enum { IMAGE_MOST_SIDE = 65535, IMAGE_MOST_PIXELS = 64000000 };

enum image_kind {
	IMAGE_NONE, /* by its first bytes no picture */
	IMAGE_JPEG,
	IMAGE_PNG,
	IMAGE_BMP,
	IMAGE_PNM,
	IMAGE_OTHER, /* a picture that is not read here: GIF, WebP, TIFF, … */
};

/* Rows from the top, pixels from the left, without gaps. */
struct image {
	int width, height;
	int channels; /* 1: grey, 3: red, green, blue */
	enum image_kind kind;
	uint8_t *pixels; /* [height][width][channels] */
};

enum { IMAGE_HEAD_BYTES = 16 }; /* what image_kind_of() looks at */

enum image_kind image_kind_of(const uint8_t *head, size_t bytes);
/* "JPEG" …; of IMAGE_OTHER what it is. */
const char *image_kind_name(enum image_kind kind, const uint8_t *head, size_t bytes);

/* The picture in those bytes. What is transparent loses its transparency, 16 bits become 8.
 * -EBADMSG: damaged, cut off, too large, or of a kind that is not read. End it with image_free(). */
int image_decode(const uint8_t *bytes, size_t count, struct image **out, struct fault *f);
void image_free(struct image *i);
AUTO_DEFINE(image)
#endif
