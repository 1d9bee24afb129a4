/* stage.h - what everything between an input and a decision is: opened once, then pushed. */
#ifndef EDGED_PIPELINE_STAGE_H
#define EDGED_PIPELINE_STAGE_H
#include "base/arena.h"
#include "base/buf.h"
#include "base/fault.h"
#include "pipeline/format.h"
#include "settings/card.h"
#include "settings/settings.h"

struct stage;
struct model; /* model/model.h */

/* What a stage may use while it opens. */
struct stage_host {
	const struct settings *settings;
	struct arena *memory;
	const struct card *card; /* of the pipeline's model */
	struct model *model;
};

/* A kind of stage. Below `open` nothing fails and nothing is allocated. */
struct stage_ops {
	const struct schema *schema; /* its name, and its settings */
	/* Takes s->in, sets s->out and s->state, all memory from the host's arena. */
	int (*open)(struct stage *s, const void *settings, const struct stage_host *host,
		    struct fault *f);
	void (*push)(struct stage *s,
		     const struct block *b); /* calls stage_emit() 0 or more times */
	void (*reset)(
		struct stage *s); /* a gap: forget what came before; NULL: nothing to forget */
	void (*flush)(struct stage *s); /* the stream ended: emit what is left; NULL: nothing is */
	void (*describe)(const struct stage *s, struct buf *out); /* words behind its name; NULL */
};

struct stage {
	const struct stage_ops *ops;
	void *state;
	struct format in, out;
	struct stage *next; /* NULL: the last, its blocks go to the sink */
	void (*sink)(void *context, const struct block *b);
	void *sink_context;
	uint64_t macs; /* multiply-accumulates for each block that goes in */
};

static inline void stage_emit(const struct stage *s, const struct block *b)
{
	if (s->next != NULL)
		s->next->ops->push(s->next, b);
	else
		s->sink(s->sink_context, b);
}

extern const struct stage_ops stage_mix, stage_resample, stage_window, stage_crop, stage_resize,
	stage_model, stage_smooth, stage_decide;
extern const struct stage_ops *const stages_all[]; /* NULL at the end */
#endif
