/* decode.c - pictures out of the bytes of JPEG, PNG, BMP and PNM files. */
#include "image/decode.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "image/formats.h"

/* How files begin. In PNM white space follows the two letters. */
static const struct {
	size_t at, length;
	const char *magic;
	enum image_kind kind;
	const char *name;
} signatures[] = {
	{ 0, 3, "\xff\xd8\xff", IMAGE_JPEG, "JPEG" },
	{ 0, 8, "\x89PNG\r\n\x1a\n", IMAGE_PNG, "PNG" },
	{ 0, 2, "BM", IMAGE_BMP, "BMP" },
	{ 0, 2, "P5", IMAGE_PNM, "PNM" },
	{ 0, 2, "P6", IMAGE_PNM, "PNM" },
	{ 0, 6, "GIF87a", IMAGE_OTHER, "GIF" },
	{ 0, 6, "GIF89a", IMAGE_OTHER, "GIF" },
	{ 8, 4, "WEBP", IMAGE_OTHER, "WebP" },
	{ 0, 4, "II*\0", IMAGE_OTHER, "TIFF" },
	{ 0, 4, "MM\0*", IMAGE_OTHER, "TIFF" },
	{ 4, 8, "ftypheic", IMAGE_OTHER, "HEIC" },
	{ 4, 8, "ftypmif1", IMAGE_OTHER, "HEIF" },
	{ 4, 8, "ftypavif", IMAGE_OTHER, "AVIF" },
	{ 0, 2, "P1", IMAGE_OTHER, "PBM" },
	{ 0, 2, "P2", IMAGE_OTHER, "PGM as text" },
	{ 0, 2, "P3", IMAGE_OTHER, "PPM as text" },
	{ 0, 2, "P4", IMAGE_OTHER, "PBM" },
};

/* Two letters alone say little: PNM goes on with white space, BMP with a head of a known size. */
static bool goes_on_well(const char *magic, const uint8_t *head, size_t bytes)
{
	if (magic[0] == 'P' && magic[1] >= '1' && magic[1] <= '6')
		return bytes > 2 && strchr(" \t\r\n#", head[2]) != NULL && head[2] != '\0';
	if (magic[0] == 'B' && magic[1] == 'M')
		return bytes >= IMAGE_HEAD_BYTES && head[14] >= 12 && head[14] <= 124 &&
		       head[15] == 0;
	return true;
}

static int find_signature(const uint8_t *head, size_t bytes)
{
	for (size_t i = 0; i < ARRAY_SIZE(signatures); i++)
		if (bytes >= signatures[i].at + signatures[i].length &&
		    memcmp(head + signatures[i].at, signatures[i].magic, signatures[i].length) ==
			    0 &&
		    goes_on_well(signatures[i].magic, head, bytes))
			return (int)i;
	return -1;
}

enum image_kind image_kind_of(const uint8_t *head, size_t bytes)
{
	int found = find_signature(head, bytes);

	return found < 0 ? IMAGE_NONE : signatures[found].kind;
}

const char *image_kind_name(enum image_kind kind, const uint8_t *head, size_t bytes)
{
	int found = kind == IMAGE_OTHER ? find_signature(head, bytes) : -1;

	if (found >= 0)
		return signatures[found].name;
	for (size_t i = 0; i < ARRAY_SIZE(signatures); i++)
		if (signatures[i].kind == kind && kind != IMAGE_OTHER)
			return signatures[i].name;
	return "no";
}

int image_allocate(struct image *out, uint64_t width, uint64_t height, int channels,
		   struct fault *f)
{
	if (width == 0 || height == 0)
		return fault_set(f, -EBADMSG, "%llux%llu pixels: holds no picture",
				 (unsigned long long)width, (unsigned long long)height);
	if (width > IMAGE_MOST_SIDE || height > IMAGE_MOST_SIDE ||
	    width * height > IMAGE_MOST_PIXELS)
		return fault_set(f, -EBADMSG,
				 "%llux%llu pixels are too many (%d a side, %d million in all)",
				 (unsigned long long)width, (unsigned long long)height,
				 IMAGE_MOST_SIDE, IMAGE_MOST_PIXELS / 1000000);
	out->pixels = malloc((size_t)(width * height) * (size_t)channels);
	if (out->pixels == NULL)
		return fault_set(f, -ENOMEM, "no memory for %llux%llu pixels",
				 (unsigned long long)width, (unsigned long long)height);
	out->width = (int)width;
	out->height = (int)height;
	out->channels = channels;
	return 0;
}

int image_decode(const uint8_t *bytes, size_t count, struct image **out, struct fault *f)
{
	enum image_kind kind = image_kind_of(bytes, count);
	AUTO(image) struct image *i = calloc(1, sizeof(*i));
	int rc;

	if (i == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	i->kind = kind;
	switch (kind) {
	case IMAGE_JPEG: rc = jpeg_decode(bytes, count, i, f); break;
	case IMAGE_PNG: rc = png_decode(bytes, count, i, f); break;
	case IMAGE_BMP: rc = bmp_decode(bytes, count, i, f); break;
	case IMAGE_PNM: rc = pnm_decode(bytes, count, i, f); break;
	case IMAGE_OTHER:
		return fault_set(f, -EBADMSG, "a %s picture (JPEG, PNG, BMP and PNM are read)",
				 image_kind_name(kind, bytes, count));
	default: return fault_set(f, -EBADMSG, "no picture (JPEG, PNG, BMP or PNM)");
	}
	if (rc < 0)
		return fault_prefix(f, "%s", image_kind_name(kind, bytes, count));
	*out = TAKE(i);
	return 0;
}

void image_free(struct image *i)
{
	if (i == NULL)
		return;
	free(i->pixels);
	free(i);
}
