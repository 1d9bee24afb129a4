/* outbox.h - events on their way to the broker, kept until it has confirmed them.
 * In memory for now, with the operations that a spool on disk will have. */
#ifndef EDGED_OUTPUT_OUTBOX_H
#define EDGED_OUTPUT_OUTBOX_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OUTBOX_MOST = 1024 };

struct outbox_item {
	uint64_t number; /* counts up: the order of sending */
	char *topic, *payload;
	int message_id;	  /* the broker's, once sent; 0: not yet */
	bool sent_before; /* on a connection that broke: a subscriber may have it already */
};

struct outbox {
	struct outbox_item items[OUTBOX_MOST];
	size_t first, count;
	uint64_t next_number;
	uint64_t dropped; /* the oldest ones, for want of room */
};

/* Copies both texts. 0 or -ENOMEM. A full outbox drops its oldest item. */
int outbox_put(struct outbox *o, const char *topic, const char *payload);
/* The oldest that is not under way, borrowed, or NULL. */
struct outbox_item *outbox_next(struct outbox *o);
size_t outbox_under_way(const struct outbox *o);
void outbox_confirmed(struct outbox *o, int message_id);
/* The connection is gone: what was under way has to be sent again. */
void outbox_rewind(struct outbox *o);
void outbox_fini(struct outbox *o);
#endif
