/* make.c - SHAPE, RANK, FILL, RANGE, ZEROS_LIKE, ONE_HOT, EYE_LIKE, CAST and WHERE: values made of
 * shapes, counts and other types. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "nn/op.h"

/* ---- SHAPE and RANK ---- */

static int shape_check(const struct op_node *n, struct fault *f)
{
	enum tensor_type type = n->node->options.axis.type;
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = op_output_type(n, 0, type == TENSOR_INT64 ? type : TENSOR_INT32, f);
	return rc < 0 ? rc
		      : op_set_shape(n, 0, &(struct shape){ 1, { n->inputs[0]->shape.rank } }, f);
}

static void shape_run(const struct op_node *n)
{
	for (int d = 0; d < n->inputs[0]->shape.rank; d++)
		tensor_set_int(n->outputs[0], (size_t)d, n->inputs[0]->shape.dim[d]);
}

const struct op op_shape = {
	.name = "SHAPE", .check = shape_check, .run = shape_run, .takes_shapes = true
};

static int rank_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = op_output_type(n, 0, TENSOR_INT32, f);
	return rc < 0 ? rc : op_set_shape(n, 0, &(struct shape){ 0 }, f);
}

static void rank_run(const struct op_node *n)
{
	tensor_set_int(n->outputs[0], 0, n->inputs[0]->shape.rank);
}

const struct op op_rank = {
	.name = "RANK", .check = rank_check, .run = rank_run, .takes_shapes = true
};

/* SIZE of ONNX: how many elements. */
static int size_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = op_output_type(n, 0, TENSOR_INT64, f);
	return rc < 0 ? rc : op_set_shape(n, 0, &(struct shape){ 0 }, f);
}

static void size_run(const struct op_node *n)
{
	tensor_set_int(n->outputs[0], 0, (int64_t)tensor_elements(n->inputs[0]));
}

const struct op op_size = {
	.name = "SIZE", .check = size_check, .run = size_run, .takes_shapes = true
};

/* ---- ZEROS_LIKE and FILL ---- */

static int zeros_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0],
				    TYPE_BIT(TENSOR_FLOAT32) | TYPE_BIT(TENSOR_INT32) |
					    TYPE_BIT(TENSOR_INT64) | TYPES_QUANTIZED,
				    "input", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	return rc < 0 ? rc : op_set_shape(n, 0, &n->inputs[0]->shape, f);
}

static void zeros_run(const struct op_node *n)
{
	memset(n->outputs[0]->data, 0, tensor_bytes(n->outputs[0]->type, &n->outputs[0]->shape));
}

const struct op op_zeros_like = {
	.name = "ZEROS_LIKE", .check = zeros_check, .run = zeros_run, .takes_shapes = true
};

static int fill_check(const struct op_node *n, struct fault *f)
{
	struct shape shape = { 0 };
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_constant(n->inputs[0], "shape", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[1]->type, f);
	if (rc < 0)
		return rc;
	size_t rank = tensor_elements(n->inputs[0]);
	if (rank > SHAPE_MOST_RANK || tensor_type_bytes(n->inputs[1]->type) == 0 ||
	    tensor_elements(n->inputs[1]) != 1)
		return fault_set(f, -EBADMSG, "%zu dimensions of %zu values of %s", rank,
				 tensor_elements(n->inputs[1]),
				 tensor_type_name(n->inputs[1]->type));
	for (size_t d = 0; d < rank; d++) {
		int64_t size = tensor_int(n->inputs[0], d);
		shape.dim[shape.rank++] =
			size > 0 && size <= SHAPE_MOST_ELEMENTS ? (int32_t)size : 0;
	}
	return op_set_shape(n, 0, &shape, f);
}

static void fill_run(const struct op_node *n)
{
	size_t elements = tensor_elements(n->outputs[0]);
	size_t bytes = tensor_type_bytes(n->outputs[0]->type);

	for (size_t i = 0; i < elements; i++)
		memcpy((char *)n->outputs[0]->data + i * bytes, n->inputs[1]->data, bytes);
}

const struct op op_fill = { .name = "FILL", .check = fill_check, .run = fill_run };

