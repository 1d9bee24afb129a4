/* quantized.c - QuantizeLinear, DequantizeLinear and the operators that hold both, of ONNX and of
 * ONNX Runtime (com.microsoft). The latter are taken apart: dequantize, compute, quantize. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "model/onnx/convert.h"

/* A scale or zero point along one axis of `rank` dimensions. */
static int32_t along(struct build *b, int32_t t, int rank, int axis)
{
	size_t count = tensor_elements(build_tensor(b, t));
	struct shape s = { .rank = rank };

	if (count == 1)
		return build_reshape(b, t, &(struct shape){ 0 });
	for (int d = 0; d < rank; d++)
		s.dim[d] = d == axis ? (int32_t)count : 1;
	return build_reshape(b, t, &s);
}

static int quantized_axis(struct build *b, int32_t x, int32_t scale, int axis)
{
	const struct shape *s = &build_tensor(b, x)->shape;
	size_t count = tensor_elements(build_tensor(b, scale));

	if (count == 1)
		return 0;
	int found = shape_axis(s, axis);
	if (found < 0 || (size_t)s->dim[found] != count)
		build_fail(b, -EOPNOTSUPP, "%zu scales along dimension %d", count, axis);
	return found < 0 ? 0 : found;
}

static bool is_known(const struct build *b, int32_t scale, int32_t zero)
{
	return build_tensor(b, scale)->constant && (zero < 0 || build_tensor(b, zero)->constant);
}

int32_t onnx_dequantize(struct build *b, int32_t x, int32_t scale, int32_t zero, int axis)
{
	int rank = build_tensor(b, x)->shape.rank, own = quantized_axis(b, x, scale, axis);

	if (b->rc < 0)
		return 0;
	if (is_known(b, scale, zero))
		return build_lazy(b, build_quantized(b, x, scale, zero, own), -INFINITY, INFINITY);
	int32_t real = build_cast(b, x, TENSOR_FLOAT32);
	if (zero >= 0)
		real = build_two(b, "SUB", real,
				 along(b, build_cast(b, zero, TENSOR_FLOAT32), rank, own));
	return build_two(b, "MUL", real, along(b, scale, rank, own));
}

static void bounds_of(enum tensor_type type, float *low, float *high)
{
	*low = type == TENSOR_INT8 ? -128 : type == TENSOR_INT16 ? -32768 : 0;
	*high = type == TENSOR_INT8	? 127
		: type == TENSOR_INT16	? 32767
		: type == TENSOR_UINT16 ? 65535
					: 255;
}

/* round half to even, as the formula says */
static int32_t quantize_computed(struct build *b, int32_t x, int32_t scale, int32_t zero,
				 enum tensor_type type, int axis)
{
	int rank = build_tensor(b, x)->shape.rank;
	float low, high;

	bounds_of(type, &low, &high);
	int32_t q = build_one(b, "ROUND", build_two(b, "DIV", x, along(b, scale, rank, axis)));
	if (zero >= 0)
		q = build_two(b, "ADD", q,
			      along(b, build_cast(b, zero, TENSOR_FLOAT32), rank, axis));
	q = build_two(b, "MAXIMUM", q, build_float(b, low));
	return build_cast(b, build_two(b, "MINIMUM", q, build_float(b, high)), type);
}

static bool is_same(struct build *b, int32_t x, int32_t scale, int32_t zero, enum tensor_type type)
{
	int32_t q = build_fact(b, x)->quantized;

	if (q < 0 || !is_known(b, scale, zero))
		return false;
	const struct tensor *t = build_tensor(b, q), *s = build_tensor(b, scale);
	int64_t zero_point = zero < 0 ? 0 : tensor_int(build_tensor(b, zero), 0);
	return t->type == type && t->quant.count == 1 && tensor_elements(s) == 1 &&
	       t->quant.scale[0] == (float)tensor_float(s, 0) &&
	       t->quant.zero_point[0] == zero_point;
}

int32_t onnx_quantize(struct build *b, int32_t x, int32_t scale, int32_t zero,
		      enum tensor_type type, int axis)
{
	int own = quantized_axis(b, x, scale, axis);

