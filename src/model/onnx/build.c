/* build.c - builds the engine's graph while an ONNX file is read: operators, constants, attributes. */
#include "model/onnx/build.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/onnx/convert.h"
#include "model/onnx/parts.h"
#include "nn/infer.h"

enum { MOST_INPUTS = 1024 };

void build_fail(struct build *b, int rc, const char *format, ...)
{
	char text[300];
	va_list arguments;

	if (b->rc < 0)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	b->rc = fault_set(b->fault, rc, "%s", text);
}

const struct tensor *build_tensor(const struct build *b, int32_t t)
{
	return b->parts->tensors[t < 0 ? 0 : t];
}

/* ---- inputs and outputs of the node in hand ---- */

struct fact *build_fact(const struct build *b, int32_t t)
{
	return &b->parts->facts[t < 0 ? 0 : t];
}

int32_t build_in(struct build *b, size_t i)
{
	int32_t t = build_in_lazy(b, i);

	return t < 0 ? t : build_force(b, t);
}

int32_t build_in_lazy(struct build *b, size_t i)
{
	if (i == 0 && b->instead != NONE)
		return b->instead;
	if (i >= b->node->input_count || b->node->inputs[i][0] == '\0')
		return NONE;
	int32_t t = scope_need(b, b->node->inputs[i]);
	/* An empty constant stands for nothing: Resize is given such. */
	return build_tensor(b, t)->constant && tensor_elements(build_tensor(b, t)) == 0 ? NONE : t;
}

bool build_has(struct build *b, const char *name)
{
	return scope_find(b, name) >= 0;
}

int32_t build_need(struct build *b, size_t i)
{
	int32_t t = build_in(b, i);

	if (t < 0)
		build_fail(b, -EBADMSG, "input %zu is left out", i);
	return t < 0 ? 0 : t;
}

void build_out(struct build *b, size_t i, int32_t t)
{
	if (i < b->node->output_count && b->node->outputs[i][0] != '\0')
		scope_set(b, b->node->outputs[i], t < 0 ? 0 : t);
}

/* ---- operators ---- */

static void put_down(struct build *b, struct op_node *o, const struct node *n)
{
	int rc = infer_node(o, b->memory, &b->fold_budget, b->fault);

	if (rc < 0) {
		b->rc = rc;
		return;
	}
	if (o->folded)
		return;
	parts_add_node(b, n);
}

static void build_outputs(struct build *b, const char *op, const int32_t *inputs, size_t count,
			  const union options *options, const int32_t *outs, size_t out_count);

void build_op_many(struct build *b, const char *op, const int32_t *inputs, size_t count,
		   const union options *options, const enum tensor_type *types, int32_t *outs,
		   size_t out_count)
{
	for (size_t i = 0; i < out_count; i++) {
		struct tensor open = { .type = types != NULL ? types[i] : TENSOR_OPEN };
		outs[i] = parts_add_tensor(b, &open);
	}
	build_outputs(b, op, inputs, count, options, outs, out_count);
}

/* An operator of one input and one output that is described already. */
static int32_t build_into(struct build *b, const char *op, int32_t input, const struct tensor *like,
			  const union options *options)
{
	int32_t out = parts_add_tensor(b, like);

	build_outputs(b, op, &input, 1, options, &out, 1);
	return out;
}

static bool moves_values(const char *op)
{
	static const char *const names[] = { "TRANSPOSE",      "RESHAPE",      "SQUEEZE",
					     "EXPAND_DIMS",    "MAX_POOL_2D",  "STRIDED_SLICE",
					     "SLICE",	       "GATHER",       "DEPTH_TO_SPACE",
					     "SPACE_TO_DEPTH", "BROADCAST_TO", "TILE" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(op, names[i]) == 0)
			return true;
	return false;
}

