/* publish.c - the role that holds the network: what the workers say goes to the broker. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "output/home_assistant.h"
#include "process/state_folder.h"
#include "process/states.h"
#include "process/worker.h"

enum { TURN_MS = 250, GOODBYE_MS = 2000, HEALTH_EVERY_S = 60, SILENT_BROKER_S = 120 };
enum { LONGEST_PAUSE_S = 300 };

/* One worker's queue; the order is that of the supervisor: inputs in use, then pipelines. */
struct source {
	struct publish *publish;
	enum role role;
	unsigned index; /* in the settings */
	int fd;
	struct watch watch;
};

struct publish {
	struct worker worker;
	const struct settings *settings;
	struct mqtt *mqtt;
	struct spool *spool;
	struct retained *retained;
	struct states *states;
	struct home_assistant *home_assistant;
	char base[256]; /* first part of every topic */
	struct source *sources;
	size_t source_count;
	int timer;
	struct watch tick;
	struct buf text;
	char topic[400];
	int farewell_id; /* of the last message before the end */
	int64_t goodbye_ns, health_ns;
	int64_t progress_ns; /* the broker last confirmed something, or had nothing to confirm */
	int64_t pause_ns, paused_until_ns; /* after it refused */
	struct log_gate refused_gate;
	bool stopping, said_farewell;
};

static const char *topic_of(struct publish *p, const char *name, const char *end)
{
	snprintf(p->topic, sizeof(p->topic), "%s/%s/%s", p->base, name, end);
	return p->topic;
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
	json_string(&j, "clock", clock_is_synchronised() ? "synchronised" : "unsynchronised");
	json_int(&j, "mqtt_version", mqtt_version(p->mqtt));
	json_int(&j, "publish_memory_kb", usage.ru_maxrss);
	json_int(&j, "waiting_events", (int64_t)spool_count(p->spool));
	json_int(&j, "dropped_events", (int64_t)spool_lost(p->spool));
	json_string(&j, "spool", spool_in_memory(p->spool) ? "memory" : "disk");
	json_end_object(&j);
	mqtt_publish(p->mqtt, topic_of(p, "bridge", "health"), buf_text(&p->text), false);
	p->health_ns = now_ns + HEALTH_EVERY_S * SECOND;
}

/* ---- events: in the spool until the broker has confirmed them ---- */

/* False where nothing more can be sent now. */
static bool send_event(struct publish *p, const struct spool_item *item)
{
	struct event_head head = { item->wall_ns, item->age_ns, item->synchronised,
				   item->sent_before };

	buf_clear(&p->text);
	event_with_head(&head, item->body, &p->text);
	int id = p->text.failed ? 0 : mqtt_publish(p->mqtt, item->topic, buf_text(&p->text), false);
	if (id == -EMSGSIZE)
		spool_dropped(p->spool, item->number, "the broker takes no messages of its size");
	else if (id <= 0)
		spool_unsent(p->spool, item->number);
	else
		spool_sent(p->spool, item->number, id);
	return id != 0;
}

static void send_events(struct publish *p)
{
	struct spool_item item;

	if (clock_monotonic_ns() < p->paused_until_ns)
		return;
	while (mqtt_is_online(p->mqtt) &&
	       spool_under_way(p->spool) < mqtt_most_under_way(p->mqtt) &&
	       spool_next(p->spool, &item))
		if (!send_event(p, &item))
			break;
}

static void on_decision(struct publish *p, struct msg_decision *d)
{
	struct event_context c = states_context(p->states, d->window.pipeline);

	buf_clear(&p->text);
	event_decision(&c, d, &p->text);
	if (p->text.failed)
		LOG_ERR("event %s is lost: no memory", d->event);
	else
		spool_put(p->spool, topic_of(p, c.pipeline, "event"), buf_text(&p->text),
			  event_time_ns(&c, d), mqtt_is_online(p->mqtt));
	send_events(p);
	states_decision(p->states, d);
}

static void on_window(struct publish *p, const struct msg_window *w)
{
	struct event_context c = states_context(p->states, w->pipeline);

	buf_clear(&p->text);
	event_window(&c, w, &p->text);
	mqtt_publish(p->mqtt, topic_of(p, c.pipeline, "raw"), buf_text(&p->text), false);
}

/* ---- what the workers say ---- */

/* Messages are made safe of: texts end. That a worker speaks only of itself, hear() has seen to. */
#define END_TEXT(array) ((array)[sizeof(array) - 1] = '\0')

static void hear_window(struct publish *p, struct msg_window *w)
{
	for (size_t i = 0; i < MSG_TOP_LABELS; i++)
		END_TEXT(w->top[i].label);
	on_window(p, w);
}

static void hear_decision(struct publish *p, struct msg_decision *d)
{
	for (size_t i = 0; i < MSG_TOP_LABELS; i++)
		END_TEXT(d->window.top[i].label);
	END_TEXT(d->label);
	END_TEXT(d->event);
	on_decision(p, d);
}

