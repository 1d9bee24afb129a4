/* tensor.c - type, shape, quantization and data of what a network computes with. */
#include "tensor/tensor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct type {
	const char *name;
	size_t bytes;
} types[TENSOR_TYPES] = {
	[TENSOR_FLOAT32] = { "float32", 4 }, [TENSOR_FLOAT16] = { "float16", 2 },
	[TENSOR_FLOAT64] = { "float64", 8 }, [TENSOR_INT8] = { "int8", 1 },
	[TENSOR_UINT8] = { "uint8", 1 },     [TENSOR_INT16] = { "int16", 2 },
	[TENSOR_INT32] = { "int32", 4 },     [TENSOR_UINT16] = { "uint16", 2 },
	[TENSOR_UINT32] = { "uint32", 4 },   [TENSOR_INT64] = { "int64", 8 },
	[TENSOR_BOOL] = { "bool", 1 },	     [TENSOR_COMPLEX64] = { "complex64", 8 },
	[TENSOR_INT4] = { "int4", 0 },	     [TENSOR_RESOURCE] = { "resource", 0 },
	[TENSOR_OPEN] = { "open", 0 },
};

const char *tensor_type_name(enum tensor_type t)
{
	return (unsigned)t < TENSOR_TYPES ? types[t].name : "unknown";
}

size_t tensor_type_bytes(enum tensor_type t)
{
	return (unsigned)t < TENSOR_TYPES ? types[t].bytes : 0;
}

size_t shape_elements(const struct shape *s)
{
	size_t elements = 1;

	for (int i = 0; i < s->rank; i++) {
		if (s->dim[i] <= 0 || (size_t)s->dim[i] > SHAPE_MOST_ELEMENTS / elements)
			return 0;
		elements *= (size_t)s->dim[i];
	}
	return elements;
}

size_t shape_product(const struct shape *s, int first, int end)
{
	size_t product = 1;

	for (int d = first; d < end; d++)
		product *= (size_t)s->dim[d];
	return product;
}

bool shape_equal(const struct shape *a, const struct shape *b)
{
	return a->rank == b->rank &&
	       memcmp(a->dim, b->dim, (size_t)a->rank * sizeof(a->dim[0])) == 0;
}

const char *shape_text(const struct shape *s, char *out, size_t size)
{
	size_t used = 0;

	snprintf(out, size, "%s", s->rank == 0 ? "1" : "");
	for (int i = 0; i < s->rank && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%d", i > 0 ? "x" : "",
					 s->dim[i]);
	return out;
}

bool shape_broadcast(const struct shape *a, const struct shape *b, struct shape *out)
{
	struct shape result = { .rank = a->rank > b->rank ? a->rank : b->rank };

	for (int i = 1; i <= result.rank; i++) {
		int32_t x = i <= a->rank ? a->dim[a->rank - i] : 1;
		int32_t y = i <= b->rank ? b->dim[b->rank - i] : 1;
		if (x != y && x != 1 && y != 1)
			return false;
		result.dim[result.rank - i] = x == 1 ? y : x;
	}
	*out = result;
	return true;
}

int shape_axis(const struct shape *s, int64_t axis)
{
	if (axis < 0)
		axis += s->rank;
	return axis < 0 || axis >= s->rank ? -1 : (int)axis;
}

size_t tensor_elements(const struct tensor *t)
{
	return shape_elements(&t->shape);
}

size_t tensor_bytes(enum tensor_type type, const struct shape *s)
{
	size_t elements = shape_elements(s);

	return type == TENSOR_INT4 ? (elements + 1) / 2 : elements * tensor_type_bytes(type);
}

