/* card.h - a model's card: what the model needs and means. */
#ifndef EDGED_SETTINGS_CARD_H
#define EDGED_SETTINGS_CARD_H
#include "base/fault.h"
#include "config/schema.h"
#include "settings/frontend.h"

enum card_output {
	OUTPUT_PROBABILITIES,
	OUTPUT_LOGITS,
	OUTPUT_RECONSTRUCTION,		/* autoencoder: the score is the mean squared error */
};

struct card {
	const char *model;
	int64_t version;
	const char *file, *sha256;
	const char *licence, *source, *attribution, *task;
	struct schema_strings labels;
	struct schema_strings background;	/* labels that are never a decision */
	int output;				/* enum card_output */
	struct frontend_settings front_end;
};

extern const struct schema card_schema, frontend_schema;

/* The card in that file; its strings live in the arena. The fault carries the first finding. */
int card_load(const char *file, struct arena *memory, struct card *out, struct fault *f);

/* Index of a label, or -1. */
int card_label(const struct card *c, const char *label);
#endif
