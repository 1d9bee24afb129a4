/* pipeline.c - tables of the pipelines, of their stages and of the models in them. */
#include "settings/pipeline.h"

#include <stddef.h>

#define MODEL(name) offsetof(struct model_settings, name)
#define PIPELINE(name) offsetof(struct pipeline_settings, name)
#define MIX(name) offsetof(struct mix_stage_settings, name)
#define RESAMPLE(name) offsetof(struct resample_settings, name)
#define WINDOW(name) offsetof(struct window_settings, name)
#define CROP(name) offsetof(struct crop_settings, name)
#define RESIZE(name) offsetof(struct shape_settings, name)
#define STAGE(name) offsetof(struct model_stage_settings, name)
#define SMOOTH(name) offsetof(struct smooth_settings, name)
#define DECIDE(name) offsetof(struct decide_settings, name)

static const struct schema_key model_keys[] = {
	{ .key = "file", .type = T_PATH, .at = MODEL(file), .required = true,
	  .help = "TensorFlow Lite file." },
	{ .key = "card", .type = T_PATH, .at = MODEL(card),
	  .help = "The model's card; if left out, the file with .yaml in place of its ending." },
	{ 0 },
};

const struct schema model_schema = {
	.name = "model", .size = sizeof(struct model_settings), .keys = model_keys, .shorthand = "file",
	.help = "A model: what it is made of and what it means.",
};

static const char *const mix_uses[] = { "average", "channel", NULL };

static const struct schema_key mix_keys[] = {
	{ .key = "use", .type = T_ENUM, .at = MIX(use), .values = mix_uses, .fallback = "average",
	  .help = "The average of the channels that are alive, or one channel." },
	{ .key = "channel", .type = T_INT, .at = MIX(channel), .min = 1, .max = 64, .fallback = "1",
	  .help = "Which channel, counted from 1, where one is used." },
	{ 0 },
};

const struct schema mix_schema = {
	.name = "mix", .size = sizeof(struct mix_stage_settings), .keys = mix_keys, .shorthand = "use",
	.help = "Makes one channel of several; a dead channel is left out and named.",
};

static const struct schema_key resample_keys[] = {
	{ .key = "rate", .type = T_RATE, .at = RESAMPLE(rate_hz), .required = true, .min = 1000,
	  .max = 384000, .help = "Rate of the samples behind this stage." },
	{ 0 },
};

const struct schema resample_schema = {
	.name = "resample", .size = sizeof(struct resample_settings), .keys = resample_keys,
	.shorthand = "rate", .help = "Changes the rate of samples.",
};

static const struct schema_key window_keys[] = {
	{ .key = "length", .type = T_DURATION, .at = WINDOW(length_ns), .min = 1e6, .max = 60e9,
	  .help = "Length of a window; as the model's card says if left out." },
	{ .key = "hop", .type = T_DURATION, .at = WINDOW(hop_ns), .min = 1e6, .max = 3600e9,
	  .help = "From the start of one window to the next; as the card says if left out." },
	{ 0 },
};

const struct schema window_schema = {
	.name = "window", .size = sizeof(struct window_settings), .keys = window_keys,
	.help = "Cuts the samples into windows.",
};

static const struct schema_key crop_keys[] = {
	{ .key = "keep", .type = T_NUMBER, .at = CROP(keep), .min = 0.01, .max = 1,
	  .help = "Part of each side that is kept, from the middle." },
	{ .key = "to", .type = T_EXTENT, .at = CROP(to), .min = 1, .max = 65535,
	  .help = "Size of the middle that is kept." },
	{ 0 },
};

static void check_crop(const void *settings, const struct schema_check *where)
{
	const struct crop_settings *c = settings;

	if ((c->keep > 0) == (c->to.width > 0))
		schema_finding(where, NULL, "%s (keep: a part of each side, or to: a size)",
			       c->keep > 0 ? "keep and to stand together" : "nothing to crop to");
}

const struct schema crop_schema = {
	.name = "crop", .size = sizeof(struct crop_settings), .keys = crop_keys, .shorthand = "keep",
	.check = check_crop, .help = "Keeps the middle of a picture.",
};

static const struct schema_key resize_keys[] = {
	{ .key = "to", .type = T_EXTENT, .at = RESIZE(size), .required = true, .min = 1,
	  .max = PICTURE_MOST_SIDE, .help = "Size behind this stage." },
	{ .key = "fit", .type = T_ENUM, .at = RESIZE(fit), .values = fit_names,
	  .fallback = "stretch", .help = "What happens where the proportions differ." },
	{ .key = "by", .type = T_ENUM, .at = RESIZE(resize), .values = resize_names,
	  .fallback = "pillow-bilinear", .help = "How pixels are computed for another size." },
	{ .key = "fill", .type = T_NUMBERS, .at = RESIZE(fill), .min = 0, .max = 255, .fallback = "0",
	  .help = "Colour of the letterbox's bars: grey, or red, green and blue." },
	{ 0 },
};

