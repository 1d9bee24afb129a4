/* mqtt.c - table of the connection to the broker. */
#include "settings/mqtt.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(name) offsetof(struct mqtt_settings, name)

#define SPOOL(name) offsetof(struct spool_settings, name)
#define HOME_ASSISTANT(name) offsetof(struct home_assistant_settings, name)

static const struct schema_key spool_keys[] = {
	{ .key = "size", .type = T_SIZE, .at = SPOOL(bytes), .min = 1e6, .max = 1e12,
	  .fallback = "64 MB", .help = "Above this the oldest events are dropped." },
	{ .key = "age", .type = T_DURATION, .at = SPOOL(age_ns), .min = 60e9, .max = 864e15,
	  .fallback = "30 d", .help = "Events older than this are dropped." },
	{ 0 },
};

static const struct schema spool_schema = {
	.name = "spool", .size = sizeof(struct spool_settings), .keys = spool_keys, .shorthand = "size",
	.help = "What is kept on disk for a broker that is away.",
};

static const struct schema_key home_assistant_keys[] = {
	{ .key = "enabled", .type = T_BOOL, .at = HOME_ASSISTANT(enabled), .fallback = "false",
	  .help = "Says what this gateway has, so that Home Assistant finds it by itself." },
	{ .key = "prefix", .type = T_STRING, .at = HOME_ASSISTANT(prefix), .fallback = "homeassistant",
	  .help = "First part of its discovery topics, as Home Assistant is configured." },
	{ 0 },
};

/* Its topics are notes of the spool too, where a space ends them. */
static void check_home_assistant(const void *settings, const struct schema_check *where)
{
	const struct home_assistant_settings *h = settings;
	const char *bad = h->prefix + strspn(h->prefix, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
							"0123456789_-/");

	if (*bad != '\0' || h->prefix[0] == '\0' || h->prefix[0] == '/' || strlen(h->prefix) > 100)
		schema_finding(where, "prefix", "'%.60s' cannot begin a discovery topic "
			       "(letters, digits, '_', '-' and '/', at most 100)", h->prefix);
}

static const struct schema home_assistant_schema = {
	.name = "home_assistant", .size = sizeof(struct home_assistant_settings),
	.keys = home_assistant_keys, .shorthand = "enabled", .check = check_home_assistant,
	.help = "Discovery by Home Assistant.",
};

static const struct schema_key keys[] = {
	{ .key = "broker", .type = T_STRING, .at = FIELD(broker),
	  .help = "Address of the broker: mqtt://host:port, or mqtts://host:port with TLS." },
	{ .key = "prefix", .type = T_STRING, .at = FIELD(prefix), .fallback = "edged",
	  .help = "First part of every topic." },
	{ .key = "client_id", .type = T_NAME, .at = FIELD(client_id),
	  .help = "Name of this client at the broker; made of the gateway's name if left out." },
	{ .key = "username", .type = T_STRING, .at = FIELD(username), .help = "Name to log in with." },
	{ .key = "password_file", .type = T_PATH, .at = FIELD(password_file),
	  .help = "File whose first line is the password." },
	{ .key = "password_credential", .type = T_NAME, .at = FIELD(password_credential),
	  .help = "Name of the systemd credential that holds the password (LoadCredential in the unit)." },
	{ .key = "ca", .type = T_PATH, .at = FIELD(ca),
	  .help = "File with the certificates that may sign the broker's." },
	{ .key = "certificate", .type = T_PATH, .at = FIELD(certificate),
	  .help = "This client's certificate." },
	{ .key = "key", .type = T_PATH, .at = FIELD(key), .help = "Private key of that certificate." },
	{ .key = "keep_alive", .type = T_DURATION, .at = FIELD(keep_alive_ns), .min = 5e9, .max = 3600e9,
	  .fallback = "30 s", .help = "Longest silence before the broker takes this client for dead." },
	{ .key = "spool", .type = T_TABLE, .at = FIELD(spool), .schema = &spool_schema,
	  .help = "What is kept on disk for a broker that is away." },
	{ .key = "home_assistant", .type = T_TABLE, .at = FIELD(home_assistant),
	  .schema = &home_assistant_schema, .help = "Discovery by Home Assistant." },
	{ 0 },
};

/* "[::1]:1883", "host:1883" or "host": the host and where its port begins. */
static bool read_host(const char *text, struct mqtt_address *out, const char **rest)
{
	const char *host = text, *end;

	if (*text == '[') {
		host = text + 1;
		end = strchr(host, ']');
		if (end == NULL)
			return false;
		*rest = end + 1;
	} else {
		end = host + strcspn(host, ":/");
		*rest = end;
	}
	size_t length = (size_t)(end - host);
	if (length == 0 || length >= sizeof(out->host))
		return false;
	memcpy(out->host, host, length);
	out->host[length] = '\0';
	return true;
}

bool mqtt_address_read(const char *url, struct mqtt_address *out)
{
	struct mqtt_address a = { 0 };
	const char *rest;
	char *end;

	if (strncmp(url, "mqtt://", 7) == 0)
		rest = url + 7;
	else if (strncmp(url, "mqtts://", 8) == 0)
		rest = url + 8;
	else
		return false;
	a.tls = url[4] == 's';
	if (!read_host(rest, &a, &rest))
		return false;
	a.port = a.tls ? 8883 : 1883;
	if (*rest == ':') {
		long port = strtol(rest + 1, &end, 10);
		if (end == rest + 1 || port < 1 || port > 65535)
			return false;
		a.port = (int)port;
		rest = end;
	}
	if (*rest != '\0' && strcmp(rest, "/") != 0)
		return false;
	*out = a;
	return true;
}

static void check(const void *settings, const struct schema_check *where)
{
	const struct mqtt_settings *m = settings;
	struct mqtt_address address;

	if (m->broker != NULL && !mqtt_address_read(m->broker, &address))
		schema_finding(where, "broker", "'%.60s' is no address of a broker "
			       "(mqtt://host:port or mqtts://host:port)", m->broker);
	if (strpbrk(m->prefix, "+#") != NULL || m->prefix[0] == '/' || m->prefix[0] == '$')
		schema_finding(where, "prefix", "'%.60s' cannot begin a topic "
			       "(text without + and #, not beginning with / or $)", m->prefix);
	const char *password = m->password_file != NULL ? "password_file" : "password_credential";
	if (m->password_file != NULL && m->password_credential != NULL)
		schema_finding(where, password, "two passwords (one of password_file and "
			       "password_credential)");
	if ((m->password_file != NULL || m->password_credential != NULL) && m->username == NULL)
		schema_finding(where, password, "a password without a name (with username)");
	if ((m->certificate == NULL) != (m->key == NULL))
		schema_finding(where, m->key == NULL ? "certificate" : "key",
			       "certificate and key go together (both or none)");
}

const struct schema mqtt_schema = {
	.name = "mqtt", .size = sizeof(struct mqtt_settings), .keys = keys, .shorthand = "broker",
	.check = check, .help = "The connection to the MQTT broker.",
};
