/* list_keys.c - compares the schema tables with the manual, whose path is the argument. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "settings/card.h"
#include "settings/settings.h"

struct check {
	const char *manual;
	unsigned keys, missing;
};

/* The key as a word of its own in the manual. */
static bool is_mentioned(const char *manual, const char *word)
{
	size_t length = strlen(word);

	for (const char *p = manual; (p = strstr(p, word)) != NULL; p += length) {
		bool begins = p == manual || !(isalnum((unsigned char)p[-1]) || p[-1] == '_');
		if (begins && !isalnum((unsigned char)p[length]) && p[length] != '_')
			return true;
	}
	return false;
}

static void visit(void *context, const char *path, const struct schema_key *key)
{
	struct check *c = context;
	bool card = strncmp(path, "front_end", 9) == 0;
	char accepts[200];

	c->keys++;
	if (!is_mentioned(c->manual, key->key)) {
		printf("%s is not in the manual\n", path);
		c->missing++;
	}
	if (card || (key->type != T_DURATION && key->type != T_RATE) ||
	    (key->min == 0 && key->max == 0))
		return;
	schema_accepts(key, accepts, sizeof(accepts));
	const char *upper = strstr(accepts, " to ") + 4;
	if (strstr(c->manual, upper) == NULL) {
		printf("%s: the manual does not say %s\n", path, accepts);
		c->missing++;
	}
}

int main(int argc, char **argv)
{
	struct buf text = { 0 };
	struct check c = { 0 };
	char piece[4096];
	FILE *f = argc > 1 ? fopen(argv[1], "r") : NULL;

	while (f != NULL && fgets(piece, sizeof(piece), f) != NULL)
		buf_puts(&text, piece);
	if (f != NULL)
		fclose(f);
	c.manual = buf_text(&text);
	schema_walk(&settings_schema, "", visit, &c);
	schema_walk(&card_schema, "", visit, &c);
	printf("manual: %u keys, %u missing\n", c.keys, c.missing);
	buf_fini(&text);
	return c.missing > 0 || c.keys < 50;
}
