/* tracer.c - what a chain says about windows, as trace records. */
#include "process/tracer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%.*s", (int)size - 1, text == NULL ? "" : text);
}

static const struct smooth_settings *smooth_of(const struct pipeline_settings *p)
{
	for (size_t i = 0; i < p->stages.count; i++)
		if (p->stages.items[i].schema == &smooth_schema)
			return p->stages.items[i].settings;
	return NULL;
}

/* Half of a long path says more at its end. */
static void copy_path(char *out, size_t size, const char *path)
{
	size_t length = path == NULL ? 0 : strlen(path);

	copy(out, size, length < size ? path : path + length - size + 1);
}

static void put_settings(const struct settings *s, const char *pipeline, const struct chain *c,
			 struct trace_meta *out)
{
	const struct pipeline_settings *p = settings_pipeline(s, pipeline);
	const struct smooth_settings *smooth = smooth_of(p);
	const struct decide_settings *d = chain_decide(c);
	const struct format *w = chain_output(c);

	copy(out->gateway, sizeof(out->gateway), s->gateway);
	copy(out->pipeline, sizeof(out->pipeline), pipeline);
	copy(out->input, sizeof(out->input), p->from);
	out->threshold = d->threshold;
	out->margin = d->margin;
	out->at_least = d->at_least;
	out->hold_ns = d->hold_ns;
	out->labels_named = d->labels.count > 0;
	out->length_ns = llround((double)w->length / w->rate_hz * 1e9);
	out->hop_ns = llround((double)w->hop / w->rate_hz * 1e9);
	out->smooth_ns = smooth == NULL ? 0 : smooth->over_ns;
	out->smooth_by = smooth == NULL ? 0 : (uint32_t)smooth->by;
}

void tracer_meta(const struct settings *s, const char *pipeline, const char *recording,
		 const struct chain *c, struct trace_meta *out)
{
	const struct card *card = chain_card(c);
	const bool *deciding = chain_output(c)->deciding;

	memset(out, 0, sizeof(*out));
	put_settings(s, pipeline, c, out);
	copy(out->model, sizeof(out->model), card->model);
	copy(out->sha256, sizeof(out->sha256), chain_model_hash(c));
	copy_path(out->recording, sizeof(out->recording), recording);
	out->model_version = card->version;
	for (size_t i = 0; i < card->labels.count; i++)
		trace_add_label(out, card->labels.items[i], deciding == NULL || deciding[i]);
}

static uint32_t microseconds(int64_t ns)
{
	return ns < 0 ? 0 : ns / 1000 > UINT32_MAX ? UINT32_MAX : (uint32_t)(ns / 1000);
}

void tracer_open(struct tracer *t, uint64_t stream, const struct chain *c)
{
	*t = (struct tracer){ .stream = stream, .labels = chain_output(c)->labels };
}

static uint8_t window_flags(const struct verdict *v)
{
	const struct block *b = v->block;
	unsigned flags = 0;

	flags |= v->began != GATE_NONE ? TRACE_BEGAN : 0;
	flags |= v->fresh ? TRACE_FRESH : 0;
	flags |= b->flags & BLOCK_PADDED ? TRACE_PADDED : 0;
	flags |= b->flags & BLOCK_CLIPPED ? TRACE_CLIPPED : 0;
	flags |= b->dead_channels != 0 ? TRACE_DEAD_CHANNEL : 0;
	return (uint8_t)flags;
}

void tracer_record(struct tracer *t, const struct verdict *v, int64_t now_ns, int64_t took_ns,
		   struct trace_record *out)
{
	const struct block *b = v->block;

	*out = (struct trace_record){ .stream = t->stream,
				      .window = v->window,
				      .label = { TRACE_NO_LABEL, TRACE_NO_LABEL, TRACE_NO_LABEL },
				      .ended = TRACE_NO_LABEL };
	if (b != NULL) {
		t->last_end_ns = v->end_ns;
		trace_put_scores(out, b->raw, b->scores, t->labels, &b->gate);
		out->flags = window_flags(v);
		out->inference_us = microseconds(took_ns);
		out->latency_us = microseconds(now_ns - v->end_ns);
	} else {
		out->flags = TRACE_NO_WINDOW;
	}
	out->end_ns = t->last_end_ns;
	if (v->ended == GATE_NONE)
		return;
	out->flags |= TRACE_ENDED;
	out->ended = (uint16_t)v->ended;
	out->end_reason = (uint8_t)v->end_reason;
}
