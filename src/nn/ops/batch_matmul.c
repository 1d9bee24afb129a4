/* batch_matmul.c - BATCH_MATMUL: products of the matrices in the last two dimensions, the others
 * broadcast; a vector counts as a matrix of one row or column (NumPy's rule). */
#include <errno.h>
#include <string.h>

#include "nn/broadcast.h"
#include "nn/gemm.h"
#include "nn/ops/conv.h"

struct matmul {
	size_t rows, columns, depth;
	struct shape batch; /* of the output */
	struct multiplier multiplier;
	int32_t zeros[2];
};

static bool is_adjoint(const struct op_node *n, int input)
{
	return input == 0 ? n->node->options.matmul.adjoint_x : n->node->options.matmul.adjoint_y;
}

/* Rows and columns of an input as it is multiplied. */
static void matrix_of(const struct op_node *n, int input, int32_t *rows, int32_t *columns)
{
	const struct shape *s = &n->inputs[input]->shape;
	bool adjoint = is_adjoint(n, input) && s->rank > 1;

	if (s->rank == 1) {
		*rows = input == 0 ? 1 : s->dim[0];
		*columns = input == 0 ? s->dim[0] : 1;
		return;
	}
	*rows = s->dim[s->rank - (adjoint ? 1 : 2)];
	*columns = s->dim[s->rank - (adjoint ? 2 : 1)];
}

static struct shape batch_of(const struct shape *s)
{
	struct shape batch = *s;

	batch.rank = s->rank > 2 ? s->rank - 2 : 0;
	return batch;
}

static int matmul_shape(const struct op_node *n, struct shape *out, struct shape *batch,
			struct fault *f)
{
	const struct shape *x = &n->inputs[0]->shape, *y = &n->inputs[1]->shape;
	struct shape a = batch_of(x), b = batch_of(y);
	int32_t rows, depth, other, columns;

	matrix_of(n, 0, &rows, &depth);
	matrix_of(n, 1, &other, &columns);
	if (depth != other || !shape_broadcast(&a, &b, batch) || batch->rank + 2 > SHAPE_MOST_RANK)
		return fault_set(f, -EBADMSG, "matrices of %dx%d and %dx%d do not go together",
				 rows, depth, other, columns);
	*out = *batch;
	if (x->rank > 1)
		out->dim[out->rank++] = rows;
	if (y->rank > 1)
		out->dim[out->rank++] = columns;
	return 0;
}

static bool is_hybrid(const struct op_node *n)
{
	return n->inputs[0]->type == TENSOR_FLOAT32 && n->inputs[1]->type == TENSOR_INT8;
}

static int check_types(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0],
				    TYPE_BIT(TENSOR_FLOAT32) | TYPE_BIT(TENSOR_INT8) |
					    TYPE_BIT(TENSOR_INT16),
				    "input 0", f);
	if (rc == 0)
		rc = op_expect_type(n->inputs[1],
				    TYPE_BIT(n->inputs[0]->type) |
					    (is_hybrid(n) ? TYPE_BIT(TENSOR_INT8) : 0),
				    "input 1", f);
	if (rc == 0 && n->outputs[0]->type != TENSOR_INT32)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	for (int i = 0; rc == 0 && i < 2; i++) {
		rc = op_expect_rank(n->inputs[i], 1, SHAPE_MOST_RANK, "input", f);
		if (rc == 0 && n->inputs[i]->type != TENSOR_FLOAT32)
			rc = op_expect_scale(n->inputs[i], "input", f);
	}
	if (rc == 0 && n->inputs[0]->type != TENSOR_FLOAT32)
		rc = op_expect_scale(n->outputs[0], "output", f);
	return rc;
}

static int matmul_check(const struct op_node *n, struct fault *f)
{
	struct shape shape, batch;
	int32_t rows, depth;
	int rc = check_types(n, f);

	if (rc == 0)
		rc = matmul_shape(n, &shape, &batch, f);
	if (rc < 0)
		return rc;
	matrix_of(n, 0, &rows, &depth);
	if (n->inputs[0]->type == TENSOR_INT8 && depth > CONV_MOST_PRODUCTS)
		return fault_set(f, -EOPNOTSUPP, "each output sums %d products (at most %d)", depth,
				 CONV_MOST_PRODUCTS);
	return op_set_shape(n, 0, &shape, f);
}

static int matmul_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct matmul *s = arena_alloc(memory, 1, sizeof(*s));
	int32_t rows, depth, other, columns;
	struct shape shape;

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	n->state = s;
	matmul_shape(n, &shape, &s->batch, NULL);
	matrix_of(n, 0, &rows, &depth);
	matrix_of(n, 1, &other, &columns);
	s->rows = (size_t)rows;
	s->columns = (size_t)columns;
	s->depth = (size_t)depth;
	if (n->inputs[0]->type == TENSOR_FLOAT32) /* both matrices, as gemm_f32() wants them */
		n->scratch_bytes = (s->rows + s->columns) * s->depth * sizeof(float);
	if (n->inputs[0]->type == TENSOR_FLOAT32)
		return 0;
	float product = n->inputs[0]->quant.scale[0] * n->inputs[1]->quant.scale[0];
	s->multiplier = multiplier_of((double)product / (double)n->outputs[0]->quant.scale[0]);
	s->zeros[0] = n->inputs[0]->quant.zero_point[0];
	s->zeros[1] = n->inputs[1]->quant.zero_point[0];
	if (n->inputs[0]->type == TENSOR_INT16 && s->multiplier.shift > WIDE_MOST_SHIFT)
		return fault_set(f, -EBADMSG, "its scales make a factor above %d",
				 1 << WIDE_MOST_SHIFT);
	return 0;
}

