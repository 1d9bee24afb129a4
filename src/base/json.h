/* json.h - writes JSON (RFC 8259) into a buffer: commas, escapes and numbers are its business. */
#ifndef EDGED_BASE_JSON_H
#define EDGED_BASE_JSON_H
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* `struct json j = { .out = &buf };` then calls in document order. Inside an object each value
 * takes its key; inside an array, and at the top, the key is NULL. */
struct json {
	struct buf *out;
	unsigned depth;
	uint32_t filled; /* bit d: something stands at depth d, so a comma is due */
};

void json_object(struct json *j, const char *key); /* { … json_end_object */
void json_end_object(struct json *j);
void json_array(struct json *j, const char *key);
void json_end_array(struct json *j);

void json_string(struct json *j, const char *key, const char *value); /* NULL gives null */
void json_bool(struct json *j, const char *key, bool value);
void json_int(struct json *j, const char *key, int64_t value);
/* The shortest of 6, 9 or 17 digits that reads back to the same float or double; NaN gives null. */
void json_float(struct json *j, const char *key, float value);
void json_double(struct json *j, const char *key, double value);
#endif
