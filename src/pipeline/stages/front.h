/* front.h - what a card makes of a window or a picture: the values of the model's input. */
#ifndef EDGED_PIPELINE_STAGES_FRONT_H
#define EDGED_PIPELINE_STAGES_FRONT_H
#include "pipeline/format.h"
#include "settings/card.h"
#include "tensor/tensor.h"

struct front; /* layout private to front.c */

struct front_sizes {
	size_t all;	      /* values that front_run() writes */
	size_t inputs;	      /* of the model, made of one window (card: join) */
	size_t stride;	      /* values from one input to the next */
	size_t values;	      /* of one input */
	size_t rows, columns; /* of an input of a sound model, for people */
};

/* For blocks of that format and an input of that shape; says what does not fit. */
int front_open(const struct card *card, const struct format *in, const struct tensor *input,
	       struct arena *memory, struct front **out, struct fault *f);
const struct front_sizes *front_sizes(const struct front *f);
void front_run(struct front *f, const struct block *b, float *out);
void front_reset(struct front *f);
#endif
