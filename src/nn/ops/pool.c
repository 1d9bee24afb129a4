/* pool.c - AVERAGE_POOL_2D and MAX_POOL_2D. */
#include <errno.h>
#include <math.h>

#include "nn/op.h"
#include "nn/requantize.h"

struct pool {
	struct extent h, w;
	int32_t low, high;
	float float_low, float_high;
};

static int pool_geometry(const struct op_node *n, struct pool *out, struct fault *f)
{
	const int32_t *in = n->inputs[0]->shape.dim;
	const union options *o = &n->node->options;

	if (!op_extent(o->conv.padding, in[1], o->conv.filter_h, o->conv.stride_h, 1, &out->h) ||
	    !op_extent(o->conv.padding, in[2], o->conv.filter_w, o->conv.stride_w, 1, &out->w))
		return fault_set(f, -EBADMSG,
				 "a window of %dx%d does not fit an input of %dx%d (stride %dx%d)",
				 o->conv.filter_h, o->conv.filter_w, in[1], in[2], o->conv.stride_h,
				 o->conv.stride_w);
	return 0;
}

static int pool_check(const struct op_node *n, struct fault *f)
{
	struct pool p;
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0], TYPE_BIT(TENSOR_FLOAT32) | TYPES_QUANTIZED,
				    "input", f);
	if (rc == 0)
		rc = op_expect_type(n->outputs[0], TYPE_BIT(n->inputs[0]->type), "output", f);
	if (rc == 0)
		rc = op_expect_rank(n->inputs[0], 4, 4, "input", f);
	if (rc == 0 && n->inputs[0]->type != TENSOR_FLOAT32)
		rc = op_expect_scale(n->outputs[0], "output", f);
	if (rc == 0 && (n->node->options.conv.activation < 0 ||
			n->node->options.conv.activation > ACTIVATION_RELU6))
		return fault_set(f, -EOPNOTSUPP, "activation %d", n->node->options.conv.activation);
	if (rc == 0)
		rc = pool_geometry(n, &p, f);
	if (rc < 0)
		return rc;
	const int32_t *in = n->inputs[0]->shape.dim;
	return op_set_shape(n, 0, &(struct shape){ 4, { in[0], p.h.out, p.w.out, in[3] } }, f);
}

static int pool_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct pool *p = arena_alloc(memory, 1, sizeof(*p));

	if (p == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	pool_geometry(n, p, NULL);
	op_activation_float(n->node->options.conv.activation, &p->float_low, &p->float_high);
	if (n->inputs[0]->type != TENSOR_FLOAT32)
		op_activation_quantized(n->node->options.conv.activation, n->outputs[0], &p->low,
					&p->high);
	n->state = p;
	return 0;
}

/* The part of the window at output (y, x) that lies inside of the picture. */
struct area {
	int32_t y0, y1, x0, x1;
};

static struct area area_at(const struct op_node *n, int32_t y, int32_t x)
{
	const struct pool *p = n->state;
	const int32_t *in = n->inputs[0]->shape.dim;
	const union options *o = &n->node->options;
	int32_t top = y * o->conv.stride_h - p->h.before, left = x * o->conv.stride_w - p->w.before;
	struct area a = { top, top + o->conv.filter_h, left, left + o->conv.filter_w };

	a.y0 = a.y0 < 0 ? 0 : a.y0;
	a.x0 = a.x0 < 0 ? 0 : a.x0;
	a.y1 = a.y1 > in[1] ? in[1] : a.y1;
	a.x1 = a.x1 > in[2] ? in[2] : a.x1;
	return a;
}

/* One output value: channel c of batch entry b over the area. */
typedef void pool_fn(const struct op_node *n, size_t base, const struct area *a, size_t out);

static size_t at(const struct op_node *n, size_t base, int32_t y, int32_t x)
{
	const int32_t *in = n->inputs[0]->shape.dim;

	return base + ((size_t)y * (size_t)in[2] + (size_t)x) * (size_t)in[3];
}

