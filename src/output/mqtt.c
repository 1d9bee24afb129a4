/* mqtt.c - one session with a broker over libmosquitto, driven by our own loop. */
#include "output/mqtt.h"

#include <errno.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "output/mqtt_client.h"

enum { ANSWER_DEADLINE_S = 10, LONGEST_WAIT_S = 300, STABLE_S = 60, MOST_UNDER_WAY = 20 };

enum state {
	STATE_OFFLINE,
	STATE_REACHING, /* the thread has the client */
	STATE_GREETING, /* connected; the broker has not said yes yet */
	STATE_ONLINE,
};

struct mqtt {
	const struct mqtt_settings *settings;
	struct mqtt_address address;
	char *client_id, *will_topic, *will;
	struct mosquitto *client;
	struct mqtt_attempt attempt;
	struct loop *loop;
	struct watch socket, reached;
	struct mqtt_events events;
	enum state state;
	int version; /* 5 or 3: what is tried, or agreed on */
	bool broken; /* a callback found out: go offline in mqtt_turn() */
	bool other_version;
	unsigned most_under_way;
	char why[160];
	unsigned failures; /* in a row */
	int64_t next_try_ns, deadline_ns, online_since_ns;
};

static void say_why(struct mqtt *m, const char *why)
{
	snprintf(m->why, sizeof(m->why), "%.150s", why);
}

/* ---- what libmosquitto calls ---- */

/* A broker of MQTT 3.1.1 answers with its own code 1, or libmosquitto with that of MQTT 5. */
static bool is_version_trouble(const struct mqtt *m, int code)
{
	return m->version == 5 && (code == MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION || code == 1);
}

static void on_connect(struct mosquitto *client, void *context, int code, int flags,
		       const mosquitto_property *properties)
{
	struct mqtt *m = context;
	uint16_t most = MOST_UNDER_WAY;

	(void)client;
	(void)flags;
	if (code != 0) {
		say_why(m, code >= 128 ? mosquitto_reason_string(code)
				       : mosquitto_connack_string(code));
		m->other_version = is_version_trouble(m, code);
		m->broken = true;
		return;
	}
	mosquitto_property_read_int16(properties, MQTT_PROP_RECEIVE_MAXIMUM, &most, false);
	m->most_under_way = most < MOST_UNDER_WAY ? most : MOST_UNDER_WAY;
	m->state = STATE_ONLINE;
	m->online_since_ns = clock_monotonic_ns();
	m->events.online(m->events.context);
}

static bool is_for_good(int reason)
{
	return reason == MQTT_RC_TOPIC_NAME_INVALID || reason == MQTT_RC_PACKET_TOO_LARGE ||
	       reason == MQTT_RC_PAYLOAD_FORMAT_INVALID;
}

static void on_publish(struct mosquitto *client, void *context, int message_id, int reason,
		       const mosquitto_property *properties)
{
	struct mqtt *m = context;

	(void)client;
	(void)properties;
	if (reason < 128)
		m->events.confirmed(m->events.context, message_id);
	else
		m->events.refused(m->events.context, message_id, mosquitto_reason_string(reason),
				  is_for_good(reason));
}

static void on_message(struct mosquitto *client, void *context,
		       const struct mosquitto_message *message,
		       const mosquitto_property *properties)
{
	struct mqtt *m = context;
	char payload[256];

	(void)client;
	(void)properties;
	int length = message->payloadlen < (int)sizeof(payload) ? message->payloadlen
								: (int)sizeof(payload) - 1;
	memcpy(payload, message->payload != NULL ? message->payload : "", (size_t)length);
	payload[length] = '\0';
	m->events.message(m->events.context, message->topic, payload);
}

static void on_disconnect(struct mosquitto *client, void *context, int reason,
			  const mosquitto_property *properties)
{
	struct mqtt *m = context;

	(void)client;
	(void)properties;
	if (reason >= 128) /* the broker said why it goes */
		say_why(m, mosquitto_reason_string(reason));
}

static int set_up(struct mqtt *m, struct fault *f)
{
	struct mqtt_will will = { m->will_topic, m->will };

	mosquitto_connect_v5_callback_set(m->client, on_connect);
	mosquitto_publish_v5_callback_set(m->client, on_publish);
	mosquitto_message_v5_callback_set(m->client, on_message);
	mosquitto_disconnect_v5_callback_set(m->client, on_disconnect);
	return mqtt_client_set_up(m->client, m->settings, &m->address, &will, m->version, f);
}

