/* chain.h - a pipeline: stages in a row, opened together, pure functions of what is pushed in. */
#ifndef EDGED_PIPELINE_CHAIN_H
#define EDGED_PIPELINE_CHAIN_H
#include "pipeline/stage.h"

struct chain; /* layout private to chain.c */

/* What the pipeline says about a window, or about the end of a decision. Borrowed. */
struct verdict {
	const struct block *block; /* of FORMAT_VERDICTS; NULL where only a decision ended */
	uint64_t window;	   /* counts hops from the stream's start */
	int64_t start_ns, end_ns;  /* of its samples, on the clock of the pushed times */
	int64_t start_offset_ns;   /* of its first sample from the stream's start */
	int began, ended;	   /* labels, or GATE_NONE */
	bool fresh;		   /* the first window since the start, or since a gap */
	enum gate_reason end_reason;
};
typedef void verdict_fn(void *context, const struct verdict *v);

/* Opens the model and the stages of that pipeline for an input of this format. Errors name the key:
 * "visitor.stages[1]: …". The settings are borrowed. End it with chain_free(). */
int chain_open(const struct settings *settings, const char *pipeline, const struct format *input,
	       verdict_fn *verdict, void *context, struct chain **out, struct fault *f);
void chain_free(struct chain *c);
AUTO_DEFINE(chain)

/* Interleaved samples; `index` counts from the stream's start. Where it does not go on from the
 * block before, or `gap` is set, the chain starts afresh there and ends what was decided. */
void chain_push(struct chain *c, uint64_t index, int64_t time_ns, bool gap, const float *samples,
		size_t frames);
/* The same with a picture: `index` counts pictures. */
void chain_push_picture(struct chain *c, uint64_t index, int64_t time_ns, bool gap,
			const uint8_t *pixels);
void chain_flush(struct chain *c,
		 enum gate_reason reason); /* the stream ended; a new one may begin */

const struct format *chain_output(const struct chain *c); /* windows, labels and who decides */
const struct card *chain_card(const struct chain *c);
const struct decide_settings *chain_decide(const struct chain *c);
const char *chain_model_hash(const struct chain *c); /* SHA-256 of the file, in hex */
bool chain_needs_float(const struct chain *c);	     /* convolutions in float: wants OpenBLAS */
size_t chain_history_frames(const struct chain *c);  /* input samples that a window reaches back */

/* Formats stage by stage, memory and cost, as --check-config prints them. */
void chain_describe(const struct chain *c, struct buf *out);
#endif
