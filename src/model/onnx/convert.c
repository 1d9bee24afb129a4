/* convert.c - finds converters, and reads tensors. */
#include "model/onnx/convert.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

static onnx_convert_fn *find_in(const struct onnx_converter *list, const char *type)
{
	for (; list->type != NULL; list++)
		if (strcmp(list->type, type) == 0)
			return list->convert;
	return NULL;
}

onnx_convert_fn *onnx_find_converter(const char *domain, const char *type)
{
	static const struct onnx_converter *const lists[] = {
		onnx_layers,	onnx_normalizations, onnx_elementwise, onnx_shapes,
		onnx_picking,	onnx_making,	     onnx_reductions,  onnx_products,
		onnx_recurrent, onnx_quantized,	     onnx_qlinear,     onnx_control,
	};
	onnx_convert_fn *found = NULL;

	bool microsoft = strcmp(domain, "com.microsoft") == 0;

	if (domain[0] != '\0' && !microsoft)
		return NULL;
	if (microsoft)
		found = find_in(onnx_contrib, type);
	if (microsoft && found == NULL)
		found = find_in(onnx_contrib_quantized, type);
	for (size_t i = 0; found == NULL && i < ARRAY_SIZE(lists); i++)
		found = find_in(lists[i], type);
	return found;
}

bool onnx_tensor_type(int32_t type, enum tensor_type *out)
{
	static const int types[] = {
		[ONNX_FLOAT] = TENSOR_FLOAT32 + 1,    [ONNX_UINT8] = TENSOR_UINT8 + 1,
		[ONNX_INT8] = TENSOR_INT8 + 1,	      [ONNX_UINT16] = TENSOR_UINT16 + 1,
		[ONNX_INT16] = TENSOR_INT16 + 1,      [ONNX_INT32] = TENSOR_INT32 + 1,
		[ONNX_INT64] = TENSOR_INT64 + 1,      [ONNX_BOOL] = TENSOR_BOOL + 1,
		[ONNX_FLOAT16] = TENSOR_FLOAT16 + 1,  [ONNX_DOUBLE] = TENSOR_FLOAT64 + 1,
		[ONNX_UINT32] = TENSOR_UINT32 + 1,    [ONNX_UINT64] = TENSOR_INT64 + 1,
		[ONNX_INT4] = TENSOR_INT8 + 1,	      [ONNX_UINT4] = TENSOR_UINT8 + 1,
		[ONNX_BFLOAT16] = TENSOR_FLOAT32 + 1,
	};

	if (type < 0 || (size_t)type >= ARRAY_SIZE(types) || types[type] == 0)
		return false;
	*out = (enum tensor_type)(types[type] - 1);
	return true;
}

/* ---- tensors ---- */

/* Bytes of so many values in raw_data. */
static size_t raw_bytes(int32_t type, size_t count)
{
	enum tensor_type stored;

	switch (type) {
	case ONNX_INT4:
	case ONNX_UINT4: return (count + 1) / 2;
	case ONNX_BFLOAT16: return 2 * count;
	default: return onnx_tensor_type(type, &stored) ? count * tensor_type_bytes(stored) : 0;
	}
}

static int find_raw(struct build *b, const struct onnx_tensor *t, const uint8_t **data,
		    size_t *size)
{
	*data = t->raw.at;
	*size = (size_t)(t->raw.end - t->raw.at);
	if (t->location == NULL)
		return 0;
	int rc = b->open_file(b->open_context, t->location, data, size, b->fault);
	if (rc < 0)
		return b->rc = rc;
	if (t->offset > *size || t->length > *size - t->offset) {
		build_fail(b, -EBADMSG, "external data: %llu bytes at %llu, but '%.80s' has %zu",
			   (unsigned long long)t->length, (unsigned long long)t->offset,
			   t->location, *size);
		return b->rc;
	}
	b->fold_budget += 8 * (t->length > 0 ? (size_t)t->length : *size - (size_t)t->offset);
	*data += t->offset;
	*size = t->length > 0 ? (size_t)t->length : *size - (size_t)t->offset;
	return 0;
}

/* Half, bfloat16 and double become float32, four-bit integers eight-bit ones. */
static bool is_widened(int32_t type)
{
	return type == ONNX_FLOAT16 || type == ONNX_BFLOAT16 || type == ONNX_DOUBLE ||
	       type == ONNX_INT4 || type == ONNX_UINT4;
}

static void widen(int32_t type, const uint8_t *raw, size_t count, void *out)
{
	for (size_t i = 0; i < count; i++) {
		uint16_t half;
		double wide;
		uint32_t bits;
		switch (type) {
		case ONNX_FLOAT16:
			memcpy(&half, raw + 2 * i, 2);
			((float *)out)[i] = tensor_half(half);
			break;
		case ONNX_BFLOAT16:
			memcpy(&half, raw + 2 * i, 2);
			bits = (uint32_t)half << 16;
			memcpy((float *)out + i, &bits, 4);
			break;
		case ONNX_DOUBLE:
			memcpy(&wide, raw + 8 * i, 8);
			((float *)out)[i] = (float)wide;
			break;
		case ONNX_INT4:
			((int8_t *)out)[i] =
				(int8_t)((int8_t)(raw[i / 2] << (i % 2 == 0 ? 4 : 0)) >> 4);
			break;
		default: ((uint8_t *)out)[i] = raw[i / 2] >> (i % 2 == 0 ? 0 : 4) & 15; break;
		}
	}
}

