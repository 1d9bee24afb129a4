/* chain.c - a pipeline: stages in a row, opened together, pure functions of what is pushed in. */
#include "pipeline/chain.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "config/unit.h"
#include "model/model.h"
#include "nn/net.h"
#include "pipeline/negotiate.h"
#include "pipeline/stages/model.h"

struct chain {
	struct arena *memory;
	struct model *model;
	struct card card;
	const char *name; /* of the pipeline, borrowed */
	const struct decide_settings *decide;
	struct format input;
	struct stage stages[CHAIN_MOST_STAGES];
	size_t count;
	verdict_fn *verdict;
	void *context;

	bool anchored;	     /* the two below say when samples were taken */
	uint64_t next_index; /* of the sample that goes on without a gap */
	uint64_t anchor_index;
	int64_t anchor_ns;
	uint64_t last_window;
	bool fresh; /* no window was judged since the start, or since a gap */
};

const struct decide_settings *chain_decide(const struct chain *c)
{
	return c->decide;
}

const struct card *chain_card(const struct chain *c)
{
	return &c->card;
}

const char *chain_model_hash(const struct chain *c)
{
	return model_sha256(c->model);
}

static const struct stage *last_stage(const struct chain *c)
{
	return &c->stages[c->count - 1];
}

static const struct stage *stage_of(const struct chain *c, const struct stage_ops *ops)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->stages[i].ops == ops)
			return &c->stages[i];
	return NULL;
}

const struct format *chain_output(const struct chain *c)
{
	return &last_stage(c)->out;
}

bool chain_needs_float(const struct chain *c)
{
	return net_needs_gemm(model_stage_net(stage_of(c, &stage_model)));
}

size_t chain_history_frames(const struct chain *c)
{
	const struct format *w = &last_stage(c)->out;

	return (size_t)ceil((double)w->length / w->rate_hz * c->input.rate_hz) +
	       (size_t)(c->input.rate_hz / 50);
}

/* Nanoseconds of sample `index` from the stream's start; exact as long as it matters (2^53
 * samples). */
static int64_t offset_ns(uint64_t index, double rate_hz)
{
	return (int64_t)llround((double)index / rate_hz * 1e9);
}

/* What the last stage says about a window becomes what the outside gets to know. */
static void on_verdict(void *context, const struct block *b)
{
	struct chain *c = context;
	const struct format *w = &last_stage(c)->out;
	int64_t start = offset_ns(b->index, w->rate_hz);
	int64_t anchor = c->anchor_ns - offset_ns(c->anchor_index, c->input.rate_hz);
	struct verdict v = {
		.block = b,
		.window = b->index / w->hop,
		.start_offset_ns = start,
		.start_ns = anchor + start,
		.end_ns = anchor + offset_ns(b->index + w->length, w->rate_hz),
		.began = b->gate.verdict == GATE_ON ? b->gate.best : GATE_NONE,
		.ended = b->gate.ended,
		.end_reason = b->gate.end_reason,
		.fresh = c->fresh,
	};

	c->fresh = false;
	c->last_window = v.window;
	c->verdict(c->context, &v);
}

/* The card that belongs to a model: named, or the model's name with .yaml. */
static const char *card_path(const struct model_settings *m, struct arena *memory)
{
	const char *dot = strrchr(m->file, '.'), *slash = strrchr(m->file, '/');

	if (m->card != NULL)
		return m->card;
	if (dot == NULL || (slash != NULL && dot < slash))
		return arena_printf(memory, "%s.yaml", m->file);
	return arena_printf(memory, "%.*s.yaml", (int)(dot - m->file), m->file);
}

