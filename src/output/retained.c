/* retained.c - retained topics: what is said, and what is taken off the broker. */
#include "output/retained.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTE "retained "

struct topic {
	char *name;
	bool said;
};

struct retained {
	struct spool *notes;
	struct mqtt *mqtt;
	struct topic *topics;
	size_t count, capacity;
};

static struct topic *add(struct retained *r, const char *name)
{
	if (r->count == r->capacity) {
		size_t more = 2 * r->capacity + 16;
		struct topic *grown = realloc(r->topics, more * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		r->topics = grown;
		r->capacity = more;
	}
	struct topic *t = &r->topics[r->count];
	*t = (struct topic){ .name = strdup(name) };
	if (t->name == NULL)
		return NULL;
	r->count++;
	return t;
}

static void on_note(void *context, const char *key, const char *text)
{
	(void)text;
	add(context, key + strlen(NOTE));
}

int retained_open(struct spool *notes, struct mqtt *mqtt, struct retained **out, struct fault *f)
{
	struct retained *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return fault_set(f, -ENOMEM, "retained topics: no memory");
	r->notes = notes;
	r->mqtt = mqtt;
	spool_notes(notes, NOTE, on_note, r);
	*out = r;
	return 0;
}

void retained_free(struct retained *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->count; i++)
		free(r->topics[i].name);
	free(r->topics);
	free(r);
}

static void note(struct retained *r, const char *topic, bool there)
{
	char key[500];

	snprintf(key, sizeof(key), NOTE "%s", topic);
	spool_note_set(r->notes, key, there ? "" : NULL);
}

static struct topic *find(struct retained *r, const char *name)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->topics[i].name, name) == 0)
			return &r->topics[i];
	return NULL;
}

int retained_say(struct retained *r, const char *topic, const char *payload)
{
	struct topic *t = find(r, topic);

	if (t == NULL) {
		note(r, topic, true);
		t = add(r, topic);
	}
	if (t != NULL)
		t->said = true;
	int id = mqtt_publish(r->mqtt, topic, payload, true);
	return id > 0 ? id : 0;
}

void retained_clear_rest(struct retained *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->count; i++) {
		struct topic t = r->topics[i];
		if (t.said || mqtt_publish(r->mqtt, t.name, "", true) <= 0) {
			r->topics[kept++] = t;
			continue;
		}
		note(r, t.name, false);
		free(t.name);
	}
	r->count = kept;
}
