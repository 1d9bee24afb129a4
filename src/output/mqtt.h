/* mqtt.h - one session with a broker over libmosquitto, driven by our own loop. */
#ifndef EDGED_OUTPUT_MQTT_H
#define EDGED_OUTPUT_MQTT_H
#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/loop.h"
#include "settings/mqtt.h"

struct mqtt; /* layout private to mqtt.c */

struct mqtt_events {
	void (*online)(void *context); /* say every retained state afresh */
	void (*offline)(void *context, const char *why);
	void (*confirmed)(void *context, int message_id); /* PUBACK of a QoS 1 message */
	void *context;
};

/* Prepares the session; connects at the first mqtt_turn(). The will is published, retained, when
 * this client vanishes. Settings are borrowed. */
int mqtt_open(const struct mqtt_settings *settings, const char *client_id, const char *will_topic,
	      const char *will, struct loop *loop, const struct mqtt_events *events,
	      struct mqtt **out, struct fault *f);
void mqtt_free(struct mqtt *m); /* says goodbye where there is a connection */

/* Connects where it is time to (this may block while a name is resolved), keeps the session alive.
 * To be called each second and after each event. */
void mqtt_turn(struct mqtt *m, int64_t now_ns);
bool mqtt_is_online(const struct mqtt *m);

/* QoS 1. The message's id, for `confirmed`; 0 while offline (nothing was kept). */
int mqtt_publish(struct mqtt *m, const char *topic, const char *payload, bool retain);
#endif
