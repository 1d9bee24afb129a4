/* labels.h - a model's labels from a text file, one a line. */
#ifndef EDGED_SETTINGS_LABELS_H
#define EDGED_SETTINGS_LABELS_H
#include "base/fault.h"
#include "config/schema.h"

enum { LABELS_MOST = 20000 };

/* Lines may end in CR LF and begin with their own number, counted from 0 or 1 ("0 tench",
 * "0: tench"), if all do. Numbers that are left out get a label that is the number. Of two labels of
 * the same name the later one gets its index behind it. Strings live in the arena. */
int labels_read(const char *file, struct arena *memory, struct schema_strings *out,
		struct fault *f);

/* The same of a text in memory, which is cut up; `name` is for messages. */
int labels_parse(char *text, const char *name, struct arena *memory, struct schema_strings *out,
		 struct fault *f);
#endif
