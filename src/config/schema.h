/* schema.h - tables that parse, check and document settings: one entry a key. */
#ifndef EDGED_CONFIG_SCHEMA_H
#define EDGED_CONFIG_SCHEMA_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/finding.h"
#include "config/unit.h"
#include "config/yaml.h"

enum schema_type {
	T_BOOL,	    /* bool */
	T_INT,	    /* int64_t */
	T_NUMBER,   /* double */
	T_DURATION, /* int64_t, ns */
	T_RATE,	    /* double, Hz */
	T_SIZE,	    /* int64_t, bytes */
	T_PERCENT,  /* double */
	T_RANGE,    /* struct schema_range: [low, high] */
	T_NUMBERS,  /* struct schema_numbers: 1 to 3 of them in a list, or one alone */
	T_EXTENT,   /* struct schema_extent: WIDTHxHEIGHT; the limits are for each of both */
	T_STRING,   /* const char *, NULL if not given */
	T_NAME,	    /* the same, of letters, digits, '-' and '_' (it ends up in topics) */
	T_PATH,	    /* the same; a relative path is made absolute from the file's folder */
	T_ENUM,	    /* int, the index in `values` */
	T_STRINGS,  /* struct schema_strings */
	T_TABLE,    /* a struct of `schema`, in place */
	T_MAP,	    /* struct schema_list: name to `schema` or one of `choices` */
	T_LIST,	    /* struct schema_list: the same without names */
	T_FREE,	    /* anything, not read by the program */
};

struct schema_range {
	bool set;
	double low, high;
};

struct schema_numbers {
	size_t count;
	double items[3];
};

struct schema_extent {
	int width, height;
};

struct schema_strings {
	size_t count;
	const char **items;
};

struct schema;
struct schema_check;

/* One key of a table. */
struct schema_key {
	const char *key;
	enum schema_type type;
	size_t at; /* offset of the field in the struct */
	bool required;
	bool optional;		     /* T_TABLE: where it is not given, all of it stays zero */
	double min, max;	     /* inclusive, in base units; both 0: any */
	const char *fallback;	     /* as it would stand in the YAML; NULL: zero */
	const char *const *values;   /* T_ENUM: names in the order of the enum, NULL at the end */
	const struct schema *schema; /* T_TABLE, T_MAP, T_LIST */
	const struct schema *const *choices; /* T_MAP, T_LIST: each value is {name: settings} */
	const char *help;		     /* one sentence for the manual */
};

/* A struct and its keys. */
struct schema {
	const char *name; /* in a list of choices: the key that chooses it */
	size_t size;
	const struct schema_key *keys; /* ends with a key of NULL */
	const char *shorthand;	       /* a scalar in place of the mapping is this key's value */
	/* A rule across keys; NULL: none. Called only where all was read without a finding, unless
	 * `check_always`: then what was not read is zero. */
	void (*check)(const void *settings, const struct schema_check *where);
	bool check_always;
	const char *help;
};

/* An element of a T_MAP or T_LIST. */
struct schema_item {
	const char *name;	      /* in a map: its key */
	const struct schema *schema;  /* in a list of choices: the one chosen */
	void *settings;		      /* a struct of that schema */
	const struct yaml_node *node; /* for findings about it */
};

struct schema_list {
	size_t count;
	struct schema_item *items;
};

/* Where a check stands, to say what it finds. */
struct schema_check {
	const struct yaml_node *node;
	const struct path *path;
	struct findings *findings;
};

/* A finding at that key of the checked mapping, or at the mapping where the key was not given. */
void schema_finding(const struct schema_check *c, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Reads `node` into `out` (schema->size bytes, zeroed by the caller); every problem is a finding.
 * Strings and lists live in the arena. Relative paths in the tree are rewritten to absolute ones,
 * so that a written copy of the tree means the same elsewhere. */
void schema_read(const struct schema *schema, struct yaml_node *node, const struct path *path,
		 void *out, struct arena *memory, struct findings *fs);

const struct schema_item *schema_find(const struct schema_list *list, const char *name);

/* The nearest of the names (Damerau-Levenshtein distance at most 2), or NULL. */
struct nearest {
	const char *name;
	unsigned distance;
};
void nearest_offer(struct nearest *n, const char *wanted, const char *candidate);

/* Calls visit for every key below a schema with its full path: for the manual and its test. */
typedef void schema_visit_fn(void *context, const char *path, const struct schema_key *key);
void schema_walk(const struct schema *schema, const char *path, schema_visit_fn *visit,
		 void *context);

/* "8 kHz to 192 kHz", "one of hann, hamming": what a key accepts. */
void schema_accepts(const struct schema_key *key, char *out, size_t size);
#endif
