/* card.h - a model's card: what the model needs and means. */
#ifndef EDGED_SETTINGS_CARD_H
#define EDGED_SETTINGS_CARD_H
#include "base/fault.h"
#include "config/schema.h"
#include "settings/frontend.h"
#include "settings/picture.h"

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
	struct schema_strings labels;		/* of the card, or of labels_file */
	const char *labels_file;
	struct schema_strings background;	/* labels that are never a decision */
	int output;				/* enum card_output */
	/* One of both: a model judges sound or pictures. The other is zero. */
	struct frontend_settings front_end;
	struct picture_settings picture;
};

extern const struct schema card_schema, frontend_schema;

/* The card in that file; its strings live in the arena. The fault carries the first finding. */
int card_load(const char *file, struct arena *memory, struct card *out, struct fault *f);

bool card_takes_pictures(const struct card *c);

/* Index of a label, or -1. */
int card_label(const struct card *c, const char *label);
#endif
