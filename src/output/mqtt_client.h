/* mqtt_client.h - libmosquitto's client as the settings want it, and its connection made apart. */
#ifndef EDGED_OUTPUT_MQTT_CLIENT_H
#define EDGED_OUTPUT_MQTT_CLIENT_H
#include <mosquitto.h>

#include "base/fault.h"
#include "settings/mqtt.h"

struct mqtt_will {
	const char *topic, *text;
};

/* Protocol, will, name, password and certificates: after mosquitto_new() and each
 * mosquitto_reinitialise(). Files are read afresh. `version`: 5 or 3. */
int mqtt_client_set_up(struct mosquitto *client, const struct mqtt_settings *s,
		       const struct mqtt_address *address, const struct mqtt_will *will,
		       int version, struct fault *f);

/* mosquitto_connect() in a thread: the client belongs to it until the descriptor says so. */
struct mqtt_attempt {
	struct mosquitto *client;
	const struct mqtt_address *address;
	int keep_alive_s;
	int done;	 /* eventfd, the caller's */
	int code, error; /* MOSQ_ERR_*, and errno with MOSQ_ERR_ERRNO */
};
int mqtt_attempt_start(struct mqtt_attempt *a); /* 0 or -errno; everything is borrowed */
#endif
