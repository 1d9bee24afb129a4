/* resample.c - the stage that changes the rate of samples. */
#include "signal/resample.h"

#include <errno.h>

#include "pipeline/stage.h"

enum { CHUNK_FRAMES = 1024 };

struct resample_stage {
	struct resample *resample;
	float *out;
	bool placed;	   /* the first sample since the reset has told its index */
	struct block last; /* what flush passes on: flags and dead channels */
};

static int resample_stage_open(struct stage *s, const void *settings, const struct stage_host *host,
			       struct fault *f)
{
	const struct resample_settings *r = settings;
	struct resample_stage *state = arena_alloc(host->memory, 1, sizeof(*state));

	if (s->in.channels != 1)
		return fault_set(f, -EINVAL, "takes one channel, not %u (a stage mix before it)",
				 s->in.channels);
	if (state == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	int rc = resample_open(host->memory, (uint32_t)s->in.rate_hz, (uint32_t)r->rate_hz,
			       &state->resample, f);
	if (rc < 0)
		return rc;
	size_t most = resample_most(state->resample, CHUNK_FRAMES);
	if (resample_most(state->resample, 0) > most)
		most = resample_most(state->resample, 0);
	state->out = arena_alloc(host->memory, most, sizeof(float));
	if (state->out == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	s->state = state;
	s->out = s->in;
	s->out.rate_hz = r->rate_hz;
	return 0;
}

static void pass_on(struct stage *s, const struct block *like, int64_t index, size_t count)
{
	struct block out = *like;

	out.index = (uint64_t)index;
	out.frames = count;
	out.samples = ((struct resample_stage *)s->state)->out;
	if (count > 0)
		stage_emit(s, &out);
}

static void resample_stage_push(struct stage *s, const struct block *b)
{
	struct resample_stage *state = s->state;

	if (!state->placed)
		resample_reset(state->resample, (int64_t)b->index);
	state->placed = true;
	state->last = *b;
	for (size_t done = 0; done < b->frames;) {
		size_t count = b->frames - done < CHUNK_FRAMES ? b->frames - done : CHUNK_FRAMES;
		int64_t index = resample_index(state->resample);
		pass_on(s, b, index,
			resample_push(state->resample, b->samples + done, count, state->out));
		done += count;
	}
}

static void resample_stage_reset(struct stage *s)
{
	((struct resample_stage *)s->state)->placed = false;
}

static void resample_stage_flush(struct stage *s)
{
	struct resample_stage *state = s->state;
	int64_t index = resample_index(state->resample);

	if (state->placed)
		pass_on(s, &state->last, index, resample_flush(state->resample, state->out));
}

static void resample_stage_describe(const struct stage *s, struct buf *out)
{
	char text[160];

	resample_describe(((const struct resample_stage *)s->state)->resample, text, sizeof(text));
	buf_puts(out, text);
}

const struct stage_ops stage_resample = {
	.schema = &resample_schema,
	.open = resample_stage_open,
	.push = resample_stage_push,
	.reset = resample_stage_reset,
	.flush = resample_stage_flush,
	.describe = resample_stage_describe,
};
