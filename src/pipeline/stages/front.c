/* front.c - what a card makes of a window or a picture: the values of the model's input. */
#include "pipeline/stages/front.h"

#include <errno.h>
#include <stdio.h>

#include "image/picture.h"
#include "signal/frontend.h"

struct front {
	struct frontend *sound; /* one of both */
	struct picture *picture;
	struct front_sizes sizes;
};

const struct front_sizes *front_sizes(const struct front *f)
{
	return &f->sizes;
}

/* ---- sound ---- */

static int check_window(const struct front *front, const struct format *in, const struct card *card,
			struct fault *f)
{
	size_t wanted = frontend_window_samples(front->sound),
	       hop = frontend_hop_samples(front->sound);

	if (in->kind != FORMAT_WINDOWS)
		return fault_set(f, -EINVAL, "wants windows (a stage window before it)");
	if (in->rate_hz != card->front_end.rate_hz)
		return fault_set(f, -EINVAL, "model %s takes %g Hz, the window has %g Hz",
				 card->model, card->front_end.rate_hz, in->rate_hz);
	if (in->length != wanted)
		return fault_set(
			f, -EINVAL, "model %s takes windows of %zu samples (%g ms), not %zu",
			card->model, wanted, (double)wanted / in->rate_hz * 1000, in->length);
	if (hop != 0 && in->hop != hop)
		return fault_set(f, -EINVAL,
				 "model %s keeps state from window to window and takes one every "
				 "%zu samples (%g ms), not every %zu",
				 card->model, hop, (double)hop / in->rate_hz * 1000, in->hop);
	return 0;
}

static int open_sound(struct front *front, const struct card *card, const struct format *in,
		      const struct tensor *input, struct arena *memory, struct fault *f)
{
	struct front_sizes *s = &front->sizes;
	int rc = frontend_open(&card->front_end, memory, &front->sound, f);

	if (rc < 0)
		return rc;
	size_t rows = frontend_rows(front->sound), columns = frontend_columns(front->sound);
	s->all = rows * columns;
	s->inputs = frontend_inputs(front->sound);
	s->stride = columns;
	s->values = s->inputs == 1 ? s->all : (rows - s->inputs + 1) * columns;
	s->rows = s->values / columns;
	s->columns = columns;
	if (s->values != tensor_elements(input))
		return fault_set(f, -EINVAL,
				 "model %s takes %zu values, its front end gives %zu (%zux%zu)",
				 card->model, tensor_elements(input), s->values, rows, columns);
	return check_window(front, in, card, f);
}

/* ---- pictures ---- */

/* Whether the dimensions, but for leading ones, are these three. */
static bool shape_ends(const struct shape *s, int32_t a, int32_t b, int32_t c)
{
	const int32_t wanted[3] = { a, b, c };

	for (int i = 0; i < s->rank; i++) {
		int place = i - (s->rank - 3);
		if (s->dim[i] != (place < 0 ? 1 : wanted[place]))
			return false;
	}
	return s->rank >= 3;
}

static int open_picture(struct front *front, const struct card *card, const struct format *in,
			const struct tensor *input, struct arena *memory, struct fault *f)
{
	const struct picture_settings *p = &card->picture;
	int width = p->shape.size.width, height = p->shape.size.height;
	int channels = picture_channels(p);
	bool planes = shape_ends(&input->shape, channels, height, width);
	char shape[80];

	if (in->kind != FORMAT_IMAGE)
		return fault_set(f, -EINVAL, "wants pictures");
	if (shape_ends(&input->shape, height, width, channels))
		planes = false; /* both fit one channel, and pictures three pixels high */
	else if (!planes)
		return fault_set(
			f, -EINVAL,
			"model %s takes %s, its card says %d channel%s of %dx%d (width x height)",
			card->model, shape_text(&input->shape, shape, sizeof(shape)), channels,
			channels == 1 ? "" : "s", width, height);
	size_t values = picture_values(p);
	front->sizes = (struct front_sizes){ values, 1, values, values, 0, 0 };
	if (picture_open(p, in->width, in->height, (int)in->channels, planes, memory,
			 &front->picture) < 0)
		return fault_set(f, -ENOMEM, "no memory for pictures of %dx%d", in->width,
				 in->height);
	return 0;
}

int front_open(const struct card *card, const struct format *in, const struct tensor *input,
	       struct arena *memory, struct front **out, struct fault *f)
{
	struct front *front = arena_alloc(memory, 1, sizeof(*front));

	if (front == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	int rc = card_takes_pictures(card) ? open_picture(front, card, in, input, memory, f)
					   : open_sound(front, card, in, input, memory, f);
	if (rc == 0)
		*out = front;
	return rc;
}

void front_run(struct front *f, const struct block *b, float *out)
{
	if (f->picture != NULL)
		picture_run(f->picture, b->pixels, out);
	else
		frontend_run(f->sound, b->samples, out);
}

void front_reset(struct front *f)
{
	if (f->sound != NULL)
		frontend_reset(f->sound);
}