	if (b->rc < 0)
		return 0;
	if (is_same(b, x, scale, zero, type)) /* back to where it came from */
		return build_fact(b, x)->quantized;
	x = build_force(b, x);
	if (!is_known(b, scale, zero) || tensor_elements(build_tensor(b, scale)) != 1)
		return quantize_computed(b, x, scale, zero, type, own);
	union options o = { .quantize = { ROUND_ONNX, 0 } };
	return build_quantize(b, x, scale, zero, type, &o);
}

/* ---- products in integers ---- */

static bool is_output(const struct build *b, const char *name)
{
	if (b->outputs_of == NULL) {
		for (size_t i = 0; b->function != NULL && i < b->function->output_count; i++)
			if (strcmp(b->function->outputs[i], name) == 0)
				return true;
		return b->function == NULL;
	}
	for (size_t i = 0; i < b->outputs_of->output_count; i++)
		if (strcmp(b->outputs_of->outputs[i].name, name) == 0)
			return true;
	return false;
}

/* The only node that takes a tensor; NULL: there are others, or the graph gives it away. */
static const struct onnx_node *only_taker(const struct build *b, const char *name)
{
	const struct onnx_node *found = NULL;

	if (is_output(b, name))
		return NULL;
	for (size_t i = 0; i < b->sibling_count; i++) {
		const struct onnx_node *n = &b->siblings[i];
		if (strcmp(n->type, "If") == 0 || strcmp(n->type, "Loop") == 0)
			return NULL; /* may take anything */
		for (size_t k = 0; k < n->input_count; k++)
			if (strcmp(n->inputs[k], name) == 0) {
				if (found != NULL)
					return NULL;
				found = n;
			}
	}
	return found;
}

/* An input of another node, where it is known already. */
static int32_t known_input(struct build *b, const struct onnx_node *n, size_t i)
{
	const struct onnx_node *node = b->node;
	int32_t t = NONE;

	if (i < n->input_count && n->inputs[i][0] != '\0' && build_has(b, n->inputs[i])) {
		b->node = n;
		t = build_in(b, i);
		b->node = node;
	}
	return t;
}

static int activation_of(struct build *b, const struct onnx_node *n)
{
	if (strcmp(n->type, "Relu") == 0)
		return ACTIVATION_RELU;
	if (strcmp(n->type, "Clip") != 0 || n->input_count != 3)
		return -1;
	int32_t low = known_input(b, n, 1), high = known_input(b, n, 2);
	bool six = low >= 0 && high >= 0 && build_tensor(b, low)->constant &&
		   build_tensor(b, high)->constant && tensor_elements(build_tensor(b, low)) == 1 &&
		   tensor_elements(build_tensor(b, high)) == 1 &&
		   tensor_float(build_tensor(b, low), 0) == 0 &&
		   tensor_float(build_tensor(b, high), 0) == 6;
	return six ? ACTIVATION_RELU6 : -1;
}

struct onnx_target onnx_find_target(struct build *b)
{
	struct onnx_target none = { .scale = NONE, .zero = NONE }, target = none;
	const struct onnx_node *taker =
		b->node->output_count > 0 ? only_taker(b, b->node->outputs[0]) : NULL;
	int activation = taker != NULL ? activation_of(b, taker) : -1;

	if (activation >= 0) {
		target.activation = activation;
		taker = taker->output_count > 0 ? only_taker(b, taker->outputs[0]) : NULL;
	}
	if (taker == NULL || strcmp(taker->type, "QuantizeLinear") != 0)
		return none;
	target.scale = known_input(b, taker, 1);
	target.zero = known_input(b, taker, 2);
	bool known = target.scale >= 0 && target.zero >= 0 &&
		     is_known(b, target.scale, target.zero) &&
		     tensor_elements(build_tensor(b, target.scale)) == 1;
	if (!known)
		return none;
	target.type = build_tensor(b, target.zero)->type;
	return target;
}

