/* states.h - how inputs and pipelines stand, as publish knows it and says it in retained topics. */
#ifndef EDGED_PROCESS_STATES_H
#define EDGED_PROCESS_STATES_H
#include "ipc/messages.h"
#include "output/event.h"
#include "output/retained.h"
#include "settings/settings.h"

struct states; /* layout private to states.c */

/* `base` is the first part of every topic; all is borrowed. */
int states_open(const struct settings *settings, const char *base, struct retained *retained,
		struct states **out, struct fault *f);
void states_free(struct states *s); /* NULL is fine */

/* The connection is new: everything afresh, OFF too. */
void states_say_all(struct states *s);

void states_input(struct states *s, unsigned input, enum input_state state, const char *reason);
/* A pipeline opened, or this process did: what it judges with, and what is on. */
void states_model(struct states *s, const struct msg_model *m);
void states_decision(struct states *s, const struct msg_decision *d);

/* The end of the decision that is on, in the name of a pipeline that died; false: none is. */
bool states_end_of(const struct states *s, unsigned pipeline, struct msg_decision *out);
/* What an event says besides its message. */
struct event_context states_context(const struct states *s, unsigned pipeline);
#endif
