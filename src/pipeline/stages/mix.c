/* mix.c - the stage that makes one channel of several. */
#include "signal/mix.h"

#include <errno.h>

#include "pipeline/stage.h"

enum { CHUNK_FRAMES = 1024 };

struct mix_stage {
	struct mix *mix;
	float *out;	  /* [CHUNK_FRAMES] */
	uint64_t clipped; /* samples that the mix had counted before */
};

static int mix_stage_open(struct stage *s, const void *settings, const struct stage_host *host,
			  struct fault *f)
{
	const struct mix_stage_settings *m = settings;
	struct mix_stage *state = arena_alloc(host->memory, 1, sizeof(*state));
	bool average = m->use == MIX_USE_AVERAGE;

	if (!average && m->channel > s->in.channels)
		return fault_set(f, -EINVAL, "channel %lld: the input has %u",
				 (long long)m->channel, s->in.channels);
	if (state == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	state->out = arena_alloc(host->memory, CHUNK_FRAMES, sizeof(float));
	if (state->out == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	struct mix_settings wanted = { .channels = s->in.channels,
				       .rate_hz = s->in.rate_hz,
				       .take = average ? MIX_AVERAGE : (int)m->channel - 1 };
	int rc = mix_open(&wanted, host->memory, &state->mix, f);
	if (rc < 0)
		return rc;
	s->state = state;
	s->out = s->in;
	s->out.channels = 1;
	return 0;
}

static void mix_stage_push(struct stage *s, const struct block *b)
{
	struct mix_stage *state = s->state;
	struct mix_report report;
	struct block out = *b;

	for (size_t done = 0; done < b->frames; done += out.frames) {
		out.frames = b->frames - done < CHUNK_FRAMES ? b->frames - done : CHUNK_FRAMES;
		out.index = b->index + done;
		out.samples = state->out;
		mix_run(state->mix, b->samples + done * s->in.channels, out.frames, state->out);
		mix_report(state->mix, &report);
		out.dead_channels = (uint32_t)report.dead;
		out.flags |= report.clipped > state->clipped ? BLOCK_CLIPPED : 0;
		state->clipped = report.clipped;
		stage_emit(s, &out);
	}
}

static void mix_stage_reset(struct stage *s)
{
	struct mix_stage *state = s->state;

	mix_reset(state->mix);
	state->clipped = 0;
}

static void mix_stage_describe(const struct stage *s, struct buf *out)
{
	buf_printf(out, "of %u, dead ones are left out", s->in.channels);
}

const struct stage_ops stage_mix = {
	.schema = &mix_schema,
	.open = mix_stage_open,
	.push = mix_stage_push,
	.reset = mix_stage_reset,
	.describe = mix_stage_describe,
};
