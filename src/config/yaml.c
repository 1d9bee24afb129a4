/* yaml.c - a YAML file as a tree of nodes, each with its place. */
#include "config/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <yaml.h>

struct anchor {
	const char *name;
	struct yaml_node *node;
	bool open; /* its end has not been seen: it must not contain itself */
};

struct loader {
	yaml_parser_t parser;
	const char *text, *file;
	size_t length;
	struct arena *memory;
	struct findings *findings;
	struct anchor anchors[YAML_MOST_ANCHORS];
	size_t anchor_count, event_count, node_count;
	bool broken;
};

static struct yaml_node *load_node(struct loader *l, const yaml_event_t *e, unsigned depth);

static struct mark mark_of(const struct loader *l, yaml_mark_t m)
{
	return (struct mark){ l->file, (unsigned)m.line + 1, (unsigned)m.column + 1 };
}

static void *stop(struct loader *l, struct mark at, const char *text)
{
	if (!l->broken)
		finding_add(l->findings, at, NULL, "%s", text);
	l->broken = true;
	return NULL;
}

/* libyaml leaves no line for a broken encoding, only the byte (PLATFORM, section 6). */
static struct mark mark_of_offset(const struct loader *l, size_t offset)
{
	struct mark at = { l->file, 1, 1 };

	for (size_t i = 0; i < offset && i < l->length; i++) {
		at.column++;
		if (l->text[i] == '\n')
			at = (struct mark){ l->file, at.line + 1, 1 };
	}
	return at;
}

static void report_parser(struct loader *l)
{
	const yaml_parser_t *p = &l->parser;
	char text[300];

	if (p->error == YAML_READER_ERROR) {
		snprintf(text, sizeof(text), "%s (UTF-8 text)", p->problem);
		stop(l, mark_of_offset(l, p->problem_offset), text);
		return;
	}
	snprintf(text, sizeof(text), "%s%s%s (YAML)", p->problem != NULL ? p->problem : "no memory",
		 p->context != NULL ? ", " : "", p->context != NULL ? p->context : "");
	stop(l, mark_of(l, p->problem_mark), text);
}

static bool next_event(struct loader *l, yaml_event_t *e)
{
	if (l->broken)
		return false;
	if (!yaml_parser_parse(&l->parser, e)) {
		report_parser(l);
		return false;
	}
	if (++l->event_count > YAML_MOST_EVENTS) {
		stop(l, mark_of(l, e->start_mark), "the file is too long (100000 events)");
		yaml_event_delete(e);
		return false;
	}
	return true;
}

static struct yaml_node *new_node(struct loader *l, enum yaml_kind kind, struct mark at)
{
	if (++l->node_count > YAML_MOST_NODES)
		return stop(l, at, "too many values, aliases written out (20000)");
	struct yaml_node *n = arena_alloc(l->memory, 1, sizeof(*n));
	if (n == NULL)
		return stop(l, at, "no memory");
	n->kind = kind;
	n->at = at;
	return n;
}

static struct yaml_node *copy_node(struct loader *l, const struct yaml_node *from)
{
	struct yaml_node *n = new_node(l, from->kind, from->at);

	if (n == NULL)
		return NULL;
	n->quoted = from->quoted;
	n->text = from->text;
	n->key = from->key;
	struct yaml_node **tail = &n->children;
	for (const struct yaml_node *c = from->children; c != NULL; c = c->next) {
		*tail = copy_node(l, c);
		if (*tail == NULL)
			return NULL;
		tail = &(*tail)->next;
	}
	return n;
}

static struct anchor *find_anchor(struct loader *l, const char *name)
{
	for (size_t i = l->anchor_count; i-- > 0;)
		if (strcmp(l->anchors[i].name, name) == 0)
			return &l->anchors[i];
	return NULL;
}

