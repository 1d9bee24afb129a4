/* png.c - PNG by libpng. */
#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <string.h>

#include "image/formats.h"

struct reader {
	png_structp png;
	png_infop info;
	const uint8_t *next;
	size_t left;
	jmp_buf back;
	struct image *out;
	struct fault *f;
	int rc;
};

static void give_up(png_structp png, png_const_charp text)
{
	struct reader *r = png_get_error_ptr(png);

	r->rc = fault_set(r->f, -EBADMSG, "damaged: %s", text);
	longjmp(r->back, 1);
}

static void stay_quiet(png_structp png, png_const_charp text)
{
	(void)png;
	(void)text;
}

static void read_bytes(png_structp png, png_bytep out, size_t count)
{
	struct reader *r = png_get_io_ptr(png);

	if (count > r->left)
		png_error(png, "cut off");
	memcpy(out, r->next, count);
	r->next += count;
	r->left -= count;
}

/* Whatever a file holds becomes 8 bits, grey or RGB; transparency is dropped, as Pillow does. */
static int choose_format(struct reader *r)
{
	int type = png_get_color_type(r->png, r->info);
	int channels = (type & PNG_COLOR_MASK_COLOR) != 0 ? 3 : 1;

	if (type == PNG_COLOR_TYPE_PALETTE)
		png_set_palette_to_rgb(r->png);
	else if (type == PNG_COLOR_TYPE_GRAY)
		png_set_expand_gray_1_2_4_to_8(r->png);
	png_set_scale_16(r->png);
	png_set_strip_alpha(r->png);
	return image_allocate(r->out, png_get_image_width(r->png, r->info),
			      png_get_image_height(r->png, r->info), channels, r->f);
}

static int read_rows(struct reader *r)
{
	struct image *i = r->out;
	size_t stride = (size_t)i->width * (size_t)i->channels;
	int passes = png_set_interlace_handling(r->png);

	png_read_update_info(r->png, r->info);
	if (png_get_rowbytes(r->png, r->info) != stride)
		return fault_set(r->f, -EBADMSG, "rows of %zu bytes, not %zu",
				 png_get_rowbytes(r->png, r->info), stride);
	for (int pass = 0; pass < passes; pass++)
		for (int y = 0; y < i->height; y++)
			png_read_row(r->png, i->pixels + (size_t)y * stride, NULL);
	png_read_end(r->png, NULL);
	return 0;
}

static int read_all(struct reader *r)
{
	png_set_read_fn(r->png, r, read_bytes);
	/* Text and profiles are of no use here, and may unpack to anything. */
	png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
	png_set_chunk_malloc_max(r->png, 8 << 20);
	png_set_user_limits(r->png, 0x7fffffff, 0x7fffffff); /* image_allocate() says which */
	png_read_info(r->png, r->info);
	int rc = choose_format(r);
	return rc < 0 ? rc : read_rows(r);
}

int png_decode(const uint8_t *bytes, size_t count, struct image *out, struct fault *f)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	*r = (struct reader){ .next = bytes, .left = count, .out = out, .f = f };
	r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, r, give_up, stay_quiet);
	r->info = r->png == NULL ? NULL : png_create_info_struct(r->png);
	if (r->info == NULL)
		r->rc = fault_set(f, -ENOMEM, "no memory");
	else if (setjmp(r->back) == 0)
		r->rc = read_all(r);
	int rc = r->rc;
	png_destroy_read_struct(&r->png, &r->info, NULL);
	free(r);
	return rc;
}