/* ---- opening and closing ---- */

int mqtt_open(const struct mqtt_settings *settings, const char *client_id, const char *will_topic,
	      const char *will, struct loop *loop, const struct mqtt_events *events,
	      struct mqtt **out, struct fault *f)
{
	struct mqtt *m = calloc(1, sizeof(*m));

	if (m == NULL || !mqtt_address_read(settings->broker, &m->address)) {
		free(m);
		return fault_set(f, -EINVAL, "mqtt.broker: no address");
	}
	mosquitto_lib_init();
	m->settings = settings;
	m->loop = loop;
	m->events = *events;
	m->version = 5;
	m->socket.fd = m->reached.fd = -1;
	m->client_id = strdup(client_id);
	m->will_topic = strdup(will_topic);
	m->will = strdup(will);
	m->attempt.done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	m->client = mosquitto_new(client_id, true, m);
	int rc = m->client == NULL || m->client_id == NULL || m->will_topic == NULL ||
				 m->will == NULL || m->attempt.done < 0
			 ? fault_set(f, -ENOMEM, "mqtt: no memory")
			 : set_up(m, f);
	if (rc < 0) {
		mqtt_free(m);
		return rc;
	}
	*out = m;
	return 0;
}

void mqtt_free(struct mqtt *m)
{
	if (m == NULL)
		return;
	loop_remove(m->loop, &m->socket);
	loop_remove(m->loop, &m->reached);
	if (m->state == STATE_REACHING)
		return; /* the thread still has all of it; the process ends anyway */
	mosquitto_destroy(m->client);
	mosquitto_lib_cleanup();
	if (m->attempt.done >= 0)
		close(m->attempt.done);
	free(m->client_id);
	free(m->will_topic);
	free(m->will);
	free(m);
}

void mqtt_goodbye(struct mqtt *m)
{
	if (m->state != STATE_ONLINE)
		return;
	mosquitto_disconnect(m->client);
	mosquitto_loop_write(m->client, 1);
}

/* ---- the session ---- */

bool mqtt_is_online(const struct mqtt *m)
{
	return m->state == STATE_ONLINE;
}

int mqtt_version(const struct mqtt *m)
{
	return m->state == STATE_ONLINE ? m->version : 0;
}

unsigned mqtt_most_under_way(const struct mqtt *m)
{
	return m->most_under_way;
}

/* 1, 2, 4 … s, each times 0.5 to 1.5, so that a fleet does not come back all at once. */
static int64_t wait_ns(struct mqtt *m)
{
	int64_t wait = SECOND;
	uint16_t random = 0;

	for (unsigned i = 1; i < m->failures && wait < LONGEST_WAIT_S * SECOND; i++)
		wait *= 2;
	if (wait > LONGEST_WAIT_S * SECOND)
		wait = LONGEST_WAIT_S * SECOND;
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = 0;
	return wait / 2 + wait * random / UINT16_MAX;
}

/* The other version is tried where the broker named that trouble, and where it closed the
 * connection without an answer, as old ones do. */
static void choose_version(struct mqtt *m)
{
	if (m->state != STATE_GREETING)
		return;
	if (m->other_version || !m->broken)
		m->version = m->version == 5 ? 3 : 5;
}

/* All that libmosquitto still held is given up: what matters is kept by the caller and sent again. */
static void go_offline(struct mqtt *m, int64_t now_ns)
{
	struct fault f = { 0 };
	bool stable = m->state == STATE_ONLINE && now_ns - m->online_since_ns > STABLE_S * SECOND;
	bool at_once = m->other_version;

	loop_remove(m->loop, &m->socket);
	choose_version(m);
	m->failures = stable ? 1 : m->failures + 1;
	m->state = STATE_OFFLINE;
	m->broken = m->other_version = false;
	m->next_try_ns = at_once ? now_ns : now_ns + wait_ns(m);
	mosquitto_reinitialise(m->client, m->client_id, true, m);
	if (set_up(m, &f) < 0)
		say_why(m, f.text);
	m->events.offline(m->events.context, m->why);
}

