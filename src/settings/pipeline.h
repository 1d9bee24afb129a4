/* pipeline.h - settings of the pipelines, of their stages and of the models in them. */
#ifndef EDGED_SETTINGS_PIPELINE_H
#define EDGED_SETTINGS_PIPELINE_H
#include "config/schema.h"
#include "settings/picture.h"

/* A model: its file and the card beside it. */
struct model_settings {
	const char *file;
	const char *card;		/* NULL: the file's name with .yaml in place of its ending */
};

struct pipeline_settings {
	const char *from;		/* name of the input */
	bool raw;			/* publish every inference, not only decisions */
	struct schema_list stages;	/* of the schemas in stage_kinds */
};

enum mix_use { MIX_USE_AVERAGE, MIX_USE_CHANNEL };

struct mix_stage_settings {
	int use;			/* enum mix_use */
	int64_t channel;		/* counts from 1 */
};

struct resample_settings {
	double rate_hz;
};

struct window_settings {
	int64_t length_ns, hop_ns;	/* 0: as the model's card says */
};

struct crop_settings {			/* one of both */
	double keep;			/* part of each side */
	struct schema_extent to;	/* width 0: not given */
};

struct model_stage_settings {
	const char *name;		/* in `models` */
};

enum smooth_by { SMOOTH_MEAN, SMOOTH_MEDIAN, SMOOTH_MAXIMUM };

struct smooth_settings {
	int64_t over_ns;
	int by;				/* enum smooth_by */
};

struct decide_settings {
	double threshold, margin;
	int64_t at_least;		/* windows in a row */
	int64_t hold_ns;
	struct schema_strings labels;	/* only these decide; none: all but the card's background */
};

extern const struct schema model_schema, pipeline_schema;
extern const struct schema mix_schema, resample_schema, window_schema, crop_schema,
	resize_schema, model_stage_schema, smooth_schema, decide_schema;
extern const struct schema *const stage_kinds[];	/* NULL at the end */
#endif
