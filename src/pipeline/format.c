/* format.c - what passes from stage to stage. */
#include "pipeline/format.h"

#include "config/unit.h"

void format_describe(const struct format *f, struct buf *out)
{
	char rate[40], length[40], hop[40];

	unit_write(UNIT_RATE, f->rate_hz, rate, sizeof(rate));
	unit_write(UNIT_DURATION, 1e9 * (double)f->length / f->rate_hz, length, sizeof(length));
	unit_write(UNIT_DURATION, 1e9 * (double)f->hop / f->rate_hz, hop, sizeof(hop));
	switch (f->kind) {
	case FORMAT_AUDIO:
		buf_printf(out, "audio, %s, %u channel%s", rate, f->channels,
			   f->channels == 1 ? "" : "s");
		break;
	case FORMAT_WINDOWS:
		buf_printf(out, "windows of %s (%zu samples) every %s", length, f->length, hop);
		break;
	case FORMAT_SCORES: buf_printf(out, "%zu scores every %s", f->labels, hop); break;
	case FORMAT_VERDICTS: buf_printf(out, "a verdict every %s", hop); break;
	}
}
