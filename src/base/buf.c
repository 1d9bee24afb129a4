/* buf.c - a growing byte buffer for text that is written piece by piece. */
#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_fini(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

void buf_clear(struct buf *b)
{
	b->length = 0;
	b->failed = false;
	if (b->data != NULL)
		b->data[0] = '\0';
}

int buf_reserve(struct buf *b, size_t more)
{
	if (b->failed)
		return -ENOMEM;
	if (b->capacity - b->length > more)
		return 0;
	size_t capacity = b->capacity == 0 ? 256 : b->capacity;
	while (capacity - b->length <= more)
		capacity *= 2;
	char *data = realloc(b->data, capacity);
	if (data == NULL) {
		b->failed = true;
		return -ENOMEM;
	}
	b->data = data;
	b->capacity = capacity;
	return 0;
}

void buf_add(struct buf *b, const void *data, size_t length)
{
	if (buf_reserve(b, length) < 0)
		return;
	if (length > 0)
		memcpy(b->data + b->length, data, length);
	b->length += length;
	b->data[b->length] = '\0';
}

void buf_puts(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_putc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length >= 0 && buf_reserve(b, (size_t)length) == 0) {
		vsnprintf(b->data + b->length, (size_t)length + 1, format, again);
		b->length += (size_t)length;
	}
	va_end(again);
}

const char *buf_text(const struct buf *b)
{
	return b->data == NULL ? "" : b->data;
}
