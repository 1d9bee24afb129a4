/* finding.c - what is wrong in a configuration, with the place where it stands. */
#include "config/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static void put_path(struct buf *out, const struct path *path)
{
	if (path == NULL)
		return;
	put_path(out, path->parent);
	if (path->key == NULL)
		buf_printf(out, "[%zu]", path->index);
	else
		buf_printf(out, "%s%s", out->length > 0 ? "." : "", path->key);
}

void finding_add(struct findings *fs, struct mark at, const struct path *path, const char *format,
		 ...)
{
	AUTO_BUF struct buf where = { 0 };
	char text[400];
	va_list args;

	if (fs->count++ >= FINDINGS_MOST)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put_path(&where, path);

	struct finding *f = &fs->list[fs->count - 1];
	*f = (struct finding){ at, arena_strdup(fs->memory, buf_text(&where)),
			       arena_strdup(fs->memory, text) };
	if (f->path == NULL || f->text == NULL)
		*f = (struct finding){ at, "", "no memory to say what is wrong here" };
}

static int compare(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int order = strcmp(x->at.file, y->at.file);

	if (order == 0)
		order = (x->at.line > y->at.line) - (x->at.line < y->at.line);
	if (order == 0)
		order = (x->at.column > y->at.column) - (x->at.column < y->at.column);
	return order;
}

void findings_sort(struct findings *fs)
{
	size_t listed = fs->count < FINDINGS_MOST ? fs->count : FINDINGS_MOST;

	qsort(fs->list, listed, sizeof(fs->list[0]), compare);
}

const char *finding_line(const struct finding *f, char *out, size_t size)
{
	int used = f->at.line == 0 ? snprintf(out, size, "%s: ", f->at.file)
				   : snprintf(out, size, "%s:%u:%u: ", f->at.file, f->at.line,
					      f->at.column);

	if (used >= 0 && (size_t)used < size)
		snprintf(out + used, size - (size_t)used, "%s%s%s", f->path,
			 f->path[0] != '\0' ? ": " : "", f->text);
	return out;
}
