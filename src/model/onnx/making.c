/* making.c - operators of ONNX that repeat values, and make constants. */
#include <errno.h>
#include <string.h>

#include "model/onnx/convert.h"

static bool is_empty(struct build *b, size_t input)
{
	return input < b->node->input_count && b->node->inputs[input][0] != '\0' &&
	       build_in(b, input) < 0;
}

static void convert_tile(struct build *b)
{
	build_out(b, 0, build_two(b, "TILE", build_need(b, 0), build_need(b, 1)));
}

static void convert_expand(struct build *b)
{
	if (is_empty(b, 1)) {
		build_out(b, 0, build_need(b, 0));
		return;
	}
	build_out(b, 0, build_two(b, "BROADCAST_TO", build_need(b, 0), build_need(b, 1)));
}

static void convert_range(struct build *b)
{
	int32_t inputs[] = { build_need(b, 0), build_need(b, 1), build_need(b, 2) };

	build_out(b, 0, build_op(b, "RANGE", inputs, 3, NULL));
}

static int32_t tensor_attribute(struct build *b, const char *name)
{
	const struct onnx_attribute *a = attribute(b, name);
	struct onnx_tensor t;

	if (a == NULL || a->t.at == NULL)
		return NONE;
	int rc = onnx_parse_tensor(a->t, b->memory, &t, b->fault);
	if (rc < 0) {
		b->rc = b->rc < 0 ? b->rc : rc;
		return 0;
	}
	return build_onnx_tensor(b, &t);
}

static void convert_constant_of_shape(struct build *b)
{
	int32_t value = tensor_attribute(b, "value");
	static const struct shape single = { 0 };

	value = value < 0 ? build_float(b, 0) : build_reshape(b, value, &single);
	if (is_empty(b, 0)) {
		build_out(b, 0, value);
		return;
	}
	build_out(b, 0, build_two(b, "FILL", build_need(b, 0), value));
}

static void convert_constant(struct build *b)
{
	const struct onnx_attribute *whole = attribute(b, "value_int"),
				    *wholes = attribute(b, "value_ints"),
				    *real = attribute(b, "value_float"),
				    *reals = attribute(b, "value_floats");
	int32_t value = tensor_attribute(b, "value");

	if (value < 0 && whole != NULL)
		value = build_int(b, whole->i);
	else if (value < 0 && wholes != NULL)
		value = build_ints(b, wholes->ints, wholes->int_count);
	else if (value < 0 && real != NULL)
		value = build_float(b, real->f);
	else if (value < 0 && reals != NULL) {
		struct onnx_tensor t = { .name = "",
					 .type = ONNX_FLOAT,
					 .rank = 1,
					 .dim = { (int64_t)reals->float_count } };
		t.raw = wire_of((const uint8_t *)reals->floats, reals->float_count * sizeof(float));
		value = build_onnx_tensor(b, &t);
	}
	if (value < 0)
		build_fail(b, -EOPNOTSUPP, "a constant of text, or sparse");
	build_out(b, 0, value);
}

static void convert_one_hot(struct build *b)
{
	union options o = { .axis = { .axis = (int32_t)attribute_int(b, "axis", -1) } };
	int32_t indices = build_cast(b, build_need(b, 0), TENSOR_INT64);
	int32_t depth = build_need(b, 1), values = build_need(b, 2);
	union options first = { .axis = { .axis = 0 } };

	if (!build_tensor(b, depth)->constant || tensor_elements(build_tensor(b, values)) != 2)
		build_fail(b, -EOPNOTSUPP, "depth is computed, or values are not two");
	if (b->rc < 0)
		return;
	int32_t size = (int32_t)tensor_int(build_tensor(b, depth), 0);
	indices = build_two(b, "FLOOR_MOD", indices, build_int(b, size > 0 ? size : 1));
	int32_t off = build_op(b, "GATHER", (int32_t[]){ values, build_int(b, 0) }, 2, &first);
	int32_t on = build_op(b, "GATHER", (int32_t[]){ values, build_int(b, 1) }, 2, &first);
	int32_t inputs[] = { indices, build_int(b, size), on, off };
	build_out(b, 0, build_op(b, "ONE_HOT", inputs, 4, &o));
}

static void convert_non_zero(struct build *b)
{
	static const int order[] = { 1, 0 };

	build_out(b, 0, build_transpose(b, build_one(b, "WHERE", build_need(b, 0)), order, 2));
}

/* The lower or the upper triangle of a matrix: a constant mask chooses. */
static void convert_trilu(struct build *b)
{
	int32_t x = build_need(b, 0), shift = build_in(b, 1);
	const struct shape *s = onnx_shape(b, x);
	bool upper = attribute_int(b, "upper", 1) != 0;
	int64_t k = 0;
	size_t count;

	if (s->rank < 2)
		build_fail(b, -EBADMSG, "%d dimensions (2 and more)", s->rank);
	if (b->rc < 0 || (shift >= 0 && !build_read_ints(b, shift, "k", &k, 1, &count)))
		return;
	int32_t rows = s->dim[s->rank - 2], columns = s->dim[s->rank - 1];
	int32_t row = build_op(b, "RANGE",
			       (int32_t[]){ build_int(b, 0), build_int(b, rows), build_int(b, 1) },
			       3, NULL);
	int32_t column = build_op(
		b, "RANGE", (int32_t[]){ build_int(b, 0), build_int(b, columns), build_int(b, 1) },
		3, NULL);
	row = build_reshape(b, row, &(struct shape){ 2, { rows, 1 } });
	int32_t edge = build_two(b, "ADD", row, build_int(b, k));
	int32_t mask = build_two(b, upper ? "GREATER_EQUAL" : "LESS_EQUAL", column, edge);
	build_out(b, 0,
		  build_op(b, "SELECT_V2",
			   (int32_t[]){ mask, x,
					build_cast(b, build_int(b, 0), build_tensor(b, x)->type) },
			   3, NULL));
}

static void convert_eye_like(struct build *b)
{
	int32_t x = build_need(b, 0);
	const struct shape s = *onnx_shape(b, x);
	int64_t dtype = attribute_int(b, "dtype", 0), k = attribute_int(b, "k", 0);
	enum tensor_type type = build_tensor(b, x)->type;

	if (dtype != 0 && (dtype < 0 || dtype > 64 || !onnx_tensor_type((int32_t)dtype, &type)))
		build_fail(b, -EOPNOTSUPP, "dtype %lld", (long long)dtype);
	if (s.rank != 2)
		build_fail(b, -EBADMSG, "%d dimensions (2)", s.rank);
	if (b->rc < 0)
		return;
	int32_t row = build_op(
		b, "RANGE",
		(int32_t[]){ build_int(b, k), build_int(b, s.dim[0] + k), build_int(b, 1) }, 3,
		NULL);
	int32_t column = build_op(
		b, "RANGE", (int32_t[]){ build_int(b, 0), build_int(b, s.dim[1]), build_int(b, 1) },
		3, NULL);
	row = build_reshape(b, row, &(struct shape){ 2, { s.dim[0], 1 } });
	build_out(b, 0, build_cast(b, build_two(b, "EQUAL", row, column), type));
}

const struct onnx_converter onnx_making[] = {
	{ "Constant", convert_constant }, { "ConstantOfShape", convert_constant_of_shape },
	{ "Expand", convert_expand },	  { "EyeLike", convert_eye_like },
	{ "NonZero", convert_non_zero },  { "OneHot", convert_one_hot },
	{ "Range", convert_range },	  { "Tile", convert_tile },
	{ "Trilu", convert_trilu },	  { 0 },
};