static const struct tensor *quantized_8(struct build *b, int32_t t)
{
	int32_t q = t < 0 ? NONE : build_fact(b, t)->quantized;
	const struct tensor *found = q < 0 ? NULL : build_tensor(b, q);

	return found != NULL && (found->type == TENSOR_INT8 || found->type == TENSOR_UINT8) ? found
											    : NULL;
}

/* A bias counts in steps of both scales. */
static bool has_product_scale(const struct tensor *bias, const struct tensor *x,
			      const struct tensor *w)
{
	if (bias->type != TENSOR_INT32 ||
	    (bias->quant.count != 1 && bias->quant.count != w->quant.count))
		return false;
	for (size_t i = 0; i < w->quant.count; i++) {
		float product = x->quant.scale[0] * w->quant.scale[i];
		float own = bias->quant.scale[bias->quant.count > 1 ? i : 0];
		if (bias->quant.zero_point[bias->quant.count > 1 ? i : 0] != 0 ||
		    fabsf(own - product) > 1e-5f * product)
			return false;
	}
	return true;
}

bool onnx_is_integer(struct build *b, int32_t x, int32_t w, int32_t bias,
		     const struct onnx_target *target)
{
	const struct tensor *qx = quantized_8(b, x), *qw = quantized_8(b, w);

	if (target->scale < 0 || qx == NULL || qw == NULL || qx->quant.count != 1 ||
	    (target->type != TENSOR_INT8 && target->type != TENSOR_UINT8))
		return false;
	if (bias < 0)
		return true;
	int32_t qb = build_fact(b, bias)->quantized;
	return qb >= 0 && has_product_scale(build_tensor(b, qb), qx, qw);
}

int32_t onnx_integer_op(struct build *b, const char *op, int32_t x, int32_t w, int32_t bias,
			const union options *options, const struct onnx_target *target)
{
	int32_t inputs[] = { x, w, bias };
	union options o = *options;

	if (strcmp(op, "FULLY_CONNECTED") != 0)
		o.conv.activation = target->activation;
	return build_integer(b, op, inputs, bias < 0 ? 2 : 3, &o, target->scale, target->zero,
			     target->type);
}

/* ---- the plain ones ---- */

static enum tensor_type type_of_zero(struct build *b, int32_t zero)
{
	enum tensor_type type = TENSOR_UINT8;
	int64_t wanted = attribute_int(b, "output_dtype", 0);

	if (zero >= 0)
		return build_tensor(b, zero)->type;
	if (wanted > 0 && wanted < 64 && !onnx_tensor_type((int32_t)wanted, &type))
		build_fail(b, -EOPNOTSUPP, "output_dtype %lld", (long long)wanted);
	return type;
}

static void no_blocks(struct build *b)
{
	if (attribute_int(b, "block_size", 0) != 0)
		build_fail(b, -EOPNOTSUPP, "block_size");
}

static void convert_quantize(struct build *b)
{
	int32_t x = build_in_lazy(b, 0), scale = build_need(b, 1), zero = build_in(b, 2);

	no_blocks(b);
	build_out(b, 0,
		  onnx_quantize(b, x, scale, zero, type_of_zero(b, zero),
				(int)attribute_int(b, "axis", 1)));
}

static void convert_dequantize(struct build *b)
{
	int32_t x = build_need(b, 0), scale = build_need(b, 1), zero = build_in(b, 2);

	no_blocks(b);
	build_out(b, 0, onnx_dequantize(b, x, scale, zero, (int)attribute_int(b, "axis", 1)));
}

