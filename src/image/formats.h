/* formats.h - the readers behind image_decode(), one file format each. */
#ifndef EDGED_IMAGE_FORMATS_H
#define EDGED_IMAGE_FORMATS_H
#include "image/decode.h"

/* Each fills in a zeroed image; on failure its caller frees what is there. */
int jpeg_decode(const uint8_t *bytes, size_t count, struct image *out, struct fault *f);
int png_decode(const uint8_t *bytes, size_t count, struct image *out, struct fault *f);
int bmp_decode(const uint8_t *bytes, size_t count, struct image *out, struct fault *f);
int pnm_decode(const uint8_t *bytes, size_t count, struct image *out, struct fault *f);

/* Takes the memory of a picture whose size a file says, or says why not. */
int image_allocate(struct image *out, uint64_t width, uint64_t height, int channels,
		   struct fault *f);
#endif
