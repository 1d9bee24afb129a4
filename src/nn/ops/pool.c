/* pool.c - AVERAGE_POOL_2D, MAX_POOL_2D and L2_POOL_2D. */
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

	out->h = (struct extent){ 0, o->conv.top, o->conv.bottom };
	out->w = (struct extent){ 0, o->conv.left, o->conv.right };
	if (!op_extent(o->conv.padding, o->conv.ceil, in[1], o->conv.filter_h, o->conv.stride_h,
		       o->conv.dilation_h, &out->h) ||
	    !op_extent(o->conv.padding, o->conv.ceil, in[2], o->conv.filter_w, o->conv.stride_w,
		       o->conv.dilation_w, &out->w))
		return fault_set(f, -EBADMSG,
				 "a window of %dx%d does not fit an input of %dx%d (stride %dx%d)",
				 o->conv.filter_h, o->conv.filter_w, in[1], in[2], o->conv.stride_h,
				 o->conv.stride_w);
	if (out->h.before >= o->conv.filter_h * o->conv.dilation_h ||
	    out->w.before >= o->conv.filter_w * o->conv.dilation_w)
		return fault_set(f, -EBADMSG, "the padding is as large as the window");
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
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc == 0)
		rc = op_expect_rank(n->inputs[0], 4, 4, "input", f);
	if (rc == 0 && n->inputs[0]->type != TENSOR_FLOAT32 &&
	    n->node->options.conv.activation != ACTIVATION_NONE)
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

/* The part of a window that lies inside of the picture, and how many of its pixels count. */
struct area {
	int32_t y0, y1, x0, x1;
	int64_t count;
};

static void clip_span(int32_t start, int32_t filter, int32_t dilation, int32_t size, int32_t *first,
		      int32_t *end)
{
	*first = start >= 0 ? start : start + (-start + dilation - 1) / dilation * dilation;
	*end = start + filter * dilation;
	*end = *end > size ? size : *end;
}

static int64_t taps(int32_t first, int32_t end, int32_t dilation)
{
	return end > first ? (end - first + dilation - 1) / dilation : 0;
}

static struct area area_at(const struct op_node *n, int32_t y, int32_t x)
{
	const struct pool *p = n->state;
	const int32_t *in = n->inputs[0]->shape.dim;
	const union options *o = &n->node->options;
	int32_t top = y * o->conv.stride_h - p->h.before, left = x * o->conv.stride_w - p->w.before;
	int32_t dh = o->conv.dilation_h, dw = o->conv.dilation_w;
	struct area a;

	clip_span(top, o->conv.filter_h, dh, in[1], &a.y0, &a.y1);
	clip_span(left, o->conv.filter_w, dw, in[2], &a.x0, &a.x1);
	a.count = taps(a.y0, a.y1, dh) * taps(a.x0, a.x1, dw);
	if (o->conv.count_padding) {
		int32_t bottom = top + o->conv.filter_h * dh, right = left + o->conv.filter_w * dw;
		int32_t end_h = in[1] + p->h.after, end_w = in[2] + p->w.after;
		a.count = taps(top, bottom < end_h ? bottom : end_h, dh) *
			  taps(left, right < end_w ? right : end_w, dw);
	}
	a.count += a.count == 0; /* a dilated window may miss a small picture */
	return a;
}

/* One output value: a channel's values over the area; `base` is that channel's first value. */
typedef void pool_fn(const struct op_node *n, size_t base, const struct area *a, size_t out);

#define FOR_EACH_PIXEL(n, base, a, i)                                                              \
	for (int32_t y_ = (a)->y0; y_ < (a)->y1; y_ += (n)->node->options.conv.dilation_h)         \
		for (int32_t x_ = (a)->x0; x_ < (a)->x1; x_ += (n)->node->options.conv.dilation_w) \
			for (size_t i = at(n, base, y_, x_), once_ = 1; once_; once_ = 0)

static size_t at(const struct op_node *n, size_t base, int32_t y, int32_t x)
{
	const int32_t *in = n->inputs[0]->shape.dim;

	return base + ((size_t)y * (size_t)in[2] + (size_t)x) * (size_t)in[3];
}

static void store_float(const struct op_node *n, size_t out, float v)
{
	const struct pool *p = n->state;

	v = v < p->float_low ? p->float_low : v;
	((float *)n->outputs[0]->data)[out] = v > p->float_high ? p->float_high : v;
}

static void average_float(const struct op_node *n, size_t base, const struct area *a, size_t out)
{
	const float *in = n->inputs[0]->data;
	float sum = 0;

	FOR_EACH_PIXEL(n, base, a, i)
	sum += in[i];
	store_float(n, out, sum / (float)a->count);
}

static void max_float(const struct op_node *n, size_t base, const struct area *a, size_t out)
{
	const float *in = n->inputs[0]->data;
	float most = -INFINITY;

	FOR_EACH_PIXEL(n, base, a, i)
	most = in[i] > most ? in[i] : most;
	store_float(n, out, most);
}

static void l2_float(const struct op_node *n, size_t base, const struct area *a, size_t out)
{
	const float *in = n->inputs[0]->data;
	float sum = 0;

	FOR_EACH_PIXEL(n, base, a, i)
	sum += in[i] * in[i];
	store_float(n, out, sqrtf(sum / (float)a->count));
}

static void store(const struct op_node *n, size_t out, int32_t value)
{
	const struct pool *p = n->state;

	tensor_set_int(n->outputs[0], out, clamp(value, p->low, p->high));
}

/* The mean of integers, rounded half away from zero. */
static void average_integer(const struct op_node *n, size_t base, const struct area *a, size_t out)
{
	int64_t sum = 0, count = a->count;

	FOR_EACH_PIXEL(n, base, a, i)
	sum += tensor_int(n->inputs[0], i);
	store(n, out, (int32_t)(sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count));
}

static void max_integer(const struct op_node *n, size_t base, const struct area *a, size_t out)
{
	int32_t most = INT32_MIN;

	FOR_EACH_PIXEL(n, base, a, i)
	{
		int32_t v = (int32_t)tensor_int(n->inputs[0], i);
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

static int l2_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0], TYPE_BIT(TENSOR_FLOAT32), "input", f);
	return rc < 0 ? rc : pool_check(n, f);
}

static void l2_run(const struct op_node *n)
{
	run(n, l2_float);
}

const struct op op_l2_pool_2d = {
	.name = "L2_POOL_2D", .check = l2_check, .plan = pool_plan, .run = l2_run
};