/* Where there is no raw data: numbers one by one. */
static bool read_numbers(const struct onnx_tensor *t, const struct tensor *out, size_t count)
{
	struct wire numbers = t->numbers, reals = t->reals;
	uint64_t value;

	for (size_t i = 0; i < count; i++) {
		if (t->type == ONNX_FLOAT || t->type == ONNX_DOUBLE) {
			size_t bytes = t->type == ONNX_FLOAT ? 4 : 8;
			double wide = 0;
			float single = 0;
			if ((size_t)(reals.end - reals.at) < bytes)
				return false;
			memcpy(bytes == 4 ? (void *)&single : (void *)&wide, reals.at, bytes);
			reals.at += bytes;
			((float *)out->data)[i] = bytes == 4 ? single : (float)wide;
			continue;
		}
		if (!wire_varint(&numbers, &value))
			return false;
		if (t->type == ONNX_FLOAT16)
			((float *)out->data)[i] = tensor_half((uint16_t)value);
		else
			tensor_set_int(out, i, (int64_t)value);
	}
	return true;
}

static bool read_shape(struct build *b, const struct onnx_tensor *t, struct shape *s, size_t *count)
{
	*count = 1;
	s->rank = t->rank;
	if (t->rank > SHAPE_MOST_RANK) {
		build_fail(b, -EOPNOTSUPP, "%d dimensions (at most %d)", t->rank, SHAPE_MOST_RANK);
		return false;
	}
	for (int d = 0; d < t->rank; d++) {
		if (t->dim[d] < 0 || t->dim[d] > SHAPE_MOST_ELEMENTS ||
		    (t->dim[d] > 0 && *count > SHAPE_MOST_ELEMENTS / (size_t)t->dim[d])) {
			build_fail(b, -EBADMSG, "damaged: a dimension of %lld",
				   (long long)t->dim[d]);
			return false;
		}
		s->dim[d] = (int32_t)t->dim[d];
		*count *= (size_t)t->dim[d];
	}
	return true;
}

static void set_values(struct build *b, const struct onnx_tensor *t, struct tensor *out,
		       size_t count)
{
	const uint8_t *raw;
	size_t size, wanted = raw_bytes(t->type, count), alignment = tensor_type_bytes(out->type);
	bool numbers = t->raw.at == t->raw.end && t->location == NULL;

	if (find_raw(b, t, &raw, &size) < 0)
		return;
	if (!numbers && size < wanted) {
		build_fail(b, -EBADMSG, "damaged: %zu bytes of %zu", size, wanted);
		return;
	}
	if (!numbers && !is_widened(t->type) && (uintptr_t)raw % alignment == 0) {
		out->data = (void *)raw; /* in the file */
		return;
	}
	/* as many numbers as claimed must be there: no room for them before that is known */
	size_t least = numbers ? (size_t)(t->numbers.end - t->numbers.at) +
					 (size_t)(t->reals.end - t->reals.at) / 4
			       : count;
	if (least < count) {
		build_fail(b, -EBADMSG, "damaged: %zu values of %zu", least, count);
		return;
	}
	out->data = arena_alloc(b->memory, 1, out->bytes);
	if (out->data == NULL)
		build_fail(b, -ENOMEM, "no memory");
	else if (numbers && !read_numbers(t, out, count))
		build_fail(b, -EBADMSG, "damaged: fewer values than %zu", count);
	else if (!numbers && is_widened(t->type))
		widen(t->type, raw, count, out->data);
	else if (!numbers)
		memcpy(out->data, raw, out->bytes);
}

bool onnx_read_tensor(struct build *b, const struct onnx_tensor *t, struct tensor *out)
{
	size_t count;

	*out = (struct tensor){ .name = t->name, .constant = true };
	if (!onnx_tensor_type(t->type, &out->type)) {
		build_fail(b, -EOPNOTSUPP, "a tensor of type %d", t->type);
		return false;
	}
	if (out->type == TENSOR_FLOAT16 || out->type == TENSOR_FLOAT64)
		out->type = TENSOR_FLOAT32;
	if (!read_shape(b, t, &out->shape, &count))
		return false;
	out->bytes = count * tensor_type_bytes(out->type);
	if (count > 0)
		set_values(b, t, out, count);
	return b->rc == 0;
}

const struct shape *onnx_shape(const struct build *b, int32_t t)
{
	return &build_tensor(b, t)->shape;
}

int onnx_axis(struct build *b, int32_t t, int64_t axis)
{
	int found = shape_axis(onnx_shape(b, t), axis);

	if (found < 0)
		build_fail(b, -EBADMSG, "axis %lld of %d dimensions", (long long)axis,
			   onnx_shape(b, t)->rank);
	return found < 0 ? 0 : found;
}
