/* event.c - decisions, windows and states as the JSON that integrators read (conf/schema/). */
#include "output/event.h"

#include "base/clock.h"
#include "base/json.h"
#include "decide/gate.h"

enum { EVENT_SCHEMA = 1 };

static void put_time(struct json *j, int64_t wall_ns, bool synchronised)
{
	char text[CLOCK_TEXT_BYTES];

	clock_rfc3339(wall_ns, text);
	json_string(j, "time", text);
	if (!synchronised)
		json_string(j, "clock", "unsynchronised");
}

static double milliseconds(int64_t ns)
{
	return (double)(ns / 1000) / 1000;
}

static void put_origin(struct json *j, const struct event_context *c)
{
	json_string(j, "gateway", c->gateway);
	json_string(j, "pipeline", c->pipeline);
	json_string(j, "input", c->input);
}

static void put_scores(struct json *j, const struct msg_window *w)
{
	json_array(j, "labels");
	for (uint32_t i = 0; i < w->top_count && i < MSG_TOP_LABELS; i++) {
		json_object(j, NULL);
		json_string(j, "label", w->top[i].label);
		json_float(j, "score", w->top[i].score);
		json_end_object(j);
	}
	json_end_array(j);
}

static void put_model(struct json *j, const struct event_context *c)
{
	json_object(j, "model");
	json_string(j, "name", c->model);
	json_int(j, "version", c->model_version);
	json_string(j, "sha256", c->sha256);
	json_end_object(j);
}

/* What the gates saw, so that "why?" has an answer. */
static void put_trace(struct json *j, const struct msg_window *w)
{
	json_object(j, "trace");
	json_int(j, "window", (int64_t)w->window);
	json_float(j, "raw", w->raw);
	json_float(j, "smoothed", w->smoothed);
	json_float(j, "second", w->second);
	json_float(j, "threshold", w->threshold);
	json_float(j, "margin", w->margin);
	json_int(j, "agreeing", w->agreeing);
	json_int(j, "at_least", w->at_least);
	json_string(j, "verdict", gate_verdict_name(w->verdict));
	json_string(j, "reason", gate_reason_name(w->reason));
	if (w->dead_channels != 0)
		json_int(j, "dead_channels", w->dead_channels);
	json_end_object(j);
}

static void put_latency(struct json *j, const struct event_context *c, const struct msg_window *w)
{
	json_object(j, "latency");
	json_double(j, "capture_ms", milliseconds(w->judged_ns - w->inference_ns - w->end_ns));
	json_double(j, "inference_ms", milliseconds(w->inference_ns));
	json_double(j, "publish_ms", milliseconds(c->now_ns - w->judged_ns));
	json_end_object(j);
}

void event_with_head(const struct event_head *h, const char *event, struct buf *out)
{
	struct json j = { .out = out };

	json_object(&j, NULL);
	put_time(&j, h->wall_ns, h->synchronised);
	json_double(&j, "age_ms", milliseconds(h->age_ns));
	if (h->resent)
		json_bool(&j, "resent", true);
	buf_printf(out, ",%s", event + 1); /* the event's own object goes on */
}

int64_t event_time_ns(const struct event_context *c, const struct msg_decision *d)
{
	return d->phase == DECISION_BEGIN ? d->window.end_ns : c->now_ns;
}

void event_decision(const struct event_context *c, const struct msg_decision *d, struct buf *out)
{
	struct json j = { .out = out };
	bool begin = d->phase == DECISION_BEGIN;

	json_object(&j, NULL);
	json_int(&j, "schema", EVENT_SCHEMA);
	json_string(&j, "id", d->event);
	put_origin(&j, c);
	json_string(&j, "phase", begin ? "begin" : "end");
	json_string(&j, "label", d->label);
	json_string(&j, "reason", gate_reason_name(d->reason));
	if (begin) {
		json_float(&j, "score", d->window.smoothed);
		put_scores(&j, &d->window);
	}
	json_string(&j, "tier", "device");
	if (c->impaired != NULL)
		json_string(&j, "impaired", c->impaired);
	put_model(&j, c);
	if (begin) {
		put_latency(&j, c, &d->window);
		put_trace(&j, &d->window);
	}
	json_end_object(&j);
}

void event_window(const struct event_context *c, const struct msg_window *w, struct buf *out)
{
	struct json j = { .out = out };

	json_object(&j, NULL);
	json_int(&j, "schema", EVENT_SCHEMA);
	put_origin(&j, c);
	put_time(&j, c->wall_ns - (c->now_ns - w->end_ns), c->synchronised);
	put_scores(&j, w);
	put_trace(&j, w);
	json_end_object(&j);
}

void event_state(const struct event_context *c, const char *label, const char *event,
		 struct buf *out)
{
	struct json j = { .out = out };
	bool on = label != NULL && label[0] != '\0';

	json_object(&j, NULL);
	json_int(&j, "schema", EVENT_SCHEMA);
	json_string(&j, "pipeline", c->pipeline);
	json_string(&j, "state", on ? "on" : "off");
	json_string(&j, "label", on ? label : NULL);
	json_string(&j, "event", on ? event : NULL);
	json_end_object(&j);
}

void event_input(const char *name, enum input_state state, const char *reason, struct buf *out)
{
	static const char *const words[] = { [INPUT_ONLINE] = "online",
					     [INPUT_IMPAIRED] = "impaired",
					     [INPUT_OFFLINE] = "offline",
					     [INPUT_ENDED] = "ended" };
	struct json j = { .out = out };

	json_object(&j, NULL);
	json_int(&j, "schema", EVENT_SCHEMA);
	json_string(&j, "input", name);
	json_string(&j, "state", words[state]);
	json_string(&j, "reason", reason[0] != '\0' ? reason : NULL);
	json_end_object(&j);
}