/* ---- RANGE: start, limit, step ---- */

static int64_t range_count(const struct op_node *n)
{
	double start = tensor_float(n->inputs[0], 0), limit = tensor_float(n->inputs[1], 0);
	double step = tensor_float(n->inputs[2], 0), count = ceil((limit - start) / step);

	return step != 0 && count > 0 && count <= SHAPE_MOST_ELEMENTS ? (int64_t)count : 0;
}

/* Computed bounds: the file says how many there are at most. */
static int range_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 3, 1, f);

	for (int i = 0; rc == 0 && i < 3; i++)
		rc = op_expect_type(n->inputs[i],
				    TYPE_BIT(TENSOR_INT32) | TYPE_BIT(TENSOR_INT64) |
					    TYPE_BIT(TENSOR_FLOAT32),
				    "input", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc < 0)
		return rc;
	if (n->inputs[0]->constant && n->inputs[1]->constant && n->inputs[2]->constant)
		return op_set_shape(n, 0, &(struct shape){ 1, { (int32_t)range_count(n) } }, f);
	n->outputs[0]->varying = true;
	rc = op_expect_rank(n->outputs[0], 1, 1, "output", f);
	return rc < 0 ? rc : op_set_shape(n, 0, &n->outputs[0]->shape, f);
}

static int range_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	size_t *most = arena_alloc(memory, 1, sizeof(*most));

	if (most == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	*most = tensor_elements(n->outputs[0]);
	n->state = most;
	return 0;
}

static void range_run(const struct op_node *n)
{
	struct tensor *out = n->outputs[0];
	size_t count = (size_t)range_count(n), most = *(const size_t *)n->state;

	count = count < most ? count : most;
	for (size_t i = 0; i < count; i++)
		if (out->type == TENSOR_FLOAT32)
			tensor_set_float(out, i,
					 tensor_float(n->inputs[0], 0) +
						 (double)i * tensor_float(n->inputs[2], 0));
		else
			tensor_set_int(out, i,
				       (int64_t)((uint64_t)tensor_int(n->inputs[0], 0) +
						 i * (uint64_t)tensor_int(n->inputs[2], 0)));
	if (out->varying) {
		out->shape.dim[0] = (int32_t)count;
		out->bytes = count * tensor_type_bytes(out->type);
	}
}

const struct op op_range = {
	.name = "RANGE", .check = range_check, .plan = range_plan, .run = range_run
};

/* ---- WHERE: the places of what is not zero, row by row ---- */

static size_t count_places(const struct tensor *t)
{
	size_t elements = tensor_elements(t), found = 0;

	for (size_t i = 0; i < elements; i++)
		found += tensor_float(t, i) != 0;
	return found;
}

static int where_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0],
				    TYPE_BIT(TENSOR_BOOL) | TYPE_BIT(TENSOR_FLOAT32) | TYPES_8_BIT |
					    TYPE_BIT(TENSOR_INT32) | TYPE_BIT(TENSOR_INT64),
				    "condition", f);
	if (rc == 0)
		rc = op_expect_rank(n->inputs[0], 1, SHAPE_MOST_RANK, "condition", f);
	if (rc == 0)
		rc = op_output_type(n, 0, TENSOR_INT64, f);
	if (rc < 0)
		return rc;
	struct shape shape = {
		2, { (int32_t)tensor_elements(n->inputs[0]), n->inputs[0]->shape.rank }
	};
	n->outputs[0]->varying = !n->inputs[0]->constant;
	if (n->inputs[0]->constant)
		shape.dim[0] = (int32_t)count_places(n->inputs[0]);
	return op_set_shape(n, 0, &shape, f);
}

static void where_run(const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape;
	size_t elements = shape_elements(in), found = 0, rank = (size_t)in->rank;
	struct tensor *out = n->outputs[0];

	for (size_t i = 0; i < elements; i++) {
		if (tensor_float(n->inputs[0], i) == 0)
			continue;
		size_t rest = i;
		for (size_t d = rank; d-- > 0;) {
			((int64_t *)out->data)[found * rank + d] =
				(int64_t)(rest % (size_t)in->dim[d]);
			rest /= (size_t)in->dim[d];
		}
		found++;
	}
	out->shape.dim[0] = (int32_t)found;
	out->bytes = found * rank * sizeof(int64_t);
}

