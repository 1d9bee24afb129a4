/* wire.h - reads Protocol Buffers from strangers: field by field, every length checked.
 * Format: protobuf.dev, "Encoding". */
#ifndef EDGED_MODEL_ONNX_WIRE_H
#define EDGED_MODEL_ONNX_WIRE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A message, or what is left of it. */
struct wire {
	const uint8_t *at, *end;
	bool broken; /* a length or a number leads out of it */
};

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

struct wire_field {
	uint32_t number;
	enum wire_type type;
	uint64_t value;	     /* of the numbers */
	const uint8_t *data; /* WIRE_BYTES: borrowed */
	size_t size;
};

struct wire wire_of(const uint8_t *data, size_t size);
/* The next field; false at the end, and where it is broken. */
bool wire_next(struct wire *w, struct wire_field *f);
/* The next number of a packed field; false at the end. */
bool wire_varint(struct wire *w, uint64_t *value);
float wire_float(uint64_t value); /* of a WIRE_FIXED32 */
#endif