/* Scale and zero point of the values that are there, to uint8. */
static void convert_dynamic_quantize(struct build *b)
{
	int32_t x = build_need(b, 0), zero_float = build_float(b, 0);
	int64_t axes[SHAPE_MOST_RANK];
	size_t count = (size_t)build_tensor(b, x)->shape.rank;

	for (size_t d = 0; d < count; d++)
		axes[d] = (int64_t)d;
	int32_t least = build_two(b, "MINIMUM",
				  build_reduce(b, "REDUCE_MIN", x, axes, count, false), zero_float);
	int32_t most = build_two(b, "MAXIMUM", build_reduce(b, "REDUCE_MAX", x, axes, count, false),
				 zero_float);
	int32_t span = build_two(b, "SUB", most, least);
	int32_t scale = build_two(b, "DIV", span, build_float(b, 255));
	/* all zeros: any scale will do */
	int32_t safe = build_op(
		b, "SELECT_V2",
		(int32_t[]){ build_two(b, "EQUAL", scale, zero_float), build_float(b, 1), scale },
		3, NULL);
	int32_t place = build_two(b, "DIV", build_one(b, "NEG", least), safe);
	place = build_two(b, "MINIMUM", build_two(b, "MAXIMUM", place, zero_float),
			  build_float(b, 255));
	int32_t zero = build_cast(b, build_one(b, "ROUND", place), TENSOR_UINT8);
	build_out(b, 0, quantize_computed(b, x, safe, zero, TENSOR_UINT8, 0));
	build_out(b, 1, scale);
	build_out(b, 2, zero);
}

/* x - zero point, as real numbers: sums of products of such are exact up to 2^24. */
static int32_t centred(struct build *b, int32_t x, int32_t zero, int axis)
{
	int32_t real = build_cast(b, x, TENSOR_FLOAT32);

	if (zero < 0)
		return real;
	return build_two(b, "SUB", real,
			 along(b, build_cast(b, zero, TENSOR_FLOAT32),
			       build_tensor(b, x)->shape.rank, axis));
}

static void convert_conv_integer(struct build *b)
{
	int32_t x = centred(b, build_need(b, 0), build_in(b, 2), 1);
	int32_t w = centred(b, build_need(b, 1), build_in(b, 3), 0);
	struct onnx_target none = { .scale = NONE };

	build_out(b, 0, build_cast(b, onnx_convolution(b, x, w, NONE, &none), TENSOR_INT32));
}

static void convert_matmul_integer(struct build *b)
{
	int32_t a = build_need(b, 0), w = build_need(b, 1);
	int rows = build_tensor(b, a)->shape.rank - 2, columns = build_tensor(b, w)->shape.rank - 1;
	int32_t y = build_two(b, "BATCH_MATMUL", centred(b, a, build_in(b, 2), rows),
			      centred(b, w, build_in(b, 3), columns));

	build_out(b, 0, build_cast(b, y, TENSOR_INT32));
}

/* ---- those that hold both: value, scale and zero point as three inputs ---- */

static int32_t dequantized_lazy(struct build *b, size_t first, int axis)
{
	int32_t x = build_need(b, first), scale = build_need(b, first + 1);

	return onnx_dequantize(b, x, scale, build_in(b, first + 2), axis);
}

static int32_t dequantized(struct build *b, size_t first, int axis)
{
	return build_force(b, dequantized_lazy(b, first, axis));
}

static void quantized_out(struct build *b, int32_t y, size_t scale, size_t zero, size_t like)
{
	int32_t z = build_in(b, zero);
	enum tensor_type type = build_tensor(b, z >= 0 ? z : build_need(b, like))->type;

	build_out(b, 0, onnx_quantize(b, y, build_need(b, scale), z, type, 1));
}

static struct onnx_target target_of(struct build *b, size_t scale, size_t zero, size_t like)
{
	struct onnx_target t = { build_need(b, scale), build_in(b, zero), TENSOR_UINT8, 0 };
	const struct tensor *s = build_tensor(b, t.scale);

	t.type = build_tensor(b, t.zero >= 0 ? t.zero : build_need(b, like))->type;
	if (!is_known(b, t.scale, t.zero) || tensor_elements(s) != 1)
		t.scale = NONE;
	return t;
}

static void convert_qlinear_conv(struct build *b)
{
	struct onnx_target target = target_of(b, 6, 7, 0);
	int32_t x = dequantized_lazy(b, 0, 1), w = dequantized_lazy(b, 3, 0), bias = build_in(b, 8);

	if (bias >= 0) /* in steps of the product of both scales */
		bias = onnx_dequantize(
			b, bias, build_two(b, "MUL", build_need(b, 1), build_need(b, 4)), NONE, 0);
	quantized_out(b, onnx_convolution(b, x, w, bias, &target), 6, 7, 0);
}

