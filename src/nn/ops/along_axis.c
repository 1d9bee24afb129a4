/* along_axis.c - ARG_MAX, ARG_MIN, TOPK_V2 and CUMSUM: what looks at one row of values after the
 * other, along an axis. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nn/op.h"

/* A row: element k lies at first + k * step. */
struct rows {
	size_t outer, count, inner;
};

static struct rows rows_of(const struct shape *s, int axis)
{
	return (struct rows){ shape_product(s, 0, axis), (size_t)s->dim[axis],
			      shape_product(s, axis + 1, s->rank) };
}

static const unsigned values = TYPE_BIT(TENSOR_FLOAT32) | TYPES_QUANTIZED | TYPE_BIT(TENSOR_INT32) |
			       TYPE_BIT(TENSOR_INT64) | TYPE_BIT(TENSOR_BOOL);

/* ---- ARG_MAX, ARG_MIN ---- */

static int arg_axis(const struct op_node *n)
{
	int64_t axis =
		n->input_count > 1 ? tensor_int(n->inputs[1], 0) : n->node->options.axis.axis;

	return shape_axis(&n->inputs[0]->shape, axis);
}

static int arg_check(const struct op_node *n, struct fault *f)
{
	const union options *o = &n->node->options;
	struct shape shape = { 0 };
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0 && n->input_count > 1)
		rc = op_expect(n, 2, 1, f);
	if (rc == 0 && n->input_count > 1)
		rc = op_expect_constant(n->inputs[1], "axis", f);
	if (rc == 0)
		rc = op_expect_type(n->inputs[0], values, "input", f);
	if (rc == 0)
		rc = op_output_type(n, 0, o->axis.type, f);
	if (rc < 0)
		return rc;
	int axis = arg_axis(n);
	if (axis < 0)
		return fault_set(f, -EBADMSG, "its axis is none of %d dimensions",
				 n->inputs[0]->shape.rank);
	for (int d = 0; d < n->inputs[0]->shape.rank; d++)
		if (d != axis)
			shape.dim[shape.rank++] = n->inputs[0]->shape.dim[d];
		else if (o->axis.keep_dims)
			shape.dim[shape.rank++] = 1;
	return op_set_shape(n, 0, &shape, f);
}

static void arg_run(const struct op_node *n)
{
	bool least = strcmp(n->op->name, "ARG_MIN") == 0, last = n->node->options.axis.last;
	struct rows r = rows_of(&n->inputs[0]->shape, arg_axis(n));

	for (size_t o = 0; o < r.outer; o++)
		for (size_t i = 0; i < r.inner; i++) {
			size_t best = 0, first = o * r.count * r.inner + i;
			double value = tensor_float(n->inputs[0], first);
			for (size_t k = 1; k < r.count; k++) {
				double v = tensor_float(n->inputs[0], first + k * r.inner);
				if ((least ? v < value : v > value) || (last && v == value)) {
					best = k;
					value = v;
				}
			}
			tensor_set_int(n->outputs[0], o * r.inner + i, (int64_t)best);
		}
}

const struct op op_arg_max = { .name = "ARG_MAX", .check = arg_check, .run = arg_run };
const struct op op_arg_min = { .name = "ARG_MIN", .check = arg_check, .run = arg_run };

/* ---- TOPK_V2: the largest, first the largest; of equal ones that which comes first ---- */

static int topk_axis(const struct op_node *n)
{
	return shape_axis(&n->inputs[0]->shape, n->node->options.axis.axis);
}

static int topk_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 2, 2, f);

	if (rc == 0)
		rc = op_expect_constant(n->inputs[1], "k", f);
	if (rc == 0)
		rc = op_expect_type(n->inputs[0], values, "input", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc == 0)
		rc = op_output_type(n, 1, n->node->options.axis.type, f);
	if (rc < 0)
		return rc;
	struct shape shape = n->inputs[0]->shape;
	int axis = topk_axis(n);
	int64_t k = tensor_int(n->inputs[1], 0);
	if (axis < 0 || k < 1 || k > shape.dim[axis])
		return fault_set(f, -EBADMSG, "the %lld largest of %d", (long long)k,
				 axis < 0 ? 0 : shape.dim[axis]);
	shape.dim[axis] = (int32_t)k;
	rc = op_set_shape(n, 0, &shape, f);
	return rc < 0 ? rc : op_set_shape(n, 1, &shape, f);
}

