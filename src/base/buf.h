/* buf.h - a growing byte buffer for text that is written piece by piece. */
#ifndef EDGED_BASE_BUF_H
#define EDGED_BASE_BUF_H
#include <stdbool.h>
#include <stddef.h>

/* Starts as `struct buf b = { 0 };`, ends with buf_fini(). Once memory is refused, `failed` stays
 * set and later calls do nothing: check it once, at the end. `data` always ends in a NUL. */
struct buf {
	char *data;
	size_t length, capacity;
	bool failed;
};

void buf_fini(struct buf *b);
void buf_clear(struct buf *b);		     /* empty, memory kept */
int buf_reserve(struct buf *b, size_t more); /* 0 or -ENOMEM */
void buf_add(struct buf *b, const void *data, size_t length);
void buf_puts(struct buf *b, const char *text);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *buf_text(const struct buf *b); /* "" where nothing was written */

#define AUTO_BUF __attribute__((cleanup(buf_fini)))
#endif
