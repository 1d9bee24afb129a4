/* crop.c - the stage that keeps the middle of a picture. */
#include "image/crop.h"

#include <errno.h>
#include <string.h>

#include "pipeline/stage.h"

struct crop_stage {
	struct rect from;
	uint8_t *pixels;
};

static int crop_stage_open(struct stage *s, const void *settings, const struct stage_host *host,
			   struct fault *f)
{
	const struct crop_settings *c = settings;
	struct crop_stage *state = arena_alloc(host->memory, 1, sizeof(*state));

	if (c->to.width > s->in.width || c->to.height > s->in.height)
		return fault_set(f, -EINVAL, "to %dx%d: the picture has %dx%d", c->to.width,
				 c->to.height, s->in.width, s->in.height);
	if (state == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	state->from = c->to.width > 0
			      ? crop_size(s->in.width, s->in.height, c->to.width, c->to.height)
			      : crop_part(s->in.width, s->in.height, c->keep);
	s->out = s->in;
	s->out.width = state->from.width;
	s->out.height = state->from.height;
	state->pixels = arena_alloc(host->memory, (size_t)s->out.width * (size_t)s->out.height,
				    s->in.channels);
	if (state->pixels == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	s->state = state;
	return 0;
}

static void crop_stage_push(struct stage *s, const struct block *b)
{
	struct crop_stage *state = s->state;
	size_t from_row = (size_t)s->in.width * s->in.channels;
	size_t row = (size_t)s->out.width * s->in.channels;
	const uint8_t *from = b->pixels + (size_t)state->from.y * from_row +
			      (size_t)state->from.x * s->in.channels;
	struct block out = *b;

	for (size_t y = 0; y < (size_t)s->out.height; y++)
		memcpy(state->pixels + y * row, from + y * from_row, row);
	out.pixels = state->pixels;
	stage_emit(s, &out);
}

const struct stage_ops stage_crop = {
	.schema = &crop_schema,
	.open = crop_stage_open,
	.push = crop_stage_push,
};
