/* spool.h - events on their way to the broker: on disk until it has confirmed them.
 *
 *     spool_put(s, topic, body, end_ns, online);            // committed: power may fail now
 *     while (mqtt_has_room(m) && spool_next(s, &item))
 *             spool_sent(s, item.number, mqtt_publish(m, item.topic, text_of(&item), false));
 *     spool_confirmed(s, message_id);                       // PUBACK: only now it may go
 *
 * One process and one connection own the file. Where the disk does not take it, events are kept in
 * memory and the disk is tried again; nothing here ends the process. */
#ifndef EDGED_OUTPUT_SPOOL_H
#define EDGED_OUTPUT_SPOOL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/fault.h"

enum { SPOOL_MOST_UNDER_WAY = 20 };

struct spool_limits {
	int64_t bytes;	/* of the file */
	int64_t age_ns; /* of an event; a gateway that was off counts as well */
};

struct spool_item {
	int64_t number;	   /* counts up: the order of sending */
	const char *topic; /* borrowed until the next call */
	const char *body;  /* the same: a JSON object without what only the sending knows */
	int64_t wall_ns;   /* when it happened, since 1970, and how long ago */
	int64_t age_ns;
	bool synchronised; /* false: the clock was not set then, and that could not be mended */
	bool sent_before;  /* a subscriber may have it already */
};

struct spool; /* layout private to spool.c */

/* `folder` exists; NULL: in memory only. A damaged file is set aside and a new one begun. -EBUSY:
 * another process has it. */
int spool_open(const char *folder, const struct spool_limits *limits, struct spool **out,
	       struct fault *f);
void spool_free(struct spool *s); /* NULL is fine */
AUTO_DEFINE(spool)

/* Committed when it returns, on disk or, said in the log, in memory. `at_ns` is when it happened,
 * on CLOCK_MONOTONIC. `online`: spool_next() follows; where nothing else waits that saves a second
 * write to the disk. */
void spool_put(struct spool *s, const char *topic, const char *body, int64_t at_ns, bool online);

/* The oldest that is not under way, marked as sent on disk before it is; false: none, or
 * SPOOL_MOST_UNDER_WAY are. Follow it with spool_sent(). */
bool spool_next(struct spool *s, struct spool_item *out);
void spool_sent(struct spool *s, int64_t number, int message_id);
/* The broker has it, or will never take it (too large, no valid topic): it goes. */
void spool_confirmed(struct spool *s, int message_id);
void spool_dropped(struct spool *s, int64_t number, const char *why);
/* It could not be handed over, or the broker refused it for now: it is to be sent again, first of
 * all. */
void spool_unsent(struct spool *s, int64_t number);
int64_t spool_number(const struct spool *s, int message_id); /* -1: none is under way as this */
/* The connection is gone: what was under way is sent again, marked. */
void spool_rewind(struct spool *s);

/* From time to time: deletes what was confirmed, drops what is too old, tries the disk again, and
 * once the clock is set puts the times right that were taken before. */
void spool_turn(struct spool *s, int64_t now_ns);

size_t spool_count(const struct spool *s); /* not yet confirmed */
size_t spool_under_way(const struct spool *s);
uint64_t spool_lost(const struct spool *s);  /* dropped for size, age or by the broker */
bool spool_in_memory(const struct spool *s); /* the disk does not take it */

/* Small texts that have to survive with the events: NULL and false where there is none. */
bool spool_note_set(struct spool *s, const char *key, const char *text); /* NULL text: deleted */
/* Calls `each` for every note whose key begins so. */
typedef void spool_note_fn(void *context, const char *key, const char *text);
void spool_notes(struct spool *s, const char *prefix, spool_note_fn *each, void *context);
#endif
