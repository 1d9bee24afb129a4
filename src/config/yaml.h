/* yaml.h - a YAML file as a tree of nodes, each with its place. */
#ifndef EDGED_CONFIG_YAML_H
#define EDGED_CONFIG_YAML_H
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "config/finding.h"

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

/* Scalars have no type here: the schema knows what it wants. A quoted one is text only. */
struct yaml_node {
	enum yaml_kind kind;
	struct mark at;
	bool quoted;
	const char *text;	    /* of a scalar; holds no NUL */
	struct yaml_node *key;	    /* in a mapping: the scalar before the colon */
	struct yaml_node *children; /* of a sequence or mapping */
	struct yaml_node *next;	    /* the next child of the same parent */
};

/* Limits against files made to hurt (PLATFORM: 200 kB of '[' cost libyaml 69 s). */
enum {
	YAML_MOST_BYTES = 1 << 20,
	YAML_MOST_DEPTH = 32,
	YAML_MOST_EVENTS = 100000,
	YAML_MOST_ANCHORS = 64,
	YAML_MOST_NODES = 20000, /* with aliases written out */
};

/* The document in `text`, its strings from the arena; NULL where it cannot be read, with at least
 * one finding. Aliases and merge keys are written out; duplicate keys, tags and a second document
 * are findings. `file` is borrowed as the name in marks. */
struct yaml_node *yaml_parse(const char *text, size_t length, const char *file,
			     struct arena *memory, struct findings *fs);
struct yaml_node *yaml_parse_file(const char *file, struct arena *memory, struct findings *fs);

/* The child of a mapping under that key, or NULL. */
struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key);

/* ~, null and an empty plain scalar stand for "not given". */
bool yaml_is_null(const struct yaml_node *n);

/* Adds the children of `from` to the mapping `into`, mappings key by key; what stands in both is a
 * finding. For conf.d. */
void yaml_merge(struct yaml_node *into, struct yaml_node *from, struct findings *fs);

/* Writes `key:` and its value as a member of a top-level mapping: YAML that yaml_parse() reads back
 * to the same tree. */
void yaml_write_member(struct buf *out, const char *key, const struct yaml_node *n);
#endif