static struct anchor *set_anchor(struct loader *l, const yaml_char_t *name, struct yaml_node *n)
{
	if (name == NULL)
		return NULL;
	if (l->anchor_count == YAML_MOST_ANCHORS)
		return stop(l, n->at, "too many anchors (64)");
	struct anchor *a = &l->anchors[l->anchor_count++];
	*a = (struct anchor){ arena_strdup(l->memory, (const char *)name), n, true };
	return a->name == NULL ? stop(l, n->at, "no memory") : a;
}

static struct yaml_node *load_alias(struct loader *l, const yaml_event_t *e)
{
	struct mark at = mark_of(l, e->start_mark);
	const struct anchor *a = find_anchor(l, (const char *)e->data.alias.anchor);

	if (a == NULL)
		return stop(l, at, "alias without an anchor of that name before it");
	if (a->open)
		return stop(l, at, "alias inside of what it stands for");
	return copy_node(l, a->node);
}

static struct yaml_node *load_scalar(struct loader *l, const yaml_event_t *e)
{
	struct mark at = mark_of(l, e->start_mark);
	struct yaml_node *n = new_node(l, YAML_SCALAR, at);

	if (n == NULL)
		return NULL;
	if (memchr(e->data.scalar.value, '\0', e->data.scalar.length) != NULL)
		return stop(l, at, "a NUL character (text without NUL)");
	if (e->data.scalar.tag != NULL && strcmp((const char *)e->data.scalar.tag, "!") != 0)
		return stop(l, at, "a tag (values without tags; the key decides their type)");
	n->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	n->text = arena_strdup(l->memory, (const char *)e->data.scalar.value);
	if (n->text == NULL)
		return stop(l, at, "no memory");
	struct anchor *a = set_anchor(l, e->data.scalar.anchor, n);
	if (a != NULL)
		a->open = false;
	return n;
}

static struct yaml_node *load_sequence(struct loader *l, const yaml_event_t *start, unsigned depth)
{
	struct yaml_node *n = new_node(l, YAML_SEQUENCE, mark_of(l, start->start_mark));
	yaml_event_t e;

	if (n == NULL)
		return NULL;
	struct anchor *a = set_anchor(l, start->data.sequence_start.anchor, n);
	struct yaml_node **tail = &n->children;
	while (next_event(l, &e)) {
		bool end = e.type == YAML_SEQUENCE_END_EVENT;
		struct yaml_node *child = end ? NULL : load_node(l, &e, depth + 1);
		yaml_event_delete(&e);
		if (end) {
			if (a != NULL)
				a->open = false;
			return n;
		}
		if (child == NULL)
			return NULL;
		*tail = child;
		tail = &child->next;
	}
	return NULL;
}

/* `<<: *defaults` gives the keys that the mapping itself does not have. */
static bool apply_merge_key(struct loader *l, struct yaml_node *mapping, struct yaml_node *from)
{
	struct yaml_node **tail = &mapping->children;

	if (from->kind != YAML_MAPPING) {
		finding_add(l->findings, from->at, NULL, "'<<' takes an alias of a mapping");
		return true;
	}
	while (*tail != NULL)
		tail = &(*tail)->next;
	for (const struct yaml_node *c = from->children; c != NULL; c = c->next) {
		if (yaml_get(mapping, c->key->text) != NULL)
			continue;
		*tail = copy_node(l, c);
		if (*tail == NULL)
			return false;
		tail = &(*tail)->next;
	}
	return true;
}

static void report_twice(struct findings *fs, const struct yaml_node *key, struct mark first)
{
	finding_add(fs, key->at, &(struct path){ NULL, key->text, 0 },
		    "stands twice, first at %s:%u:%u (once)", first.file, first.line, first.column);
}

static struct yaml_node *load_pair(struct loader *l, const yaml_event_t *key_event, unsigned depth)
{
	yaml_event_t e;
	struct mark at = mark_of(l, key_event->start_mark);

