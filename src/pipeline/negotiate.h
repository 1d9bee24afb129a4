/* negotiate.h - which stages a pipeline gets: those of the YAML, and those that the formats want. */
#ifndef EDGED_PIPELINE_NEGOTIATE_H
#define EDGED_PIPELINE_NEGOTIATE_H
#include "pipeline/stage.h"

enum { CHAIN_MOST_STAGES = 8 };

struct planned_stage {
	const struct stage_ops *ops;
	const void *settings; /* of the ops' schema */
	int place;	      /* in the YAML's list, or -1: put in here */
};

/* Puts a mix, a resampler or a window in where the YAML has none and the model wants one. A picture
 * by itself is not smoothed, and one is enough to decide. */
int negotiate(const struct pipeline_settings *p, const struct card *card,
	      const struct format *input, struct arena *memory,
	      struct planned_stage out[CHAIN_MOST_STAGES], size_t *count, struct fault *f);
#endif
