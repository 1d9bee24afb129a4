/* schema.c - tables that parse, check and document settings: one entry a key. */
#include "config/schema.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What goes down with the reading. */
struct reader {
	struct arena *memory;
	struct findings *findings;
};

/* One value: the key that describes it, its node, where it stands, the field it goes to. */
struct value {
	const struct schema_key *key;
	struct yaml_node *node;
	const struct path *path;
	void *field;
};

typedef void read_fn(const struct reader *r, const struct value *v);

static void read_table(const struct reader *r, const struct schema *schema, struct yaml_node *node,
		       const struct path *path, void *out);

static const enum unit_kind unit_of[] = {
	[T_DURATION] = UNIT_DURATION,
	[T_RATE] = UNIT_RATE,
	[T_SIZE] = UNIT_SIZE,
	[T_PERCENT] = UNIT_PERCENT,
	[T_FREE] = UNIT_NONE,
};

static bool out_of_memory(const struct reader *r, const struct value *v, const void *p)
{
	if (p == NULL)
		finding_add(r->findings, v->node->at, v->path, "no memory");
	return p == NULL;
}

void schema_accepts(const struct schema_key *key, char *out, size_t size)
{
	static const char *const words[] = {
		[T_BOOL] = "true or false",
		[T_INT] = "a whole number",
		[T_NUMBER] = "a number",
		[T_RANGE] = "[low, high], two numbers",
		[T_NUMBERS] = "a number, or a list of up to three",
		[T_EXTENT] = "WIDTHxHEIGHT, as in 224x224",
		[T_STRING] = "text",
		[T_NAME] = "letters, digits, '-' and '_'",
		[T_PATH] = "the path of a file",
		[T_STRINGS] = "a list of names",
		[T_TABLE] = "a mapping",
		[T_MAP] = "a mapping of names",
		[T_LIST] = "a list",
		[T_FREE] = "anything",
	};
	bool ranged = key->min != 0 || key->max != 0;
	char low[40], high[40];

	if (key->type == T_ENUM) {
		int used = snprintf(out, size, "one of");
		for (size_t i = 0; key->values[i] != NULL && (size_t)used < size; i++)
			used += snprintf(out + used, size - (size_t)used, "%s %s", i > 0 ? "," : "",
					 key->values[i]);
		return;
	}
	unit_write(unit_of[key->type], key->min, low, sizeof(low));
	unit_write(unit_of[key->type], key->max, high, sizeof(high));
	if (ranged && (key->type == T_NUMBERS || key->type == T_EXTENT))
		snprintf(out, size, "%s, each %s to %s", words[key->type], low, high);
	else if (ranged && key->type != T_STRINGS)
		snprintf(out, size, "%s to %s", low, high);
	else if (words[key->type] != NULL)
		snprintf(out, size, "%s", words[key->type]);
	else
		snprintf(out, size, "a number with one of the units %s",
			 unit_names(unit_of[key->type]));
}

static void reject(const struct reader *r, const struct value *v, const char *wrong)
{
	char accepted[200];

	schema_accepts(v->key, accepted, sizeof(accepted));
	finding_add(r->findings, v->node->at, v->path, "%s (%s)", wrong, accepted);
}

static const char *const kind_words[] = {
	[YAML_SCALAR] = "a single value", [YAML_SEQUENCE] = "a list", [YAML_MAPPING] = "a mapping"
};

/* The text of a scalar, or NULL with a finding. Numbers and words must not be quoted. */
static const char *scalar_text(const struct reader *r, const struct value *v, bool quoted_too)
{
	char wrong[120];

	if (v->node->kind != YAML_SCALAR) {
		snprintf(wrong, sizeof(wrong), "%s stands here", kind_words[v->node->kind]);
		reject(r, v, wrong);
		return NULL;
	}
	if (v->node->quoted && !quoted_too) {
		snprintf(wrong, sizeof(wrong), "'%.60s' is quoted, so it is text", v->node->text);
		reject(r, v, wrong);
		return NULL;
	}
	return v->node->text;
}

static void read_bool(const struct reader *r, const struct value *v)
{
	static const char *const words[] = { "false", "true", "no", "yes", "off", "on" };
	const char *text = scalar_text(r, v, false);
	char wrong[120];

	if (text == NULL)
		return;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(text, words[i]) == 0) {
			*(bool *)v->field = i % 2 == 1;
			return;
		}
	snprintf(wrong, sizeof(wrong), "'%.60s' is no truth value", text);
	reject(r, v, wrong);
}

