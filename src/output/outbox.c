/* outbox.c - events on their way to the broker, kept until it has confirmed them. */
#include "output/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIRMED = -1 }; /* message_id of an item that waits for its elders to leave */

static struct outbox_item *item_at(struct outbox *o, size_t i)
{
	return &o->items[(o->first + i) % OUTBOX_MOST];
}

static void drop_first(struct outbox *o)
{
	struct outbox_item *i = item_at(o, 0);

	free(i->topic);
	free(i->payload);
	*i = (struct outbox_item){ 0 };
	o->first = (o->first + 1) % OUTBOX_MOST;
	o->count--;
}

int outbox_put(struct outbox *o, const char *topic, const char *payload)
{
	struct outbox_item item = { .number = o->next_number,
				    .topic = strdup(topic),
				    .payload = strdup(payload) };

	if (item.topic == NULL || item.payload == NULL) {
		free(item.topic);
		free(item.payload);
		return -ENOMEM;
	}
	if (o->count == OUTBOX_MOST) {
		drop_first(o);
		o->dropped++;
	}
	o->next_number++;
	*item_at(o, o->count) = item;
	o->count++;
	return 0;
}

struct outbox_item *outbox_next(struct outbox *o)
{
	for (size_t i = 0; i < o->count; i++)
		if (item_at(o, i)->message_id == 0)
			return item_at(o, i);
	return NULL;
}

size_t outbox_under_way(const struct outbox *o)
{
	size_t count = 0;

	for (size_t i = 0; i < o->count; i++)
		count += o->items[(o->first + i) % OUTBOX_MOST].message_id > 0;
	return count;
}

void outbox_confirmed(struct outbox *o, int message_id)
{
	for (size_t i = 0; i < o->count; i++)
		if (item_at(o, i)->message_id == message_id) {
			item_at(o, i)->message_id = CONFIRMED;
			break;
		}
	while (o->count > 0 && item_at(o, 0)->message_id == CONFIRMED)
		drop_first(o);
}

void outbox_rewind(struct outbox *o)
{
	for (size_t i = 0; i < o->count; i++)
		if (item_at(o, i)->message_id > 0) {
			item_at(o, i)->message_id = 0;
			item_at(o, i)->sent_before = true;
		}
}

void outbox_fini(struct outbox *o)
{
	while (o->count > 0)
		drop_first(o);
}