void mqtt_give_up(struct mqtt *m, const char *why)
{
	if (m->state != STATE_ONLINE)
		return;
	say_why(m, why);
	m->broken = true;
}

/* What libmosquitto answered; true as long as the session may go on. */
static bool still_fine(struct mqtt *m, int code, int error)
{
	if (code == MOSQ_ERR_SUCCESS && !m->broken)
		return true;
	if (code != MOSQ_ERR_SUCCESS && !m->broken)
		say_why(m, code == MOSQ_ERR_ERRNO ? strerror(error) : mosquitto_strerror(code));
	return false;
}

static void watch_socket(struct mqtt *m)
{
	uint32_t events = EPOLLIN | (mosquitto_want_write(m->client) ? EPOLLOUT : 0);

	loop_change(m->loop, &m->socket, events);
}

static void on_socket(void *context, uint32_t events)
{
	struct mqtt *m = context;
	bool fine = true;

	if (events & EPOLLOUT)
		fine = still_fine(m, mosquitto_loop_write(m->client, 1), errno);
	if (fine && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		fine = still_fine(m, mosquitto_loop_read(m->client, 1), errno);
	if (fine)
		watch_socket(m);
	else
		go_offline(m, clock_monotonic_ns());
}

static void on_reached(void *context, uint32_t events)
{
	struct mqtt *m = context;
	int64_t now = clock_monotonic_ns();
	uint64_t count;

	(void)events;
	if (read(m->attempt.done, &count, sizeof(count)) < 0)
		return;
	loop_remove(m->loop, &m->reached);
	bool fine = still_fine(m, m->attempt.code, m->attempt.error);
	if (!fine || mosquitto_socket(m->client) < 0 ||
	    loop_add(m->loop, &m->socket, mosquitto_socket(m->client), EPOLLIN, on_socket, m) < 0) {
		go_offline(m, now);
		return;
	}
	m->state = STATE_GREETING;
	m->deadline_ns = now + ANSWER_DEADLINE_S * SECOND;
	watch_socket(m);
}

static void try_connect(struct mqtt *m, int64_t now_ns)
{
	m->attempt.client = m->client;
	m->attempt.address = &m->address;
	m->attempt.keep_alive_s = (int)(m->settings->keep_alive_ns / SECOND);
	m->state = STATE_REACHING;
	int rc = loop_add(m->loop, &m->reached, m->attempt.done, EPOLLIN, on_reached, m);
	if (rc == 0)
		rc = mqtt_attempt_start(&m->attempt);
	if (rc == 0)
		return;
	loop_remove(m->loop, &m->reached);
	say_why(m, strerror(-rc));
	go_offline(m, now_ns);
}

void mqtt_turn(struct mqtt *m, int64_t now_ns)
{
	if (m->state == STATE_REACHING)
		return;
	if (m->state == STATE_OFFLINE) {
		if (now_ns >= m->next_try_ns)
			try_connect(m, now_ns);
		return;
	}
	bool fine = still_fine(m, mosquitto_loop_misc(m->client), errno);
	if (fine && m->state == STATE_GREETING && now_ns >= m->deadline_ns) {
		say_why(m, "the broker does not answer");
		m->broken = true;
		fine = false;
	}
	if (fine && mosquitto_want_write(m->client))
		fine = still_fine(m, mosquitto_loop_write(m->client, 1), errno);
	if (fine)
		watch_socket(m);
	else
		go_offline(m, now_ns);
}

int mqtt_publish(struct mqtt *m, const char *topic, const char *payload, bool retain)
{
	int message_id = 0;

	if (m->state != STATE_ONLINE)
		return 0;
	int code = mosquitto_publish(m->client, &message_id, topic, (int)strlen(payload), payload,
				     1, retain);
	if (code == MOSQ_ERR_OVERSIZE_PACKET || code == MOSQ_ERR_PAYLOAD_SIZE)
		return -EMSGSIZE;
	if (code != MOSQ_ERR_SUCCESS)
		return 0;
	watch_socket(m);
	return message_id;
}

void mqtt_subscribe(struct mqtt *m, const char *topic)
{
	if (m->state == STATE_ONLINE &&
	    mosquitto_subscribe(m->client, NULL, topic, 1) == MOSQ_ERR_SUCCESS)
		watch_socket(m);
}
