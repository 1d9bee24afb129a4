/* json.c - writes JSON (RFC 8259) into a buffer: commas, escapes and numbers are its business. */
#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Length of the UTF-8 sequence at p, or 0 where it is none (RFC 3629, section 4). */
static size_t utf8_length(const unsigned char *p)
{
	size_t length = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;

	if (p[0] >= 0x80 && (p[0] < 0xc2 || p[0] > 0xf4))
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return length;
}

static void put_quoted(struct buf *out, const char *text)
{
	buf_putc(out, '"');
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0';) {
		size_t length = utf8_length(p);
		if (length == 0) {
			buf_puts(out, "\\ufffd"); /* what is no UTF-8 shows as such */
			p++;
			continue;
		}
		if (*p == '"' || *p == '\\')
			buf_putc(out, '\\');
		if (*p < 0x20 || *p == 0x7f)
			buf_printf(out, "\\u%04x", *p);
		else
			buf_add(out, p, length);
		p += length;
	}
	buf_putc(out, '"');
}

static void begin_value(struct json *j, const char *key)
{
	if (j->filled & (1u << j->depth))
		buf_putc(j->out, ',');
	j->filled |= 1u << j->depth;
	if (key != NULL) {
		put_quoted(j->out, key);
		buf_putc(j->out, ':');
	}
}

static void open_level(struct json *j, const char *key, char bracket)
{
	begin_value(j, key);
	buf_putc(j->out, bracket);
	j->depth++;
	j->filled &= ~(1u << j->depth);
}

void json_object(struct json *j, const char *key)
{
	open_level(j, key, '{');
}

void json_end_object(struct json *j)
{
	j->depth--;
	buf_putc(j->out, '}');
}

void json_array(struct json *j, const char *key)
{
	open_level(j, key, '[');
}

void json_end_array(struct json *j)
{
	j->depth--;
	buf_putc(j->out, ']');
}

void json_string(struct json *j, const char *key, const char *value)
{
	begin_value(j, key);
	if (value == NULL)
		buf_puts(j->out, "null");
	else
		put_quoted(j->out, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin_value(j, key);
	buf_puts(j->out, value ? "true" : "false");
}

void json_int(struct json *j, const char *key, int64_t value)
{
	begin_value(j, key);
	buf_printf(j->out, "%" PRId64, value);
}

void json_float(struct json *j, const char *key, float value)
{
	char text[32];

	begin_value(j, key);
	if (!isfinite(value)) {
		buf_puts(j->out, "null");
		return;
	}
	snprintf(text, sizeof(text), "%.6g", (double)value);
	if (strtof(text, NULL) != value)
		snprintf(text, sizeof(text), "%.9g", (double)value);
	buf_puts(j->out, text);
}

void json_double(struct json *j, const char *key, double value)
{
	char text[32];

	begin_value(j, key);
	if (!isfinite(value)) {
		buf_puts(j->out, "null");
		return;
	}
	snprintf(text, sizeof(text), "%.9g", value);
	if (strtod(text, NULL) != value)
		snprintf(text, sizeof(text), "%.17g", value);
	buf_puts(j->out, text);
}
