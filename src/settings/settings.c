/* settings.c - what edged.yaml says, as structs. */
#include "settings/settings.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(name) offsetof(struct settings, name)

static const struct schema_key keys[] = {
	{ .key = "gateway", .type = T_NAME, .at = FIELD(gateway), .required = true,
	  .help = "Name of this gateway, as it stands in topics." },
	{ .key = "mqtt", .type = T_TABLE, .at = FIELD(mqtt), .schema = &mqtt_schema,
	  .help = "The connection to the MQTT broker." },
	{ .key = "trace", .type = T_TABLE, .at = FIELD(trace), .schema = &trace_schema,
	  .help = "What is kept of every window." },
	{ .key = "inputs", .type = T_MAP, .at = FIELD(inputs), .choices = input_kinds, .required = true,
	  .help = "Where samples come from, by name." },
	{ .key = "models", .type = T_MAP, .at = FIELD(models), .schema = &model_schema,
	  .help = "The models, by name." },
	{ .key = "pipelines", .type = T_MAP, .at = FIELD(pipelines), .schema = &pipeline_schema,
	  .required = true, .help = "From an input to a decision, by name." },
	{ 0 },
};

static void unknown_name(const struct schema_check *where, const struct yaml_node *at,
			 const struct path *path, const char *what, const char *name,
			 const struct schema_list *known)
{
	struct nearest nearest = { 0 };

	for (size_t i = 0; i < known->count; i++)
		nearest_offer(&nearest, name, known->items[i].name);
	if (nearest.name != NULL)
		finding_add(where->findings, at->at, path, "no %s is named '%.64s'; did you mean '%s'?",
			    what, name, nearest.name);
	else
		finding_add(where->findings, at->at, path,
			    "no %s is named '%.64s' (a name from the section %ss)", what, name, what);
}

static void check_stages(const struct schema_check *where, const struct settings *s,
			 const struct pipeline_settings *p, const struct path *path)
{
	for (size_t i = 0; i < p->stages.count; i++) {
		const struct schema_item *stage = &p->stages.items[i];
		struct path list = { path, "stages", 0 }, element = { &list, NULL, i };

		if (stage->schema != &model_stage_schema)
			continue;
		const struct model_stage_settings *m = stage->settings;
		if (m->name != NULL && schema_find(&s->models, m->name) == NULL)
			unknown_name(where, stage->node, &element, "model", m->name, &s->models);
	}
}

/* Runs in spite of other findings, so that one run shows all: what was not read is NULL. */
static void check(const void *settings, const struct schema_check *where)
{
	const struct settings *s = settings;
	struct path pipelines = { where->path, "pipelines", 0 };

	for (size_t i = 0; i < s->pipelines.count; i++) {
		const struct schema_item *item = &s->pipelines.items[i];
		const struct pipeline_settings *p = item->settings;
		struct path path = { &pipelines, item->name, 0 }, from = { &path, "from", 0 };

		if (p == NULL)
			continue;
		if (p->from != NULL && schema_find(&s->inputs, p->from) == NULL)
			unknown_name(where, yaml_get(item->node, "from"), &from, "input", p->from,
				     &s->inputs);
		check_stages(where, s, p, &path);
	}
}

const struct schema settings_schema = {
	.name = "edged", .size = sizeof(struct settings), .keys = keys, .check = check,
	.check_always = true,
};

static int is_yaml(const struct dirent *d)
{
	return fnmatch("*.yaml", d->d_name, FNM_PERIOD) == 0;
}

