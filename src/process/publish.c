/* publish.c - the role that holds the network: what the workers say goes to the broker. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "decide/gate.h"
#include "output/event.h"
#include "output/mqtt.h"
#include "output/outbox.h"
#include "process/worker.h"

enum { TURN_MS = 250, MOST_UNDER_WAY = 20, GOODBYE_MS = 2000, HEALTH_EVERY_S = 60 };

/* One worker's queue; the order is that of the supervisor: inputs in use, then pipelines. */
struct source {
	struct publish *publish;
	enum role role;
	unsigned index; /* in the settings */
	int fd;
	struct watch watch;
};

struct input_view {
	bool used;
	enum input_state state;
	char reason[160];
};

struct pipeline_view {
	char label[MSG_NAME_BYTES]; /* what is on, or "" */
	char event[96];
	struct msg_model model;
	struct msg_decision last;
};

struct publish {
	struct worker worker;
	const struct settings *settings;
	struct mqtt *mqtt;
	struct outbox outbox;
	char base[256]; /* first part of every topic */
	struct source *sources;
	size_t source_count;
	struct input_view *inputs;
	struct pipeline_view *pipelines;
	int timer;
	struct watch tick;
	struct buf text;
	char topic[400];
	int farewell_id; /* of the last message before the end */
	int64_t goodbye_ns, health_ns;
	bool stopping;
};

static const char *topic_of(struct publish *p, const char *format, const char *name)
{
	int used = snprintf(p->topic, sizeof(p->topic), "%s/", p->base);

	/* format is one of the literals below, with one %s for the name */
	snprintf(p->topic + used, sizeof(p->topic) - (size_t)used, format, name);
	return p->topic;
}

static const struct input_view *input_named(const struct publish *p, const char *name)
{
	return &p->inputs[schema_find(&p->settings->inputs, name) - p->settings->inputs.items];
}

static struct event_context context_of(const struct publish *p, unsigned pipeline)
{
	const struct schema_item *item = &p->settings->pipelines.items[pipeline];
	const struct pipeline_view *view = &p->pipelines[pipeline];
	const char *from = ((const struct pipeline_settings *)item->settings)->from;
	const struct input_view *input = input_named(p, from);
	bool known = view->model.name[0] != '\0';

	return (struct event_context){
		.gateway = p->settings->gateway,
		.pipeline = item->name,
		.input = from,
		.impaired = input->state == INPUT_IMPAIRED ? input->reason : NULL,
		.model = known ? view->model.name : NULL,
		.sha256 = known ? view->model.sha256 : NULL,
		.model_version = view->model.version,
		.now_ns = clock_monotonic_ns(),
		.wall_ns = clock_wall_ns(),
	};
}

/* ---- retained states: not kept in the outbox, said afresh at every connection ---- */

static void say_state(struct publish *p, unsigned pipeline)
{
	struct event_context c = context_of(p, pipeline);

	buf_clear(&p->text);
	event_state(&c, p->pipelines[pipeline].label, p->pipelines[pipeline].event, &p->text);
	mqtt_publish(p->mqtt, topic_of(p, "%s/state", c.pipeline), buf_text(&p->text), true);
}

/* Availability knows two words, as Home Assistant wants it: an impaired input is available. */
static void say_input(struct publish *p, unsigned input)
{
	const char *name = p->settings->inputs.items[input].name;
	const struct input_view *view = &p->inputs[input];
	bool comes = view->state == INPUT_ONLINE || view->state == INPUT_IMPAIRED;

	if (!view->used)
		return;
	mqtt_publish(p->mqtt, topic_of(p, "input/%s/availability", name),
		     comes ? "online" : "offline", true);
	buf_clear(&p->text);
	event_input(name, view->state, view->reason, &p->text);
	mqtt_publish(p->mqtt, topic_of(p, "input/%s/status", name), buf_text(&p->text), true);
}

static void set_input(struct publish *p, unsigned input, enum input_state state, const char *reason)
{
	struct input_view *view = &p->inputs[input];

	view->state = state;
	snprintf(view->reason, sizeof(view->reason), "%.*s", (int)sizeof(view->reason) - 1, reason);
	say_input(p, input);
}

static void say_info(struct publish *p)
{
	struct json j = { .out = &p->text };

	buf_clear(&p->text);
	json_object(&j, NULL);
	json_int(&j, "schema", 1);
	json_string(&j, "gateway", p->settings->gateway);
	json_string(&j, "version", PACKAGE_VERSION);
	json_array(&j, "inputs");
	for (size_t i = 0; i < p->settings->inputs.count; i++)
		json_string(&j, NULL, p->settings->inputs.items[i].name);
	json_end_array(&j);
	json_array(&j, "pipelines");
	for (size_t i = 0; i < p->settings->pipelines.count; i++)
		json_string(&j, NULL, p->settings->pipelines.items[i].name);
	json_end_array(&j);
	json_end_object(&j);
	mqtt_publish(p->mqtt, topic_of(p, "bridge/%s", "info"), buf_text(&p->text), true);
}

