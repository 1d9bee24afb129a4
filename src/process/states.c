/* states.c - how inputs and pipelines stand, as publish knows it and says it in retained topics. */
#include "process/states.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "decide/gate.h"

struct input_view {
	enum input_state state;
	char reason[160];
};

struct pipeline_view {
	char label[MSG_NAME_BYTES]; /* what is on, or "" */
	char event[96];
	struct msg_model model;
	struct msg_decision last;
};

struct states {
	const struct settings *settings;
	const char *base;
	struct retained *retained;
	struct input_view *inputs;
	struct pipeline_view *pipelines;
	struct buf text;
	char topic[400];
};

int states_open(const struct settings *settings, const char *base, struct retained *retained,
		struct states **out, struct fault *f)
{
	struct states *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return fault_set(f, -ENOMEM, "states: no memory");
	*s = (struct states){ .settings = settings, .base = base, .retained = retained };
	s->inputs = calloc(settings->inputs.count + 1, sizeof(s->inputs[0]));
	s->pipelines = calloc(settings->pipelines.count + 1, sizeof(s->pipelines[0]));
	if (s->inputs == NULL || s->pipelines == NULL) {
		states_free(s);
		return fault_set(f, -ENOMEM, "states: no memory");
	}
	for (size_t i = 0; i < settings->inputs.count; i++)
		s->inputs[i].state = INPUT_OFFLINE;
	*out = s;
	return 0;
}

void states_free(struct states *s)
{
	if (s == NULL)
		return;
	free(s->inputs);
	free(s->pipelines);
	buf_fini(&s->text);
	free(s);
}

static const char *pipeline_input(const struct states *s, unsigned pipeline)
{
	return ((const struct pipeline_settings *)s->settings->pipelines.items[pipeline].settings)
		->from;
}

static const struct input_view *input_of(const struct states *s, unsigned pipeline)
{
	const struct schema_list *inputs = &s->settings->inputs;

	return &s->inputs[schema_find(inputs, pipeline_input(s, pipeline)) - inputs->items];
}

struct event_context states_context(const struct states *s, unsigned pipeline)
{
	const struct pipeline_view *view = &s->pipelines[pipeline];
	const struct input_view *input = input_of(s, pipeline);
	bool known = view->model.name[0] != '\0';

	return (struct event_context){
		.gateway = s->settings->gateway,
		.pipeline = s->settings->pipelines.items[pipeline].name,
		.input = pipeline_input(s, pipeline),
		.impaired = input->state == INPUT_IMPAIRED ? input->reason : NULL,
		.model = known ? view->model.name : NULL,
		.sha256 = known ? view->model.sha256 : NULL,
		.model_version = view->model.version,
		.now_ns = clock_monotonic_ns(),
		.wall_ns = clock_wall_ns(),
		.synchronised = clock_is_synchronised(),
	};
}

/* ---- saying it ---- */

static void say_pipeline(struct states *s, unsigned pipeline)
{
	struct event_context c = states_context(s, pipeline);
	const struct pipeline_view *view = &s->pipelines[pipeline];

	buf_clear(&s->text);
	event_state(&c, view->label, view->event, &s->text);
	snprintf(s->topic, sizeof(s->topic), "%s/%s/state", s->base, c.pipeline);
	retained_say(s->retained, s->topic, buf_text(&s->text));
}

/* Availability knows two words, as Home Assistant wants it: an impaired input is available. */
static void say_input(struct states *s, unsigned input)
{
	const char *name = s->settings->inputs.items[input].name;
	const struct input_view *view = &s->inputs[input];
	bool comes = view->state == INPUT_ONLINE || view->state == INPUT_IMPAIRED;

	if (!settings_input_used(s->settings, name))
		return;
	snprintf(s->topic, sizeof(s->topic), "%s/input/%s/availability", s->base, name);
	retained_say(s->retained, s->topic, comes ? "online" : "offline");
	buf_clear(&s->text);
	event_input(name, view->state, view->reason, &s->text);
	snprintf(s->topic, sizeof(s->topic), "%s/input/%s/status", s->base, name);
	retained_say(s->retained, s->topic, buf_text(&s->text));
}

static void put_names(struct json *j, const char *key, const struct schema_list *list)
{
	json_array(j, key);
	for (size_t i = 0; i < list->count; i++)
		json_string(j, NULL, list->items[i].name);
	json_end_array(j);
}

static void say_info(struct states *s)
{
	struct json j = { .out = &s->text };

	buf_clear(&s->text);
	json_object(&j, NULL);
	json_int(&j, "schema", 1);
	json_string(&j, "gateway", s->settings->gateway);
	json_string(&j, "version", PACKAGE_VERSION);
	put_names(&j, "inputs", &s->settings->inputs);
	put_names(&j, "pipelines", &s->settings->pipelines);
	json_end_object(&j);
	snprintf(s->topic, sizeof(s->topic), "%s/bridge/info", s->base);
	retained_say(s->retained, s->topic, buf_text(&s->text));
}

void states_say_all(struct states *s)
{
	snprintf(s->topic, sizeof(s->topic), "%s/bridge/state", s->base);
	retained_say(s->retained, s->topic, "online");
	say_info(s);
	for (unsigned i = 0; i < s->settings->inputs.count; i++)
		say_input(s, i);
	for (unsigned i = 0; i < s->settings->pipelines.count; i++)
		say_pipeline(s, i);
}

/* ---- what happens ---- */

void states_input(struct states *s, unsigned input, enum input_state state, const char *reason)
{
	struct input_view *view = &s->inputs[input];

	view->state = state;
	snprintf(view->reason, sizeof(view->reason), "%.*s", (int)sizeof(view->reason) - 1, reason);
	say_input(s, input);
}

void states_model(struct states *s, const struct msg_model *m)
{
	struct pipeline_view *view = &s->pipelines[m->pipeline];

	view->model = *m;
	if (m->active[0] != '\0') { /* this process is new, and the decision is not */
		memcpy(view->label, m->active, sizeof(view->label));
		memcpy(view->event, m->event, sizeof(view->event));
	}
	say_pipeline(s, m->pipeline);
}

void states_decision(struct states *s, const struct msg_decision *d)
{
	struct pipeline_view *view = &s->pipelines[d->window.pipeline];
	bool begin = d->phase == DECISION_BEGIN;

	snprintf(view->label, sizeof(view->label), "%s", begin ? d->label : "");
	snprintf(view->event, sizeof(view->event), "%s", begin ? d->event : "");
	view->last = *d;
	say_pipeline(s, d->window.pipeline);
}

bool states_end_of(const struct states *s, unsigned pipeline, struct msg_decision *out)
{
	const struct pipeline_view *view = &s->pipelines[pipeline];

	if (view->label[0] == '\0')
		return false;
	*out = view->last;
	out->phase = DECISION_END;
	out->reason = GATE_WORKER_LOST;
	out->window.pipeline = (uint16_t)pipeline;
	memcpy(out->label, view->label, sizeof(out->label));
	memcpy(out->event, view->event, sizeof(out->event));
	return true;
}
