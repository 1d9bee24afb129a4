/* card.c - a model's card: what the model needs and means. */
#include "settings/card.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "settings/labels.h"

#define CARD(name) offsetof(struct card, name)

static const char *const outputs[] = { "probabilities", "logits", "reconstruction", NULL };

static const struct schema_key card_keys[] = {
	{ .key = "model", .type = T_NAME, .at = CARD(model), .required = true,
	  .help = "Name of the model." },
	{ .key = "version", .type = T_INT, .at = CARD(version), .fallback = "1",
	  .help = "Counts up with each training." },
	{ .key = "file", .type = T_STRING, .at = CARD(file), .help = "The file that this card is about." },
	{ .key = "sha256", .type = T_STRING, .at = CARD(sha256),
	  .help = "Hash of the file; another file is refused." },
	{ .key = "task", .type = T_STRING, .at = CARD(task), .help = "What the model does." },
	{ .key = "licence", .type = T_STRING, .at = CARD(licence), .help = "Licence of the weights." },
	{ .key = "source", .type = T_STRING, .at = CARD(source),
	  .help = "Where it comes from and how it was trained." },
	{ .key = "attribution", .type = T_STRING, .at = CARD(attribution),
	  .help = "Who must be named with it." },
	{ .key = "labels", .type = T_STRINGS, .at = CARD(labels),
	  .help = "What the outputs mean, in their order." },
	{ .key = "labels_file", .type = T_PATH, .at = CARD(labels_file),
	  .help = "The same from a text file, one a line." },
	{ .key = "background", .type = T_STRINGS, .at = CARD(background),
	  .help = "Labels that are never a decision." },
	{ .key = "output", .type = T_ENUM, .at = CARD(output), .values = outputs,
	  .fallback = "probabilities", .help = "What the outputs are." },
	{ .key = "front_end", .type = T_TABLE, .at = CARD(front_end), .schema = &frontend_schema,
	  .optional = true, .help = "How samples become the input." },
	{ .key = "picture", .type = T_TABLE, .at = CARD(picture), .schema = &picture_schema,
	  .optional = true, .help = "How pixels become the input." },
	{ .key = "accuracy", .type = T_FREE, .help = "What was measured, and on what." },
	{ .key = "decide", .type = T_FREE, .help = "Decision settings that go well with the model." },
	{ 0 },
};

bool card_takes_pictures(const struct card *c)
{
	return c->picture.shape.size.width > 0;
}

int card_label(const struct card *c, const char *label)
{
	for (size_t i = 0; i < c->labels.count; i++)
		if (strcmp(c->labels.items[i], label) == 0)
			return (int)i;
	return -1;
}

static const char *unknown_background(const struct card *c)
{
	for (size_t i = 0; i < c->background.count; i++)
		if (card_label(c, c->background.items[i]) < 0)
			return c->background.items[i];
	return NULL;
}

/* Labels of a file are not there yet: card_load() looks at them. */
static void check_labels(const struct card *c, const struct schema_check *where)
{
	const char *unknown = c->labels_file == NULL ? unknown_background(c) : NULL;

	if (unknown != NULL)
		schema_finding(where, "background", "'%.60s' is no label of this card", unknown);
	for (size_t i = 0; i < c->labels.count; i++)
		if (card_label(c, c->labels.items[i]) != (int)i)
			schema_finding(where, "labels", "'%.60s' stands twice", c->labels.items[i]);
	if (c->labels.count == 0 && c->labels_file == NULL)
		schema_finding(where, "labels", "no label (at least one, or a labels_file)");
	if (c->labels.count > 0 && c->labels_file != NULL)
		schema_finding(where, "labels_file", "labels stand in the card too (one of both)");
}

static void check(const void *settings, const struct schema_check *where)
{
	const struct card *c = settings;
	bool sound = c->front_end.length_ns > 0;

	check_labels(c, where);
	if (c->sha256 != NULL && (strlen(c->sha256) != 64 ||
				  strspn(c->sha256, "0123456789abcdef") != 64))
		schema_finding(where, "sha256", "no SHA-256 (64 hexadecimal digits)");
	if (!sound && !card_takes_pictures(c))
		schema_finding(where, "front_end", "missing (front_end for sound, or picture)");
	if (sound && card_takes_pictures(c))
		schema_finding(where, "picture", "front_end stands in the card too (one of both)");
}

const struct schema card_schema = {
	.name = "card", .size = sizeof(struct card), .keys = card_keys, .check = check,
	.help = "What a model needs and means.",
};

int card_load(const char *file, struct arena *memory, struct card *out, struct fault *f)
{
	struct findings findings = { .memory = memory };
	const char *name = arena_strdup(memory, file);
	struct card card = { 0 };
	char line[500];

	if (name == NULL)
		return fault_set(f, -ENOMEM, "%s", file);
	if (access(name, R_OK) < 0)
		return fault_errno(f, "%s (the model's card)", file);
	struct yaml_node *root = yaml_parse_file(name, memory, &findings);
	if (root != NULL)
		schema_read(&card_schema, root, NULL, &card, memory, &findings);
	if (findings.count > 0) {
		findings_sort(&findings);
		return fault_set(f, -EBADMSG, "%s",
				 finding_line(&findings.list[0], line, sizeof(line)));
	}
	int rc = card.labels_file == NULL ? 0 : labels_read(card.labels_file, memory, &card.labels, f);
	if (rc < 0)
		return rc;
	if (unknown_background(&card) != NULL)
		return fault_set(f, -EBADMSG, "%s: background: '%.60s' is no label of %s", name,
				 unknown_background(&card), card.labels_file);
	*out = card;
	return 0;
}