static void say_health(struct publish *p, int64_t now_ns)
{
	struct json j = { .out = &p->text };
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	buf_clear(&p->text);
	json_object(&j, NULL);
	json_int(&j, "schema", 1);
	json_int(&j, "pid", getppid()); /* the service is the supervisor */
	json_int(&j, "uptime_s", (now_ns - p->worker.started_ns) / SECOND);
	json_int(&j, "publish_memory_kb", usage.ru_maxrss);
	json_int(&j, "waiting_events", (int64_t)p->outbox.count);
	json_int(&j, "dropped_events", (int64_t)p->outbox.dropped);
	json_end_object(&j);
	mqtt_publish(p->mqtt, topic_of(p, "bridge/%s", "health"), buf_text(&p->text), false);
	p->health_ns = now_ns + HEALTH_EVERY_S * SECOND;
}

static void say_all(struct publish *p)
{
	mqtt_publish(p->mqtt, topic_of(p, "bridge/%s", "state"), "online", true);
	say_info(p);
	for (unsigned i = 0; i < p->settings->inputs.count; i++)
		say_input(p, i);
	for (unsigned i = 0; i < p->settings->pipelines.count; i++)
		say_state(p, i);
	say_health(p, clock_monotonic_ns());
}

/* ---- events: in the outbox until the broker has confirmed them ---- */

/* The same event with the word that a subscriber may have it already. */
static const char *marked_resent(struct publish *p, const char *payload)
{
	buf_clear(&p->text);
	buf_printf(&p->text, "{\"resent\":true,%s", payload + 1);
	return buf_text(&p->text);
}

static void send_events(struct publish *p)
{
	struct outbox_item *item;

	while (mqtt_is_online(p->mqtt) && outbox_under_way(&p->outbox) < MOST_UNDER_WAY &&
	       (item = outbox_next(&p->outbox)) != NULL) {
		const char *payload =
			item->sent_before ? marked_resent(p, item->payload) : item->payload;
		item->message_id = mqtt_publish(p->mqtt, item->topic, payload, false);
		if (item->message_id == 0)
			break;
	}
}

static void put_event(struct publish *p, const struct msg_decision *d)
{
	unsigned pipeline = d->window.pipeline;
	struct event_context c = context_of(p, pipeline);

	buf_clear(&p->text);
	event_decision(&c, d, &p->text);
	if (p->text.failed ||
	    outbox_put(&p->outbox, topic_of(p, "%s/event", c.pipeline), buf_text(&p->text)) < 0)
		LOG_ERR("event %s is lost: no memory", d->event);
	send_events(p);
}

/* What every message is made safe of: texts end, indices are ours. */
static void on_decision(struct publish *p, struct msg_decision *d)
{
	struct pipeline_view *view = &p->pipelines[d->window.pipeline];
	bool begin = d->phase == DECISION_BEGIN;

	d->label[MSG_NAME_BYTES - 1] = d->event[sizeof(d->event) - 1] = '\0';
	snprintf(view->label, sizeof(view->label), "%s", begin ? d->label : "");
	snprintf(view->event, sizeof(view->event), "%s", begin ? d->event : "");
	view->last = *d;
	put_event(p, d);
	say_state(p, d->window.pipeline);
}

/* A pipeline died with a decision open, or its input went away with it: close it in its name. */
static void close_open_event(struct publish *p, unsigned pipeline)
{
	struct pipeline_view *view = &p->pipelines[pipeline];
	struct msg_decision end = view->last;

	if (view->label[0] == '\0')
		return;
	end.phase = DECISION_END;
	end.reason = GATE_WORKER_LOST;
	end.window.pipeline = (uint16_t)pipeline;
	memcpy(end.label, view->label, sizeof(end.label));
	memcpy(end.event, view->event, sizeof(end.event));
	on_decision(p, &end);
}

static void on_model(struct publish *p, struct msg_model *m)
{
	struct pipeline_view *view = &p->pipelines[m->pipeline];

	m->name[MSG_NAME_BYTES - 1] = m->active[MSG_NAME_BYTES - 1] = '\0';
	m->sha256[sizeof(m->sha256) - 1] = m->event[sizeof(m->event) - 1] = '\0';
	view->model = *m;
	if (m->active[0] != '\0') { /* this process is new, and the decision is not */
		memcpy(view->label, m->active, sizeof(view->label));
		memcpy(view->event, m->event, sizeof(view->event));
	}
	say_state(p, m->pipeline);
}

