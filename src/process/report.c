/* report.c - verdicts of a chain as the messages that publish gets. */
#include "process/report.h"

#include <stdio.h>
#include <string.h>

#include "decide/trace.h"
#include "process/top.h"

void reporter_open(struct reporter *r, const char *pipeline, unsigned index, uint64_t stream,
		   const struct chain *c)
{
	*r = (struct reporter){ .card = chain_card(c),
				.decide = chain_decide(c),
				.pipeline = pipeline,
				.index = index,
				.stream = stream,
				.active = GATE_NONE };
}

static void copy_name(char out[MSG_NAME_BYTES], const char *name)
{
	snprintf(out, MSG_NAME_BYTES, "%.*s", MSG_NAME_BYTES - 1, name);
}

/* The few best of the smoothed scores, best first. */
static void pick_top(const struct reporter *r, const float *scores, struct msg_window *w)
{
	size_t best[MSG_TOP_LABELS];
	size_t count = top_labels(scores, r->card->labels.count, MSG_TOP_LABELS, best);

	for (size_t i = 0; i < count; i++) {
		copy_name(w->top[i].label, r->card->labels.items[best[i]]);
		w->top[i].score = scores[best[i]];
	}
	w->top_count = (uint32_t)count;
}

void reporter_window(struct reporter *r, const struct verdict *v, int64_t now_ns, int64_t took_ns)
{
	struct msg_window *w = &r->window;
	const struct block *b = v->block;

	if (b == NULL)
		return;
	*w = (struct msg_window){
		.stream = r->stream,
		.window = v->window,
		.start_ns = v->start_ns,
		.end_ns = v->end_ns,
		.judged_ns = now_ns,
		.inference_ns = took_ns,
		.pipeline = (uint16_t)r->index,
		.verdict = (uint8_t)b->gate.verdict,
		.reason = (uint8_t)b->gate.reason,
		.agreeing = b->gate.agreeing,
		.raw = b->raw[b->gate.best],
		.smoothed = b->scores[b->gate.best],
		.second = b->gate.second == GATE_NONE ? 0 : b->scores[b->gate.second],
		.threshold = (float)r->decide->threshold,
		.margin = (float)r->decide->margin,
		.at_least = (uint32_t)r->decide->at_least,
		.flags = b->flags,
		.dead_channels = b->dead_channels,
	};
	pick_top(r, b->scores, w);
}

static void fill(const struct reporter *r, enum decision_phase phase, int label,
		 enum gate_reason reason, struct msg_decision *out)
{
	*out = (struct msg_decision){ .window = r->window,
				      .phase = (uint8_t)phase,
				      .reason = (uint8_t)reason };
	copy_name(out->label, r->card->labels.items[label]);
	snprintf(out->event, sizeof(out->event), "%s", r->event);
}

bool reporter_ended(struct reporter *r, const struct verdict *v, struct msg_decision *out)
{
	if (v->ended == GATE_NONE)
		return false;
	fill(r, DECISION_END, v->ended, v->end_reason, out);
	r->active = GATE_NONE;
	return true;
}

bool reporter_began(struct reporter *r, const struct verdict *v, struct msg_decision *out)
{
	if (v->began == GATE_NONE)
		return false;
	trace_id_write(r->stream, r->pipeline, v->window, r->event);
	r->active = v->began;
	fill(r, DECISION_BEGIN, v->began, GATE_CONFIRMED, out);
	return true;
}

void reporter_model(const struct reporter *r, const struct chain *c, struct msg_model *out)
{
	bool on = r->active != GATE_NONE;

	*out = (struct msg_model){ .pipeline = (uint16_t)r->index,
				   .labels = (uint16_t)r->card->labels.count,
				   .version = (uint32_t)r->card->version };
	copy_name(out->name, r->card->model);
	snprintf(out->sha256, sizeof(out->sha256), "%s", chain_model_hash(c));
	copy_name(out->active, on ? r->card->labels.items[r->active] : "");
	snprintf(out->event, sizeof(out->event), "%s", on ? r->event : "");
}
