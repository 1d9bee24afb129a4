/* sparse.c - sparse constants of TensorFlow Lite, made dense.
 * Format: SparsityParameters and DimensionMetadata in schema.fbs, which name its source. */
#include "model/sparse.h"

#include <errno.h>
#include <string.h>

enum { MOST_LEVELS = 2 * SHAPE_MOST_RANK };

/* The dimensions in the order in which they are stored; blocks come behind the tensor's own. */
struct level {
	int dimension;
	bool compressed;
	int32_t size;
	size_t segments, segment_count, indices, index_count; /* int32, uint16 or uint8 */
	size_t segment_bytes, index_bytes;
};

struct sparse {
	struct flat *f;
	struct level levels[MOST_LEVELS];
	int level_count, rank;
	int block_dimension[SHAPE_MOST_RANK]; /* what a block's dimension is a part of */
	int32_t block_size[SHAPE_MOST_RANK];  /* of a dimension; 1: none */
	int32_t place[MOST_LEVELS];	      /* by dimension */
	const uint8_t *values;
	size_t value_count, stored, bytes;
	struct tensor *t;
};

static bool read_index_vector(struct flat *f, size_t table, unsigned field, size_t *place,
			      size_t *count, size_t *bytes)
{
	static const size_t sizes[] = { 0, 4, 2, 1 };
	uint8_t kind = flat_u8(f, table, field, 0);

	if (kind < 1 || kind > 3)
		return false;
	*bytes = sizes[kind];
	*place = flat_vector(f, flat_table(f, table, field + 1), 0, *bytes, count);
	return *place != 0;
}

static uint32_t index_at(const struct sparse *s, size_t place, size_t bytes, size_t i)
{
	uint32_t value = 0;

	memcpy(&value, s->f->data + place + i * bytes, bytes); /* little-endian */
	return value;
}

static bool read_level(struct sparse *s, size_t table, int32_t dimension, struct level *l)
{
	l->dimension = dimension;
	l->compressed = flat_u8(s->f, table, 0, 0) == 1;
	l->size = flat_i32(s->f, table, 1, 0);
	if (dimension < 0 || dimension >= s->level_count || flat_u8(s->f, table, 0, 0) > 1)
		return false;
	if (!l->compressed)
		return l->size > 0;
	return read_index_vector(s->f, table, 2, &l->segments, &l->segment_count,
				 &l->segment_bytes) &&
	       read_index_vector(s->f, table, 4, &l->indices, &l->index_count, &l->index_bytes);
}

static bool read_levels(struct sparse *s, size_t table)
{
	size_t orders, blocks, levels;
	size_t order = flat_vector(s->f, table, 0, 4, &orders);
	size_t map = flat_vector(s->f, table, 1, 4, &blocks);
	size_t metadata = flat_vector(s->f, table, 2, 4, &levels);

	if (orders != levels || levels != (size_t)s->rank + blocks || levels > MOST_LEVELS ||
	    blocks > SHAPE_MOST_RANK)
		return false;
	s->level_count = (int)levels;
	for (size_t i = 0; i < blocks; i++) {
		s->block_dimension[i] = (int32_t)index_at(s, map, 4, i);
		if (s->block_dimension[i] < 0 || s->block_dimension[i] >= s->rank)
			return false;
	}
	for (size_t i = 0; i < levels; i++)
		if (!read_level(s, flat_vector_table(s->f, metadata, i),
				(int32_t)index_at(s, order, 4, i), &s->levels[i]))
			return false;
	for (int d = 0; d < s->rank; d++)
		s->block_size[d] = 1;
	for (size_t i = 0; i < levels; i++) {
		const struct level *l = &s->levels[i];
		if (l->dimension >= s->rank && l->compressed)
			return false;
		if (l->dimension >= s->rank)
			s->block_size[s->block_dimension[l->dimension - s->rank]] = l->size;
	}
	return true;
}

static bool store(struct sparse *s, size_t value)
{
	int64_t at[SHAPE_MOST_RANK];
	size_t element = 0;

	for (int d = 0; d < s->rank; d++)
		at[d] = (int64_t)s->place[d] * s->block_size[d];
	for (int d = s->rank; d < s->level_count; d++)
		at[s->block_dimension[d - s->rank]] += s->place[d];
	for (int d = 0; d < s->rank; d++) {
		if (at[d] < 0 || at[d] >= s->t->shape.dim[d])
			return false;
		element = element * (size_t)s->t->shape.dim[d] + (size_t)at[d];
	}
	if (value >= s->value_count || s->stored++ == s->value_count)
		return false;
	memcpy((char *)s->t->data + element * s->bytes, s->values + value * s->bytes, s->bytes);
	return true;
}

/* Each value is stored once: the walk ends with the values, however the levels lie. */
static bool walk(struct sparse *s, int level, size_t position)
{
	const struct level *l = &s->levels[level];

	if (level == s->level_count)
		return store(s, position);
	if (!l->compressed) {
		for (int32_t i = 0; i < l->size; i++) {
			s->place[l->dimension] = i;
			if (!walk(s, level + 1, position * (size_t)l->size + (size_t)i))
				return false;
		}
		return true;
	}
	if (position + 1 >= l->segment_count)
		return false;
	size_t first = index_at(s, l->segments, l->segment_bytes, position);
	size_t end = index_at(s, l->segments, l->segment_bytes, position + 1);
	if (first > end || end > l->index_count)
		return false;
	for (size_t i = first; i < end; i++) {
		s->place[l->dimension] = (int32_t)index_at(s, l->indices, l->index_bytes, i);
		if (!walk(s, level + 1, i))
			return false;
	}
	return true;
}

int sparse_read(struct flat *f, size_t table, const uint8_t *values, size_t size,
		struct arena *memory, struct tensor *t, struct fault *fault)
{
	struct sparse s = { .f = f, .rank = t->shape.rank, .values = values, .t = t };

	s.bytes = tensor_type_bytes(t->type);
	if (s.bytes == 0)
		return fault_set(fault, -EOPNOTSUPP, "tensor '%.60s' is a sparse %s", t->name,
				 tensor_type_name(t->type));
	s.value_count = size / s.bytes;
	t->bytes = tensor_bytes(t->type, &t->shape);
	if (!read_levels(&s, table) || t->bytes / s.bytes > 64 * (s.value_count + 16) + (1 << 20))
		return fault_set(fault, -EBADMSG, "damaged: sparse tensor '%.60s'", t->name);
	t->data = arena_alloc(memory, 1, t->bytes);
	if (t->data == NULL)
		return fault_set(fault, -ENOMEM, "no memory");
	t->constant = true;
	if (!walk(&s, 0, 0))
		return fault_set(fault, -EBADMSG, "damaged: sparse tensor '%.60s'", t->name);
	return 0;
}