static void check_resize(const void *settings, const struct schema_check *where)
{
	if (((const struct shape_settings *)settings)->fill.count == 2)
		schema_finding(where, "fill", "2 numbers (grey, or red, green and blue)");
}

const struct schema resize_schema = {
	.name = "resize", .size = sizeof(struct shape_settings), .keys = resize_keys,
	.shorthand = "to", .check = check_resize, .help = "Brings pictures to a size.",
};

static const struct schema_key model_stage_keys[] = {
	{ .key = "name", .type = T_NAME, .at = STAGE(name), .required = true,
	  .help = "Name of the model, from the section models." },
	{ 0 },
};

const struct schema model_stage_schema = {
	.name = "model", .size = sizeof(struct model_stage_settings), .keys = model_stage_keys,
	.shorthand = "name", .help = "Judges each window or picture; brings the front end of the model's card.",
};

static const char *const smooth_bys[] = { "mean", "median", "maximum", NULL };

static const struct schema_key smooth_keys[] = {
	{ .key = "over", .type = T_DURATION, .at = SMOOTH(over_ns), .required = true, .min = 1e6,
	  .max = 600e9, .help = "How far back the windows reach that are taken together." },
	{ .key = "by", .type = T_ENUM, .at = SMOOTH(by), .values = smooth_bys, .fallback = "mean",
	  .help = "How their scores are taken together, label by label." },
	{ 0 },
};

const struct schema smooth_schema = {
	.name = "smooth", .size = sizeof(struct smooth_settings), .keys = smooth_keys, .shorthand = "over",
	.help = "Steadies the scores over several windows.",
};

static const struct schema_key decide_keys[] = {
	{ .key = "threshold", .type = T_NUMBER, .at = DECIDE(threshold), .required = true, .min = 0,
	  .max = 1e6, .help = "Score that the best label must reach." },
	{ .key = "margin", .type = T_NUMBER, .at = DECIDE(margin), .max = 1e6, .fallback = "0",
	  .help = "Lead that it must have over the second best." },
	{ .key = "at_least", .type = T_INT, .at = DECIDE(at_least), .min = 1, .max = 1000,
	  .fallback = "1", .help = "Windows in a row that must agree." },
	{ .key = "hold", .type = T_DURATION, .at = DECIDE(hold_ns), .max = 86400e9, .fallback = "0 s",
	  .help = "How long a decision stays on after the last window that confirmed it." },
	{ .key = "labels", .type = T_STRINGS, .at = DECIDE(labels),
	  .help = "The labels that may decide; if left out, all but the card's background." },
	{ 0 },
};

const struct schema decide_schema = {
	.name = "decide", .size = sizeof(struct decide_settings), .keys = decide_keys,
	.shorthand = "threshold", .help = "Turns scores into decisions.",
};

const struct schema *const stage_kinds[] = {
	&mix_schema, &resample_schema, &window_schema, &crop_schema, &resize_schema, &model_stage_schema,
	&smooth_schema, &decide_schema, NULL,
};

static const struct schema_key pipeline_keys[] = {
	{ .key = "from", .type = T_NAME, .at = PIPELINE(from), .required = true,
	  .help = "Name of the input, from the section inputs." },
	{ .key = "raw", .type = T_BOOL, .at = PIPELINE(raw), .fallback = "false",
	  .help = "Publish every inference, not only decisions." },
	{ .key = "stages", .type = T_LIST, .at = PIPELINE(stages), .choices = stage_kinds,
	  .required = true, .help = "What happens to the samples, in order." },
	{ 0 },
};

/* The data's way: samples are mixed, resampled and cut, pictures cropped and resized; then judged,
 * steadied, decided. */
static void check(const void *settings, const struct schema_check *where)
{
	const struct pipeline_settings *p = settings;
	int last = -1;

	for (size_t i = 0; i < p->stages.count; i++) {
		const struct schema_item *item = &p->stages.items[i];
		struct path list = { where->path, "stages", 0 }, element = { &list, NULL, i };
		int place = 0;

		while (stage_kinds[place] != NULL && stage_kinds[place] != item->schema)
			place++;
		if (place <= last)
			finding_add(where->findings, item->node->at, &element,
				    "%s does not fit behind %s (mix, resample, window, crop, resize, "
				    "model, smooth, decide, in this order, each at most once)",
				    item->schema->name, stage_kinds[last]->name);
		last = place > last ? place : last;
	}
}

const struct schema pipeline_schema = {
	.name = "pipeline", .size = sizeof(struct pipeline_settings), .keys = pipeline_keys, .check = check,
	.help = "The way from an input to a decision.",
};
