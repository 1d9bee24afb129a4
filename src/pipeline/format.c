/* format.c - what passes from stage to stage. */
#include "pipeline/format.h"

#include <stdio.h>

#include "config/unit.h"

void format_describe(const struct format *f, struct buf *out)
{
	char rate[40], length[40], hop[40], each[60];

	unit_write(UNIT_RATE, f->rate_hz, rate, sizeof(rate));
	unit_write(UNIT_DURATION, 1e9 * (double)f->length / f->rate_hz, length, sizeof(length));
	unit_write(UNIT_DURATION, 1e9 * (double)f->hop / f->rate_hz, hop, sizeof(hop));
	snprintf(each, sizeof(each), f->width > 0 ? "for each picture" : "every %s", hop);
	switch (f->kind) {
	case FORMAT_AUDIO:
		buf_printf(out, "audio, %s, %u channel%s", rate, f->channels,
			   f->channels == 1 ? "" : "s");
		break;
	case FORMAT_IMAGE:
		buf_printf(out, "pictures of %dx%d, %s", f->width, f->height,
			   f->channels == 1 ? "grey" : "RGB");
		break;
	case FORMAT_WINDOWS:
		buf_printf(out, "windows of %s (%zu samples) every %s", length, f->length, hop);
		break;
	case FORMAT_SCORES: buf_printf(out, "%zu scores %s", f->labels, each); break;
	case FORMAT_VERDICTS: buf_printf(out, "a verdict %s", each); break;
	}
}
