/* flat.c - reads FlatBuffers from strangers: every offset, length and index is checked. */
#include "model/flat.h"

#include <string.h>

/* The host is little-endian, as the format is. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "FlatBuffers are read in place");

static bool inside(struct flat *f, size_t place, size_t bytes)
{
	if (place != 0 && place <= f->size && bytes <= f->size - place)
		return true;
	f->broken = true;
	return false;
}

static uint32_t read_u32(struct flat *f, size_t place)
{
	uint32_t value = 0;

	if (place == 0 ? f->size >= 4 : inside(f, place, sizeof(value)))
		memcpy(&value, f->data + place, sizeof(value));
	return value;
}

static uint16_t read_u16(struct flat *f, size_t place)
{
	uint16_t value = 0;

	if (inside(f, place, sizeof(value)))
		memcpy(&value, f->data + place, sizeof(value));
	return value;
}

/* Where an offset that stands at `place` leads to. */
static size_t follow(struct flat *f, size_t place)
{
	size_t target = place + read_u32(f, place);

	return inside(f, target, 4) ? target : 0;
}

size_t flat_root(struct flat *f)
{
	return follow(f, 0);
}

/* The field's own place, by the table's vtable; 0 where it is left out. */
static size_t field_place(struct flat *f, size_t table, unsigned field, size_t bytes)
{
	if (table == 0)
		return 0;
	int64_t vtable = (int64_t)table - (int32_t)read_u32(f, table);
	if (vtable <= 0 || !inside(f, (size_t)vtable, 4))
		return 0;
	size_t length = read_u16(f, (size_t)vtable);
	if (4 + 2 * (size_t)field + 2 > length || !inside(f, (size_t)vtable, length))
		return 0;
	size_t offset = read_u16(f, (size_t)vtable + 4 + 2 * field);
	return offset != 0 && inside(f, table + offset, bytes) ? table + offset : 0;
}

uint8_t flat_u8(struct flat *f, size_t table, unsigned field, uint8_t fallback)
{
	size_t place = field_place(f, table, field, 1);

	return place == 0 ? fallback : f->data[place];
}

int32_t flat_i32(struct flat *f, size_t table, unsigned field, int32_t fallback)
{
	size_t place = field_place(f, table, field, 4);

	return place == 0 ? fallback : (int32_t)read_u32(f, place);
}

uint64_t flat_u64(struct flat *f, size_t table, unsigned field, uint64_t fallback)
{
	size_t place = field_place(f, table, field, 8);

	if (place != 0)
		memcpy(&fallback, f->data + place, sizeof(fallback));
	return fallback;
}

float flat_f32(struct flat *f, size_t table, unsigned field, float fallback)
{
	size_t place = field_place(f, table, field, 4);

	if (place != 0)
		memcpy(&fallback, f->data + place, sizeof(fallback));
	return fallback;
}

size_t flat_table(struct flat *f, size_t table, unsigned field)
{
	size_t place = field_place(f, table, field, 4);

	return place == 0 ? 0 : follow(f, place);
}

size_t flat_vector(struct flat *f, size_t table, unsigned field, size_t element, size_t *count)
{
	size_t place = flat_table(f, table, field);
	size_t n = place == 0 ? 0 : read_u32(f, place);

	*count = 0;
	if (place == 0 || n > f->size / element || !inside(f, place + 4, n * element)) {
		f->broken |= n > 0;
		return 0;
	}
	*count = n;
	return place + 4;
}

size_t flat_vector_table(struct flat *f, size_t vector, size_t i)
{
	return vector == 0 ? 0 : follow(f, vector + 4 * i);
}

const char *flat_string(struct flat *f, size_t table, unsigned field)
{
	size_t length;
	size_t place = flat_vector(f, table, field, 1, &length);

	if (place == 0 || !inside(f, place, length + 1) || f->data[place + length] != '\0')
		return "";
	return (const char *)f->data + place;
}
