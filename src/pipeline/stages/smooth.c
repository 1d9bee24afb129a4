/* smooth.c - the stage that steadies scores over several windows. */
#include "decide/smooth.h"

#include <errno.h>
#include <math.h>

#include "pipeline/stage.h"

struct smooth_stage {
	struct smooth *smooth;
	size_t windows;
	float *out; /* [labels] */
};

static int smooth_stage_open(struct stage *s, const void *settings, const struct stage_host *host,
			     struct fault *f)
{
	const struct smooth_settings *m = settings;
	struct smooth_stage *state = arena_alloc(host->memory, 1, sizeof(*state));
	double hop_ns = (double)s->in.hop / s->in.rate_hz * 1e9;
	double windows = round((double)m->over_ns / hop_ns);

	if (s->in.kind != FORMAT_SCORES)
		return fault_set(f, -EINVAL, "wants scores (a model before it)");
	if (windows > 100000)
		return fault_set(f, -EINVAL, "over: %.0f windows (at most 100000)", windows);
	if (state == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	state->windows = windows < 1 ? 1 : (size_t)windows;
	state->smooth =
		smooth_open(host->memory, (enum smooth_by)m->by, state->windows, s->in.labels);
	state->out = arena_alloc(host->memory, s->in.labels, sizeof(float));
	if (state->smooth == NULL || state->out == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	s->state = state;
	s->out = s->in;
	return 0;
}

static void smooth_stage_push(struct stage *s, const struct block *b)
{
	struct smooth_stage *state = s->state;
	struct block out = *b;

	smooth_push(state->smooth, b->scores, state->out);
	out.scores = state->out;
	stage_emit(s, &out);
}

static void smooth_stage_reset(struct stage *s)
{
	smooth_reset(((struct smooth_stage *)s->state)->smooth);
}

static void smooth_stage_describe(const struct stage *s, struct buf *out)
{
	size_t windows = ((const struct smooth_stage *)s->state)->windows;

	buf_printf(out, "over %zu window%s", windows, windows == 1 ? "" : "s");
}

const struct stage_ops stage_smooth = {
	.schema = &smooth_schema,
	.open = smooth_stage_open,
	.push = smooth_stage_push,
	.reset = smooth_stage_reset,
	.describe = smooth_stage_describe,
};