static void convert_qlinear_matmul(struct build *b)
{
	int32_t a = build_need(b, 0), w = build_need(b, 3);
	int32_t x = dequantized(b, 0, build_tensor(b, a)->shape.rank - 2);
	int32_t y = dequantized(b, 3, build_tensor(b, w)->shape.rank - 1);

	quantized_out(b, build_two(b, "BATCH_MATMUL", x, y), 6, 7, 0);
}

static void qlinear_binary(struct build *b, const char *op)
{
	quantized_out(b, build_two(b, op, dequantized(b, 0, 1), dequantized(b, 3, 1)), 6, 7, 0);
}

static void convert_qlinear_add(struct build *b)
{
	qlinear_binary(b, "ADD");
}

static void convert_qlinear_mul(struct build *b)
{
	qlinear_binary(b, "MUL");
}

static void convert_qlinear_sigmoid(struct build *b)
{
	quantized_out(b, build_one(b, "LOGISTIC", dequantized(b, 0, 1)), 3, 4, 0);
}

static void convert_qlinear_leaky_relu(struct build *b)
{
	quantized_out(b, onnx_leaky_relu(b, dequantized(b, 0, 1)), 3, 4, 0);
}

static void convert_qlinear_softmax(struct build *b)
{
	quantized_out(b, onnx_softmax(b, "SOFTMAX", dequantized(b, 0, 1)), 3, 4, 0);
}

/* channels_last: [batch, height, width, channels] as it comes. */
static int32_t channels_first(struct build *b, int32_t x)
{
	return attribute_int(b, "channels_last", 0) != 0 ? onnx_to_nchw(b, x, 4) : x;
}

static int32_t channels_back(struct build *b, int32_t x)
{
	return attribute_int(b, "channels_last", 0) != 0 ? onnx_to_nhwc(b, x) : x;
}

static void convert_qlinear_average_pool(struct build *b)
{
	int32_t x = channels_first(b, dequantized(b, 0, 1));

	quantized_out(b, channels_back(b, onnx_average_pool(b, x)), 3, 4, 0);
}

static void convert_qlinear_global_average_pool(struct build *b)
{
	int32_t x = channels_first(b, dequantized(b, 0, 1));

	quantized_out(b, channels_back(b, onnx_global_pool(b, "MEAN", x)), 3, 4, 0);
}

static void convert_qlinear_reduce_mean(struct build *b)
{
	int64_t axes[SHAPE_MOST_RANK];
	int32_t x = dequantized(b, 0, 1);
	size_t count = attribute_ints(b, "axes", axes, SHAPE_MOST_RANK);

	for (int d = 0; count == 0 && d < build_tensor(b, x)->shape.rank; d++)
		axes[d] = d;
	count = count == 0 ? (size_t)build_tensor(b, x)->shape.rank : count;
	quantized_out(b,
		      build_reduce(b, "MEAN", x, axes, count, attribute_int(b, "keepdims", 1) != 0),
		      3, 4, 0);
}

/* Output scale and zero point first, then three inputs a part. */
static void convert_qlinear_concat(struct build *b)
{
	int32_t parts[256];
	size_t count = b->node->input_count >= 2 ? (b->node->input_count - 2) / 3 : 0;

	if (count > 256 || count < 1)
		build_fail(b, -EOPNOTSUPP, "%zu parts", count);
	for (size_t i = 0; b->rc == 0 && i < count; i++)
		parts[i] = dequantized(b, 2 + 3 * i, 1);
	if (b->rc == 0)
		quantized_out(b, onnx_concat(b, parts, count, attribute_int(b, "axis", 1)), 0, 1,
			      2);
}

static void convert_qlinear_where(struct build *b)
{
	int32_t x = dequantized(b, 1, 1), y = dequantized(b, 4, 1);
	int32_t inputs[] = { build_need(b, 0), x, y };

	quantized_out(b, build_op(b, "SELECT_V2", inputs, 3, NULL), 7, 8, 1);
}

