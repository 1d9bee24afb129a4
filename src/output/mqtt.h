/* mqtt.h - one session with a broker over libmosquitto, driven by our own loop.
 *
 * MQTT 5, or 3.1.1 where the broker speaks only that. Names are resolved and connections made by a
 * thread of their own: neither a dead name server nor a silent host stops the caller. */
#ifndef EDGED_OUTPUT_MQTT_H
#define EDGED_OUTPUT_MQTT_H
#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/loop.h"
#include "settings/mqtt.h"

struct mqtt; /* layout private to mqtt.c */

struct mqtt_events {
	void (*online)(void *context); /* say every retained state afresh, subscribe */
	void (*offline)(void *context, const char *why);
	void (*confirmed)(void *context, int message_id); /* PUBACK of a QoS 1 message */
	/* A PUBACK that says no; `for_good`: it would never be taken (topic, size, format). */
	void (*refused)(void *context, int message_id, const char *why, bool for_good);
	void (*message)(void *context, const char *topic, const char *payload);
	void *context;
};

/* Prepares the session; connects at the first mqtt_turn(). The will is published, retained, when
 * this client vanishes. Settings are borrowed. */
int mqtt_open(const struct mqtt_settings *settings, const char *client_id, const char *will_topic,
	      const char *will, struct loop *loop, const struct mqtt_events *events,
	      struct mqtt **out, struct fault *f);
/* NULL is fine. The will is spoken, unless mqtt_goodbye() was called. */
void mqtt_free(struct mqtt *m);
void mqtt_goodbye(struct mqtt *m); /* all is said: ends the connection without the will */

/* Connects where it is time to, keeps the session alive. To be called at least each second. */
void mqtt_turn(struct mqtt *m, int64_t now_ns);
bool mqtt_is_online(const struct mqtt *m);
int mqtt_version(const struct mqtt *m);		    /* 5, 3 (3.1.1), or 0 while offline */
unsigned mqtt_most_under_way(const struct mqtt *m); /* what the broker takes unconfirmed */
/* The connection is of no use to the caller: it is closed and made anew. */
void mqtt_give_up(struct mqtt *m, const char *why);

/* QoS 1. The message's id, for `confirmed`; 0: not now (offline; nothing was kept); -EMSGSIZE: the
 * broker takes none of that size. */
int mqtt_publish(struct mqtt *m, const char *topic, const char *payload, bool retain);
void mqtt_subscribe(struct mqtt *m, const char *topic); /* for this connection */
#endif
