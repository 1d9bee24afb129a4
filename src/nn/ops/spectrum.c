/* spectrum.c - RFFT2D and COMPLEX_ABS: what sound models that hold their own front end need. */
#include <errno.h>
#include <math.h>

#include "base/math.h"
#include "nn/op.h"

/* ---- RFFT2D of one row: [..., 1, length] to [..., 1, length/2+1] ---- */

struct rfft {
	size_t length, rows, in_row;
	double *cosines, *sines; /* of 2 pi k / length */
};

static int rfft_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0], TYPE_BIT(TENSOR_FLOAT32), "input", f);
	if (rc == 0)
		rc = op_expect_constant(n->inputs[1], "length", f);
	if (rc == 0)
		rc = op_output_type(n, 0, TENSOR_COMPLEX64, f);
	if (rc == 0)
		rc = op_expect_rank(n->inputs[0], 2, SHAPE_MOST_RANK, "input", f);
	if (rc < 0)
		return rc;
	if (tensor_elements(n->inputs[1]) != 2)
		return fault_set(f, -EBADMSG, "length has %zu values (2)",
				 tensor_elements(n->inputs[1]));
	struct shape shape = n->inputs[0]->shape;
	int64_t rows = tensor_int(n->inputs[1], 0), length = tensor_int(n->inputs[1], 1);
	if (length < 2 || length > 65536 || (length & (length - 1)) != 0 || rows < 1 ||
	    rows > 4096 || (rows & (rows - 1)) != 0)
		return fault_set(f, -EOPNOTSUPP, "a transform of %lldx%lld (powers of two)",
				 (long long)rows, (long long)length);
	shape.dim[shape.rank - 1] = (int32_t)(length / 2 + 1);
	shape.dim[shape.rank - 2] = (int32_t)rows;
	return op_set_shape(n, 0, &shape, f);
}

static int rfft_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct rfft *s = arena_alloc(memory, 1, sizeof(*s));
	size_t rows = (size_t)tensor_int(n->inputs[1], 0),
	       length = (size_t)tensor_int(n->inputs[1], 1);
	size_t most = rows > length ? rows : length;

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	s->rows = rows;
	s->length = length;
	s->cosines = arena_alloc(memory, most, sizeof(double));
	s->sines = arena_alloc(memory, most, sizeof(double));
	if (s->cosines == NULL || s->sines == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	for (size_t k = 0; k < most; k++) {
		s->cosines[k] = math_cos(2 * MATH_PI * (double)k / (double)most);
		s->sines[k] = math_sin(2 * MATH_PI * (double)k / (double)most);
	}
	n->state = s;
	n->scratch_bytes = (rows * length + most) * 2 * sizeof(double);
	return 0;
}

/* In place, decimation in time, `count` complex values that lie `stride` apart. */
static void transform(const struct rfft *s, double *x, size_t count, size_t stride)
{
	size_t most = s->rows > s->length ? s->rows : s->length;

	for (size_t i = 1, j = 0; i < count; i++) { /* bit-reversed order */
		size_t bit = count >> 1;
		for (; j & bit; bit >>= 1)
			j ^= bit;
		j ^= bit;
		if (i < j)
			for (int part = 0; part < 2; part++) {
				double t = x[2 * i * stride + (size_t)part];
				x[2 * i * stride + (size_t)part] = x[2 * j * stride + (size_t)part];
				x[2 * j * stride + (size_t)part] = t;
			}
	}
	for (size_t size = 2; size <= count; size *= 2)
		for (size_t start = 0; start < count; start += size)
			for (size_t k = 0; k < size / 2; k++) {
				double *a = x + 2 * (start + k) * stride;
				double *b = x + 2 * (start + k + size / 2) * stride;
				double c = s->cosines[k * (most / size)],
				       d = -s->sines[k * (most / size)];
				double re = b[0] * c - b[1] * d, im = b[0] * d + b[1] * c;
				b[0] = a[0] - re;
				b[1] = a[1] - im;
				a[0] += re;
				a[1] += im;
			}
}

static void rfft_one(const struct op_node *n, const float *in, float *out)
{
	const struct rfft *s = n->state;
	const struct shape *shape = &n->inputs[0]->shape;
	size_t have = (size_t)shape->dim[shape->rank - 1],
	       rows = (size_t)shape->dim[shape->rank - 2];
	size_t half = s->length / 2 + 1;
	double *x = n->scratch;

	for (size_t r = 0; r < s->rows; r++) /* cut off, or padded with zeros */
		for (size_t i = 0; i < s->length; i++) {
			x[2 * (r * s->length + i)] =
				r < rows && i < have ? (double)in[r * have + i] : 0;
			x[2 * (r * s->length + i) + 1] = 0;
		}
	for (size_t r = 0; r < s->rows; r++)
		transform(s, x + 2 * r * s->length, s->length, 1);
	for (size_t c = 0; s->rows > 1 && c < half; c++)
		transform(s, x + 2 * c, s->rows, s->length);
	for (size_t r = 0; r < s->rows; r++)
		for (size_t i = 0; i < 2 * half; i++)
			out[r * 2 * half + i] = (float)x[2 * r * s->length + i];
}

static void rfft_run(const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape, *out = &n->outputs[0]->shape;
	size_t in_size = (size_t)in->dim[in->rank - 1] * (size_t)in->dim[in->rank - 2];
	size_t out_size = (size_t)out->dim[out->rank - 1] * (size_t)out->dim[out->rank - 2] * 2;
	size_t count = tensor_elements(n->inputs[0]) / in_size;

	for (size_t i = 0; i < count; i++)
		rfft_one(n, (const float *)n->inputs[0]->data + i * in_size,
			 (float *)n->outputs[0]->data + i * out_size);
}

const struct op op_rfft2d = {
	.name = "RFFT2D", .check = rfft_check, .plan = rfft_plan, .run = rfft_run
};

/* ---- value by value ---- */

static int complex_abs_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0], TYPE_BIT(TENSOR_COMPLEX64), "input", f);
	if (rc == 0)
		rc = op_output_type(n, 0, TENSOR_FLOAT32, f);
	return rc < 0 ? rc : op_set_shape(n, 0, &n->inputs[0]->shape, f);
}

static void complex_abs_run(const struct op_node *n)
{
	const float *in = n->inputs[0]->data;
	float *out = n->outputs[0]->data;
	size_t elements = tensor_elements(n->inputs[0]);

	for (size_t i = 0; i < elements; i++) {
		double re = (double)in[2 * i], im = (double)in[2 * i + 1];
		out[i] = (float)sqrt(re * re + im * im);
	}
}

const struct op op_complex_abs = {
	.name = "COMPLEX_ABS",
	.check = complex_abs_check,
	.run = complex_abs_run,
};