/* Says what is wrong with a number in the words of its unit. */
static void reject_number(const struct reader *r, const struct value *v, enum unit_error error)
{
	enum unit_kind kind = unit_of[v->key->type];
	const char *text = v->node->text;
	char wrong[160];

	switch (error) {
	case UNIT_LEADING_ZERO:
		finding_add(r->findings, v->node->at, v->path,
			    "'%.60s' begins with 0, which some read as octal (a number without it)",
			    text);
		return;
	case UNIT_MISSING:
		finding_add(r->findings, v->node->at, v->path,
			    "'%.60s' has no unit (one of %s, as in %.20s ms)", text,
			    unit_names(kind), text);
		return;
	case UNIT_UNKNOWN:
		finding_add(r->findings, v->node->at, v->path,
			    "'%.60s' has an unknown unit (one of %s)", text, unit_names(kind));
		return;
	case UNIT_TOO_LARGE: snprintf(wrong, sizeof(wrong), "'%.60s' is too large", text); break;
	default: snprintf(wrong, sizeof(wrong), "'%.60s' is no number", text); break;
	}
	reject(r, v, wrong);
}

static bool in_range(const struct reader *r, const struct value *v, double value)
{
	const struct schema_key *k = v->key;
	char shown[60], wrong[120];

	if ((k->min == 0 && k->max == 0) || (value >= k->min && value <= k->max))
		return true;
	unit_write(unit_of[k->type], value, shown, sizeof(shown));
	snprintf(wrong, sizeof(wrong), "%s is too %s", shown, value < k->min ? "low" : "high");
	reject(r, v, wrong);
	return false;
}

static void read_int(const struct reader *r, const struct value *v)
{
	const char *text = scalar_text(r, v, false);
	int64_t value;

	if (text == NULL)
		return;
	enum unit_error error = unit_read_int(text, &value);
	if (error != UNIT_OK)
		reject_number(r, v, error);
	else if (in_range(r, v, (double)value))
		*(int64_t *)v->field = value;
}

static bool read_quantity(const struct reader *r, const struct value *v, double *out)
{
	const char *text = scalar_text(r, v, false);

	if (text == NULL)
		return false;
	enum unit_error error = unit_read(unit_of[v->key->type], text, out);
	if (error != UNIT_OK) {
		reject_number(r, v, error);
		return false;
	}
	return in_range(r, v, *out);
}

static void read_double(const struct reader *r, const struct value *v)
{
	double value;

	if (read_quantity(r, v, &value))
		*(double *)v->field = value;
}

static void read_whole_quantity(const struct reader *r, const struct value *v)
{
	double value;

	if (!read_quantity(r, v, &value))
		return;
	if (fabs(value) > 9e18)
		reject_number(r, v, UNIT_TOO_LARGE);
	else
		*(int64_t *)v->field = (int64_t)llround(value);
}

static void read_range(const struct reader *r, const struct value *v)
{
	struct schema_range *out = v->field;
	double bounds[2] = { 0, 0 };
	size_t count = 0;

	if (v->node->kind != YAML_SEQUENCE) {
		reject(r, v, "no range stands here");
		return;
	}
	for (struct yaml_node *c = v->node->children; c != NULL; c = c->next, count++) {
		if (c->kind != YAML_SCALAR || count > 1 ||
		    unit_read(UNIT_NONE, c->text, &bounds[count]) != UNIT_OK) {
			reject(r, v, "no range stands here");
			return;
		}
	}
	if (count != 2 || bounds[0] >= bounds[1])
		reject(r, v,
		       count != 2 ? "one bound stands here"
				  : "the first bound is not the lower one");
	else
		*out = (struct schema_range){ true, bounds[0], bounds[1] };
}

/* A list of one to three numbers; a number alone is a list of one. */
static void read_numbers(const struct reader *r, const struct value *v)
{
	struct schema_numbers numbers = { 0 };
	struct yaml_node *first = v->node;

	if (v->node->kind == YAML_SEQUENCE)
		first = v->node->children;
	for (struct yaml_node *c = first; c != NULL; c = c == v->node ? NULL : c->next) {
		struct value item = { v->key, c, v->path, NULL };
		if (numbers.count == ARRAY_SIZE(numbers.items)) {
			reject(r, v, "more than three stand here");
			return;
		}
		if (!read_quantity(r, &item, &numbers.items[numbers.count++]))
			return;
	}
	if (numbers.count == 0)
		reject(r, v, "no number stands here");
	else
		*(struct schema_numbers *)v->field = numbers;
}

