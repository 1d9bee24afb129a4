/* shape.c - a picture of any size brought to the size that is wanted: crop, resize, bars. */
#include "image/shape.h"

#include <errno.h>

#include "image/crop.h"
#include "image/resize.h"

struct shaper {
	const struct shape_settings *settings;
	struct placing placing;
	int width, channels; /* of what comes in */
	struct resizer *resizer;
};

int shape_open(const struct shape_settings *settings, int width, int height, int channels,
	       struct arena *memory, struct shaper **out)
{
	struct shaper *s = arena_alloc(memory, 1, sizeof(*s));

	if (s == NULL)
		return -ENOMEM;
	*s = (struct shaper){ .settings = settings, .width = width, .channels = channels };
	crop_place(settings, width, height, &s->placing);
	struct resize_sizes sizes = { s->placing.from.width, s->placing.from.height,
				      s->placing.to.width, s->placing.to.height, channels };
	int rc = resize_open((enum resize_method)settings->resize, &sizes, memory, &s->resizer);
	if (rc == 0)
		*out = s;
	return rc;
}

/* Colour of the bars, channel by channel; black where none is said. */
static double fill_of(const struct shaper *s, size_t channel)
{
	const struct schema_numbers *fill = &s->settings->fill;

	return fill->count == 0 ? 0 : fill->items[fill->count == 1 ? 0 : channel];
}

static size_t values(const struct shaper *s)
{
	return (size_t)s->settings->size.width * (size_t)s->settings->size.height *
	       (size_t)s->channels;
}

static size_t at(const struct shaper *s, const struct rect *r, int width)
{
	return ((size_t)r->y * (size_t)width + (size_t)r->x) * (size_t)s->channels;
}

void shape_run(struct shaper *s, const uint8_t *in, float *out)
{
	size_t channels = (size_t)s->channels;
	int width = s->settings->size.width;

	for (size_t i = 0; s->settings->fit == FIT_LETTERBOX && i < values(s); i++)
		out[i] = (float)fill_of(s, i % channels);
	resize_run(s->resizer, in + at(s, &s->placing.from, s->width), (size_t)s->width * channels,
		   out + at(s, &s->placing.to, width), (size_t)width * channels);
}

void shape_run_u8(struct shaper *s, const uint8_t *in, uint8_t *out)
{
	size_t channels = (size_t)s->channels;
	int width = s->settings->size.width;

	for (size_t i = 0; s->settings->fit == FIT_LETTERBOX && i < values(s); i++)
		out[i] = (uint8_t)fill_of(s, i % channels);
	resize_run_u8(s->resizer, in + at(s, &s->placing.from, s->width),
		      (size_t)s->width * channels, out + at(s, &s->placing.to, width),
		      (size_t)width * channels);
}
