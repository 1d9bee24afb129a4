/* labels.c - a model's labels from a text file, one a line. */
#include "settings/labels.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_BYTES = 4 << 20 };

/* The whole text, without a byte order mark. */
static int read_text(const char *file, struct arena *memory, char **out, struct fault *f)
{
	AUTO_CLOSE int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fault_errno(f, "%s (the model's labels)", file);
	if (!S_ISREG(st.st_mode) || st.st_size > MOST_BYTES)
		return fault_set(f, -EBADMSG, "%s: no text file of labels (at most %d MiB)", file,
				 MOST_BYTES >> 20);
	char *text = arena_alloc(memory, (size_t)st.st_size + 1, 1);
	if (text == NULL)
		return fault_set(f, -ENOMEM, "%s: no memory", file);
	ssize_t got = read(fd, text, (size_t)st.st_size);
	if (got < 0)
		return fault_errno(f, "%s", file);
	if (strlen(text) != (size_t)got)
		return fault_set(f, -EBADMSG, "%s: no text file of labels (a NUL in it)", file);
	*out = strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
	return 0;
}

static const char *trim(char *line)
{
	size_t length;

	line += strspn(line, " \t\r");
	length = strlen(line);
	while (length > 0 && strchr(" \t\r", line[length - 1]) != NULL)
		length--;
	line[length] = '\0';
	return line;
}

/* Lines without the empty ones at the end; an empty one elsewhere would shift all behind it. */
static int split_lines(char *text, const char *file, struct arena *memory,
		       struct schema_strings *out, struct fault *f)
{
	size_t lines = 0, last = 0;

	for (const char *p = text; *p != '\0'; p++)
		lines += *p == '\n';
	out->items = arena_alloc(memory, lines + 1, sizeof(out->items[0]));
	if (out->items == NULL)
		return fault_set(f, -ENOMEM, "%s: no memory", file);
	for (size_t i = 0; i <= lines; i++) {
		char *end = text + strcspn(text, "\n"), *next = *end == '\0' ? end : end + 1;
		*end = '\0';
		out->items[i] = trim(text);
		last = out->items[i][0] != '\0' ? i + 1 : last;
		text = next;
	}
	out->count = last;
	for (size_t i = 0; i < last; i++)
		if (out->items[i][0] == '\0')
			return fault_set(f, -EBADMSG, "%s:%zu: an empty line (one label a line)",
					 file, i + 1);
	if (last == 0 || last > LABELS_MOST)
		return fault_set(f, -EBADMSG, "%s: %zu labels (1 to %d)", file, last, LABELS_MOST);
	return 0;
}

/* The number before a label, and the label behind it; -1 where there is none. */
static long read_number(const char *line, const char **label)
{
	char *end;
	size_t digits = strspn(line, "0123456789");

	if (digits == 0 || digits > 6 || strchr(" \t:,", line[digits]) == NULL)
		return -1;
	long number = strtol(line, &end, 10);
	*label = end + strspn(end, " \t:,");
	return **label == '\0' ? -1 : number;
}

/* Whether every line says its own number, each greater than the one before. */
static bool are_numbered(const struct schema_strings *lines, long *first, long *last)
{
	const char *label;

	*last = -1;
	for (size_t i = 0; i < lines->count; i++) {
		long number = read_number(lines->items[i], &label);
		if (number <= *last || number > LABELS_MOST)
			return false;
		*last = number;
		*first = i == 0 ? number : *first;
	}
	return *first <= 1;
}

/* Each label goes to its number's place. Counted from 1 only where none is left out: a list that
 * leaves out more than number 0 counts from 0. */
static int place_by_number(struct schema_strings *lines, struct arena *memory, struct fault *f)
{
	long first = 0, last;

	if (!are_numbered(lines, &first, &last))
		return 0;
	if (last - first + 1 != (long)lines->count)
		first = 0;
	size_t count = (size_t)(last - first) + 1;
	const char **items = arena_alloc(memory, count, sizeof(items[0]));
	for (size_t i = 0; items != NULL && i < lines->count; i++) {
		const char *label;
		long number = read_number(lines->items[i], &label);
		items[number - first] = label;
	}
	for (size_t i = 0; items != NULL && i < count; i++)
		if (items[i] == NULL && (items[i] = arena_printf(memory, "%zu", i)) == NULL)
			items = NULL;
	if (items == NULL)
		return fault_set(f, -ENOMEM, "labels: no memory");
	*lines = (struct schema_strings){ count, items };
	return 0;
}

static int by_text(const void *a, const void *b)
{
	const char *const *x = *(const char *const *const *)a, *const *y = *(const char *const *const *)b;
	int order = strcmp(*x, *y);

	return order != 0 ? order : (x > y) - (x < y);
}

/* ImageNet has two cranes, a bird and a machine: "crane" and "crane (517)". */
static int tell_apart(struct schema_strings *labels, struct arena *memory, struct fault *f)
{
	AUTO_FREE const char ***sorted = calloc(labels->count, sizeof(sorted[0]));

	if (sorted == NULL)
		return fault_set(f, -ENOMEM, "labels: no memory");
	for (size_t i = 0; i < labels->count; i++)
		sorted[i] = &labels->items[i];
	qsort(sorted, labels->count, sizeof(sorted[0]), by_text);
	for (size_t i = labels->count; i-- > 1;)
		if (strcmp(*sorted[i], *sorted[i - 1]) == 0) {
			*sorted[i] = arena_printf(memory, "%s (%zu)", *sorted[i],
						  (size_t)(sorted[i] - labels->items));
			if (*sorted[i] == NULL)
				return fault_set(f, -ENOMEM, "labels: no memory");
		}
	return 0;
}

int labels_parse(char *text, const char *name, struct arena *memory, struct schema_strings *out,
		 struct fault *f)
{
	struct schema_strings labels = { 0 };
	int rc = split_lines(text, name, memory, &labels, f);

	if (rc == 0)
		rc = place_by_number(&labels, memory, f);
	if (rc == 0)
		rc = tell_apart(&labels, memory, f);
	if (rc == 0)
		*out = labels;
	return rc;
}

int labels_read(const char *file, struct arena *memory, struct schema_strings *out, struct fault *f)
{
	char *text = NULL;
	int rc = read_text(file, memory, &text, f);

	return rc < 0 ? rc : labels_parse(text, file, memory, out, f);
}
