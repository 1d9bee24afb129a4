/* event.h - decisions, windows and states as the JSON that integrators read (conf/schema/). */
#ifndef EDGED_OUTPUT_EVENT_H
#define EDGED_OUTPUT_EVENT_H
#include <stdbool.h>

#include "base/buf.h"
#include "ipc/messages.h"

/* What an event says besides its message. Names are borrowed; NULL where not known. */
struct event_context {
	const char *gateway, *pipeline, *input;
	const char *model, *sha256;
	unsigned model_version;
	const char *impaired;	 /* why the input is not what it should be, or NULL */
	int64_t now_ns, wall_ns; /* the two clocks, read together */
	bool synchronised;	 /* the wall clock is set */
};

/* What only the sending knows of an event: it stands before the rest. */
struct event_head {
	int64_t wall_ns; /* when it happened */
	int64_t age_ns;	 /* since then */
	bool synchronised, resent;
};
void event_with_head(const struct event_head *h, const char *event, struct buf *out);

/* When it happened, on CLOCK_MONOTONIC: the end of the window that decided, or now. */
int64_t event_time_ns(const struct event_context *c, const struct msg_decision *d);
/* One confirmed decision, at its begin or its end, without its head. */
void event_decision(const struct event_context *c, const struct msg_decision *d, struct buf *out);
/* One inference, for <pipeline>/raw. */
void event_window(const struct event_context *c, const struct msg_window *w, struct buf *out);
/* The retained state of a pipeline: {"state":"on","label":"yes","event":…} or {"state":"off"}. */
void event_state(const struct event_context *c, const char *label, const char *event,
		 struct buf *out);
/* The retained status of an input: its state in one word and why it is so. */
void event_input(const char *name, enum input_state state, const char *reason, struct buf *out);
#endif
