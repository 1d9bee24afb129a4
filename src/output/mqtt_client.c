/* mqtt_client.c - libmosquitto's client as the settings want it, and its connection made apart. */
#include "output/mqtt_client.h"

#include <errno.h>
#include <fcntl.h>
#include <mqtt_protocol.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { STACK_BYTES = 256 << 10 }; /* what name servers' modules need, and no 8 MB of it */

static int check(int code, const char *what, struct fault *f)
{
	return code == MOSQ_ERR_SUCCESS
		       ? 0
		       : fault_set(f, -EINVAL, "%s: %s", what, mosquitto_strerror(code));
}

/* The first line of a file, without its end. */
static int read_line(const char *path, const char *key, char *out, size_t size, struct fault *f)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, out, size - 1);

	if (length < 0)
		return fault_errno(f, "%s: %s", key, path);
	out[length] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	return 0;
}

static int read_password(const struct mqtt_settings *s, char *out, size_t size, struct fault *f)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[4096];

	if (s->password_file != NULL)
		return read_line(s->password_file, "mqtt.password_file", out, size, f);
	if (folder == NULL)
		return fault_set(
			f, -ENOENT,
			"mqtt.password_credential: systemd gave no credentials; the unit needs "
			"LoadCredential=%s:/path/of/the/file",
			s->password_credential);
	snprintf(path, sizeof(path), "%s/%s", folder, s->password_credential);
	return read_line(path, "mqtt.password_credential", out, size, f);
}

static int set_name(struct mosquitto *client, const struct mqtt_settings *s, struct fault *f)
{
	bool has_password = s->password_file != NULL || s->password_credential != NULL;
	char password[512] = "";
	int rc = 0;

	if (s->username == NULL)
		return 0;
	if (has_password)
		rc = read_password(s, password, sizeof(password), f);
	if (rc == 0)
		rc = check(mosquitto_username_pw_set(client, s->username,
						     has_password ? password : NULL),
			   "mqtt.username", f);
	explicit_bzero(password, sizeof(password));
	return rc;
}

static int set_tls(struct mosquitto *client, const struct mqtt_settings *s, struct fault *f)
{
	int rc = check(mosquitto_tls_set(client, s->ca, s->ca == NULL ? "/etc/ssl/certs" : NULL,
					 s->certificate, s->key, NULL),
		       "mqtt.ca", f);

	return rc < 0 ? rc : check(mosquitto_tls_opts_set(client, 1, "tlsv1.2", NULL), "TLS", f);
}

int mqtt_client_set_up(struct mosquitto *client, const struct mqtt_settings *s,
		       const struct mqtt_address *address, const struct mqtt_will *will,
		       int version, struct fault *f)
{
	int protocol = version == 5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311;
	int rc = check(mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, protocol),
		       "protocol version", f);

	if (rc == 0)
		rc = check(mosquitto_will_set(client, will->topic, (int)strlen(will->text),
					      will->text, 1, true),
			   "last will", f);
	if (rc == 0)
		rc = set_name(client, s, f);
	if (rc == 0 && address->tls)
		rc = set_tls(client, s, f);
	return rc;
}

static void *connect_apart(void *context)
{
	struct mqtt_attempt *a = context;
	const uint64_t one = 1;

	a->code = mosquitto_connect(a->client, a->address->host, a->address->port, a->keep_alive_s);
	a->error = errno;
	while (write(a->done, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	return NULL;
}

int mqtt_attempt_start(struct mqtt_attempt *a)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	int rc = pthread_create(&thread, &attributes, connect_apart, a);
	pthread_attr_destroy(&attributes);
	return -rc;
}