/* "96x64": digits, x, digits. */
static void read_extent(const struct reader *r, const struct value *v)
{
	const char *text = scalar_text(r, v, true);
	int width = 0, height = 0, end = 0;
	char wrong[120];

	if (text == NULL)
		return;
	if (strspn(text, "0123456789x") != strlen(text) || strlen(text) > 15 ||
	    sscanf(text, "%7dx%7d%n", &width, &height, &end) != 2 || text[end] != '\0') {
		snprintf(wrong, sizeof(wrong), "'%.60s' is no size", text);
		reject(r, v, wrong);
		return;
	}
	if (in_range(r, v, width) && in_range(r, v, height))
		*(struct schema_extent *)v->field = (struct schema_extent){ width, height };
}

static void read_string(const struct reader *r, const struct value *v)
{
	const char *text = scalar_text(r, v, true);

	if (text != NULL && text[0] == '\0')
		reject(r, v, "empty");
	else if (text != NULL)
		*(const char **)v->field = text;
}

static bool is_name(const char *text)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t length = strlen(text);

	return length > 0 && length <= 64 && strspn(text, allowed) == length;
}

static void read_name(const struct reader *r, const struct value *v)
{
	const char *text = scalar_text(r, v, true);
	char wrong[120];

	if (text == NULL)
		return;
	if (is_name(text)) {
		*(const char **)v->field = text;
		return;
	}
	snprintf(wrong, sizeof(wrong), "'%.60s' is no name", text);
	reject(r, v, wrong);
}

static void read_path(const struct reader *r, const struct value *v)
{
	const char *text = scalar_text(r, v, true);
	const char *slash = strrchr(v->node->at.file, '/');

	if (text == NULL)
		return;
	if (text[0] == '\0') {
		reject(r, v, "empty");
		return;
	}
	if (text[0] != '/' && slash != NULL) {
		text = arena_printf(r->memory, "%.*s/%s", (int)(slash - v->node->at.file),
				    v->node->at.file, text);
		if (out_of_memory(r, v, text))
			return;
		v->node->text = text;
	}
	v->node->quoted = true;
	*(const char **)v->field = text;
}

static void read_enum(const struct reader *r, const struct value *v)
{
	const char *text = scalar_text(r, v, true);
	struct nearest nearest = { 0 };
	char wrong[160];

	if (text == NULL)
		return;
	for (int i = 0; v->key->values[i] != NULL; i++) {
		if (strcmp(text, v->key->values[i]) == 0) {
			*(int *)v->field = i;
			return;
		}
		nearest_offer(&nearest, text, v->key->values[i]);
	}
	snprintf(wrong, sizeof(wrong), "'%.60s' is unknown%s%s%s", text,
		 nearest.name != NULL ? "; did you mean '" : "",
		 nearest.name != NULL ? nearest.name : "", nearest.name != NULL ? "'?" : "");
	reject(r, v, wrong);
}

static size_t count_children(const struct yaml_node *n)
{
	size_t count = 0;

	for (const struct yaml_node *c = n->children; c != NULL; c = c->next)
		count++;
	return count;
}

static void read_strings(const struct reader *r, const struct value *v)
{
	struct schema_strings *out = v->field;

	if (v->node->kind != YAML_SEQUENCE) {
		reject(r, v, "no list stands here");
		return;
	}
	out->items = arena_alloc(r->memory, count_children(v->node), sizeof(out->items[0]));
	if (out_of_memory(r, v, out->items))
		return;
	for (struct yaml_node *c = v->node->children; c != NULL; c = c->next) {
		struct path path = { v->path, NULL, out->count };
		struct value item = { v->key, c, &path, &out->items[out->count] };
		read_string(r, &item);
		out->count++;
	}
}

static void unknown_key(const struct reader *r, const struct yaml_node *key,
			const struct path *path, const char *what, struct nearest nearest,
			const char *accepted)
{
	struct path here = { path, key->text, 0 };

	if (nearest.name != NULL)
		finding_add(r->findings, key->at, &here, "unknown %s; did you mean '%s'? (%s)",
			    what, nearest.name, accepted);
	else
		finding_add(r->findings, key->at, &here, "unknown %s (%s)", what, accepted);
}

static void join_name(char *out, size_t size, const char *name)
{
	size_t used = strlen(out);

	snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "one of ", name);
}

/* {window: {...}} or, where only the name counts, `window`: which schema, and its settings' node. */
static const struct schema *choose(const struct reader *r, const struct schema *const *choices,
				   struct yaml_node *node, const struct path *path,
				   struct yaml_node **settings)
{
	char accepted[300] = "";
	struct nearest nearest = { 0 };
	bool one = node->kind == YAML_MAPPING && node->children != NULL &&
		   node->children->next == NULL;
	const struct yaml_node *key = one ? node->children->key : node;