static void on_window(struct publish *p, struct msg_window *w)
{
	struct event_context c = context_of(p, w->pipeline);

	for (size_t i = 0; i < MSG_TOP_LABELS; i++)
		w->top[i].label[MSG_NAME_BYTES - 1] = '\0';
	buf_clear(&p->text);
	event_window(&c, w, &p->text);
	mqtt_publish(p->mqtt, topic_of(p, "%s/raw", c.pipeline), buf_text(&p->text), false);
}

static void on_input(struct publish *p, const struct msg_input *m)
{
	if (m->state <= INPUT_ENDED)
		set_input(p, m->input, m->state, m->reason);
}

/* A worker speaks only of itself. */
static bool is_own(const struct source *s, unsigned index)
{
	return s->index == index;
}

static void hear(const struct source *s, struct message *m)
{
	struct publish *p = s->publish;

	switch (m->type) {
	case MSG_INPUT:
		if (is_own(s, m->body.input.input))
			on_input(p, &m->body.input);
		break;
	case MSG_MODEL:
		if (is_own(s, m->body.model.pipeline))
			on_model(p, &m->body.model);
		break;
	case MSG_WINDOW:
		if (is_own(s, m->body.window.pipeline))
			on_window(p, &m->body.window);
		break;
	case MSG_DECISION:
		if (is_own(s, m->body.decision.window.pipeline))
			on_decision(p, &m->body.decision);
		break;
	default: break;
	}
}

static void on_source(void *context, uint32_t events)
{
	struct source *s = context;
	struct message m;
	int rc;

	(void)events;
	while ((rc = channel_receive(s->fd, s->role, &m)) == 1)
		hear(s, &m);
	if (rc < 0) {
		LOG_ERR("a queue is unusable: %s", strerror(-rc));
		loop_remove(&s->publish->worker.loop, &s->watch);
	}
}

/* What a dead worker had still said comes first; then it is known to be gone. */
static void on_lost(struct publish *p, const struct msg_lost *m)
{
	for (size_t i = 0; i < p->source_count; i++)
		if (p->sources[i].role == m->role && p->sources[i].index == m->index)
			on_source(&p->sources[i], 0);
	if (m->role == ROLE_PIPELINE && m->index < p->settings->pipelines.count)
		close_open_event(p, m->index);
	if (m->role == ROLE_CAPTURE && m->index < p->settings->inputs.count)
		set_input(p, m->index, INPUT_OFFLINE, "its process ended and is started again");
}

static void on_message(void *context, const struct message *m)
{
	if (m->type == MSG_LOST)
		on_lost(context, &m->body.lost);
}

/* ---- the session ---- */

static void on_online(void *context)
{
	struct publish *p = context;

	LOG_INFO("connected to %s", p->settings->mqtt.broker);
	say_all(p);
	send_events(p);
}

static void on_offline(void *context, const char *why)
{
	struct publish *p = context;

	LOG_WARN("no connection to %s: %s; %zu event%s waiting", p->settings->mqtt.broker, why,
		 p->outbox.count, p->outbox.count == 1 ? "" : "s");
	outbox_rewind(&p->outbox);
}

static void on_confirmed(void *context, int message_id)
{
	struct publish *p = context;

	outbox_confirmed(&p->outbox, message_id);
	send_events(p);
	if (p->stopping && message_id == p->farewell_id)
		p->worker.loop.stopped = true;
}

/* Availability goes last, when all events were confirmed; its own confirmation ends the process. */
static void say_goodbye(struct publish *p)
{
	if (p->farewell_id != 0 || p->outbox.count > 0)
		return;
	for (unsigned i = 0; i < p->settings->inputs.count; i++)
		set_input(p, i, INPUT_OFFLINE, "the service has stopped");
	p->farewell_id = mqtt_publish(p->mqtt, topic_of(p, "bridge/%s", "state"), "offline", true);
}

static void on_stop(void *context)
{
	struct publish *p = context;

	for (size_t i = 0; i < p->source_count; i++)
		on_source(&p->sources[i], 0);
	p->stopping = true;
	p->goodbye_ns = clock_monotonic_ns() + GOODBYE_MS * MILLISECOND;
	if (!mqtt_is_online(p->mqtt))
		p->worker.loop.stopped = true;
	else
		say_goodbye(p);
}

