/* mqtt.h - settings of the connection to the broker. */
#ifndef EDGED_SETTINGS_MQTT_H
#define EDGED_SETTINGS_MQTT_H
#include "config/schema.h"

/* How much is kept for a broker that is away. */
struct spool_settings {
	int64_t bytes, age_ns;
};

struct home_assistant_settings {
	bool enabled;
	const char *prefix;		/* of its discovery topics */
};

struct mqtt_settings {
	const char *broker;		/* mqtt://host[:port] or mqtts://host[:port]; NULL: none */
	const char *prefix;		/* topics are <prefix>/<gateway>/… */
	const char *client_id;		/* NULL: made of gateway and instance */
	const char *username, *password_file, *password_credential;
	const char *ca, *certificate, *key;
	int64_t keep_alive_ns;
	struct spool_settings spool;
	struct home_assistant_settings home_assistant;
};

extern const struct schema mqtt_schema;

/* The parts of a broker's address; false where it is none. */
struct mqtt_address {
	bool tls;
	char host[256];
	int port;
};
bool mqtt_address_read(const char *url, struct mqtt_address *out);
#endif