	if (key_event->type != YAML_SCALAR_EVENT)
		return stop(l, at, "a key that is no plain text (a name)");
	struct yaml_node *key = load_scalar(l, key_event);
	if (key == NULL || !next_event(l, &e))
		return NULL;
	struct yaml_node *value = load_node(l, &e, depth + 1);
	yaml_event_delete(&e);
	if (value != NULL)
		value->key = key;
	return value;
}

static struct yaml_node *load_mapping(struct loader *l, const yaml_event_t *start, unsigned depth)
{
	struct yaml_node *n = new_node(l, YAML_MAPPING, mark_of(l, start->start_mark));
	struct yaml_node *merged = NULL;
	yaml_event_t e;

	if (n == NULL)
		return NULL;
	struct anchor *a = set_anchor(l, start->data.mapping_start.anchor, n);
	struct yaml_node **tail = &n->children;
	while (next_event(l, &e)) {
		bool end = e.type == YAML_MAPPING_END_EVENT;
		struct yaml_node *child = end ? NULL : load_pair(l, &e, depth);
		yaml_event_delete(&e);
		if (end) {
			if (a != NULL)
				a->open = false;
			return merged == NULL || apply_merge_key(l, n, merged) ? n : NULL;
		}
		if (child == NULL)
			return NULL;
		if (!child->key->quoted && strcmp(child->key->text, "<<") == 0 && merged == NULL) {
			merged = child;
			continue;
		}
		const struct yaml_node *first = yaml_get(n, child->key->text);
		if (first != NULL) {
			report_twice(l->findings, child->key, first->key->at);
			continue;
		}
		*tail = child;
		tail = &child->next;
	}
	return NULL;
}

static struct yaml_node *load_node(struct loader *l, const yaml_event_t *e, unsigned depth)
{
	struct mark at = mark_of(l, e->start_mark);
	const yaml_char_t *tag = e->type == YAML_SEQUENCE_START_EVENT  ? e->data.sequence_start.tag
				 : e->type == YAML_MAPPING_START_EVENT ? e->data.mapping_start.tag
								       : NULL;

	if (depth > YAML_MOST_DEPTH)
		return stop(l, at, "nested too deeply (32 levels)");
	if (tag != NULL)
		return stop(l, at, "a tag (values without tags; the key decides their type)");
	switch (e->type) {
	case YAML_ALIAS_EVENT: return load_alias(l, e);
	case YAML_SCALAR_EVENT: return load_scalar(l, e);
	case YAML_SEQUENCE_START_EVENT: return load_sequence(l, e, depth);
	case YAML_MAPPING_START_EVENT: return load_mapping(l, e, depth);
	default: return stop(l, at, "no value here (YAML)");
	}
}

static struct yaml_node *load_stream(struct loader *l)
{
	struct yaml_node *root = NULL;
	yaml_event_t e;

	while (next_event(l, &e)) {
		yaml_event_type_t type = e.type;
		struct mark at = mark_of(l, e.start_mark);
		if (type == YAML_DOCUMENT_START_EVENT && root != NULL)
			stop(l, at, "a second document (one document a file)");
		else if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
			 type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT)
			root = load_node(l, &e, 1);
		yaml_event_delete(&e);
		if (type == YAML_STREAM_END_EVENT)
			break;
	}
	if (!l->broken && (root == NULL || yaml_is_null(root)))
		stop(l, (struct mark){ l->file, 1, 1 }, "the file is empty (a YAML mapping)");
	return l->broken ? NULL : root;
}

struct yaml_node *yaml_parse(const char *text, size_t length, const char *file,
			     struct arena *memory, struct findings *fs)
{
	struct loader l = {
		.text = text, .file = file, .length = length, .memory = memory, .findings = fs
	};

