/* mqtt.c - one session with a broker over libmosquitto, driven by our own loop. */
#include "output/mqtt.h"

#include <errno.h>
#include <fcntl.h>
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/clock.h"

enum { CONNECT_DEADLINE_S = 10, LONGEST_WAIT_S = 300, STABLE_S = 60 };

enum state { STATE_OFFLINE, STATE_CONNECTING, STATE_ONLINE };

struct mqtt {
	const struct mqtt_settings *settings;
	struct mqtt_address address;
	char *client_id, *will_topic, *will;
	struct mosquitto *client;
	struct loop *loop;
	struct watch socket;
	struct mqtt_events events;
	enum state state;
	bool broken; /* a callback found out: go offline in mqtt_turn() */
	char why[160];
	unsigned failures; /* in a row */
	int64_t next_try_ns, deadline_ns, online_since_ns;
};

static void say_why(struct mqtt *m, const char *why)
{
	snprintf(m->why, sizeof(m->why), "%.150s", why);
}

static void on_connect(struct mosquitto *client, void *context, int code)
{
	struct mqtt *m = context;

	(void)client;
	if (code != 0) {
		say_why(m, mosquitto_connack_string(code));
		m->broken = true;
		return;
	}
	m->state = STATE_ONLINE;
	m->online_since_ns = clock_monotonic_ns();
	m->events.online(m->events.context);
}

static void on_publish(struct mosquitto *client, void *context, int message_id)
{
	struct mqtt *m = context;

	(void)client;
	m->events.confirmed(m->events.context, message_id);
}

/* The first line of a password file, without its end. */
static int read_password(const char *path, char *out, size_t size, struct fault *f)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, out, size - 1);

	if (length < 0)
		return fault_errno(f, "mqtt.password_file: %s", path);
	out[length] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	return 0;
}

static int check(int code, const char *what, struct fault *f)
{
	return code == MOSQ_ERR_SUCCESS
		       ? 0
		       : fault_set(f, -EINVAL, "%s: %s", what, mosquitto_strerror(code));
}

static int set_up(struct mqtt *m, struct fault *f)
{
	const struct mqtt_settings *s = m->settings;
	char password[512] = "";
	int rc = 0;

	mosquitto_connect_callback_set(m->client, on_connect);
	mosquitto_publish_callback_set(m->client, on_publish);
	rc = check(mosquitto_will_set(m->client, m->will_topic, (int)strlen(m->will), m->will, 1,
				      true),
		   "last will", f);
	if (rc == 0 && s->password_file != NULL)
		rc = read_password(s->password_file, password, sizeof(password), f);
	if (rc == 0 && s->username != NULL)
		rc = check(mosquitto_username_pw_set(m->client, s->username,
						     s->password_file != NULL ? password : NULL),
			   "mqtt.username", f);
	explicit_bzero(password, sizeof(password));
	if (rc == 0 && m->address.tls)
		rc = check(mosquitto_tls_set(m->client, s->ca,
					     s->ca == NULL ? "/etc/ssl/certs" : NULL,
					     s->certificate, s->key, NULL),
			   "mqtt.ca", f);
	if (rc == 0 && m->address.tls)
		rc = check(mosquitto_tls_opts_set(m->client, 1, "tlsv1.2", NULL), "TLS", f);
	return rc;
}

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
	m->socket.fd = -1;
	m->client_id = strdup(client_id);
	m->will_topic = strdup(will_topic);
	m->will = strdup(will);
	m->client = mosquitto_new(client_id, true, m);
	int rc = m->client == NULL || m->client_id == NULL || m->will_topic == NULL ||
				 m->will == NULL
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
	if (m->client != NULL) {
		if (m->state == STATE_ONLINE) {
			mosquitto_disconnect(m->client);
			mosquitto_loop_write(m->client, 1);
		}
		mosquitto_destroy(m->client);
	}
	mosquitto_lib_cleanup();
	free(m->client_id);
	free(m->will_topic);
	free(m->will);
	free(m);
}

bool mqtt_is_online(const struct mqtt *m)
{
	return m->state == STATE_ONLINE;
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

/* All that libmosquitto still held is given up: what matters is in our own outbox and sent again. */
static void go_offline(struct mqtt *m, int64_t now_ns)
{
	struct fault f = { 0 };
	bool stable = m->state == STATE_ONLINE && now_ns - m->online_since_ns > STABLE_S * SECOND;

	loop_remove(m->loop, &m->socket);
	m->failures = stable ? 1 : m->failures + 1;
	m->state = STATE_OFFLINE;
	m->broken = false;
	m->next_try_ns = now_ns + wait_ns(m);
	mosquitto_reinitialise(m->client, m->client_id, true, m);
	if (set_up(m, &f) < 0)
		say_why(m, f.text);
	m->events.offline(m->events.context, m->why);
}

/* What libmosquitto answered; true as long as the session may go on. */
static bool still_fine(struct mqtt *m, int code)
{
	if (code == MOSQ_ERR_SUCCESS && !m->broken)
		return true;
	if (code != MOSQ_ERR_SUCCESS && !m->broken)
		say_why(m, code == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(code));
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
		fine = still_fine(m, mosquitto_loop_write(m->client, 1));
	if (fine && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		fine = still_fine(m, mosquitto_loop_read(m->client, 1));
	if (fine)
		watch_socket(m);
	else
		go_offline(m, clock_monotonic_ns());
}

static void try_connect(struct mqtt *m, int64_t now_ns)
{
	int code = mosquitto_connect(m->client, m->address.host, m->address.port,
				     (int)(m->settings->keep_alive_ns / SECOND));

	m->state = STATE_CONNECTING;
	m->deadline_ns = now_ns + CONNECT_DEADLINE_S * SECOND;
	if (!still_fine(m, code) || mosquitto_socket(m->client) < 0 ||
	    loop_add(m->loop, &m->socket, mosquitto_socket(m->client), EPOLLIN, on_socket, m) < 0)
		go_offline(m, now_ns);
	else
		watch_socket(m);
}

void mqtt_turn(struct mqtt *m, int64_t now_ns)
{
	if (m->state == STATE_OFFLINE) {
		if (now_ns >= m->next_try_ns)
			try_connect(m, now_ns);
		return;
	}
	bool fine = still_fine(m, mosquitto_loop_misc(m->client));
	if (fine && m->state == STATE_CONNECTING && now_ns >= m->deadline_ns) {
		say_why(m, "the broker does not answer");
		fine = false;
	}
	if (fine && mosquitto_want_write(m->client))
		fine = still_fine(m, mosquitto_loop_write(m->client, 1));
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
	if (code != MOSQ_ERR_SUCCESS)
		return 0;
	watch_socket(m);
	return message_id;
}