/* Element (i, k) of the matrix that begins at `base`: rows of the depth, or columns of it. */
static size_t element(size_t base, size_t i, size_t k, size_t count, size_t depth, bool by_depth)
{
	return by_depth ? base + i * depth + k : base + k * count + i;
}

static void gather_rows(const struct tensor *t, size_t base, size_t count, size_t depth,
			bool by_depth, float *out)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < depth; k++)
			*out++ = ((const float *)
					  t->data)[element(base, i, k, count, depth, by_depth)];
}

static void multiply_float(const struct op_node *n, size_t x, size_t y, size_t out)
{
	const struct matmul *s = n->state;
	float *a = n->scratch, *b = a + s->rows * s->depth;

	gather_rows(n->inputs[0], x, s->rows, s->depth, !is_adjoint(n, 0), a);
	gather_rows(n->inputs[1], y, s->columns, s->depth, is_adjoint(n, 1), b);
	gemm_f32(s->rows, s->columns, s->depth, a, b, (float *)n->outputs[0]->data + out);
}

/* Each row of the left matrix is quantized with a scale of its own. */
static void multiply_hybrid(const struct op_node *n, size_t x, size_t y, size_t out)
{
	const struct matmul *s = n->state;
	float *row = n->scratch;
	int8_t *quantized = (int8_t *)(row + s->depth);

	for (size_t i = 0; i < s->rows; i++) {
		for (size_t k = 0; k < s->depth; k++)
			row[k] = ((const float *)n->inputs[0]->data)[element(
				x, i, k, s->rows, s->depth, !is_adjoint(n, 0))];
		struct hybrid_scale in = hybrid_quantize(
			row, s->depth, n->node->options.matmul.asymmetric_inputs, quantized);
		for (size_t c = 0; c < s->columns; c++) {
			int32_t sum = 0;
			for (size_t k = 0; k < s->depth; k++)
				sum += (quantized[k] - in.zero_point) *
				       ((const int8_t *)n->inputs[1]->data)[element(
					       y, c, k, s->columns, s->depth, is_adjoint(n, 1))];
			((float *)n->outputs[0]->data)[out + i * s->columns + c] =
				(float)sum * in.scale * n->inputs[1]->quant.scale[0];
		}
	}
}

/* Rules 1 and 2 of requantize.h. */
static void multiply_integer(const struct op_node *n, size_t x, size_t y, size_t out)
{
	const struct matmul *s = n->state;
	int32_t low, high, zero = n->outputs[0]->quant.zero_point[0];

	op_type_range(n->outputs[0]->type, &low, &high);
	for (size_t i = 0; i < s->rows; i++)
		for (size_t c = 0; c < s->columns; c++) {
			int64_t sum = 0;
			for (size_t k = 0; k < s->depth; k++)
				sum += (tensor_int(n->inputs[0], element(x, i, k, s->rows, s->depth,
									 !is_adjoint(n, 0))) -
					s->zeros[0]) *
				       (tensor_int(n->inputs[1],
						   element(y, c, k, s->columns, s->depth,
							   is_adjoint(n, 1))) -
					s->zeros[1]);
			int32_t q = n->outputs[0]->type == TENSOR_INT16
					    ? requantize_wide(sum, s->multiplier)
					    : requantize((int32_t)sum, s->multiplier);
			tensor_set_int(n->outputs[0], out + i * s->columns + c,
				       add_zero_point(q, zero, low, high));
		}
}

static void matmul_run(const struct op_node *n)
{
	const struct matmul *s = n->state;
	struct tensor x = { .shape = batch_of(&n->inputs[0]->shape) };
	struct tensor y = { .shape = batch_of(&n->inputs[1]->shape) };
	struct tensor *batches[] = { &x, &y };
	struct broadcast b;

	broadcast_start(&b, &s->batch, batches, 2);
	for (size_t i = 0; i < b.elements; i++, broadcast_next(&b)) {
		size_t a = b.at[0] * s->rows * s->depth, w = b.at[1] * s->columns * s->depth;
		size_t out = i * s->rows * s->columns;
		if (is_hybrid(n))
			multiply_hybrid(n, a, w, out);
		else if (n->inputs[0]->type == TENSOR_FLOAT32)
			multiply_float(n, a, w, out);
		else
			multiply_integer(n, a, w, out);
	}
}

static uint64_t matmul_macs(const struct op_node *n)
{
	int32_t rows, depth;

	matrix_of(n, 0, &rows, &depth);
	return (uint64_t)tensor_elements(n->outputs[0]) * (uint64_t)depth;
}

static bool matmul_needs_gemm(const struct op_node *n)
{
	return n->inputs[0]->type == TENSOR_FLOAT32 && !is_hybrid(n);
}

const struct op op_batch_matmul = {
	.name = "BATCH_MATMUL",
	.check = matmul_check,
	.plan = matmul_plan,
	.run = matmul_run,
	.macs = matmul_macs,
	.needs_gemm = matmul_needs_gemm,
};