float tensor_half(uint16_t h)
{
	uint32_t sign = (uint32_t)(h >> 15) << 31, exponent = (h >> 10) & 31, fraction = h & 1023;
	uint32_t bits = sign | (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13;
	float value;

	if (exponent == 0) {
		value = ldexpf((float)fraction, -24);
		return sign ? -value : value;
	}
	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* To the nearest, half to even; too large becomes infinite. */
uint16_t tensor_to_half(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	uint32_t sign = bits >> 16 & 0x8000, exponent = bits >> 23 & 255,
		 fraction = bits & 0x7fffff;
	if (exponent == 255)
		return (uint16_t)(sign | 0x7c00 | (fraction != 0 ? 0x200 : 0));
	if (exponent < 113) { /* subnormal: rint() rounds half to even */
		float scaled = rintf(ldexpf(fabsf(value), 24));
		return (uint16_t)(sign | (uint32_t)scaled);
	}
	uint32_t half = (exponent - 112) << 10 | fraction >> 13, rest = fraction & 0x1fff;
	half += rest > 0x1000 || (rest == 0x1000 && (half & 1));
	return (uint16_t)(sign | (half > 0x7c00 ? 0x7c00 : half));
}

static int64_t whole_of(double v)
{
	if (isnan(v))
		return 0;
	return v >= 0x1p63 ? INT64_MAX : v < -0x1p63 ? INT64_MIN : (int64_t)v;
}

int64_t tensor_int(const struct tensor *t, size_t i)
{
	switch (t->type) {
	case TENSOR_INT32: return ((const int32_t *)t->data)[i];
	case TENSOR_UINT32: return ((const uint32_t *)t->data)[i];
	case TENSOR_INT64: return ((const int64_t *)t->data)[i];
	case TENSOR_INT16: return ((const int16_t *)t->data)[i];
	case TENSOR_UINT16: return ((const uint16_t *)t->data)[i];
	case TENSOR_INT8: return ((const int8_t *)t->data)[i];
	case TENSOR_UINT8:
	case TENSOR_BOOL: return ((const uint8_t *)t->data)[i];
	default: return whole_of(tensor_float(t, i));
	}
}

double tensor_float(const struct tensor *t, size_t i)
{
	switch (t->type) {
	case TENSOR_FLOAT32: return (double)((const float *)t->data)[i];
	case TENSOR_FLOAT64: return ((const double *)t->data)[i];
	case TENSOR_FLOAT16: return (double)tensor_half(((const uint16_t *)t->data)[i]);
	case TENSOR_INT4: {
		uint8_t pair = ((const uint8_t *)t->data)[i / 2];
		return (double)((int8_t)(pair << (i % 2 == 0 ? 4 : 0)) >> 4);
	}
	case TENSOR_COMPLEX64:
	case TENSOR_RESOURCE:
	case TENSOR_OPEN:
	case TENSOR_TYPES: return 0;
	default: return (double)tensor_int(t, i);
	}
}

void tensor_set_int(const struct tensor *t, size_t i, int64_t v)
{
	switch (t->type) {
	case TENSOR_INT32:
	case TENSOR_UINT32: ((uint32_t *)t->data)[i] = (uint32_t)v; break;
	case TENSOR_INT64: ((int64_t *)t->data)[i] = v; break;
	case TENSOR_INT16:
	case TENSOR_UINT16: ((uint16_t *)t->data)[i] = (uint16_t)v; break;
	case TENSOR_INT8:
	case TENSOR_UINT8: ((uint8_t *)t->data)[i] = (uint8_t)v; break;
	case TENSOR_BOOL: ((uint8_t *)t->data)[i] = v != 0; break;
	default: tensor_set_float(t, i, (double)v); break;
	}
}

void tensor_set_float(const struct tensor *t, size_t i, double v)
{
	switch (t->type) {
	case TENSOR_FLOAT32: ((float *)t->data)[i] = (float)v; break;
	case TENSOR_FLOAT64: ((double *)t->data)[i] = v; break;
	case TENSOR_BOOL: ((uint8_t *)t->data)[i] = v != 0; break;
	case TENSOR_FLOAT16: ((uint16_t *)t->data)[i] = tensor_to_half((float)v); break;
	case TENSOR_INT4:
	case TENSOR_COMPLEX64:
	case TENSOR_RESOURCE:
	case TENSOR_OPEN:
	case TENSOR_TYPES: break; /* nothing computes these */
	default: tensor_set_int(t, i, whole_of(v)); break;
	}
}
