/* mutate_proto.c - changes one field of a Protocol Buffers message, however deep, and corrects the
 * lengths around it: bytes that are changed blindly break the message they lie in. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "model/onnx/wire.h"

enum { MOST_FIELDS = 64, MOST_DEPTH = 8, MOST_BYTES = 1 << 16 };

/* A field with its key and its length, and what stands in it. */
struct span {
	const uint8_t *at, *inner;
	size_t size, inner_size;
	uint32_t number;
	enum wire_type type;
};

static size_t split(const uint8_t *data, size_t size, struct span *out)
{
	struct wire w = wire_of(data, size);
	struct wire_field f;
	size_t count = 0;

	for (const uint8_t *at = data; count < MOST_FIELDS && wire_next(&w, &f); at = w.at)
		out[count++] =
			(struct span){ at, f.data, (size_t)(w.at - at), f.size, f.number, f.type };
	return w.broken || count == MOST_FIELDS ? 0 : count;
}

static size_t put_varint(uint8_t *out, uint64_t v)
{
	size_t n = 0;

	for (; v > 127; v >>= 7)
		out[n++] = (uint8_t)(v | 128);
	out[n++] = (uint8_t)v;
	return n;
}

static uint64_t pick_number(unsigned r)
{
	static const uint64_t odd[] = { 0,	 1,	    2,		3,	  4,
					7,	 8,	    16,		127,	  128,
					255,	 256,	    1024,	65536,	  1 << 20,
					1 << 28, INT32_MAX, UINT32_MAX, INT64_MAX };
	uint64_t v = odd[r % (sizeof(odd) / sizeof(odd[0]))];

	return r & 1024 ? 0 - v : v;
}

/* What stands in a field, changed; gives its size. */
static size_t change(const struct span *s, uint8_t *out, size_t limit, unsigned r)
{
	if (s->type == WIRE_VARINT)
		return put_varint(out, pick_number(r));
	size_t size = s->type == WIRE_BYTES ? s->inner_size : s->type == WIRE_FIXED32 ? 4 : 8;
	memcpy(out, s->type == WIRE_BYTES ? s->inner : s->at + s->size - size, size);
	if (s->type == WIRE_BYTES)
		return LLVMFuzzerMutate(out, size, limit);
	LLVMFuzzerMutate(out, size, size);
	return size;
}

static size_t mutate(const uint8_t *data, size_t size, uint8_t *out, size_t limit, int depth);

static size_t rewrite(const struct span *s, uint8_t *out, size_t limit, int depth)
{
	static uint8_t rooms[MOST_DEPTH + 1][MOST_BYTES];
	struct span inner[MOST_FIELDS];
	uint8_t *room = rooms[depth];
	size_t n = put_varint(out, (uint64_t)s->number << 3 | s->type);
	bool deeper = s->type == WIRE_BYTES && depth < MOST_DEPTH && s->inner_size > 1 &&
		      split(s->inner, s->inner_size, inner) > 0 && rand() % 8 != 0;
	size_t most = limit - 20; /* key and length */
	size_t filled = deeper ? mutate(s->inner, s->inner_size, room, most, depth + 1)
			       : change(s, room, most, (unsigned)rand());

	if (s->type == WIRE_BYTES)
		n += put_varint(out + n, filled);
	memcpy(out + n, room, filled);
	return n + filled;
}

/* One field is changed, left out, doubled, or two change places. `out` has room for `limit`. */
static size_t mutate(const uint8_t *data, size_t size, uint8_t *out, size_t limit, int depth)
{
	struct span fields[MOST_FIELDS];
	size_t count = split(data, size, fields), n = 0;

	if (count == 0 || 2 * size + 64 > limit) {
		memcpy(out, data, size);
		return LLVMFuzzerMutate(out, size, limit);
	}
	size_t chosen = (size_t)rand() % count, other = (size_t)rand() % count;
	int what = rand() % 16;
	for (size_t i = 0; i < count; i++) {
		const struct span *s = &fields[what == 0 && i == chosen	 ? other
					       : what == 0 && i == other ? chosen
									 : i];
		if (what == 1 && i == chosen)
			continue;
		if (what > 2 && i == chosen) {
			n += rewrite(s, out + n, limit - size, depth);
			continue;
		}
		for (int times = what == 2 && i == chosen ? 2 : 1; times > 0; times--) {
			memcpy(out + n, s->at, s->size);
			n += s->size;
		}
	}
	return n;
}

size_t fuzz_mutate_proto(uint8_t *data, size_t size, size_t limit, unsigned seed)
{
	static uint8_t out[MOST_BYTES];

	srand(seed);
	if (size == 0 || limit > MOST_BYTES || rand() % 16 == 0)
		return LLVMFuzzerMutate(data, size, limit);
	size_t n = mutate(data, size, out, limit, 0);
	memcpy(data, out, n);
	return n;
}