static void on_tick(void *context, uint32_t events)
{
	struct publish *p = context;
	int64_t now = clock_monotonic_ns();

	(void)events;
	loop_timer_clear(p->timer);
	mqtt_turn(p->mqtt, now);
	send_events(p);
	if (mqtt_is_online(p->mqtt) && now >= p->health_ns)
		say_health(p, now);
	if (!p->stopping)
		return;
	say_goodbye(p);
	if (now >= p->goodbye_ns || !mqtt_is_online(p->mqtt)) {
		if (p->outbox.count > 0)
			LOG_WARN("%zu event%s could not be sent before the end", p->outbox.count,
				 p->outbox.count == 1 ? "" : "s");
		p->worker.loop.stopped = true;
	}
}

/* ---- setting up ---- */

static void add_source(struct publish *p, enum role role, size_t index)
{
	struct source *s = &p->sources[p->source_count];

	*s = (struct source){ .publish = p,
			      .role = role,
			      .index = (unsigned)index,
			      .fd = WORKER_FD_OWN + (int)p->source_count };
	p->source_count++;
}

static void list_sources(struct publish *p)
{
	const struct settings *s = p->settings;

	for (size_t i = 0; i < s->inputs.count; i++) {
		for (size_t k = 0; k < s->pipelines.count && !p->inputs[i].used; k++) {
			const struct pipeline_settings *pipeline = s->pipelines.items[k].settings;
			p->inputs[i].used = strcmp(pipeline->from, s->inputs.items[i].name) == 0;
		}
		p->inputs[i].state = INPUT_OFFLINE;
		if (p->inputs[i].used)
			add_source(p, ROLE_CAPTURE, i);
	}
	for (size_t i = 0; i < s->pipelines.count; i++)
		add_source(p, ROLE_PIPELINE, i);
}

static int open_session(struct publish *p, struct fault *f)
{
	const struct mqtt_settings *m = &p->settings->mqtt;
	struct mqtt_events events = { on_online, on_offline, on_confirmed, p };
	char client_id[128], will[300];

	snprintf(p->base, sizeof(p->base), "%.120s/%s", m->prefix, p->settings->gateway);
	snprintf(client_id, sizeof(client_id), "edged-%s", p->settings->gateway);
	snprintf(will, sizeof(will), "%s/bridge/state", p->base);
	return mqtt_open(m, m->client_id != NULL ? m->client_id : client_id, will, "offline",
			 &p->worker.loop, &events, &p->mqtt, f);
}

static int publish_open(struct publish *p, struct fault *f)
{
	p->settings = &p->worker.config->settings;
	p->inputs = calloc(p->settings->inputs.count + 1, sizeof(p->inputs[0]));
	p->pipelines = calloc(p->settings->pipelines.count + 1, sizeof(p->pipelines[0]));
	p->sources = calloc(p->settings->inputs.count + p->settings->pipelines.count + 1,
			    sizeof(p->sources[0]));
	p->timer = loop_timer_create();
	if (p->inputs == NULL || p->pipelines == NULL || p->sources == NULL || p->timer < 0)
		return fault_set(f, -ENOMEM, "no memory");
	list_sources(p);
	if ((int)p->source_count != p->worker.fd_count)
		return fault_set(f, -EPROTO, "%d queues for %zu workers", p->worker.fd_count,
				 p->source_count);
	int rc = open_session(p, f);
	if (rc < 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < p->source_count; i++)
		rc = loop_add(&p->worker.loop, &p->sources[i].watch, p->sources[i].fd, EPOLLIN,
			      on_source, &p->sources[i]);
	if (rc == 0)
		rc = loop_add(&p->worker.loop, &p->tick, p->timer, EPOLLIN, on_tick, p);
	loop_timer_set(p->timer, 1, TURN_MS * MILLISECOND);
	return rc < 0 ? fault_set(f, rc, "start: %s", strerror(-rc)) : 0;
}

int role_publish(int argc, char **argv)
{
	static struct publish p;
	struct fault f = { 0 };
	enum exit_code code = worker_start(&p.worker, ROLE_PUBLISH, argc, argv);

	if (code != EXIT_DONE)
		return code;
	p.worker.on_stop = on_stop;
	p.worker.on_message = on_message;
	p.worker.context = &p;
	if (publish_open(&p, &f) < 0) {
		code = worker_failed(&p.worker, &f);
	} else {
		worker_ready(&p.worker);
		code = worker_run(&p.worker);
	}
	mqtt_free(p.mqtt);
	outbox_fini(&p.outbox);
	buf_fini(&p.text);
	free(p.inputs);
	free(p.pipelines);
	free(p.sources);
	worker_end(&p.worker);
	return code;
}
