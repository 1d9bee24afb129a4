/* why_json.c - the answer to a "why?" as one JSON object. */
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/json.h"
#include "process/why.h"

static void put_time(struct json *j, const char *key, const struct trace *t, size_t i)
{
	char text[CLOCK_TEXT_BYTES];

	if (trace_is_recording(t)) {
		json_double(j, key, (double)trace_time_ns(t, i, NULL) / 1e9);
		return;
	}
	clock_rfc3339(trace_time_ns(t, i, NULL), text);
	json_string(j, key, text);
}

static void put_meta(struct json *j, const struct trace_meta *m)
{
	json_string(j, "gateway", m->gateway);
	json_string(j, "pipeline", m->pipeline);
	json_string(j, "input", m->input);
	if (m->recording[0] != '\0')
		json_string(j, "recording", m->recording);
	json_object(j, "model");
	json_string(j, "name", m->model);
	json_int(j, "version", m->model_version);
	json_string(j, "sha256", m->sha256);
	json_end_object(j);
	json_object(j, "settings");
	json_double(j, "threshold", m->threshold);
	json_double(j, "margin", m->margin);
	json_int(j, "at_least", m->at_least);
	json_double(j, "hold_s", (double)m->hold_ns / 1e9);
	json_double(j, "smooth_s", (double)m->smooth_ns / 1e9);
	json_double(j, "hop_s", (double)m->hop_ns / 1e9);
	json_end_object(j);
}

static void put_scores(struct json *j, const struct trace *t, const struct trace_record *r)
{
	char text[TRACE_NAME_BYTES];

	json_array(j, "labels");
	for (size_t i = 0; i < TRACE_TOP && r->label[i] != TRACE_NO_LABEL; i++) {
		json_object(j, NULL);
		json_string(j, "label", trace_label(&t->meta, r->label[i], NULL, text));
		json_float(j, "score", r->smoothed[i]);
		json_end_object(j);
	}
	json_end_array(j);
	json_float(j, "raw", r->raw);
}

static void put_flags(struct json *j, const struct trace_record *r)
{
	static const char *const names[] = { "began",  "ended",	  "fresh",	 NULL,
					     "padded", "clipped", "dead_channel" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if ((r->flags & 1u << i) && names[i] != NULL)
			json_bool(j, names[i], true);
}

static void put_window(struct json *j, const struct trace *t, size_t i)
{
	const struct trace_record *r = &t->records[i];

	json_object(j, NULL);
	json_int(j, "window", (int64_t)r->window);
	put_time(j, "time", t, i);
	put_scores(j, t, r);
	json_int(j, "agreeing", r->agreeing);
	json_string(j, "verdict", gate_verdict_name(r->verdict));
	json_string(j, "reason", gate_reason_name(r->reason));
	put_flags(j, r);
	json_double(j, "inference_ms", r->inference_us / 1e3);
	json_double(j, "latency_ms", r->latency_us / 1e3);
	json_end_object(j);
}

static void put_change(struct json *j, const char *key, const struct answer *a,
		       const struct whatif_change *c)
{
	AUTO_BUF struct buf line = { 0 };

	json_object(j, key);
	json_array(j, "settings");
	for (size_t i = 0; i < c->count; i++) {
		const struct whatif_step *s = &c->steps[i];
		json_object(j, NULL);
		json_string(j, "key", whatif_setting_name(s->setting));
		json_double(j, "from", s->from);
		json_double(j, "to", s->to);
		json_double(j, "boundary", s->boundary);
		json_end_object(j);
	}
	json_end_array(j);
	why_yaml(a, c, &line);
	json_string(j, "yaml", buf_text(&line));
	json_end_object(j);
}

/* "change" is null where no setting of the gates turns the verdict. */
static void put_changes(struct json *j, const struct answer *a)
{
	const struct whatif_change only_labels = { 0 };

	if (a->change_count > 0)
		put_change(j, "change", a, &a->changes[0]);
	else if (a->not &&!a->decided && !a->may_decide && a->best > 0)
		put_change(j, "change", a, &only_labels);
	else
		json_string(j, "change", NULL);
	json_array(j, "others");
	for (int i = 1; i < a->change_count; i++)
		put_change(j, NULL, a, &a->changes[i]);
	json_end_array(j);
}

static void put_event(struct json *j, const struct answer *a)
{
	const struct trace *t = a->trace;
	char id[TRACE_ID_BYTES];

	if (a->event == a->end)
		return;
	why_id(t, a->event, id);
	json_string(j, "id", id);
	put_time(j, "time", t, a->event);
	json_string(j, "decided_by", why_decided_by(a));
	if (why_has_ended(a))
		put_time(j, "ended", t, a->ended);
}

static void put_obstacles(struct json *j, const struct answer *a)
{
	json_bool(j, "may_decide", a->may_decide);
	json_int(j, "best_in", (int64_t)a->best);
	json_float(j, "highest", a->highest);
	json_object(j, "against");
	for (size_t i = 0; i < ARRAY_SIZE(a->by_reason); i++)
		if (a->by_reason[i] > 0 && i != GATE_CONFIRMED)
			json_int(j, gate_reason_name((enum gate_reason)i),
				 (int64_t)a->by_reason[i]);
	json_end_object(j);
}

void why_print_json(const struct answer *a)
{
	AUTO_BUF struct buf line = { 0 };
	struct json j = { .out = &line };
	const struct trace *t = a->trace;
	char text[TRACE_NAME_BYTES];
	bool sure;

	trace_time_ns(t, a->first, &sure);
	json_object(&j, NULL);
	json_string(&j, "question", a->not ? "why not" : "why");
	json_string(&j, "label", trace_label(&t->meta, (unsigned)a->label, NULL, text));
	json_bool(&j, "decided", a->decided);
	put_event(&j, a);
	put_meta(&j, &t->meta);
	json_bool(&j, "clock_synchronised", sure);
	put_time(&j, "from", t, a->first);
	put_time(&j, "to", t, a->end - 1);
	if (a->not &&!a->decided)
		put_obstacles(&j, a);
	json_array(&j, "windows");
	for (size_t i = a->row; i < a->row_end; i++)
		put_window(&j, t, i);
	json_end_array(&j);
	put_changes(&j, a);
	json_end_object(&j);
	puts(buf_text(&line));
}
