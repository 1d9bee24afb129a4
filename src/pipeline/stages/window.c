/* window.c - the stage that cuts samples into windows. */
#include "signal/window.h"

#include <errno.h>
#include <math.h>

#include "pipeline/stage.h"

struct window_stage {
	struct window *window;
	bool placed;	   /* the first sample since the reset has told its index */
	struct block last; /* what flush passes on */
};

static size_t samples_of(int64_t ns, double rate_hz)
{
	return (size_t)llround((double)ns * rate_hz / 1e9);
}

static int window_stage_open(struct stage *s, const void *settings, const struct stage_host *host,
			     struct fault *f)
{
	const struct window_settings *w = settings;
	const struct frontend_settings *e = &host->card->front_end;
	struct window_stage *state = arena_alloc(host->memory, 1, sizeof(*state));
	int64_t length = w->length_ns > 0 ? w->length_ns : e->length_ns;
	int64_t hop = w->hop_ns > 0 ? w->hop_ns : e->hop_ns > 0 ? e->hop_ns : length;

	if (s->in.channels != 1)
		return fault_set(f, -EINVAL, "takes one channel, not %u (a stage mix before it)",
				 s->in.channels);
	s->out = s->in;
	s->out.kind = FORMAT_WINDOWS;
	s->out.length = samples_of(length, s->in.rate_hz);
	s->out.hop = samples_of(hop, s->in.rate_hz);
	int rc = state == NULL
			 ? -ENOMEM
			 : window_open(host->memory, s->out.length, s->out.hop, &state->window);
	if (rc < 0)
		return fault_set(
			f, rc, rc == -ENOMEM ? "no memory" : "length and hop: less than a sample");
	s->state = state;
	return 0;
}

static void pass_on(struct stage *s, const struct block *like, const struct window_cut *cut)
{
	struct block out = *like;

	out.index = (uint64_t)cut->first;
	out.frames = 1;
	out.samples = cut->samples;
	out.flags |= cut->padded ? BLOCK_PADDED : 0;
	stage_emit(s, &out);
}

static void window_stage_push(struct stage *s, const struct block *b)
{
	struct window_stage *state = s->state;
	const float *samples = b->samples;
	size_t count = b->frames;
	struct window_cut cut;

	if (!state->placed)
		window_reset(state->window, (int64_t)b->index);
	state->placed = true;
	state->last = *b;
	while (window_push(state->window, &samples, &count, &cut))
		pass_on(s, b, &cut);
}

static void window_stage_reset(struct stage *s)
{
	((struct window_stage *)s->state)->placed = false;
}

static void window_stage_flush(struct stage *s)
{
	struct window_stage *state = s->state;
	struct window_cut cut;

	if (state->placed && window_flush(state->window, &cut))
		pass_on(s, &state->last, &cut);
}

const struct stage_ops stage_window = {
	.schema = &window_schema,
	.open = window_stage_open,
	.push = window_stage_push,
	.reset = window_stage_reset,
	.flush = window_stage_flush,
};