/* Pieces from conf.d, in the order of their names. */
static void merge_folder(struct config *c, const char *file)
{
	const char *slash = strrchr(file, '/');
	struct dirent **names;
	char *folder = arena_printf(c->memory, "%.*sconf.d", slash == NULL ? 0 : (int)(slash + 1 - file),
				    file);
	int count = folder == NULL ? -1 : scandir(folder, &names, is_yaml, alphasort);

	for (int i = 0; i < count; i++) {
		char *piece = arena_printf(c->memory, "%s/%s", folder, names[i]->d_name);
		struct yaml_node *root =
			piece == NULL ? NULL : yaml_parse_file(piece, c->memory, &c->findings);
		if (root != NULL && root->kind == YAML_MAPPING)
			yaml_merge(c->root, root, &c->findings);
		else if (root != NULL)
			finding_add(&c->findings, root->at, NULL, "no mapping (sections as in edged.yaml)");
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

static struct config *config_create(void)
{
	struct config *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->memory = arena_create();
	c->findings.memory = c->memory;
	if (c->memory == NULL) {
		free(c);
		return NULL;
	}
	return c;
}

static struct config *config_read(struct config *c)
{
	if (c->root != NULL)
		schema_read(&settings_schema, c->root, NULL, &c->settings, c->memory, &c->findings);
	findings_sort(&c->findings);
	return c;
}

struct config *config_load(const char *file)
{
	struct config *c = config_create();
	const char *name = c == NULL ? NULL : arena_strdup(c->memory, file);

	if (name == NULL) {
		config_free(c);
		return NULL;
	}
	c->root = yaml_parse_file(name, c->memory, &c->findings);
	if (c->root != NULL && c->root->kind == YAML_MAPPING)
		merge_folder(c, name);
	return config_read(c);
}

struct config *config_parse(const char *text, size_t length, const char *file)
{
	struct config *c = config_create();

	if (c == NULL)
		return NULL;
	c->root = yaml_parse(text, length, file, c->memory, &c->findings);
	return config_read(c);
}

void config_free(struct config *c)
{
	if (c == NULL)
		return;
	arena_free(c->memory);
	free(c);
}

const struct pipeline_settings *settings_pipeline(const struct settings *s, const char *name)
{
	const struct schema_item *item = schema_find(&s->pipelines, name);

	return item == NULL ? NULL : item->settings;
}

bool settings_input_used(const struct settings *s, const char *input)
{
	for (size_t i = 0; i < s->pipelines.count; i++) {
		const struct pipeline_settings *p = s->pipelines.items[i].settings;
		if (strcmp(p->from, input) == 0)
			return true;
	}
	return false;
}

const struct model_settings *settings_model(const struct settings *s, const char *name)
{
	const struct schema_item *item = schema_find(&s->models, name);

	return item == NULL ? NULL : item->settings;
}

/* A section with the member of that name, all of them for "*", none for NULL. */
static void write_section(const struct config *c, const char *section, const char *name, struct buf *out)
{
	const struct yaml_node *from = yaml_get(c->root, section);
	struct yaml_node part = { .kind = YAML_MAPPING };
	struct yaml_node one;

	if (from != NULL && name != NULL && strcmp(name, "*") == 0) {
		part.children = from->children;
	} else if (from != NULL && name != NULL && yaml_get(from, name) != NULL) {
		one = *yaml_get(from, name);
		one.next = NULL;
		part.children = &one;
	}
	yaml_write_member(out, section, &part);
}

void config_write_part(const struct config *c, const struct config_part *part, struct buf *out)
{
	const char *input = part->input;
	const struct pipeline_settings *p =
		part->pipeline == NULL ? NULL : settings_pipeline(&c->settings, part->pipeline);

	if (p != NULL)
		input = p->from;
	yaml_write_member(out, "gateway", yaml_get(c->root, "gateway"));
	if (part->mqtt && yaml_get(c->root, "mqtt") != NULL)
		yaml_write_member(out, "mqtt", yaml_get(c->root, "mqtt"));
	if (part->trace && yaml_get(c->root, "trace") != NULL)
		yaml_write_member(out, "trace", yaml_get(c->root, "trace"));
	write_section(c, "inputs", input, out);
	write_section(c, "models", part->pipeline == NULL ? NULL : "*", out);
	write_section(c, "pipelines", part->pipeline, out);
}
