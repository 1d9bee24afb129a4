/* flat.h - reads FlatBuffers from strangers: every offset, length and index is checked.
 *
 * A place is a byte offset into the file; 0 stands for "not there", since the root's own offset
 * lies there. Whoever is given a broken place gets the default back and `broken` is set: check it
 * at the end. Format: flatbuffers.dev, "FlatBuffer internals". */
#ifndef EDGED_MODEL_FLAT_H
#define EDGED_MODEL_FLAT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flat {
	const uint8_t *data;
	size_t size; /* below 2 GiB */
	bool broken;
};

size_t flat_root(struct flat *f); /* the root table, or 0 */

/* Field number `field` of a table: a scalar, or the default where it is left out. */
uint8_t flat_u8(struct flat *f, size_t table, unsigned field, uint8_t fallback);
int32_t flat_i32(struct flat *f, size_t table, unsigned field, int32_t fallback);
uint64_t flat_u64(struct flat *f, size_t table, unsigned field, uint64_t fallback);
float flat_f32(struct flat *f, size_t table, unsigned field, float fallback);

/* A table in that field, or 0. */
size_t flat_table(struct flat *f, size_t table, unsigned field);

/* A vector of so large elements in that field: the place of its first, and how many; 0 and 0. */
size_t flat_vector(struct flat *f, size_t table, unsigned field, size_t element, size_t *count);
/* Table number i of a vector of tables that flat_vector() found with elements of 4 bytes. */
size_t flat_vector_table(struct flat *f, size_t vector, size_t i);

/* A string, ended by its NUL, borrowed; "" where it is not there. */
const char *flat_string(struct flat *f, size_t table, unsigned field);
#endif
