/* tflite_tensors.c - the tensors of TensorFlow Lite files: types, shapes, quantization, constants. */
#include "model/tflite_reader.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/sparse.h"

enum { MOST_TENSORS = 40000 };

static bool read_type(uint8_t number, enum tensor_type *out)
{
	static const int types[] = {
		[0] = TENSOR_FLOAT32,
		[1] = TENSOR_FLOAT16,
		[2] = TENSOR_INT32,
		[3] = TENSOR_UINT8,
		[4] = TENSOR_INT64,
		[5] = -1,
		[6] = TENSOR_BOOL,
		[7] = TENSOR_INT16,
		[8] = TENSOR_COMPLEX64,
		[9] = TENSOR_INT8,
		[10] = TENSOR_FLOAT64,
		[11] = -1,
		[12] = -1,
		[13] = TENSOR_RESOURCE,
		[14] = -1,
		[15] = TENSOR_UINT32,
		[16] = -1,
		[17] = TENSOR_INT4,
	};

	if (number >= ARRAY_SIZE(types) || types[number] < 0)
		return false;
	*out = (enum tensor_type)types[number];
	return true;
}

/* A dimension that the file leaves open (-1 or 0) counts as 1: one window, one picture. */
static int read_shape(struct tflite_reader *r, size_t table, struct tensor *t)
{
	size_t rank;
	size_t vector = flat_vector(&r->flat, table, 0, 4, &rank);

	if (rank > SHAPE_MOST_RANK)
		return fault_set(r->fault, -EOPNOTSUPP,
				 "tensor '%.60s' has %zu dimensions (at most %d)", t->name, rank,
				 SHAPE_MOST_RANK);
	t->shape.rank = (int)rank;
	if (rank > 0)
		memcpy(t->shape.dim, r->flat.data + vector, rank * 4);
	for (size_t i = 0; i < rank; i++)
		if (t->shape.dim[i] == -1 || t->shape.dim[i] == 0)
			t->shape.dim[i] = 1;
	return shape_elements(&t->shape) > 0
		       ? 0
		       : fault_set(r->fault, -EBADMSG, "tensor '%.60s' is too large", t->name);
}

/* One of the type's values: operators take differences from it in 32 bits and square them. */
static bool is_zero_point(enum tensor_type type, int64_t value)
{
	switch (type) {
	case TENSOR_INT8:
		return value >= INT8_MIN && value <= INT8_MAX;
	case TENSOR_UINT8:
		return value >= 0 && value <= UINT8_MAX;
	default:
		return value >= INT16_MIN && value <= INT16_MAX;
	}
}

static int read_quant(struct tflite_reader *r, size_t table, struct tensor *t)
{
	size_t quant = flat_table(&r->flat, table, 4), count, zeros;
	size_t scale = flat_vector(&r->flat, quant, 2, 4, &count);
	size_t zero = flat_vector(&r->flat, quant, 3, 8, &zeros);

	if (count == 0)
		return 0;
	if (zeros != count && zeros != 1 && zeros != 0)
		return tflite_damaged(r, "scales and zero points of a tensor differ in number");
	int rc = tflite_take_numbers(r, count);
	if (rc < 0)
		return rc;
	float *scales = arena_alloc(r->memory, count, sizeof(*scales));
	int32_t *zero_points = arena_alloc(r->memory, count, sizeof(*zero_points));
	if (scales == NULL || zero_points == NULL)
		return tflite_no_memory(r);
	memcpy(scales, r->flat.data + scale, count * sizeof(*scales));
	for (size_t i = 0; i < count && zeros > 0; i++) {
		int64_t value;
		memcpy(&value, r->flat.data + zero + 8 * (zeros == count ? i : 0), sizeof(value));
		if (!is_zero_point(t->type, value))
			return tflite_damaged(r, "a zero point is out of range");
		zero_points[i] = (int32_t)value;
	}
	t->quant = (struct quant){ count, scales, zero_points, flat_i32(&r->flat, quant, 6, 0) };
	return 0;
}

/* The buffer's bytes: in the flatbuffer, or in the file behind it (fields 1 and 2). */
static const uint8_t *buffer_bytes(struct tflite_reader *r, size_t buffer, size_t *size)
{
	size_t data = flat_vector(&r->flat, buffer, 0, 1, size);
	uint64_t offset = flat_u64(&r->flat, buffer, 1, 0),
		 length = flat_u64(&r->flat, buffer, 2, 0);

	if (data != 0 || offset <= 1)
		return data == 0 ? NULL : r->flat.data + data;
	if (offset > r->flat.size || length > r->flat.size - offset) {
		r->flat.broken = true;
		return NULL;
	}
	*size = (size_t)length;
	return r->flat.data + offset;
}

/* What operators read in place must lie at a multiple of its size: a file may have it elsewhere. */
static int set_constant(struct tflite_reader *r, struct tensor *t, const uint8_t *bytes,
			size_t size)
{
	size_t wanted = tensor_bytes(t->type, &t->shape), alignment = tensor_type_bytes(t->type);

	if (size < wanted || wanted == 0)
		return fault_set(r->fault, -EBADMSG, "damaged: tensor '%.60s' has %zu bytes (%zu)",
				 t->name, size, wanted);
	t->constant = true;
	t->bytes = wanted;
	t->data = (void *)bytes;
	if (alignment <= 1 || (uintptr_t)bytes % alignment == 0)
		return 0;
	t->data = arena_alloc(r->memory, 1, wanted);
	if (t->data == NULL)
		return tflite_no_memory(r);
	memcpy(t->data, bytes, wanted);
	return 0;
}

static int read_tensor(struct tflite_reader *r, size_t table, struct tensor *t)
{
	size_t buffer = (uint32_t)flat_i32(&r->flat, table, 2, 0), size = 0;

	t->name = flat_string(&r->flat, table, 3);
	if (!read_type(flat_u8(&r->flat, table, 1, 0), &t->type))
		return fault_set(r->fault, -EOPNOTSUPP,
				 "tensor '%.60s' has type %u, which is not supported", t->name,
				 flat_u8(&r->flat, table, 1, 0));
	int rc = read_shape(r, table, t);
	if (rc == 0)
		rc = read_quant(r, table, t);
	if (rc < 0)
		return rc;
	if (buffer >= r->buffer_count)
		return tflite_damaged(r, "a tensor's buffer is not there");
	t->variable = flat_u8(&r->flat, table, 5, 0) != 0;
	const uint8_t *bytes =
		buffer_bytes(r, flat_vector_table(&r->flat, r->buffers, buffer), &size);
	if (bytes == NULL || size == 0 || t->type == TENSOR_RESOURCE || t->variable)
		return 0;
	size_t sparsity = flat_table(&r->flat, table, 6);
	if (sparsity != 0)
		return sparse_read(&r->flat, sparsity, bytes, size, r->memory, t, r->fault);
	return set_constant(r, t, bytes, size);
}

int tflite_read_tensors(struct tflite_reader *r, size_t table, struct subgraph *s)
{
	size_t vector = flat_vector(&r->flat, table, 0, 4, &s->tensor_count);
	int rc = 0;

	if (s->tensor_count > MOST_TENSORS)
		return tflite_damaged(r, "too many tensors");
	s->tensors = arena_alloc(r->memory, s->tensor_count, sizeof(s->tensors[0]));
	if (s->tensors == NULL)
		return tflite_no_memory(r);
	for (size_t i = 0; rc == 0 && i < s->tensor_count; i++)
		rc = read_tensor(r, flat_vector_table(&r->flat, vector, i), &s->tensors[i]);
	return rc;
}