	for (size_t i = 0; choices[i] != NULL; i++) {
		join_name(accepted, sizeof(accepted), choices[i]->name);
		if (!one && (node->kind != YAML_SCALAR || yaml_is_null(node)))
			continue;
		if (strcmp(key->text, choices[i]->name) == 0) {
			*settings = one ? node->children : NULL;
			return choices[i];
		}
		nearest_offer(&nearest, key->text, choices[i]->name);
	}
	if (!one && node->kind != YAML_SCALAR)
		finding_add(r->findings, node->at, path,
			    "%s stands here (a mapping with one key, %s)",
			    node->children != NULL && node->kind == YAML_MAPPING
				    ? "more than one key"
				    : kind_words[node->kind],
			    accepted);
	else
		unknown_key(r, key, path, "kind", nearest, accepted);
	return NULL;
}

static void read_item(const struct reader *r, const struct value *v, struct yaml_node *node,
		      const struct path *path, struct schema_item *out)
{
	struct yaml_node *settings = node;
	const struct schema *schema = v->key->schema;

	out->node = node;
	if (v->key->choices != NULL)
		schema = choose(r, v->key->choices, node, path, &settings);
	if (schema == NULL)
		return;
	out->settings = arena_alloc(r->memory, 1, schema->size);
	if (out_of_memory(r, v, out->settings))
		return;
	out->schema = schema;
	if (settings == NULL) { /* a name alone: an empty mapping of its settings */
		settings = arena_alloc(r->memory, 1, sizeof(*settings));
		if (out_of_memory(r, v, settings))
			return;
		*settings = (struct yaml_node){ .kind = YAML_MAPPING, .at = node->at };
	}
	struct path below = { path, schema->name, 0 };
	read_table(r, schema, settings, v->key->choices != NULL ? &below : path, out->settings);
}

static void read_items(const struct reader *r, const struct value *v)
{
	struct schema_list *out = v->field;
	bool map = v->key->type == T_MAP;
	char wrong[80];

	if (v->node->kind != (map ? YAML_MAPPING : YAML_SEQUENCE)) {
		snprintf(wrong, sizeof(wrong), "%s stands here", kind_words[v->node->kind]);
		reject(r, v, wrong);
		return;
	}
	out->items = arena_alloc(r->memory, count_children(v->node), sizeof(out->items[0]));
	if (out_of_memory(r, v, out->items))
		return;
	for (struct yaml_node *c = v->node->children; c != NULL; c = c->next) {
		struct schema_item *item = &out->items[out->count];
		struct path path = { v->path, map ? c->key->text : NULL, out->count };

		if (map && !is_name(c->key->text)) {
			finding_add(r->findings, c->key->at, &path,
				    "no name (letters, digits, '-' and '_', at most 64)");
			continue;
		}
		item->name = map ? c->key->text : NULL;
		read_item(r, v, c, &path, item);
		out->count++;
	}
}

static void read_struct(const struct reader *r, const struct value *v)
{
	read_table(r, v->key->schema, v->node, v->path, v->field);
}

static void read_nothing(const struct reader *r, const struct value *v)
{
	(void)r;
	(void)v;
}

static read_fn *const readers[] = {
	[T_BOOL] = read_bool,	    [T_INT] = read_int,
	[T_NUMBER] = read_double,   [T_DURATION] = read_whole_quantity,
	[T_RATE] = read_double,	    [T_SIZE] = read_whole_quantity,
	[T_NUMBERS] = read_numbers, [T_EXTENT] = read_extent,
	[T_RANGE] = read_range,	    [T_STRING] = read_string,
	[T_NAME] = read_name,	    [T_PATH] = read_path,
	[T_ENUM] = read_enum,	    [T_STRINGS] = read_strings,
	[T_TABLE] = read_struct,    [T_MAP] = read_items,
	[T_LIST] = read_items,	    [T_FREE] = read_nothing,
	[T_PERCENT] = read_double,
};

/* Not given: the fallback is read as if it stood there; a table fills in its own fallbacks. */
static void read_fallback(const struct reader *r, const struct value *v)
{
	if (v->key->type == T_TABLE && v->key->optional)
		return;
	if (v->key->type == T_TABLE) {
		struct yaml_node empty = { .kind = YAML_MAPPING, .at = v->node->at };
		read_table(r, v->key->schema, &empty, v->path, v->field);
	} else if (v->key->fallback != NULL) {
		struct yaml_node *node = arena_alloc(r->memory, 1, sizeof(*node));
		if (out_of_memory(r, v, node))
			return;
		*node = (struct yaml_node){ .kind = YAML_SCALAR,
					    .at = v->node->at,
					    .text = v->key->fallback };
		struct value fallback = { v->key, node, v->path, v->field };
		readers[v->key->type](r, &fallback);
	}
}