/* A, B with scales and zero points, C in steps of both scales; without output scale it is real. */
static void convert_qgemm(struct build *b)
{
	int32_t a = dequantized_lazy(b, 0, 1), c = build_in(b, 6);
	int32_t w = dequantized_lazy(b, 3, attribute_int(b, "transB", 0) != 0 ? 0 : 1);
	struct onnx_target target = { .scale = NONE };

	if (c >= 0) {
		int rank = build_tensor(b, c)->shape.rank;
		int32_t scale = build_two(b, "MUL", build_need(b, 1), build_need(b, 4));
		scale = build_two(b, "MUL", scale, build_float(b, attribute_float(b, "alpha", 1)));
		c = onnx_dequantize(b, c, scale, NONE, rank - 1);
	}
	if (build_in(b, 7) >= 0)
		target = target_of(b, 7, 8, 0);
	int32_t y = onnx_gemm(b, a, w, c, &target);
	if (build_in(b, 7) < 0)
		build_out(b, 0, build_force(b, y));
	else
		quantized_out(b, y, 7, 8, 0);
}

/* a * w as real numbers; scales along the columns of w. */
static int32_t integer_product(struct build *b, int32_t a, int32_t w, int32_t w_zero,
			       int32_t w_scale, int32_t bias)
{
	int columns = build_tensor(b, w)->shape.rank - 1;
	w = build_force(b, onnx_dequantize(b, w, w_scale, w_zero, columns));
	int32_t y = build_two(b, "BATCH_MATMUL", build_force(b, a), w);

	return bias < 0 ? y : build_two(b, "ADD", y, bias);
}

static void convert_matmul_integer_to_float(struct build *b)
{
	int32_t a = onnx_dequantize(b, build_need(b, 0), build_need(b, 2), build_in(b, 4),
				    build_tensor(b, build_need(b, 0))->shape.rank - 1);

	build_out(b, 0,
		  integer_product(b, a, build_need(b, 1), build_in(b, 5), build_need(b, 3),
				  build_in(b, 6)));
}

/* The activations' own rounding to uint8 is what ONNX Runtime does; without it the result is
 * nearer to the real one. It is kept, so that both give the same. */
static void convert_dynamic_quantize_matmul(struct build *b)
{
	int32_t x = build_need(b, 0), zero_float = build_float(b, 0);
	int64_t axes[SHAPE_MOST_RANK];
	size_t count = (size_t)build_tensor(b, x)->shape.rank;

	for (size_t d = 0; d < count; d++)
		axes[d] = (int64_t)d;
	int32_t least = build_two(b, "MINIMUM",
				  build_reduce(b, "REDUCE_MIN", x, axes, count, false), zero_float);
	int32_t most = build_two(b, "MAXIMUM", build_reduce(b, "REDUCE_MAX", x, axes, count, false),
				 zero_float);
	int32_t scale = build_two(b, "DIV", build_two(b, "SUB", most, least), build_float(b, 255));
	scale = build_two(b, "MAXIMUM", scale, build_float(b, 1e-30f));
	int32_t zero = build_cast(
		b, build_one(b, "ROUND", build_two(b, "DIV", build_one(b, "NEG", least), scale)),
		TENSOR_UINT8);
	int32_t q = quantize_computed(b, x, scale, zero, TENSOR_UINT8, 0);
	int32_t a = onnx_dequantize(b, q, scale, zero, 0);
	build_out(b, 0,
		  integer_product(b, a, build_need(b, 1), build_in(b, 3), build_need(b, 2),
				  build_in(b, 4)));
}

const struct onnx_converter onnx_quantized[] = {
	{ "ConvInteger", convert_conv_integer },
	{ "DequantizeLinear", convert_dequantize },
	{ "DynamicQuantizeLinear", convert_dynamic_quantize },
	{ "MatMulInteger", convert_matmul_integer },
	{ "QLinearConv", convert_qlinear_conv },
	{ "QLinearMatMul", convert_qlinear_matmul },
	{ "QuantizeLinear", convert_quantize },
	{ 0 },
};