	if (length > YAML_MOST_BYTES)
		return stop(&l, (struct mark){ file, 0, 0 }, "the file is too large (1 MiB)");
	if (!yaml_parser_initialize(&l.parser))
		return stop(&l, (struct mark){ file, 0, 0 }, "no memory");
	yaml_parser_set_input_string(&l.parser, (const unsigned char *)text, length);
	struct yaml_node *root = load_stream(&l);
	yaml_parser_delete(&l.parser);
	return root;
}

static int read_file(const char *file, struct buf *out)
{
	AUTO_CLOSE int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	while (out->length <= YAML_MOST_BYTES) {
		if (buf_reserve(out, 65536) < 0)
			return -ENOMEM;
		ssize_t n = read(fd, out->data + out->length, 65536);
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		out->length += (size_t)n;
		out->data[out->length] = '\0';
	}
	return 0;
}

struct yaml_node *yaml_parse_file(const char *file, struct arena *memory, struct findings *fs)
{
	AUTO_BUF struct buf text = { 0 };
	int rc = read_file(file, &text);

	if (rc < 0) {
		finding_add(fs, (struct mark){ file, 0, 0 }, NULL, "%s (a readable YAML file)",
			    strerror(-rc));
		return NULL;
	}
	return yaml_parse(buf_text(&text), text.length, file, memory, fs);
}

struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key)
{
	if (mapping == NULL || mapping->kind != YAML_MAPPING)
		return NULL;
	for (struct yaml_node *c = mapping->children; c != NULL; c = c->next)
		if (strcmp(c->key->text, key) == 0)
			return c;
	return NULL;
}

bool yaml_is_null(const struct yaml_node *n)
{
	return n->kind == YAML_SCALAR && !n->quoted &&
	       (n->text[0] == '\0' || strcmp(n->text, "~") == 0 || strcmp(n->text, "null") == 0);
}

void yaml_merge(struct yaml_node *into, struct yaml_node *from, struct findings *fs)
{
	for (struct yaml_node *c = from->children, *next; c != NULL; c = next) {
		next = c->next;
		struct yaml_node *have = yaml_get(into, c->key->text);
		if (have == NULL) {
			struct yaml_node **tail = &into->children;
			while (*tail != NULL)
				tail = &(*tail)->next;
			c->next = NULL;
			*tail = c;
		} else if (have->kind == YAML_MAPPING && c->kind == YAML_MAPPING) {
			yaml_merge(have, c, fs);
		} else {
			report_twice(fs, c->key, have->key->at);
		}
	}
}

static void write_scalar(struct buf *out, const struct yaml_node *n)
{
	if (!n->quoted && strchr(n->text, '\n') == NULL) {
		buf_puts(out, n->text[0] == '\0' ? "~" : n->text);
		return;
	}
	buf_putc(out, '"');
	for (const char *p = n->text; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			buf_putc(out, '\\');
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			buf_printf(out, "\\x%02x", (unsigned char)*p);
		else
			buf_putc(out, *p);
	}
	buf_putc(out, '"');
}

static void write_node(struct buf *out, const struct yaml_node *n, unsigned depth)
{
	if (n->kind == YAML_SCALAR) {
		buf_putc(out, ' ');
		write_scalar(out, n);
		buf_putc(out, '\n');
		return;
	}
	if (n->children == NULL) {
		buf_puts(out, n->kind == YAML_MAPPING ? " {}\n" : " []\n");
		return;
	}
	buf_putc(out, '\n');
	for (const struct yaml_node *c = n->children; c != NULL; c = c->next) {
		buf_printf(out, "%*s", (int)depth, "");
		if (n->kind == YAML_MAPPING) {
			write_scalar(out,
				     &(struct yaml_node){ .text = c->key->text, .quoted = true });
			buf_putc(out, ':');
		} else {
			buf_putc(out, '-');
		}
		write_node(out, c, depth + 1);
	}
}

void yaml_write_member(struct buf *out, const char *key, const struct yaml_node *n)
{
	buf_printf(out, "\"%s\":", key);
	write_node(out, n, 1);
}