static void hear_model(struct publish *p, struct msg_model *m)
{
	END_TEXT(m->name);
	END_TEXT(m->sha256);
	END_TEXT(m->active);
	END_TEXT(m->event);
	states_model(p->states, m);
}

static void hear_input(struct publish *p, struct msg_input *m)
{
	END_TEXT(m->reason);
	if (m->state <= INPUT_ENDED)
		states_input(p->states, m->input, m->state, m->reason);
}

static void hear(const struct source *s, struct message *m)
{
	struct publish *p = s->publish;

	if (m->type == MSG_INPUT && m->body.input.input == s->index)
		hear_input(p, &m->body.input);
	else if (m->type == MSG_MODEL && m->body.model.pipeline == s->index)
		hear_model(p, &m->body.model);
	else if (m->type == MSG_WINDOW && m->body.window.pipeline == s->index)
		hear_window(p, &m->body.window);
	else if (m->type == MSG_DECISION && m->body.decision.window.pipeline == s->index)
		hear_decision(p, &m->body.decision);
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
	struct msg_decision end;

	for (size_t i = 0; i < p->source_count; i++)
		if (p->sources[i].role == m->role && p->sources[i].index == m->index)
			on_source(&p->sources[i], 0);
	if (m->role == ROLE_PIPELINE && m->index < p->settings->pipelines.count &&
	    states_end_of(p->states, m->index, &end))
		on_decision(p, &end);
	if (m->role == ROLE_CAPTURE && m->index < p->settings->inputs.count)
		states_input(p->states, m->index, INPUT_OFFLINE,
			     "its process ended and is started again");
}

static void on_message(void *context, const struct message *m)
{
	if (m->type == MSG_LOST)
		on_lost(context, &m->body.lost);
}

/* ---- the session ---- */

static bool send_retained(void *context, const char *topic, const char *payload)
{
	struct publish *p = context;

	return mqtt_publish(p->mqtt, topic, payload, true) > 0;
}

static void on_online(void *context)
{
	struct publish *p = context;
	int64_t now = clock_monotonic_ns();

	LOG_INFO("connected to %s, MQTT %s", p->settings->mqtt.broker,
		 mqtt_version(p->mqtt) == 5 ? "5" : "3.1.1");
	p->progress_ns = now;
	mqtt_subscribe(p->mqtt, home_assistant_status_topic(p->home_assistant));
	states_say_all(p->states);
	say_health(p, now);
	home_assistant_connected(p->home_assistant, now);
	retained_clear_rest(p->retained);
	send_events(p);
}

static void on_offline(void *context, const char *why)
{
	struct publish *p = context;

	LOG_WARN("no connection to %s: %s; %zu event%s waiting", p->settings->mqtt.broker, why,
		 spool_count(p->spool), spool_count(p->spool) == 1 ? "" : "s");
	spool_rewind(p->spool);
}

static void on_confirmed(void *context, int message_id)
{
	struct publish *p = context;

	p->progress_ns = clock_monotonic_ns();
	if (spool_number(p->spool, message_id) >= 0)
		p->pause_ns = 0;
	spool_confirmed(p->spool, message_id);
	send_events(p);
	if (p->stopping && message_id == p->farewell_id)
		p->said_farewell = p->worker.loop.stopped = true;
}

/* A broker without room, or without the right to publish there: tried again ever more rarely. */
static void on_refused(void *context, int message_id, const char *why, bool for_good)
{
	struct publish *p = context;
	int64_t now = clock_monotonic_ns(), number = spool_number(p->spool, message_id);

	p->progress_ns = now;
	if (log_gate(&p->refused_gate, now, 60))
		LOG_ERR("the broker refuses %s: %s", number < 0 ? "a state" : "an event", why);
	if (number < 0)
		return;
	if (for_good) {
		spool_dropped(p->spool, number, why);
		return;
	}
	spool_unsent(p->spool, number);
	p->pause_ns = p->pause_ns == 0 ? SECOND : 2 * p->pause_ns;
	if (p->pause_ns > LONGEST_PAUSE_S * SECOND)
		p->pause_ns = LONGEST_PAUSE_S * SECOND;
	p->paused_until_ns = now + p->pause_ns;
}

static void on_broker_message(void *context, const char *topic, const char *payload)
{
	struct publish *p = context;

	if (strcmp(topic, home_assistant_status_topic(p->home_assistant)) != 0 ||
	    strcmp(payload, "online") != 0)
		return;
	states_say_all(p->states);
	home_assistant_started(p->home_assistant, clock_monotonic_ns());
}

