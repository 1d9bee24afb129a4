/* mqtt.c - table of the connection to the broker. */
#include "settings/mqtt.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(name) offsetof(struct mqtt_settings, name)

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
	{ .key = "ca", .type = T_PATH, .at = FIELD(ca),
	  .help = "File with the certificates that may sign the broker's." },
	{ .key = "certificate", .type = T_PATH, .at = FIELD(certificate),
	  .help = "This client's certificate." },
	{ .key = "key", .type = T_PATH, .at = FIELD(key), .help = "Private key of that certificate." },
	{ .key = "keep_alive", .type = T_DURATION, .at = FIELD(keep_alive_ns), .min = 5e9, .max = 3600e9,
	  .fallback = "30 s", .help = "Longest silence before the broker takes this client for dead." },
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
	if (m->password_file != NULL && m->username == NULL)
		schema_finding(where, "password_file", "a password without a name (with username)");
	if ((m->certificate == NULL) != (m->key == NULL))
		schema_finding(where, m->key == NULL ? "certificate" : "key",
			       "certificate and key go together (both or none)");
}

const struct schema mqtt_schema = {
	.name = "mqtt", .size = sizeof(struct mqtt_settings), .keys = keys, .shorthand = "broker",
	.check = check, .help = "The connection to the MQTT broker.",
};
