/* negotiate.c - which stages a pipeline gets: those of the YAML, and those that the formats want. */
#include "pipeline/negotiate.h"

#include <errno.h>

/* The data's way; a pipeline's stages stand in this order. */
const struct stage_ops *const stages_all[] = {
	&stage_mix,   &stage_resample, &stage_window, &stage_crop, &stage_resize,
	&stage_model, &stage_smooth,   &stage_decide, NULL,
};

struct negotiation {
	const struct pipeline_settings *pipeline;
	const struct card *card;
	const struct format *input;
	struct arena *memory;
};

/* Settings for a stage that the YAML does not have, NULL in *out where none is needed. */
typedef int supply_fn(const struct negotiation *n, const void **out, struct fault *f);

static int supply_mix(const struct negotiation *n, const void **out, struct fault *f)
{
	static const struct mix_stage_settings average = { .use = MIX_USE_AVERAGE, .channel = 1 };

	if (n->input->channels > 2)
		return fault_set(f, -EBADMSG,
				 "%u channels, and the model takes one; say by a stage which: "
				 "'- mix: average' or '- mix: {use: channel, channel: 1}'",
				 n->input->channels);
	*out = n->input->channels == 2 ? &average : NULL;
	return 0;
}

static int supply_resample(const struct negotiation *n, const void **out, struct fault *f)
{
	if (n->input->rate_hz == n->card->front_end.rate_hz)
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

enum takes { SOUND = 1, PICTURES = 2, BOTH = 3 };

/* In the order of stages_all. */
static const struct {
	supply_fn *supply; /* NULL: never put in */
	enum takes takes;
} rules[] = {
	{ supply_mix, SOUND }, { supply_resample, SOUND }, { supply_window, SOUND },
	{ NULL, PICTURES },    { NULL, PICTURES },	   { supply_model, BOTH },
	{ NULL, BOTH },	       { supply_decide, BOTH },
};

static int find_stage(const struct pipeline_settings *p, const struct schema *schema)
{
	for (size_t i = 0; i < p->stages.count; i++)
		if (p->stages.items[i].schema == schema)
			return (int)i;
	return -1;
}

static int check_kind(const struct negotiation *n, bool pictures, struct fault *f)
{
	if (card_takes_pictures(n->card) == pictures)
		return 0;
	return fault_set(f, -EBADMSG, "model %s judges %s, and the input is %s", n->card->model,
			 pictures ? "sound" : "pictures", pictures ? "a picture" : "sound");
}

/* One picture is all that there is: it decides, whatever the YAML wants of a camera. */
static int decide_at_once(const struct negotiation *n, const void **settings, struct fault *f)
{
	struct decide_settings *once = arena_alloc(n->memory, 1, sizeof(*once));

	if (once == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	*once = *(const struct decide_settings *)*settings;
	once->at_least = 1;
	*settings = once;
	return 0;
}

/* Settings of stage i, NULL in *out where the pipeline goes without. */
static int settings_of(const struct negotiation *n, size_t i, int place, const void **out,
		       struct fault *f)
{
	bool pictures = n->input->kind == FORMAT_IMAGE;
	const struct stage_ops *ops = stages_all[i];
	int rc = 0;

	if ((rules[i].takes & (pictures ? PICTURES : SOUND)) == 0)
		return place < 0
			       ? 0
			       : fault_set(f, -EINVAL,
					   "stages[%d].%s: takes %s, and model %s judges %s", place,
					   ops->schema->name, pictures ? "sound" : "pictures",
					   n->card->model, pictures ? "pictures" : "sound");
	if (place >= 0)
		*out = n->pipeline->stages.items[place].settings;
	else if (rules[i].supply != NULL)
		rc = rules[i].supply(n, out, f);
	if (rc == 0 && n->input->still && ops == &stage_smooth)
		*out = NULL;
	else if (rc == 0 && n->input->still && ops == &stage_decide)
		rc = decide_at_once(n, out, f);
	return rc;
}

int negotiate(const struct pipeline_settings *p, const struct card *card,
	      const struct format *input, struct arena *memory,
	      struct planned_stage out[CHAIN_MOST_STAGES], size_t *count, struct fault *f)
{
	struct negotiation n = { p, card, input, memory };
	int rc = check_kind(&n, input->kind == FORMAT_IMAGE, f);

	*count = 0;
	for (size_t i = 0; rc == 0 && stages_all[i] != NULL; i++) {
		int place = find_stage(p, stages_all[i]->schema);
		const void *settings = NULL;
		rc = settings_of(&n, i, place, &settings, f);
		if (rc == 0 && settings != NULL)
			out[(*count)++] = (struct planned_stage){ stages_all[i], settings, place };
	}
	return rc;
}