/* Availability goes last, when all events were confirmed; its own confirmation ends the process. */
static void say_goodbye(struct publish *p)
{
	if (p->farewell_id != 0 || spool_count(p->spool) > 0)
		return;
	for (unsigned i = 0; i < p->settings->inputs.count; i++)
		states_input(p->states, i, INPUT_OFFLINE, "the service has stopped");
	p->farewell_id = retained_say(p->retained, topic_of(p, "bridge", "state"), "offline");
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

/* A broker that answers pings and confirms nothing would be waited for without end. */
static void watch_progress(struct publish *p, int64_t now_ns)
{
	if (spool_under_way(p->spool) == 0)
		p->progress_ns = now_ns;
	if (now_ns - p->progress_ns > SILENT_BROKER_S * SECOND)
		mqtt_give_up(p->mqtt, "the broker confirms nothing");
}

static void end_if_time(struct publish *p, int64_t now_ns)
{
	size_t left = spool_count(p->spool);

	say_goodbye(p);
	if (now_ns < p->goodbye_ns && mqtt_is_online(p->mqtt))
		return;
	if (left > 0)
		LOG_WARN("%zu event%s could not be sent before the end%s", left,
			 left == 1 ? "" : "s",
			 spool_in_memory(p->spool) ? " and is lost" : "; the next start does");
	p->worker.loop.stopped = true;
}

static void on_tick(void *context, uint32_t events)
{
	struct publish *p = context;
	int64_t now = clock_monotonic_ns();

	(void)events;
	loop_timer_clear(p->timer);
	watch_progress(p, now);
	mqtt_turn(p->mqtt, now);
	spool_turn(p->spool, now);
	send_events(p);
	if (mqtt_is_online(p->mqtt))
		home_assistant_turn(p->home_assistant, now);
	if (mqtt_is_online(p->mqtt) && now >= p->health_ns)
		say_health(p, now);
	if (p->stopping)
		end_if_time(p, now);
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

	for (size_t i = 0; i < s->inputs.count; i++)
		if (settings_input_used(s, s->inputs.items[i].name))
			add_source(p, ROLE_CAPTURE, i);
	for (size_t i = 0; i < s->pipelines.count; i++)
		add_source(p, ROLE_PIPELINE, i);
}

static int open_session(struct publish *p, struct fault *f)
{
	const struct mqtt_settings *m = &p->settings->mqtt;
	struct mqtt_events events = { on_online,  on_offline,	     on_confirmed,
				      on_refused, on_broker_message, p };
	char client_id[128], will[300];

	snprintf(p->base, sizeof(p->base), "%.120s/%s", m->prefix, p->settings->gateway);
	snprintf(client_id, sizeof(client_id), "edged-%s", p->settings->gateway);
	snprintf(will, sizeof(will), "%s/bridge/state", p->base);
	return mqtt_open(m, m->client_id != NULL ? m->client_id : client_id, will, "offline",
			 &p->worker.loop, &events, &p->mqtt, f);
}

static int open_spool(struct publish *p, struct fault *f)
{
	const struct spool_settings *s = &p->settings->mqtt.spool;
	struct spool_limits limits = { s->bytes, s->age_ns };
	char folder[4096];
	int rc = state_folder(folder, sizeof(folder));

	if (rc < 0)
		LOG_ERR("state folder %s: %s", folder, strerror(-rc));
	rc = spool_open(rc < 0 ? NULL : folder, &limits, &p->spool, f);
	if (rc == 0 && spool_count(p->spool) > 0)
		LOG_INFO("%zu events wait in the spool", spool_count(p->spool));
	return rc;
}

static int open_outputs(struct publish *p, struct fault *f)
{
	int rc = open_spool(p, f);

	if (rc == 0)
		rc = open_session(p, f);
	if (rc == 0)
		rc = retained_open(p->spool, p->mqtt, &p->retained, f);
	if (rc == 0)
		rc = states_open(p->settings, p->base, p->retained, &p->states, f);
	if (rc == 0)
		rc = home_assistant_open(p->settings, p->base, p->spool, send_retained, p,
					 &p->home_assistant, f);
	return rc;
}

static int publish_open(struct publish *p, struct fault *f)
{
	p->settings = &p->worker.config->settings;
	p->sources = calloc(p->settings->inputs.count + p->settings->pipelines.count + 1,
			    sizeof(p->sources[0]));
	p->timer = loop_timer_create();
	if (p->sources == NULL || p->timer < 0)
		return fault_set(f, -ENOMEM, "no memory");
	list_sources(p);
	if ((int)p->source_count != p->worker.fd_count)
		return fault_set(f, -EPROTO, "%d queues for %zu workers", p->worker.fd_count,
				 p->source_count);
	int rc = open_outputs(p, f);
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

static void publish_close(struct publish *p)
{
	if (p->said_farewell)
		mqtt_goodbye(p->mqtt);
	mqtt_free(p->mqtt);
	home_assistant_free(p->home_assistant);
	states_free(p->states);
	retained_free(p->retained);
	spool_free(p->spool);
	buf_fini(&p->text);
	free(p->sources);
	worker_end(&p->worker);
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
	publish_close(&p);
	return code;
}
