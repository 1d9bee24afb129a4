/* picture.c - a card's front end for pictures: from pixels to the values of a model's input. */
#include "image/picture.h"

#include <errno.h>

#include "image/colour.h"
#include "image/normalize.h"
#include "image/shape.h"

struct picture {
	struct shaper *shaper;
	struct normalizer normalizer;
	size_t in_pixels, out_pixels;
	uint8_t *grey; /* of what comes in; NULL: it stays as it is */
	float *shaped;
};

int picture_channels(const struct picture_settings *settings)
{
	return settings->colour == COLOUR_GREY ? 1 : 3;
}

static size_t pixels_of(const struct picture_settings *settings)
{
	return (size_t)settings->shape.size.width * (size_t)settings->shape.size.height;
}

size_t picture_values(const struct picture_settings *settings)
{
	return pixels_of(settings) * (size_t)picture_channels(settings);
}

/* Colours become grey before the picture is resized, as in Pillow's and TensorFlow's pipelines; grey
 * becomes colours behind it, which is the same and less work. */
int picture_open(const struct picture_settings *settings, int width, int height, int channels,
		 bool planes, struct arena *memory, struct picture **out)
{
	struct picture *p = arena_alloc(memory, 1, sizeof(*p));
	bool to_grey = settings->colour == COLOUR_GREY && channels == 3;
	int shaped = to_grey ? 1 : channels;

	if (p == NULL)
		return -ENOMEM;
	p->in_pixels = (size_t)width * (size_t)height;
	p->out_pixels = pixels_of(settings);
	if (to_grey)
		p->grey = arena_alloc(memory, p->in_pixels, 1);
	p->shaped = arena_alloc(memory, p->out_pixels * (size_t)shaped, sizeof(float));
	if ((to_grey && p->grey == NULL) || p->shaped == NULL)
		return -ENOMEM;
	normalize_init(&p->normalizer, settings, shaped, planes);
	int rc = shape_open(&settings->shape, width, height, shaped, memory, &p->shaper);
	if (rc == 0)
		*out = p;
	return rc;
}

void picture_run(struct picture *p, const uint8_t *pixels, float *out)
{
	const uint8_t *in = pixels;

	if (p->grey != NULL) {
		colour_rgb_to_grey(pixels, p->in_pixels, p->grey);
		in = p->grey;
	}
	shape_run(p->shaper, in, p->shaped);
	normalize_run(&p->normalizer, p->shaped, p->out_pixels, out);
}
