/* products.c - matrix products of ONNX: MatMul, Gemm, Einsum. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "model/onnx/convert.h"

/* A matrix that stays the same, with a quantized result: as FULLY_CONNECTED in integers. */
static bool is_integer_product(struct build *b, int32_t x, int32_t w,
			       const struct onnx_target *target)
{
	const struct shape *s = &build_tensor(b, w)->shape;

	return x >= 0 && w >= 0 && s->rank == 2 && build_tensor(b, x)->shape.rank >= 2 &&
	       onnx_is_integer(b, x, w, NONE, target) &&
	       build_tensor(b, build_fact(b, w)->quantized)->constant;
}

static void convert_matmul(struct build *b)
{
	static const int swap[] = { 1, 0 };
	int32_t x = build_in_lazy(b, 0), w = build_in_lazy(b, 1);
	struct onnx_target target = onnx_find_target(b);
	union options o = { .dense = { .keep_dims = true } };

	if (!is_integer_product(b, x, w, &target)) {
		build_out(b, 0, build_two(b, "BATCH_MATMUL", build_need(b, 0), build_need(b, 1)));
		return;
	}
	int32_t filter = build_transpose(b, build_fact(b, w)->quantized, swap, 2);
	int32_t q = onnx_integer_op(b, "FULLY_CONNECTED", build_fact(b, x)->quantized, filter, NONE,
				    &o, &target);
	build_out(b, 0, build_lazy(b, q, -INFINITY, INFINITY));
}

static bool is_float_vector(const struct build *b, int32_t t, int32_t size)
{
	const struct tensor *c = build_tensor(b, t);

	return c->type == TENSOR_FLOAT32 && tensor_elements(c) == (size_t)size &&
	       c->shape.rank > 0 && c->shape.dim[c->shape.rank - 1] == size;
}

static int32_t scaled(struct build *b, int32_t t, float factor)
{
	return factor == 1 ? t : build_two(b, "MUL", t, build_float(b, factor));
}

/* alpha * A * B + beta * C; FULLY_CONNECTED where that is what it is. */
int32_t onnx_gemm(struct build *b, int32_t a, int32_t w, int32_t c,
		  const struct onnx_target *target)
{
	static const int swap[] = { 1, 0 };
	float alpha = attribute_float(b, "alpha", 1), beta = attribute_float(b, "beta", 1);
	bool transposed = attribute_int(b, "transB", 0) != 0;

	bool integer = alpha == 1 && beta == 1 && attribute_int(b, "transA", 0) == 0 &&
		       build_tensor(b, w)->shape.rank == 2 && onnx_is_integer(b, a, w, c, target);
	a = integer ? build_fact(b, a)->quantized : build_force(b, a);
	w = integer ? build_fact(b, w)->quantized : build_force(b, w);
	if (c >= 0)
		c = integer ? build_fact(b, c)->quantized : build_force(b, c);
	if (build_tensor(b, a)->shape.rank != 2 || build_tensor(b, w)->shape.rank != 2)
		build_fail(b, -EBADMSG, "matrices of %d and %d dimensions (2)",
			   build_tensor(b, a)->shape.rank, build_tensor(b, w)->shape.rank);
	if (b->rc < 0)
		return 0;
	if (attribute_int(b, "transA", 0) != 0)
		a = build_transpose(b, a, swap, 2);
	if (!transposed)
		w = build_transpose(b, w, swap, 2);
	union options o = { .dense = { .keep_dims = true } };
	if (integer) {
		int32_t q = onnx_integer_op(b, "FULLY_CONNECTED", a, w, c, &o, target);
		return build_lazy(b, q, -INFINITY, INFINITY);
	}
	w = scaled(b, w, alpha);
	bool bias = c >= 0 && is_float_vector(b, c, build_tensor(b, w)->shape.dim[0]);
	int32_t inputs[] = { a, w, bias ? scaled(b, c, beta) : NONE };
	int32_t y = build_op(b, "FULLY_CONNECTED", inputs, 3, &o);
	return c < 0 || bias ? y : build_two(b, "ADD", y, scaled(b, c, beta));
}

static void convert_gemm(struct build *b)
{
	int32_t a = build_in_lazy(b, 0), w = build_in_lazy(b, 1), c = build_in_lazy(b, 2);
	struct onnx_target target = onnx_find_target(b);

	target.activation = ACTIVATION_NONE;
	if (a < 0 || w < 0)
		build_fail(b, -EBADMSG, "a matrix is left out");
	else
		build_out(b, 0, onnx_gemm(b, a, w, c, &target));
}

/* ---- Einsum of two tensors: batch letters in front, what is summed at the inner end ---- */

struct term {
	char letters[SHAPE_MOST_RANK + 1];
	int count;
};

static const char *read_term(const char *text, struct term *t)
{
	t->count = 0;
	for (; *text != '\0' && *text != ',' && *text != '-'; text++)
		if (*text != ' ' && t->count < SHAPE_MOST_RANK)
			t->letters[t->count++] = *text;
	t->letters[t->count] = '\0';
	return text;
}

static bool has_twice(const struct term *t)
{
	for (int i = 0; i < t->count; i++)
		if (strchr(t->letters + i + 1, t->letters[i]) != NULL)
			return true;
	return false;
}