/* ---- com.microsoft beside the quantized ones ---- */

static void convert_fused_matmul(struct build *b)
{
	union options o = { .matmul = { .adjoint_x = attribute_int(b, "transA", 0) != 0,
					.adjoint_y = attribute_int(b, "transB", 0) != 0 } };
	int32_t inputs[] = { build_need(b, 0), build_need(b, 1) };
	float alpha = attribute_float(b, "alpha", 1);
	int32_t y = build_op(b, "BATCH_MATMUL", inputs, 2, &o);

	build_out(b, 0, alpha == 1 ? y : build_two(b, "MUL", y, build_float(b, alpha)));
}

static int32_t activate(struct build *b, int32_t x)
{
	const char *activation = attribute_text(b, "activation", "");

	if (activation[0] == '\0')
		return x;
	if (strcmp(activation, "Relu") == 0)
		return build_one(b, "RELU", x);
	if (strcmp(activation, "Sigmoid") == 0)
		return build_one(b, "LOGISTIC", x);
	if (strcmp(activation, "Tanh") == 0)
		return build_one(b, "TANH", x);
	build_fail(b, -EOPNOTSUPP, "activation %.40s", activation);
	return 0;
}

static void convert_fused_conv(struct build *b)
{
	struct onnx_target none = { .scale = NONE };
	int32_t y = onnx_convolution(b, build_need(b, 0), build_need(b, 1), build_in(b, 2), &none);
	int32_t more = build_in(b, 3);

	build_out(b, 0, activate(b, more < 0 ? y : build_two(b, "ADD", y, more)));
}

static void convert_fused_gemm(struct build *b)
{
	struct onnx_target none = { .scale = NONE };

	build_out(b, 0,
		  activate(b, onnx_gemm(b, build_need(b, 0), build_need(b, 1), build_in(b, 2),
					&none)));
}

static void convert_bias_gelu(struct build *b)
{
	int32_t x = build_need(b, 0), bias = build_in(b, 1);

	build_out(b, 0, onnx_gelu(b, bias < 0 ? x : build_two(b, "ADD", x, bias)));
}

static void convert_fast_gelu(struct build *b)
{
	int32_t x = build_need(b, 0), bias = build_in(b, 1);
	union options o = { .unary = { .approximate = true } };

	x = bias < 0 ? x : build_two(b, "ADD", x, bias);
	build_out(b, 0, build_op(b, "GELU", &x, 1, &o));
}

static void convert_quick_gelu(struct build *b)
{
	int32_t x = build_need(b, 0);
	int32_t scaled =
		build_two(b, "MUL", x, build_float(b, attribute_float(b, "alpha", 1.702f)));

	build_out(b, 0, build_two(b, "MUL", x, build_one(b, "LOGISTIC", scaled)));
}

const struct onnx_converter onnx_contrib[] = {
	{ "BiasGelu", convert_bias_gelu },
	{ "DynamicQuantizeMatMul", convert_dynamic_quantize_matmul },
	{ "FastGelu", convert_fast_gelu },
	{ "FusedConv", convert_fused_conv },
	{ "FusedGemm", convert_fused_gemm },
	{ "FusedMatMul", convert_fused_matmul },
	{ "MatMulIntegerToFloat", convert_matmul_integer_to_float },
	{ "QGemm", convert_qgemm },
	{ "QLinearAdd", convert_qlinear_add },
	{ "QLinearAveragePool", convert_qlinear_average_pool },
	{ "QLinearConcat", convert_qlinear_concat },
	{ "QLinearGlobalAveragePool", convert_qlinear_global_average_pool },
	{ "QLinearLeakyRelu", convert_qlinear_leaky_relu },
	{ "QLinearMul", convert_qlinear_mul },
	{ "QLinearReduceMean", convert_qlinear_reduce_mean },
	{ "QLinearSigmoid", convert_qlinear_sigmoid },
	{ "QLinearSoftmax", convert_qlinear_softmax },
	{ "QLinearWhere", convert_qlinear_where },
	{ "QuickGelu", convert_quick_gelu },
	{ 0 },
};
