/* jpeg.c - JPEG by libjpeg. */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>
#include <jerror.h>

#include "image/formats.h"

/* libjpeg reports by callbacks that must not return: they jump back into jpeg_decode(). */
struct reader {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct jpeg_progress_mgr progress;
	jmp_buf back;
	struct image *out;
	struct fault *f;
	int rc;
};

static void give_up(j_common_ptr jpeg)
{
	struct reader *r = jpeg->client_data;
	char text[JMSG_LENGTH_MAX];

	jpeg->err->format_message(jpeg, text);
	r->rc = fault_set(r->f, -EBADMSG, "damaged: %s", text);
	longjmp(r->back, 1);
}

/* Where data is missing libjpeg warns and goes on with grey: that is no picture to judge. What else
 * it warns of (odd bytes between markers, as cameras write them) does no harm. */
static void on_message(j_common_ptr jpeg, int level)
{
	int code = jpeg->err->msg_code;

	if (level == -1 && (code == JWRN_HIT_MARKER || code == JWRN_JPEG_EOF ||
			    code == JWRN_HUFF_BAD_CODE || code == JWRN_ARITH_BAD_CODE))
		give_up(jpeg);
}

static void stay_quiet(j_common_ptr jpeg)
{
	(void)jpeg;
}

/* A small progressive file may ask for thousands of passes over a large picture. */
enum { MOST_SCANS = 200 };

static void on_progress(j_common_ptr jpeg)
{
	struct reader *r = jpeg->client_data;

	if (r->jpeg.input_scan_number <= MOST_SCANS)
		return;
	r->rc = fault_set(r->f, -EBADMSG, "more than %d scans", MOST_SCANS);
	longjmp(r->back, 1);
}

static int check_colours(struct reader *r)
{
	struct jpeg_decompress_struct *j = &r->jpeg;

	if (j->data_precision != 8)
		return fault_set(r->f, -EBADMSG, "%d bits a channel (8)", j->data_precision);
	if (j->jpeg_color_space == JCS_CMYK || j->jpeg_color_space == JCS_YCCK)
		return fault_set(r->f, -EBADMSG, "colours for print, CMYK (RGB or grey)");
	if (j->num_components != 1 && j->num_components != 3)
		return fault_set(r->f, -EBADMSG, "%d channels (1 or 3)", j->num_components);
	j->out_color_space = j->num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
	j->dct_method = JDCT_ISLOW; /* the same bits on every machine */
	return 0;
}

static int read_rows(struct reader *r)
{
	struct jpeg_decompress_struct *j = &r->jpeg;
	struct image *i = r->out;

	jpeg_start_decompress(j);
	while (j->output_scanline < j->output_height) {
		JSAMPROW row = i->pixels +
			       (size_t)j->output_scanline * (size_t)i->width * (size_t)i->channels;
		jpeg_read_scanlines(j, &row, 1);
	}
	jpeg_finish_decompress(j);
	return 0;
}

static int read_all(struct reader *r, const uint8_t *bytes, size_t count)
{
	struct jpeg_decompress_struct *j = &r->jpeg;

	jpeg_create_decompress(j);
	r->progress.progress_monitor = on_progress;
	j->progress = &r->progress;
	jpeg_mem_src(j, bytes, (unsigned long)count);
	jpeg_read_header(j, TRUE);
	int rc = check_colours(r);
	if (rc == 0)
		rc = image_allocate(r->out, j->image_width, j->image_height, j->num_components,
				    r->f);
	return rc < 0 ? rc : read_rows(r);
}

int jpeg_decode(const uint8_t *bytes, size_t count, struct image *out, struct fault *f)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	r->jpeg.err = jpeg_std_error(&r->errors);
	r->jpeg.client_data = r;
	r->errors.error_exit = give_up;
	r->errors.emit_message = on_message;
	r->errors.output_message = stay_quiet;
	r->out = out;
	r->f = f;
	if (setjmp(r->back) == 0)
		r->rc = read_all(r, bytes, count);
	int rc = r->rc;
	jpeg_destroy_decompress(&r->jpeg);
	free(r);
	return rc;
}