static int place_of(const struct term *t, char letter)
{
	const char *found = letter == '\0' ? NULL : strchr(t->letters, letter);

	return found == NULL ? -1 : (int)(found - t->letters);
}

/* Letters of `from` in a new order, as [batch][first][second]. */
struct grouping {
	char order[SHAPE_MOST_RANK + 1];
	int count, batch, first; /* how many letters of each group */
};

static void add_letters(struct grouping *g, const struct term *from, const struct term *with,
			const struct term *without)
{
	for (int i = 0; i < from->count; i++) {
		char c = from->letters[i];
		if (place_of(with, c) >= 0 && (without == NULL || place_of(without, c) < 0))
			g->order[g->count++] = c;
	}
}

static int32_t arrange(struct build *b, int32_t t, const struct term *term,
		       const struct grouping *g)
{
	const struct shape *s = &build_tensor(b, t)->shape;
	int order[SHAPE_MOST_RANK];
	struct shape flat = { 3, { 1, 1, 1 } };

	for (int i = 0; i < g->count; i++) {
		order[i] = place_of(term, g->order[i]);
		flat.dim[i < g->batch ? 0 : i < g->batch + g->first ? 1 : 2] *= s->dim[order[i]];
	}
	return build_reshape(b, build_transpose(b, t, order, g->count), &flat);
}

static void einsum_two(struct build *b, const struct term *x, const struct term *y,
		       const struct term *out)
{
	struct term both = { .count = 0 }, result = { .count = 0 };
	struct grouping gx = { .count = 0 }, gy = { .count = 0 };
	int32_t a = build_need(b, 0), c = build_need(b, 1);
	int32_t sizes[256] = { 0 };

	for (int i = 0; i < x->count; i++)
		if (place_of(y, x->letters[i]) >= 0 && place_of(out, x->letters[i]) >= 0)
			both.letters[both.count++] = x->letters[i];
	both.letters[both.count] = '\0';
	add_letters(&gx, &both, x, NULL);
	gx.batch = gx.count;
	add_letters(&gx, x, out, &both);
	gx.first = gx.count - gx.batch;
	add_letters(&gx, x, y, &both);
	add_letters(&gy, &both, y, NULL);
	gy.batch = gy.count;
	int before = gy.count;
	for (int i = gx.batch + gx.first; i < gx.count; i++) /* summed, in x's order */
		gy.order[gy.count++] = gx.order[i];
	gy.first = gy.count - before;
	add_letters(&gy, y, out, &both);
	if (gx.count != x->count || gy.count != y->count ||
	    build_tensor(b, a)->shape.rank != x->count ||
	    build_tensor(b, c)->shape.rank != y->count) {
		build_fail(b, -EOPNOTSUPP, "an equation of this kind");
		return;
	}
	for (int i = 0; i < x->count; i++)
		sizes[(unsigned char)x->letters[i]] = build_tensor(b, a)->shape.dim[i];
	for (int i = 0; i < y->count; i++)
		sizes[(unsigned char)y->letters[i]] = build_tensor(b, c)->shape.dim[i];
	int32_t product =
		build_two(b, "BATCH_MATMUL", arrange(b, a, x, &gx), arrange(b, c, y, &gy));
	struct shape s = { 0 };
	for (int i = 0; i < gx.batch + gx.first; i++)
		result.letters[result.count++] = gx.order[i];
	for (int i = gy.batch + gy.first; i < gy.count && result.count < SHAPE_MOST_RANK; i++)
		result.letters[result.count++] = gy.order[i];
	result.letters[result.count] = '\0';
	for (int i = 0; i < result.count; i++)
		s.dim[s.rank++] = sizes[(unsigned char)result.letters[i]];
	int order[SHAPE_MOST_RANK];
	for (int i = 0; i < out->count; i++)
		order[i] = place_of(&result, out->letters[i]);
	if (result.count != out->count)
		build_fail(b, -EOPNOTSUPP, "an equation of this kind");
	if (b->rc == 0)
		build_out(b, 0, build_transpose(b, build_reshape(b, product, &s), order, s.rank));
}

static void convert_einsum(struct build *b)
{
	const char *equation = attribute_text(b, "equation", "");
	struct term x, y, out;
	const char *at = read_term(equation, &x);

	if (*at != ',' || strchr(equation, '.') != NULL || b->node->input_count != 2) {
		build_fail(b, -EOPNOTSUPP, "equation '%.60s' (two tensors)", equation);
		return;
	}
	at = read_term(at + 1, &y);
	if (strncmp(at, "->", 2) != 0) {
		build_fail(b, -EOPNOTSUPP, "equation '%.60s' (one that says its result)", equation);
		return;
	}
	read_term(at + 2, &out);
	if (has_twice(&x) || has_twice(&y) || has_twice(&out)) {
		build_fail(b, -EOPNOTSUPP, "equation '%.60s' (each letter once a term)", equation);
		return;
	}
	einsum_two(b, &x, &y, &out);
}

const struct onnx_converter onnx_products[] = {
	{ "Einsum", convert_einsum },
	{ "Gemm", convert_gemm },
	{ "MatMul", convert_matmul },
	{ 0 },
};
