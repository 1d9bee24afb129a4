/* negotiate.c - which stages a pipeline gets: those of the YAML, and those that the formats want. */
#include "pipeline/negotiate.h"

#include <errno.h>

/* The data's way; a pipeline's stages stand in this order. */
const struct stage_ops *const stages_all[] = {
	&stage_mix,    &stage_resample, &stage_window, &stage_model,
	&stage_smooth, &stage_decide,	NULL,
};

struct negotiation {
	const struct pipeline_settings *pipeline;
	const struct card *card;
	double rate_hz;
	unsigned channels;
	struct arena *memory;
};

/* Settings for a stage that the YAML does not have, NULL in *out where none is needed. */
typedef int supply_fn(const struct negotiation *n, const void **out, struct fault *f);

static int supply_mix(const struct negotiation *n, const void **out, struct fault *f)
{
	static const struct mix_stage_settings average = { .use = MIX_USE_AVERAGE, .channel = 1 };

	if (n->channels > 2)
		return fault_set(f, -EBADMSG,
				 "%u channels, and the model takes one; say by a stage which: "
				 "'- mix: average' or '- mix: {use: channel, channel: 1}'",
				 n->channels);
	*out = n->channels == 2 ? &average : NULL;
	return 0;
}

static int supply_resample(const struct negotiation *n, const void **out, struct fault *f)
{
	if (n->rate_hz == n->card->front_end.rate_hz)
		return 0;
	struct resample_settings *r = arena_alloc(n->memory, 1, sizeof(*r));
	if (r == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	r->rate_hz = n->card->front_end.rate_hz;
	*out = r;
	return 0;
}

static int supply_window(const struct negotiation *n, const void **out, struct fault *f)
{
	static const struct window_settings as_the_card_says = { 0, 0 };

	(void)n;
	(void)f;
	*out = &as_the_card_says;
	return 0;
}

static int supply_model(const struct negotiation *n, const void **out, struct fault *f)
{
	(void)n;
	(void)out;
	return fault_set(f, -EINVAL, "stages: no model (a stage '- model: NAME')");
}

static int supply_decide(const struct negotiation *n, const void **out, struct fault *f)
{
	(void)n;
	(void)out;
	return fault_set(f, -EINVAL, "stages: no decision (a stage '- decide: {threshold: 0.8}')");
}

/* In the order of stages_all; NULL: never put in. */
static supply_fn *const supplies[] = { supply_mix, supply_resample, supply_window, supply_model,
				       NULL,	   supply_decide };

static int find_stage(const struct pipeline_settings *p, const struct schema *schema)
{
	for (size_t i = 0; i < p->stages.count; i++)
		if (p->stages.items[i].schema == schema)
			return (int)i;
	return -1;
}

int negotiate(const struct pipeline_settings *p, const struct card *card, double rate_hz,
	      unsigned channels, struct arena *memory, struct planned_stage out[CHAIN_MOST_STAGES],
	      size_t *count, struct fault *f)
{
	struct negotiation n = { p, card, rate_hz, channels, memory };

	*count = 0;
	for (size_t i = 0; stages_all[i] != NULL; i++) {
		int place = find_stage(p, stages_all[i]->schema);
		const void *settings = NULL;
		if (place >= 0)
			settings = p->stages.items[place].settings;
		else if (supplies[i] != NULL) {
			int rc = supplies[i](&n, &settings, f);
			if (rc < 0)
				return rc;
		}
		if (settings != NULL)
			out[(*count)++] = (struct planned_stage){ stages_all[i], settings, place };
	}
	return 0;
}