struct candidate {
	double value;
	size_t index;
};

static int by_value(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return x->index > y->index ? 1 : -1;
}

static int topk_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	(void)memory;
	(void)f;
	n->scratch_bytes = (size_t)n->inputs[0]->shape.dim[topk_axis(n)] * sizeof(struct candidate);
	return 0;
}

static void topk_run(const struct op_node *n)
{
	int axis = topk_axis(n);
	struct rows r = rows_of(&n->inputs[0]->shape, axis);
	struct candidate *row = n->scratch;
	size_t k = (size_t)n->outputs[0]->shape.dim[axis];
	double sign = n->node->options.axis.smallest ? -1 : 1;

	for (size_t o = 0; o < r.outer; o++)
		for (size_t i = 0; i < r.inner; i++) {
			size_t first = o * r.count * r.inner + i;
			for (size_t c = 0; c < r.count; c++)
				row[c] = (struct candidate){
					sign * tensor_float(n->inputs[0], first + c * r.inner), c
				};
			qsort(row, r.count, sizeof(*row), by_value);
			for (size_t c = 0; c < k; c++) {
				size_t out = (o * k + c) * r.inner + i;
				tensor_set_float(n->outputs[0], out, sign * row[c].value);
				tensor_set_int(n->outputs[1], out, (int64_t)row[c].index);
			}
		}
}

const struct op op_topk_v2 = {
	.name = "TOPK_V2", .check = topk_check, .plan = topk_plan, .run = topk_run
};

/* ---- CUMSUM ---- */

static int cumsum_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_constant(n->inputs[1], "axis", f);
	if (rc == 0)
		rc = op_expect_type(n->inputs[0],
				    TYPE_BIT(TENSOR_FLOAT32) | TYPE_BIT(TENSOR_INT32) |
					    TYPE_BIT(TENSOR_INT64),
				    "input", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc == 0 && shape_axis(&n->inputs[0]->shape, tensor_int(n->inputs[1], 0)) < 0)
		return fault_set(f, -EBADMSG, "axis %lld of %d dimensions",
				 (long long)tensor_int(n->inputs[1], 0), n->inputs[0]->shape.rank);
	return rc < 0 ? rc : op_set_shape(n, 0, &n->inputs[0]->shape, f);
}

static void cumulate(const struct op_node *n, size_t first, size_t step, size_t count)
{
	const union options *o = &n->node->options;
	const struct tensor *in = n->inputs[0], *out = n->outputs[0];
	uint64_t whole = 0;
	float sum = 0;

	for (size_t c = 0; c < count; c++) {
		size_t at = first + (o->axis.reverse ? count - 1 - c : c) * step;
		if (in->type == TENSOR_FLOAT32) {
			float next = sum + ((const float *)in->data)[at];
			((float *)out->data)[at] = o->axis.exclusive ? sum : next;
			sum = next;
		} else {
			uint64_t next = whole + (uint64_t)tensor_int(in, at);
			tensor_set_int(out, at, (int64_t)(o->axis.exclusive ? whole : next));
			whole = next;
		}
	}
}

static void cumsum_run(const struct op_node *n)
{
	const struct shape *s = &n->inputs[0]->shape;
	struct rows r = rows_of(s, shape_axis(s, tensor_int(n->inputs[1], 0)));

	for (size_t o = 0; o < r.outer; o++)
		for (size_t i = 0; i < r.inner; i++)
			cumulate(n, o * r.count * r.inner + i, r.inner, r.count);
}

const struct op op_cumsum = { .name = "CUMSUM", .check = cumsum_check, .run = cumsum_run };