static void build_outputs(struct build *b, const char *op, const int32_t *inputs, size_t count,
			  const union options *options, const int32_t *outs, size_t out_count)
{
	struct tensor *in[MOST_INPUTS], *out[MOST_INPUTS];
	struct node n = { .name = b->node->type,
			  .label = b->node->name[0] != '\0' ? b->node->name : NULL,
			  .number = b->node->number,
			  .op = op_find(op),
			  .input_count = (uint32_t)count,
			  .output_count = (uint32_t)out_count };

	if (count > MOST_INPUTS || out_count > MOST_INPUTS)
		build_fail(b, -EOPNOTSUPP, "more than %d inputs or outputs", MOST_INPUTS);
	n.inputs = parts_copy_indices(b, inputs, count);
	n.outputs = parts_copy_indices(b, outs, out_count);
	if (options != NULL)
		n.options = *options;
	if (b->rc < 0 || n.inputs == NULL || n.outputs == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		in[i] = inputs[i] < 0 ? NULL : b->parts->tensors[inputs[i]];
	for (size_t i = 0; i < out_count; i++)
		out[i] = b->parts->tensors[outs[i]];
	if (moves_values(op) && out[0]->quant.count == 0)
		out[0]->quant = in[0]->quant; /* the scale goes with the values */
	if (out[0]->quant.count > 0)
		n.rounding = ROUND_ONNX;
	struct node *kept = arena_alloc(b->memory, 1, sizeof(*kept)); /* plan() may look at it */
	if (kept == NULL) {
		build_fail(b, -ENOMEM, "no memory");
		return;
	}
	*kept = n;
	struct op_node o = { .op = n.op,
			     .node = kept,
			     .input_count = n.input_count,
			     .output_count = n.output_count,
			     .inputs = in,
			     .outputs = out };
	put_down(b, &o, &n);
}

int32_t build_lazy(struct build *b, int32_t quantized, float low, float high)
{
	struct tensor t = { .type = TENSOR_FLOAT32, .shape = build_tensor(b, quantized)->shape };
	int32_t lazy = parts_add_tensor(b, &t);

	*build_fact(b, lazy) = (struct fact){ quantized, true, low, high };
	return lazy;
}

int32_t build_force(struct build *b, int32_t t)
{
	struct fact *fact = t < 0 ? NULL : build_fact(b, t);

	if (fact == NULL || !fact->lazy)
		return t;
	fact->lazy = false;
	union options o = { .quantize = { ROUND_ONNX, 0 } };
	build_outputs(b, "DEQUANTIZE", &fact->quantized, 1, &o, &t, 1);
	return t;
}

int32_t build_op_typed(struct build *b, const char *op, const int32_t *inputs, size_t count,
		       const union options *options, enum tensor_type type)
{
	int32_t out = 0;

	build_op_many(b, op, inputs, count, options, &type, &out, 1);
	return out;
}

int32_t build_op(struct build *b, const char *op, const int32_t *inputs, size_t count,
		 const union options *options)
{
	return build_op_typed(b, op, inputs, count, options, TENSOR_OPEN);
}

int32_t build_one(struct build *b, const char *op, int32_t input)
{
	return build_op(b, op, &input, 1, NULL);
}

int32_t build_two(struct build *b, const char *op, int32_t x, int32_t y)
{
	return build_op(b, op, (int32_t[]){ x, y }, 2, NULL);
}

int32_t build_transpose(struct build *b, int32_t t, const int *order, int rank)
{
	int64_t values[SHAPE_MOST_RANK];
	bool moves = false;

	for (int d = 0; d < rank; d++) {
		values[d] = order[d];
		moves |= order[d] != d;
	}
	if (!moves)
		return t;
	return build_two(b, "TRANSPOSE", t, build_ints(b, values, (size_t)rank));
}

int32_t build_reshape(struct build *b, int32_t t, const struct shape *s)
{
	union options o = { .reshape = { *s, true } };

	return shape_equal(&build_tensor(b, t)->shape, s) ? t : build_op(b, "RESHAPE", &t, 1, &o);
}

int32_t build_cast(struct build *b, int32_t t, enum tensor_type type)
{
	return build_tensor(b, t)->type == type ? t : build_op_typed(b, "CAST", &t, 1, NULL, type);
}

int32_t build_reduce(struct build *b, const char *op, int32_t t, const int64_t *axes, size_t count,
		     bool keep_dims)
{
	union options o = { .reduce = { keep_dims } };

	return build_op(b, op, (int32_t[]){ t, build_ints(b, axes, count) }, 2, &o);
}

/* ---- attributes ---- */

static const struct onnx_attribute *find_attribute(const struct onnx_attribute *list, size_t count,
						   const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

/* Inside of a function an attribute may refer to one of the call, or to the function's default. */
const struct onnx_attribute *attribute(struct build *b, const char *name)
{
	const struct onnx_attribute *a =
		find_attribute(b->node->attributes, b->node->attribute_count, name);

	if (a == NULL || a->reference == NULL || a->reference[0] == '\0')
		return a;
	const struct onnx_attribute *given =
		b->caller == NULL ? NULL
				  : find_attribute(b->caller->attributes,
						   b->caller->attribute_count, a->reference);
	if (given == NULL && b->function != NULL)
		given = find_attribute(b->function->defaults, b->function->default_count,
				       a->reference);
	return given != NULL && (given->reference == NULL || given->reference[0] == '\0') ? given
											  : NULL;
}

/* Sums and products with dimensions, which are below 2^28, stay below 2^63. */
static int64_t within_reach(int64_t value)
{
	const int64_t most = INT64_C(1) << 32;

	return value > most ? most : value < -most ? -most : value;
}

int64_t attribute_int(struct build *b, const char *name, int64_t fallback)
{
	const struct onnx_attribute *a = attribute(b, name);

	return a != NULL ? within_reach(a->i) : fallback;
}

float attribute_float(struct build *b, const char *name, float fallback)
{
	const struct onnx_attribute *a = attribute(b, name);

	return a != NULL ? a->f : fallback;
}

const char *attribute_text(struct build *b, const char *name, const char *fallback)
{
	const struct onnx_attribute *a = attribute(b, name);

	return a != NULL ? a->s : fallback;
}

size_t attribute_ints(struct build *b, const char *name, int64_t *out, size_t limit)
{
	const struct onnx_attribute *a = attribute(b, name);

	memset(out, 0, limit * sizeof(*out));
	if (a == NULL)
		return 0;
	if (a->int_count > limit)
		build_fail(b, -EOPNOTSUPP, "%s has %zu values (at most %zu)", name, a->int_count,
			   limit);
	size_t count = a->int_count < limit ? a->int_count : limit;
	for (size_t i = 0; i < count; i++)
		out[i] = within_reach(a->ints[i]);
	return count;
}

/* ---- constants ---- */

static int32_t add_constant(struct build *b, enum tensor_type type, const struct shape *s,
			    const void *values)
{
	size_t bytes = tensor_type_bytes(type) * (s->rank == 0 ? 1 : shape_elements(s));
	struct tensor t = { .type = type, .shape = *s, .constant = true, .bytes = bytes };

	t.data = arena_alloc(b->memory, 1, bytes);
	if (t.data == NULL)
		build_fail(b, -ENOMEM, "no memory");
	else if (bytes > 0)
		memcpy(t.data, values, bytes);
	return parts_add_tensor(b, &t);
}

int32_t build_ints(struct build *b, const int64_t *values, size_t count)
{
	return add_constant(b, TENSOR_INT64, &(struct shape){ 1, { (int32_t)count } }, values);
}

int32_t build_int(struct build *b, int64_t value)
{
	return add_constant(b, TENSOR_INT64, &(struct shape){ 0 }, &value);
}

int32_t build_float(struct build *b, float value)
{
	return add_constant(b, TENSOR_FLOAT32, &(struct shape){ 0 }, &value);
}

int32_t build_onnx_tensor(struct build *b, const struct onnx_tensor *t)
{
	struct tensor tensor;

	return onnx_read_tensor(b, t, &tensor) ? parts_add_tensor(b, &tensor) : 0;
}

bool build_read_ints(struct build *b, int32_t t, const char *what, int64_t *out, size_t limit,
		     size_t *count)
{
	const struct tensor *tensor = build_tensor(b, t);

	*count = 0;
	if (t < 0 || !tensor->constant) {
		build_fail(b, -EOPNOTSUPP, "%s is computed (a constant)", what);
		return false;
	}
	size_t elements = tensor_elements(tensor);
	if (elements > limit) {
		build_fail(b, -EOPNOTSUPP, "%s has %zu values (at most %zu)", what, elements,
			   limit);
		return false;
	}
	for (size_t i = 0; i < elements; i++)
		out[i] = within_reach(tensor_int(tensor, i));
	*count = elements;
	return true;
}

int32_t build_quantized(struct build *b, int32_t t, int32_t scale, int32_t zero_point, int axis)
{
	const struct tensor *s = build_tensor(b, scale),
			    *z = zero_point < 0 ? NULL : build_tensor(b, zero_point);
	struct tensor copy = *build_tensor(b, t);
	size_t count = tensor_elements(s);
	float *scales = arena_alloc(b->memory, count, sizeof(*scales));
	int32_t *zeros = arena_alloc(b->memory, count, sizeof(*zeros));

	if (scales == NULL || zeros == NULL) {
		build_fail(b, -ENOMEM, "no memory");
		return 0;
	}
	if (z != NULL && tensor_elements(z) != count)
		build_fail(b, -EBADMSG, "%zu scales and %zu zero points", count,
			   tensor_elements(z));
	for (size_t i = 0; b->rc == 0 && i < count; i++) {
		scales[i] = (float)tensor_float(s, i);
		zeros[i] = z == NULL ? 0 : (int32_t)tensor_int(z, i);
	}
	copy.quant = (struct quant){ count, scales, zeros, axis };
	if (copy.constant)
		return parts_add_tensor(b, &copy);
	/* Another tensor with the same data: IDENTITY is none once the graph is laid out. */
	return build_into(b, "IDENTITY", t, &copy, NULL);
}

int32_t build_quantize(struct build *b, int32_t x, int32_t scale, int32_t zero_point,
		       enum tensor_type type, const union options *options)
{
	return build_integer(b, "QUANTIZE", &x, 1, options, scale, zero_point, type);
}

int32_t build_integer(struct build *b, const char *op, const int32_t *inputs, size_t count,
		      const union options *options, int32_t scale, int32_t zero_point,
		      enum tensor_type type)
{
	float *scales = arena_alloc(b->memory, 1, sizeof(*scales));
	int32_t *zeros = arena_alloc(b->memory, 1, sizeof(*zeros));
	struct tensor t = { .type = type };

	if (scales == NULL || zeros == NULL) {
		build_fail(b, -ENOMEM, "no memory");
		return 0;
	}
	scales[0] = (float)tensor_float(build_tensor(b, scale), 0);
	zeros[0] = zero_point < 0 ? 0 : (int32_t)tensor_int(build_tensor(b, zero_point), 0);
	t.quant = (struct quant){ 1, scales, zeros, 0 };
	int32_t out = parts_add_tensor(b, &t);
	build_outputs(b, op, inputs, count, options, &out, 1);
	return out;
}
