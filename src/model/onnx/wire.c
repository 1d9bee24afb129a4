/* wire.c - reads Protocol Buffers from strangers: field by field, every length checked. */
#include "model/onnx/wire.h"

#include <string.h>

struct wire wire_of(const uint8_t *data, size_t size)
{
	return (struct wire){ data, data + size, false };
}

static bool fail(struct wire *w)
{
	w->broken = true;
	return false;
}

bool wire_varint(struct wire *w, uint64_t *value)
{
	*value = 0;
	if (w->at == w->end)
		return false;
	for (int shift = 0; shift < 64; shift += 7) {
		if (w->at == w->end)
			return fail(w);
		uint8_t byte = *w->at++;
		*value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return true;
	}
	return fail(w);
}

static bool read_fixed(struct wire *w, size_t bytes, uint64_t *value)
{
	if ((size_t)(w->end - w->at) < bytes)
		return fail(w);
	*value = 0;
	memcpy(value, w->at, bytes); /* little-endian */
	w->at += bytes;
	return true;
}

bool wire_next(struct wire *w, struct wire_field *f)
{
	uint64_t key, size;

	*f = (struct wire_field){ 0 };
	if (w->broken || !wire_varint(w, &key))
		return false;
	f->number = (uint32_t)(key >> 3);
	f->type = (enum wire_type)(key & 7);
	if (f->number == 0)
		return fail(w);
	switch (f->type) {
	case WIRE_VARINT: return wire_varint(w, &f->value) || fail(w);
	case WIRE_FIXED64: return read_fixed(w, 8, &f->value);
	case WIRE_FIXED32: return read_fixed(w, 4, &f->value);
	case WIRE_BYTES:
		if (!wire_varint(w, &size) || size > (size_t)(w->end - w->at))
			return fail(w);
		f->data = w->at;
		f->size = (size_t)size;
		w->at += size;
		return true;
	default: return fail(w);
	}
}

float wire_float(uint64_t value)
{
	uint32_t bits = (uint32_t)value;
	float result;

	memcpy(&result, &bits, sizeof(result));
	return result;
}