static void read_key(const struct reader *r, const struct schema_key *k, struct yaml_node *mapping,
		     const struct path *path, void *out)
{
	struct yaml_node *node = yaml_get(mapping, k->key);
	struct path here = { path, k->key, 0 };
	struct value v = { k, node != NULL ? node : mapping, &here, (char *)out + k->at };

	if (node != NULL && !yaml_is_null(node))
		readers[k->type](r, &v);
	else if (k->required)
		finding_add(r->findings, v.node->at, &here, "missing (%.*s)",
			    (int)strcspn(k->help, "."), k->help);
	else
		read_fallback(r, &v);
}

static void report_unknown_keys(const struct reader *r, const struct schema *schema,
				const struct yaml_node *mapping, const struct path *path)
{
	for (const struct yaml_node *c = mapping->children; c != NULL; c = c->next) {
		struct nearest nearest = { 0 };
		char accepted[300] = "";
		bool known = false;

		for (const struct schema_key *k = schema->keys; k->key != NULL && !known; k++) {
			known = strcmp(c->key->text, k->key) == 0;
			nearest_offer(&nearest, c->key->text, k->key);
			join_name(accepted, sizeof(accepted), k->key);
		}
		if (!known)
			unknown_key(r, c->key, path, "key", nearest, accepted);
	}
}

/* A scalar where a mapping is wanted stands for the shorthand's key. Done in the tree itself, so
 * that a written copy of it holds what was rewritten below. */
static bool spell_out(const struct reader *r, const struct schema *schema, struct yaml_node *node,
		      const struct path *path)
{
	if (node->kind == YAML_MAPPING)
		return true;
	if (node->kind == YAML_SEQUENCE || (schema->shorthand == NULL && !yaml_is_null(node))) {
		finding_add(r->findings, node->at, path, "%s stands here (a mapping)",
			    kind_words[node->kind]);
		return false;
	}
	struct yaml_node *value = arena_alloc(r->memory, 1, sizeof(*value));
	struct yaml_node *key = arena_alloc(r->memory, 1, sizeof(*key));
	if (value == NULL || key == NULL) {
		finding_add(r->findings, node->at, path, "no memory");
		return false;
	}
	*value = *node;
	*key = (struct yaml_node){ .kind = YAML_SCALAR, .at = node->at, .text = schema->shorthand };
	value->key = key;
	value->next = NULL;
	node->children = yaml_is_null(node) ? NULL : value;
	node->kind = YAML_MAPPING;
	return true;
}

static void read_table(const struct reader *r, const struct schema *schema, struct yaml_node *node,
		       const struct path *path, void *out)
{
	size_t before = r->findings->count;

	if (!spell_out(r, schema, node, path))
		return;
	report_unknown_keys(r, schema, node, path);
	for (const struct schema_key *k = schema->keys; k->key != NULL; k++)
		read_key(r, k, node, path, out);
	if (schema->check != NULL && (schema->check_always || r->findings->count == before))
		schema->check(out, &(struct schema_check){ node, path, r->findings });
}

void schema_read(const struct schema *schema, struct yaml_node *node, const struct path *path,
		 void *out, struct arena *memory, struct findings *fs)
{
	struct reader r = { memory, fs };

	read_table(&r, schema, node, path, out);
}

void schema_finding(const struct schema_check *c, const char *key, const char *format, ...)
{
	const struct yaml_node *node = key != NULL ? yaml_get(c->node, key) : NULL;
	struct path below = { c->path, key, 0 };
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	finding_add(c->findings, node != NULL ? node->at : c->node->at,
		    key != NULL ? &below : c->path, "%s", text);
}

const struct schema_item *schema_find(const struct schema_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].name != NULL && strcmp(list->items[i].name, name) == 0)
			return &list->items[i];
	return NULL;
}

void schema_walk(const struct schema *schema, const char *path, schema_visit_fn *visit,
		 void *context)
{
	char below[200];

	for (const struct schema_key *k = schema->keys; k->key != NULL; k++) {
		snprintf(below, sizeof(below), "%s%s%s", path, path[0] != '\0' ? "." : "", k->key);
		visit(context, below, k);
		if (k->schema != NULL)
			schema_walk(k->schema, below, visit, context);
		for (size_t i = 0; k->choices != NULL && k->choices[i] != NULL; i++) {
			char choice[240];
			snprintf(choice, sizeof(choice), "%s.%s", below, k->choices[i]->name);
			schema_walk(k->choices[i], choice, visit, context);
		}
	}
}