static int open_model(struct chain *c, const struct model_settings *m, struct fault *f)
{
	const char *path = card_path(m, c->memory);

	if (path == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	int rc = card_load(path, c->memory, &c->card, f);
	if (rc < 0)
		return rc;
	struct graph_wish wish = { .height = (int32_t)c->card.picture.shape.size.height,
				   .width = (int32_t)c->card.picture.shape.size.width,
				   .channels = c->card.picture.colour == COLOUR_GREY ? 1 : 3 };
	rc = model_open_as(m->file, &wish, &c->model, f);
	if (rc < 0)
		return rc;
	if (c->card.sha256 != NULL && strcmp(c->card.sha256, model_sha256(c->model)) != 0)
		return fault_set(f, -EBADMSG,
				 "%s: damaged, or not the file of its card: its SHA-256 is %s, "
				 "%s says %s",
				 m->file, model_sha256(c->model), path, c->card.sha256);
	return 0;
}

static int open_stages(struct chain *c, const struct settings *settings,
		       const struct planned_stage *plan, struct fault *f)
{
	struct stage_host host = { settings, c->memory, &c->card, c->model };
	struct format format = c->input;

	for (size_t i = 0; i < c->count; i++) {
		struct stage *s = &c->stages[i];
		*s = (struct stage){ .ops = plan[i].ops,
				     .in = format,
				     .next = i + 1 < c->count ? s + 1 : NULL,
				     .sink = on_verdict,
				     .sink_context = c };
		int rc = s->ops->open(s, plan[i].settings, &host, f);
		if (rc < 0 && plan[i].place >= 0)
			fault_prefix(f, "stages[%d].%s", plan[i].place, s->ops->schema->name);
		else if (rc < 0)
			fault_prefix(f, "%s", s->ops->schema->name);
		if (rc < 0)
			return rc;
		if (s->ops == &stage_decide)
			c->decide = plan[i].settings;
		format = s->out;
	}
	return 0;
}

static const struct model_settings *model_of(const struct settings *s,
					     const struct pipeline_settings *p)
{
	for (size_t i = 0; i < p->stages.count; i++)
		if (p->stages.items[i].schema == &model_stage_schema) {
			const struct model_stage_settings *m = p->stages.items[i].settings;
			return settings_model(s, m->name);
		}
	return NULL;
}

static int open_all(struct chain *c, const struct settings *settings,
		    const struct pipeline_settings *p, struct fault *f)
{
	const struct model_settings *m = model_of(settings, p);
	struct planned_stage plan[CHAIN_MOST_STAGES];

	if (m == NULL)
		return fault_set(f, -EINVAL, "stages: no model (a stage '- model: NAME')");
	int rc = open_model(c, m, f);
	if (rc == 0)
		rc = negotiate(p, &c->card, &c->input, c->memory, plan, &c->count, f);
	if (rc == 0)
		rc = open_stages(c, settings, plan, f);
	if (rc == 0 && c->card.output == OUTPUT_LOGITS && chain_decide(c) != NULL)
		LOG_WARN("pipelines.%s: model %s gives logits: its threshold %g is no probability",
			 c->name, c->card.model, chain_decide(c)->threshold);
	return rc;
}

int chain_open(const struct settings *settings, const char *pipeline, const struct format *input,
	       verdict_fn *verdict, void *context, struct chain **out, struct fault *f)
{
	const struct pipeline_settings *p = settings_pipeline(settings, pipeline);
	AUTO(chain) struct chain *c = calloc(1, sizeof(*c));

	if (c != NULL)
		c->memory = arena_create();
	if (c == NULL || c->memory == NULL)
		return fault_set(f, -ENOMEM, "pipelines.%s: no memory", pipeline);
	if (p == NULL)
		return fault_set(f, -ENOENT, "no pipeline is named '%s'", pipeline);
	c->name = pipeline;
	c->verdict = verdict;
	c->context = context;
	c->input = *input;
	c->fresh = true;
	int rc = open_all(c, settings, p, f);
	if (rc < 0) {
		fault_prefix(f, "pipelines.%s", pipeline);
		return rc;
	}
	*out = TAKE(c);
	return 0;
}

void chain_free(struct chain *c)
{
	if (c == NULL)
		return;
	model_free(c->model);
	arena_free(c->memory);
	free(c);
}

/* Everything is forgotten from the first stage on; a decision that was on has ended. */
static void start_afresh(struct chain *c, enum gate_reason reason)
{
	int was_on = decide_stage_active(last_stage(c));

	for (size_t i = 0; i < c->count; i++)
		if (c->stages[i].ops->reset != NULL)
			c->stages[i].ops->reset(&c->stages[i]);
	c->anchored = false;
	c->fresh = true;
	if (was_on == GATE_NONE)
		return;
	c->verdict(c->context, &(struct verdict){ .window = c->last_window,
						  .began = GATE_NONE,
						  .ended = was_on,
						  .end_reason = reason });
}

static void push_block(struct chain *c, const struct block *b, int64_t time_ns, bool gap)
{
	if (c->anchored && (gap || b->index != c->next_index))
		start_afresh(c, GATE_GAP);
	if (!c->anchored) {
		c->anchored = true;
		c->anchor_index = b->index;
		c->anchor_ns = time_ns;
	}
	c->next_index = b->index + b->frames;
	if (b->frames > 0)
		c->stages[0].ops->push(&c->stages[0], b);
}

void chain_push(struct chain *c, uint64_t index, int64_t time_ns, bool gap, const float *samples,
		size_t frames)
{
	struct block b = { .index = index, .frames = frames, .samples = samples };

	push_block(c, &b, time_ns, gap);
}

void chain_push_picture(struct chain *c, uint64_t index, int64_t time_ns, bool gap,
			const uint8_t *pixels)
{
	struct block b = { .index = index, .frames = 1, .pixels = pixels };

	push_block(c, &b, time_ns, gap);
}

void chain_flush(struct chain *c, enum gate_reason reason)
{
	for (size_t i = 0; i < c->count && c->anchored; i++)
		if (c->stages[i].ops->flush != NULL)
			c->stages[i].ops->flush(&c->stages[i]);
	start_afresh(c, reason);
}

static void describe_cost(const struct chain *c, struct buf *out)
{
	const struct format *w = &last_stage(c)->out;
	double windows_a_second = w->rate_hz / (double)w->hop;
	uint64_t macs = 0;
	char memory[40];

	for (size_t i = 0; i < c->count; i++)
		macs += c->stages[i].macs;
	unit_write(UNIT_SIZE, (double)arena_bytes(c->memory), memory, sizeof(memory));
	buf_printf(out,
		   "  memory: %s for stages and model, besides the model's file of %zu bytes\n",
		   memory, model_file_bytes(c->model));
	buf_printf(out, "  cost: %.3g million MACs a %s", (double)macs / 1e6,
		   w->width > 0 ? "picture" : "window");
	if (!w->still)
		buf_printf(out, ", %.3g million a second", (double)macs / 1e6 * windows_a_second);
	buf_putc(out, '\n');
}

void chain_describe(const struct chain *c, struct buf *out)
{
	buf_printf(out, "pipeline %s\n  input: ", c->name);
	format_describe(&c->input, out);
	for (size_t i = 0; i < c->count; i++) {
		const struct stage *s = &c->stages[i];
		buf_printf(out, "\n  %s: ", s->ops->schema->name);
		format_describe(&s->out, out);
		if (s->ops->describe != NULL) {
			buf_puts(out, "; ");
			s->ops->describe(s, out);
		}
	}
	buf_putc(out, '\n');
	describe_cost(c, out);
}
