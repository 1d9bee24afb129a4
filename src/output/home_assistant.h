/* home_assistant.h - the gateway as a device that Home Assistant finds by itself.
 *
 * Its retained configuration lists what the YAML has. What left the YAML is taken away in three
 * steps, a second apart, because Home Assistant (2025.4, 2026.2) forgets only what it has found
 * since its own start: once more in full, then as removed, then not at all. It is kept in the
 * spool's notes until Home Assistant was seen to start and the steps were gone through. */
#ifndef EDGED_OUTPUT_HOME_ASSISTANT_H
#define EDGED_OUTPUT_HOME_ASSISTANT_H
#include <stdint.h>

#include "output/spool.h"
#include "settings/settings.h"

/* Sends a retained message; false: not now. */
typedef bool home_assistant_send_fn(void *context, const char *topic, const char *payload);

struct home_assistant; /* layout private to home_assistant.c */

/* Settings, base topic and spool are borrowed. `settings->mqtt.home_assistant.enabled` may be
 * false: then there is only what is left of a former configuration to be taken away. */
int home_assistant_open(const struct settings *settings, const char *base, struct spool *notes,
			home_assistant_send_fn *send, void *context, struct home_assistant **out,
			struct fault *f);
void home_assistant_free(struct home_assistant *h); /* NULL is fine */

const char *home_assistant_status_topic(const struct home_assistant *h); /* to be subscribed */

/* The connection is there, and availability and states have been said: says the configuration. */
void home_assistant_connected(struct home_assistant *h, int64_t now_ns);
/* Home Assistant says of itself that it has started. Availability and states are due again. */
void home_assistant_started(struct home_assistant *h, int64_t now_ns);
void home_assistant_turn(struct home_assistant *h, int64_t now_ns);
#endif