static void average_float(const struct op_node *n, size_t base, const struct area *a, size_t out)
{
	const struct pool *p = n->state;
	float sum = 0, count = (float)(a->y1 - a->y0) * (float)(a->x1 - a->x0);

	for (int32_t y = a->y0; y < a->y1; y++)
		for (int32_t x = a->x0; x < a->x1; x++)
			sum += ((const float *)n->inputs[0]->data)[at(n, base, y, x)];
	sum /= count;
	sum = sum < p->float_low ? p->float_low : sum;
	((float *)n->outputs[0]->data)[out] = sum > p->float_high ? p->float_high : sum;
}

static void max_float(const struct op_node *n, size_t base, const struct area *a, size_t out)
{
	const struct pool *p = n->state;
	float most = -INFINITY;

	for (int32_t y = a->y0; y < a->y1; y++)
		for (int32_t x = a->x0; x < a->x1; x++) {
			float v = ((const float *)n->inputs[0]->data)[at(n, base, y, x)];
			most = v > most ? v : most;
		}
	most = most < p->float_low ? p->float_low : most;
	((float *)n->outputs[0]->data)[out] = most > p->float_high ? p->float_high : most;
}

static void store(const struct op_node *n, size_t out, int32_t value)
{
	const struct pool *p = n->state;
	int32_t q = clamp(value, p->low, p->high);

	if (n->outputs[0]->type == TENSOR_INT16)
		((int16_t *)n->outputs[0]->data)[out] = (int16_t)q;
	else
		((uint8_t *)n->outputs[0]->data)[out] = (uint8_t)q;
}

/* The mean of integers, rounded half away from zero. */
static void average_integer(const struct op_node *n, size_t base, const struct area *a, size_t out)
{
	int64_t sum = 0, count = (int64_t)(a->y1 - a->y0) * (a->x1 - a->x0);

	for (int32_t y = a->y0; y < a->y1; y++)
		for (int32_t x = a->x0; x < a->x1; x++)
			sum += tensor_int(n->inputs[0], at(n, base, y, x));
	store(n, out, (int32_t)(sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count));
}

static void max_integer(const struct op_node *n, size_t base, const struct area *a, size_t out)
{
	int32_t most = INT32_MIN;

	for (int32_t y = a->y0; y < a->y1; y++)
		for (int32_t x = a->x0; x < a->x1; x++) {
			int32_t v = (int32_t)tensor_int(n->inputs[0], at(n, base, y, x));
			most = v > most ? v : most;
		}
	store(n, out, most);
}

static void run(const struct op_node *n, pool_fn *pool)
{
	const int32_t *in = n->inputs[0]->shape.dim, *out = n->outputs[0]->shape.dim;
	size_t picture = (size_t)in[1] * (size_t)in[2] * (size_t)in[3], position = 0;

	for (int32_t b = 0; b < out[0]; b++)
		for (int32_t y = 0; y < out[1]; y++)
			for (int32_t x = 0; x < out[2]; x++) {
				struct area a = area_at(n, y, x);
				for (int32_t c = 0; c < out[3]; c++)
					pool(n, (size_t)b * picture + (size_t)c, &a, position++);
			}
}

static void average_run(const struct op_node *n)
{
	run(n, n->inputs[0]->type == TENSOR_FLOAT32 ? average_float : average_integer);
}

static void max_run(const struct op_node *n)
{
	run(n, n->inputs[0]->type == TENSOR_FLOAT32 ? max_float : max_integer);
}

const struct op op_average_pool_2d = {
	.name = "AVERAGE_POOL_2D",
	.check = pool_check,
	.plan = pool_plan,
	.run = average_run,
};
const struct op op_max_pool_2d = {
	.name = "MAX_POOL_2D",
	.check = pool_check,
	.plan = pool_plan,
	.run = max_run,
};