const struct op op_where = { .name = "WHERE", .check = where_check, .run = where_run };

/* ---- ONE_HOT: indices, depth, on, off ---- */

static int one_hot_axis(const struct op_node *n)
{
	int rank = n->inputs[0]->shape.rank;
	int axis = n->node->options.axis.axis;

	axis += axis < 0 ? rank + 1 : 0;
	return axis < 0 || axis > rank ? -1 : axis;
}

static int one_hot_check(const struct op_node *n, struct fault *f)
{
	struct shape shape = { 0 };
	int rc = op_expect(n, 4, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0], TYPE_BIT(TENSOR_INT32) | TYPE_BIT(TENSOR_INT64),
				    "indices", f);
	if (rc == 0)
		rc = op_expect_constant(n->inputs[1], "depth", f);
	if (rc == 0)
		rc = op_expect_type(n->inputs[3], TYPE_BIT(n->inputs[2]->type), "off value", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[2]->type, f);
	if (rc < 0)
		return rc;
	int axis = one_hot_axis(n);
	int64_t depth = tensor_int(n->inputs[1], 0);
	const struct shape *in = &n->inputs[0]->shape;
	if (axis < 0 || in->rank == SHAPE_MOST_RANK || depth < 1 || depth > SHAPE_MOST_ELEMENTS ||
	    tensor_type_bytes(n->inputs[2]->type) == 0)
		return fault_set(f, -EBADMSG, "axis %d, depth %lld", n->node->options.axis.axis,
				 (long long)depth);
	for (int d = 0, k = 0; d <= in->rank; d++)
		shape.dim[shape.rank++] = d == axis ? (int32_t)depth : in->dim[k++];
	return op_set_shape(n, 0, &shape, f);
}

static void one_hot_run(const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape, *out = &n->outputs[0]->shape;
	int axis = one_hot_axis(n);
	size_t inner = shape_product(in, axis, in->rank), depth = (size_t)out->dim[axis];
	size_t outer = shape_product(in, 0, axis), bytes = tensor_type_bytes(n->outputs[0]->type);
	char *to = n->outputs[0]->data;

	for (size_t o = 0; o < outer; o++)
		for (size_t k = 0; k < depth; k++)
			for (size_t i = 0; i < inner; i++, to += bytes) {
				int64_t index = tensor_int(n->inputs[0], o * inner + i);
				memcpy(to, n->inputs[index == (int64_t)k ? 2 : 3]->data, bytes);
			}
}

const struct op op_one_hot = { .name = "ONE_HOT", .check = one_hot_check, .run = one_hot_run };

/* ---- CAST ---- */

static int cast_check(const struct op_node *n, struct fault *f)
{
	unsigned types = TYPE_BIT(TENSOR_FLOAT32) | TYPE_BIT(TENSOR_FLOAT16) |
			 TYPE_BIT(TENSOR_FLOAT64) | TYPES_QUANTIZED | TYPE_BIT(TENSOR_INT32) |
			 TYPE_BIT(TENSOR_UINT32) | TYPE_BIT(TENSOR_INT64) | TYPE_BIT(TENSOR_BOOL);
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0], types, "input", f);
	if (rc == 0)
		rc = op_expect_type(n->outputs[0], types, "output", f);
	return rc < 0 ? rc : op_set_shape(n, 0, &n->inputs[0]->shape, f);
}

static void cast_run(const struct op_node *n)
{
	const struct tensor *in = n->inputs[0], *out = n->outputs[0];
	size_t elements = tensor_elements(in);
	bool real = in->type == TENSOR_FLOAT32 || in->type == TENSOR_FLOAT16 ||
		    in->type == TENSOR_FLOAT64;

	for (size_t i = 0; i < elements; i++)
		if (real)
			tensor_set_float(out, i, tensor_float(in, i));
		else
			tensor_set_int(out, i, tensor_int(in, i));
}

const struct op op_cast = { .name = "CAST", .check = cast_check, .run = cast_run };
