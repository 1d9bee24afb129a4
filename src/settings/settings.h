/* settings.h - what edged.yaml says, as structs; each part's table stands in a file of its own. */
#ifndef EDGED_SETTINGS_SETTINGS_H
#define EDGED_SETTINGS_SETTINGS_H
#include "config/schema.h"
#include "settings/input.h"
#include "settings/mqtt.h"
#include "settings/pipeline.h"
#include "settings/trace.h"

struct settings {
	const char *gateway;
	struct mqtt_settings mqtt;
	struct trace_settings trace;
	struct schema_list inputs;	/* of the schemas in input_kinds */
	struct schema_list models;	/* of struct model_settings */
	struct schema_list pipelines;	/* of struct pipeline_settings */
};

extern const struct schema settings_schema;

/* Settings with their tree; everything lives in one arena. */
struct config {
	struct arena *memory;
	struct yaml_node *root;
	struct settings settings;
	struct findings findings;
};

/* Reads `file` with what stands in conf.d beside it. Always gives a config; it is good where
 * config->findings.count is 0. NULL: no memory. End it with config_free(). */
struct config *config_load(const char *file);
/* The same from a text; `file` names it in findings and is what relative paths start from. */
struct config *config_parse(const char *text, size_t length, const char *file);
void config_free(struct config *c);
AUTO_DEFINE(config)

/* Inputs that no pipeline listens to are not started. */
bool settings_input_used(const struct settings *s, const char *input);
const struct pipeline_settings *settings_pipeline(const struct settings *s, const char *name);
const struct model_settings *settings_model(const struct settings *s, const char *name);

/* The part of the tree that one process needs, as YAML: config_parse() gives the same settings.
 * A NULL name leaves the section out, "*" takes all of it. A pipeline brings its models. */
struct config_part {
	const char *input, *pipeline;
	bool mqtt, trace;
};
void config_write_part(const struct config *c, const struct config_part *part, struct buf *out);
#endif
