/* decide.c - the stage that turns scores into decisions. */
#include <errno.h>

#include "config/unit.h"
#include "pipeline/stages/model.h"

struct decide {
	struct gate gate;
	bool *deciding; /* by label */
};

/* Labels named in the YAML decide; without any, all but the card's background. */
static int choose_labels(const struct decide_settings *settings, const struct card *card,
			 bool *deciding, struct fault *f)
{
	bool all = settings->labels.count == 0;
	const struct schema_strings *named = all ? &card->background : &settings->labels;

	for (size_t i = 0; i < card->labels.count; i++)
		deciding[i] = all;
	for (size_t i = 0; i < named->count; i++) {
		int label = card_label(card, named->items[i]);
		if (label < 0)
			return fault_set(f, -EINVAL, "labels: the model has no label '%s'",
					 named->items[i]);
		deciding[label] = !all;
	}
	return 0;
}

static int decide_open(struct stage *s, const void *settings, const struct stage_host *host,
		       struct fault *f)
{
	const struct decide_settings *d = settings;
	struct decide *state = arena_alloc(host->memory, 1, sizeof(*state));

	if (s->in.kind != FORMAT_SCORES)
		return fault_set(f, -EINVAL, "wants scores (a model before it)");
	if (state == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	state->deciding = arena_alloc(host->memory, s->in.labels, sizeof(bool));
	if (state->deciding == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	int rc = choose_labels(d, host->card, state->deciding, f);
	if (rc < 0)
		return rc;
	gate_init(&state->gate, &(struct gate_settings){ .threshold = (float)d->threshold,
							 .margin = (float)d->margin,
							 .at_least = (unsigned)d->at_least,
							 .hold_ns = d->hold_ns });
	s->state = state;
	s->out = s->in;
	s->out.kind = FORMAT_VERDICTS;
	s->out.deciding = state->deciding;
	return 0;
}

/* The window's time is that of its end: a decision is known when its last sample is. */
static void decide_push(struct stage *s, const struct block *b)
{
	struct decide *state = s->state;
	struct block out = *b;
	double end = (double)(b->index + s->in.length) / s->in.rate_hz * 1e9;

	gate_push(&state->gate, b->scores, s->in.labels, state->deciding, (int64_t)end, &out.gate);
	stage_emit(s, &out);
}

static void decide_reset(struct stage *s)
{
	gate_reset(&((struct decide *)s->state)->gate);
}

int decide_stage_active(const struct stage *s)
{
	return ((const struct decide *)s->state)->gate.active;
}

static void decide_describe(const struct stage *s, struct buf *out)
{
	const struct gate_settings *g = &((const struct decide *)s->state)->gate.settings;
	char hold[40];

	unit_write(UNIT_DURATION, (double)g->hold_ns, hold, sizeof(hold));
	buf_printf(out, "threshold %g, margin %g, at least %u in a row, hold %s",
		   (double)g->threshold, (double)g->margin, g->at_least, hold);
}

const struct stage_ops stage_decide = {
	.schema = &decide_schema,
	.open = decide_open,
	.push = decide_push,
	.reset = decide_reset,
	.describe = decide_describe,
};
