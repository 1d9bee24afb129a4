/* normalize.c - from pixels 0..255 to the range that a model was trained on. */
#include "image/normalize.h"

static double item_of(const struct schema_numbers *numbers, int channel)
{
	return numbers->items[numbers->count == 1 ? 0 : channel];
}

void normalize_init(struct normalizer *n, const struct picture_settings *s, int in_channels,
		    bool planes)
{
	*n = (struct normalizer){ .in_channels = in_channels,
				  .channels = s->colour == COLOUR_GREY ? 1 : 3,
				  .planes = planes };
	for (int c = 0; c < n->channels; c++) {
		n->from[c] = in_channels == 1 ? 0 : s->colour == COLOUR_BGR ? 2 - c : c;
		n->mean[c] = item_of(&s->mean, c);
		n->std[c] = item_of(&s->std, c);
	}
}

void normalize_run(const struct normalizer *n, const float *in, size_t pixels, float *out)
{
	size_t step = n->planes ? 1 : (size_t)n->channels, plane = n->planes ? pixels : 1;

	for (size_t c = 0; c < (size_t)n->channels; c++) {
		const float *p = in + n->from[c];
		for (size_t i = 0; i < pixels; i++, p += n->in_channels)
			out[c * plane + i * step] = (float)(((double)*p - n->mean[c]) / n->std[c]);
	}
}
