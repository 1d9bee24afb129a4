/* home_assistant.c - the gateway as a device that Home Assistant finds by itself. */
#include "output/home_assistant.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

#define NOTE "home-assistant "

/* A device by its topic (key ""), or one of its components: what the notes hold. */
struct entry {
	char *topic, *key, *text;
	bool current; /* the YAML has it */
};

/* A second apart. */
enum step { STEP_FULL, STEP_TAKEN, STEP_CLEAN, STEP_NONE };

struct home_assistant {
	const struct settings *settings;
	const char *base;
	struct spool *notes;
	home_assistant_send_fn *send;
	void *context;
	char topic[300], status_topic[160];
	struct entry *entries;
	size_t count, capacity;
	enum step step; /* the next */
	int64_t next_ns, said_ns;
	bool started; /* Home Assistant was seen to start before these steps */
	struct buf text;
};

/* ---- entries and their notes ---- */

static struct entry *find(struct home_assistant *h, const char *topic, const char *key)
{
	for (size_t i = 0; i < h->count; i++)
		if (strcmp(h->entries[i].topic, topic) == 0 && strcmp(h->entries[i].key, key) == 0)
			return &h->entries[i];
	return NULL;
}

static struct entry *add(struct home_assistant *h, const char *topic, const char *key)
{
	if (h->count == h->capacity) {
		size_t more = 2 * h->capacity + 8;
		struct entry *grown = realloc(h->entries, more * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		h->entries = grown;
		h->capacity = more;
	}
	struct entry *e = &h->entries[h->count];
	*e = (struct entry){ .topic = strdup(topic), .key = strdup(key), .text = strdup("") };
	h->count += e->topic != NULL && e->key != NULL && e->text != NULL;
	return e;
}

static void note_key(const struct entry *e, char *out, size_t size)
{
	snprintf(out, size, NOTE "%s%s%s", e->topic, e->key[0] != '\0' ? " " : "", e->key);
}

/* On disk before it is published: what is taken away one day has to be known then. */
static void set(struct home_assistant *h, const char *key, const char *text)
{
	struct entry *e = find(h, h->topic, key);
	char note[500];

	if (e == NULL)
		e = add(h, h->topic, key);
	if (e == NULL)
		return;
	e->current = true;
	if (strcmp(e->text, text) == 0)
		return;
	free(e->text);
	e->text = strdup(text);
	note_key(e, note, sizeof(note));
	spool_note_set(h->notes, note, text);
}

static void on_note(void *context, const char *key, const char *text)
{
	struct home_assistant *h = context;
	char topic[400];

	snprintf(topic, sizeof(topic), "%s", key + strlen(NOTE));
	char *space = strchr(topic, ' ');
	if (space != NULL)
		*space = '\0';
	struct entry *e = add(h, topic, space != NULL ? space + 1 : "");
	if (e == NULL)
		return;
	free(e->text);
	e->text = strdup(text);
}

static void forget(struct home_assistant *h)
{
	size_t kept = 0;
	char note[500];

	for (size_t i = 0; i < h->count; i++) {
		struct entry *e = &h->entries[i];
		if (e->current) {
			h->entries[kept++] = *e;
			continue;
		}
		note_key(e, note, sizeof(note));
		spool_note_set(h->notes, note, NULL);
		free(e->topic);
		free(e->key);
		free(e->text);
	}
	h->count = kept;
}

static bool has_stale(const struct home_assistant *h)
{
	for (size_t i = 0; i < h->count; i++)
		if (!h->entries[i].current)
			return true;
	return false;
}

/* ---- what the YAML has ---- */

static void put_availability(struct json *j, const struct home_assistant *h, const char *input)
{
	char topic[400];

	json_array(j, "availability");
	json_object(j, NULL);
	snprintf(topic, sizeof(topic), "%s/bridge/state", h->base);
	json_string(j, "topic", topic);
	json_end_object(j);
	if (input != NULL) {
		json_object(j, NULL);
		snprintf(topic, sizeof(topic), "%s/input/%s/availability", h->base, input);
		json_string(j, "topic", topic);
		json_end_object(j);
	}
	json_end_array(j);
	json_string(j, "availability_mode", "all");
}

/* One component: "p" stands first, see platform_of(). QoS is not handed down from the root. */
struct component {
	const char *platform, *kind, *name; /* the key is kind_name */
	const char *title, *topic, *template, *device_class;
	const char *input; /* whose availability it shares, or NULL */
	bool diagnostic;
};

static void set_component(struct home_assistant *h, const struct component *c)
{
	struct json j = { .out = &h->text };
	char key[160], text[400];

	buf_clear(&h->text);
	json_object(&j, NULL);
	json_string(&j, "p", c->platform);
	snprintf(key, sizeof(key), "%s_%s", c->kind, c->name);
	snprintf(text, sizeof(text), "edged_%s_%s", h->settings->gateway, key);
	json_string(&j, "unique_id", text);
	json_string(&j, "name", c->title);
	snprintf(text, sizeof(text), "%s.%s_%s", c->platform, h->settings->gateway, key);
	json_string(&j, "default_entity_id", text);
	snprintf(text, sizeof(text), "%s/%s", h->base, c->topic);
	json_string(&j, "state_topic", text);
	json_string(&j, "value_template", c->template);
	json_string(&j, "json_attributes_topic", text);
	if (c->device_class != NULL)
		json_string(&j, "device_class", c->device_class);
	if (c->diagnostic)
		json_string(&j, "entity_category", "diagnostic");
	put_availability(&j, h, c->input);
	json_int(&j, "qos", 1);
	json_end_object(&j);
	set(h, key, buf_text(&h->text));
}

static void set_pipeline(struct home_assistant *h, const struct schema_item *item)
{
	const struct pipeline_settings *p = item->settings;
	char topic[160], title[160];

	snprintf(topic, sizeof(topic), "%s/state", item->name);
	snprintf(title, sizeof(title), "%s label", item->name);
	set_component(h, &(struct component){
				 .platform = "binary_sensor",
				 .kind = "decision",
				 .name = item->name,
				 .title = item->name,
				 .topic = topic,
				 .template = "{{ 'ON' if value_json.state == 'on' else 'OFF' }}",
				 .input = p->from });
	set_component(h, &(struct component){ .platform = "sensor",
					      .kind = "label",
					      .name = item->name,
					      .title = title,
					      .topic = topic,
					      .template = "{{ value_json.label or 'none' }}",
					      .input = p->from });
}

/* One that is silent, clipped, gone: a problem, with the reason among its attributes. */
static void set_input(struct home_assistant *h, const char *name)
{
	char topic[160], title[160];

	snprintf(topic, sizeof(topic), "input/%s/status", name);
	snprintf(title, sizeof(title), "%s problem", name);
	set_component(h,
		      &(struct component){
			      .platform = "binary_sensor",
			      .kind = "input",
			      .name = name,
			      .title = title,
			      .topic = topic,
			      .template = "{{ 'OFF' if value_json.state == 'online' else 'ON' }}",
			      .device_class = "problem",
			      .diagnostic = true });
}

static void set_device(struct home_assistant *h)
{
	struct json j = { .out = &h->text };
	char id[160];

	buf_clear(&h->text);
	json_object(&j, NULL);
	json_object(&j, "dev");
	json_array(&j, "ids");
	snprintf(id, sizeof(id), "edged_%s", h->settings->gateway);
	json_string(&j, NULL, id);
	json_end_array(&j);
	json_string(&j, "name", h->settings->gateway);
	json_string(&j, "mf", "edged");
	json_string(&j, "mdl", "gateway");
	json_string(&j, "sw", PACKAGE_VERSION);
	json_end_object(&j);
	json_object(&j, "o");
	json_string(&j, "name", "edged");
	json_string(&j, "sw", PACKAGE_VERSION);
	json_end_object(&j);
	json_end_object(&j);
	set(h, "", buf_text(&h->text));
}

static void set_all(struct home_assistant *h)
{
	const struct settings *s = h->settings;

	set_device(h);
	for (size_t i = 0; i < s->pipelines.count; i++)
		set_pipeline(h, &s->pipelines.items[i]);
	for (size_t i = 0; i < s->inputs.count; i++)
		if (settings_input_used(s, s->inputs.items[i].name))
			set_input(h, s->inputs.items[i].name);
}

/* ---- saying it ---- */

/* What stands behind {"p":" in a component's text. */
static void put_platform_only(struct buf *out, const struct entry *e)
{
	const char *platform = e->text + strlen("{\"p\":\"");

	buf_printf(out, "{\"p\":\"%.*s\"}", (int)strcspn(platform, "\""), platform);
}

/* The device's text with its components inside: {…,"cmps":{…}}. */
static void put_config(struct home_assistant *h, const struct entry *device, enum step step)
{
	const char *separator = "";

	buf_clear(&h->text);
	buf_add(&h->text, device->text, strlen(device->text) - 1);
	buf_puts(&h->text, ",\"cmps\":{");
	for (size_t i = 0; i < h->count; i++) {
		const struct entry *e = &h->entries[i];
		if (e->key[0] == '\0' || strcmp(e->topic, device->topic) != 0 ||
		    (!e->current && step == STEP_CLEAN))
			continue;
		buf_printf(&h->text, "%s\"%s\":", separator, e->key);
		if (e->current || step == STEP_FULL)
			buf_puts(&h->text, e->text);
		else
			put_platform_only(&h->text, e);
		separator = ",";
	}
	buf_puts(&h->text, "}}");
}

static bool say_device(struct home_assistant *h, const struct entry *device, enum step step)
{
	if (!device->current && step == STEP_CLEAN)
		return true;
	put_config(h, device, step);
	if (!device->current && step == STEP_TAKEN)
		buf_clear(&h->text); /* an empty payload takes the whole device away */
	return h->send(h->context, device->topic, buf_text(&h->text));
}

static void begin(struct home_assistant *h, int64_t now_ns, bool started)
{
	int64_t earliest = h->said_ns + SECOND;

	h->started = started;
	h->step = h->count > 0 ? STEP_FULL : STEP_NONE;
	h->next_ns = h->said_ns > 0 && earliest > now_ns ? earliest : now_ns;
	home_assistant_turn(h, now_ns);
}

void home_assistant_turn(struct home_assistant *h, int64_t now_ns)
{
	if (h->step == STEP_NONE || now_ns < h->next_ns)
		return;
	for (size_t i = 0; i < h->count; i++)
		if (h->entries[i].key[0] == '\0' && !say_device(h, &h->entries[i], h->step))
			return; /* offline: the next connection begins afresh */
	h->said_ns = now_ns;
	h->next_ns = now_ns + SECOND;
	if (h->step == STEP_CLEAN && h->started)
		forget(h);
	h->step = h->step == STEP_CLEAN || !has_stale(h) ? STEP_NONE : h->step + 1;
}

void home_assistant_connected(struct home_assistant *h, int64_t now_ns)
{
	begin(h, now_ns, false);
}

void home_assistant_started(struct home_assistant *h, int64_t now_ns)
{
	LOG_INFO("Home Assistant has started");
	begin(h, now_ns, true);
}

/* ---- opening ---- */

const char *home_assistant_status_topic(const struct home_assistant *h)
{
	return h->status_topic;
}

int home_assistant_open(const struct settings *settings, const char *base, struct spool *notes,
			home_assistant_send_fn *send, void *context, struct home_assistant **out,
			struct fault *f)
{
	const struct home_assistant_settings *s = &settings->mqtt.home_assistant;
	struct home_assistant *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return fault_set(f, -ENOMEM, "Home Assistant: no memory");
	*h = (struct home_assistant){ .settings = settings,
				      .base = base,
				      .notes = notes,
				      .send = send,
				      .context = context,
				      .step = STEP_NONE };
	snprintf(h->topic, sizeof(h->topic), "%s/device/edged_%s/config", s->prefix,
		 settings->gateway);
	snprintf(h->status_topic, sizeof(h->status_topic), "%s/status", s->prefix);
	spool_notes(notes, NOTE, on_note, h);
	if (s->enabled)
		set_all(h);
	*out = h;
	return 0;
}

void home_assistant_free(struct home_assistant *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < h->count; i++) {
		free(h->entries[i].topic);
		free(h->entries[i].key);
		free(h->entries[i].text);
	}
	free(h->entries);
	buf_fini(&h->text);
	free(h);
}
