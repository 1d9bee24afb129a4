/* resize.c - the stage that brings pictures to a size. */
#include <errno.h>

#include "image/shape.h"
#include "pipeline/stage.h"

struct resize_stage {
	struct shape_settings settings;
	struct shaper *shaper;
	uint8_t *pixels;
};

static int resize_stage_open(struct stage *s, const void *settings, const struct stage_host *host,
			     struct fault *f)
{
	struct resize_stage *state = arena_alloc(host->memory, 1, sizeof(*state));

	if (state == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	state->settings = *(const struct shape_settings *)settings;
	state->settings.crop = 1; /* a stage of its own crops */
	s->out = s->in;
	s->out.width = state->settings.size.width;
	s->out.height = state->settings.size.height;
	state->pixels = arena_alloc(host->memory, (size_t)s->out.width * (size_t)s->out.height,
				    s->in.channels);
	if (state->pixels == NULL ||
	    shape_open(&state->settings, s->in.width, s->in.height, (int)s->in.channels,
		       host->memory, &state->shaper) < 0)
		return fault_set(f, -ENOMEM, "no memory");
	s->state = state;
	return 0;
}

static void resize_stage_push(struct stage *s, const struct block *b)
{
	struct resize_stage *state = s->state;
	struct block out = *b;

	shape_run_u8(state->shaper, b->pixels, state->pixels);
	out.pixels = state->pixels;
	stage_emit(s, &out);
}

static void resize_stage_describe(const struct stage *s, struct buf *out)
{
	const struct shape_settings *r = &((const struct resize_stage *)s->state)->settings;

	buf_printf(out, "%s, by %s", fit_names[r->fit], resize_names[r->resize]);
}

const struct stage_ops stage_resize = {
	.schema = &resize_schema,
	.open = resize_stage_open,
	.push = resize_stage_push,
	.describe = resize_stage_describe,
};
