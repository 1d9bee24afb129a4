/* tensor.h - type, shape, quantization and data of what a network computes with. */
#ifndef EDGED_TENSOR_TENSOR_H
#define EDGED_TENSOR_TENSOR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tensor_type {
	TENSOR_FLOAT32,
	TENSOR_FLOAT16,
	TENSOR_FLOAT64,
	TENSOR_INT8,
	TENSOR_UINT8,
	TENSOR_INT16,
	TENSOR_UINT16,
	TENSOR_INT32,
	TENSOR_UINT32,
	TENSOR_INT64,
	TENSOR_BOOL,
	TENSOR_COMPLEX64,
	TENSOR_INT4,	 /* two in a byte, the lower half first */
	TENSOR_RESOURCE, /* names a variable */
	TENSOR_OPEN,	 /* the operator that writes it will say */
	TENSOR_TYPES
};

const char *tensor_type_name(enum tensor_type t); /* "float32" … */
size_t tensor_type_bytes(enum tensor_type t);	  /* of one element; 0: less than a byte, or none */

enum { SHAPE_MOST_RANK = 6, SHAPE_MOST_ELEMENTS = 1 << 28 };

struct shape {
	int rank; /* 0: a single value */
	int32_t dim[SHAPE_MOST_RANK];
};

/* Product of the dimensions; 0 where one is not positive or the product is above the limit. */
size_t shape_elements(const struct shape *s);
/* Product of the dimensions first to end - 1 of a shape whose elements were counted. */
size_t shape_product(const struct shape *s, int first, int end);
bool shape_equal(const struct shape *a, const struct shape *b);
/* "1x49x10" into out; gives out back. */
const char *shape_text(const struct shape *s, char *out, size_t size);
/* The shape of an element-wise result (NumPy's rule); false where the two do not go together. */
bool shape_broadcast(const struct shape *a, const struct shape *b, struct shape *out);
/* A negative axis counts from the end; -1 where there is none such. */
int shape_axis(const struct shape *s, int64_t axis);

/* real = scale * (q - zero_point). count 0: not quantized; 1: one for all; else one a slice along
 * axis. */
struct quant {
	size_t count;
	const float *scale;
	const int32_t *zero_point;
	int axis;
};

struct tensor {
	const char *name; /* borrowed from the model */
	enum tensor_type type;
	struct shape shape;
	struct quant quant;
	bool constant; /* data is the model's own, read-only */
	bool variable; /* keeps its value from run to run; zero at the start */
	bool varying;  /* dim[0] is set by every run, up to the one that was planned */
	void *data;
	size_t bytes; /* of data */
};

size_t tensor_elements(const struct tensor *t);
/* Bytes that the elements take; 0 where shape_elements() is 0. */
size_t tensor_bytes(enum tensor_type type, const struct shape *s);

/* ---- element by element, of any number type: for shapes, indices and what is not in a hurry ---- */

float tensor_half(uint16_t h); /* IEEE 754 binary16 to binary32: exact */
uint16_t tensor_to_half(float value);
int64_t tensor_int(const struct tensor *t, size_t i); /* a float is cut off; NaN is 0 */
double tensor_float(const struct tensor *t, size_t i);
void tensor_set_int(const struct tensor *t, size_t i, int64_t v);  /* wraps */
void tensor_set_float(const struct tensor *t, size_t i, double v); /* integers: cut off */
#endif
