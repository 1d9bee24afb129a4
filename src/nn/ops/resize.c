/* resize.c - RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR and RESIZE_BICUBIC of the middle two of four
 * dimensions. Formulas: TensorFlow Lite's reference kernels (reference/resize_bilinear.h,
 * resize_nearest_neighbor.h) and ONNX's Resize. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "nn/op.h"

static int wanted_size(const struct op_node *n, int32_t *h, int32_t *w, struct fault *f)
{
	int rc = op_expect_constant(n->inputs[1], "size", f);

	if (rc < 0)
		return rc;
	if (tensor_elements(n->inputs[1]) != 2)
		return fault_set(f, -EBADMSG, "size has %zu values (2)",
				 tensor_elements(n->inputs[1]));
	int64_t height = tensor_int(n->inputs[1], 0), width = tensor_int(n->inputs[1], 1);
	if (height < 1 || width < 1 || height > 1 << 20 || width > 1 << 20 ||
	    n->inputs[0]->shape.dim[1] > 1 << 20 || n->inputs[0]->shape.dim[2] > 1 << 20)
		return fault_set(f, -EBADMSG, "a size of %lldx%lld", (long long)height,
				 (long long)width);
	*h = (int32_t)height;
	*w = (int32_t)width;
	return 0;
}

static int resize_check(const struct op_node *n, struct fault *f)
{
	int32_t h = 0, w = 0;
	bool cubic = strcmp(n->op->name, "RESIZE_BICUBIC") == 0;
	int rc = op_expect(n, 2, 1, f);

	if (rc == 0)
		rc = op_expect_rank(n->inputs[0], 4, 4, "input", f);
	if (rc == 0)
		rc = op_expect_type(n->inputs[0],
				    TYPE_BIT(TENSOR_FLOAT32) | (cubic ? 0 : TYPES_QUANTIZED),
				    "input", f);
	if (rc == 0)
		rc = op_output_type(n, 0, n->inputs[0]->type, f);
	if (rc == 0)
		rc = wanted_size(n, &h, &w, f);
	if (rc < 0)
		return rc;
	if ((unsigned)n->node->options.resize.centres >= RESIZE_CENTRES ||
	    (unsigned)n->node->options.resize.nearest >= NEAREST_KINDS)
		return fault_set(f, -EOPNOTSUPP, "a way to find pixels that is not known");
	const int32_t *in = n->inputs[0]->shape.dim;
	return op_set_shape(n, 0, &(struct shape){ 4, { in[0], h, w, in[3] } }, f);
}

/* From output pixels to input pixels along one dimension. */
struct axis {
	int32_t in, out;
	float scale;	  /* of the input to the output */
	int32_t scale_10; /* the same in steps of 1 / 1024 */
	enum resize_centres centres;
	enum resize_nearest nearest;
};

static struct axis axis_of(const struct op_node *n, int d)
{
	struct axis a = { .in = n->inputs[0]->shape.dim[d],
			  .out = n->outputs[0]->shape.dim[d],
			  .centres = n->node->options.resize.centres,
			  .nearest = n->node->options.resize.nearest };

	float given = d == 1 ? n->node->options.resize.scale_h : n->node->options.resize.scale_w;

	a.scale = given > 0 ? 1 / given : (float)a.in / (float)a.out;
	a.scale_10 = (int32_t)((((int64_t)a.in << 10) + a.out / 2) / a.out);
	if (a.centres == RESIZE_ALIGN_CORNERS && a.out > 1) {
		a.scale = (float)(a.in - 1) / (float)(a.out - 1);
		a.scale_10 =
			(int32_t)((((int64_t)(a.in - 1) << 10) + (a.out - 1) / 2) / (a.out - 1));
	}
	return a;
}

static bool is_half(const struct axis *a)
{
	return a->centres == RESIZE_HALF_PIXEL || a->centres == RESIZE_PYTORCH_HALF_PIXEL;
}

static float source_of(const struct axis *a, int32_t x)
{
	if (a->centres == RESIZE_PYTORCH_HALF_PIXEL && a->out == 1)
		return 0;
	return is_half(a) ? ((float)x + 0.5f) * a->scale - 0.5f : (float)x * a->scale;
}

static int32_t limited(int32_t x, int32_t size)
{
	return x < 0 ? 0 : x >= size ? size - 1 : x;
}

/* ---- nearest ---- */

static int32_t nearest_of(const struct axis *a, int32_t x)
{
	float source = source_of(a, x);

	switch (a->nearest) {
	case NEAREST_ROUND_PREFER_FLOOR: return limited((int32_t)ceilf(source - 0.5f), a->in);
	case NEAREST_ROUND_PREFER_CEIL: return limited((int32_t)floorf(source + 0.5f), a->in);
	case NEAREST_FLOOR: return limited((int32_t)floorf(source), a->in);
	case NEAREST_CEIL: return limited((int32_t)ceilf(source), a->in);
	default: break;
	}
	source = ((float)x + (is_half(a) ? 0.5f : 0)) * a->scale;
	return limited(
		(int32_t)(a->centres == RESIZE_ALIGN_CORNERS ? roundf(source) : floorf(source)),
		a->in);
}

static void nearest_run(const struct op_node *n)
{
	const int32_t *in = n->inputs[0]->shape.dim, *out = n->outputs[0]->shape.dim;
	size_t bytes = (size_t)in[3] * tensor_type_bytes(n->inputs[0]->type);
	struct axis rows = axis_of(n, 1), columns = axis_of(n, 2);
	char *to = n->outputs[0]->data;

	for (int32_t b = 0; b < out[0]; b++)
		for (int32_t y = 0; y < out[1]; y++) {
			size_t row = (size_t)b * (size_t)in[1] + (size_t)nearest_of(&rows, y);
			for (int32_t x = 0; x < out[2]; x++, to += bytes) {
				size_t pixel =
					row * (size_t)in[2] + (size_t)nearest_of(&columns, x);
				memcpy(to, (const char *)n->inputs[0]->data + pixel * bytes, bytes);
			}
		}
}

/* ---- bilinear ---- */

/* Two neighbours and the weight of the second; in float, and in steps of 1 / 1024. */
struct between {
	size_t first, second;
	float weight, rest; /* of the second, of the first */
	int32_t weight_10;
};

static struct between float_between(const struct axis *a, int32_t x)
{
	float source = source_of(a, x), floor = floorf(source);
	int32_t first = limited((int32_t)floor, a->in),
		second = limited((int32_t)ceilf(source), a->in);

	return (struct between){ (size_t)first, (size_t)second, source - (float)first,
				 1 - (source - (float)first), 0 };
}

static struct between whole_between(const struct axis *a, int32_t x)
{
	int64_t source = (int64_t)x * a->scale_10 + (is_half(a) ? a->scale_10 / 2 - (1 << 9) : 0);
	int64_t first = source / (1 << 10), second = (source + (1 << 10) - 1) / (1 << 10);

	first = first < 0 ? 0 : first;
	second = second > a->in - 1 ? a->in - 1 : second;
	first = first > a->in - 1 ? a->in - 1 : first;
	second = second < 0 ? 0 : second;
	return (struct between){ (size_t)first, (size_t)second, 0, 0,
				 (int32_t)(source - (first << 10)) };
}

struct corners { /* elements */
	size_t at[2][2];
};

static struct corners corners_of(const int32_t *in, int32_t b, const struct between *y,
				 const struct between *x)
{
	size_t w = (size_t)in[2], c = (size_t)in[3], base = (size_t)b * (size_t)in[1];

	return (struct corners){ { { ((base + y->first) * w + x->first) * c,
				     ((base + y->first) * w + x->second) * c },
				   { ((base + y->second) * w + x->first) * c,
				     ((base + y->second) * w + x->second) * c } } };
}

static void store_float(const struct tensor *out, size_t i, float v)
{
	if (out->type == TENSOR_FLOAT32)
		((float *)out->data)[i] = v;
	else /* uint8: rounded by the half that is added */
		((uint8_t *)out->data)[i] = (uint8_t)(v + 0.5f);
}

static void mix_float(const struct op_node *n, const struct corners *k, const struct between *y,
		      const struct between *x, size_t to)
{
	const struct tensor *in = n->inputs[0];
	int32_t channels = in->shape.dim[3];

	for (size_t c = 0; c < (size_t)channels; c++) {
		float v = (float)tensor_float(in, k->at[0][0] + c) * y->rest * x->rest +
			  (float)tensor_float(in, k->at[1][0] + c) * y->weight * x->rest +
			  (float)tensor_float(in, k->at[0][1] + c) * y->rest * x->weight +
			  (float)tensor_float(in, k->at[1][1] + c) * y->weight * x->weight;
		store_float(n->outputs[0], to + c, v);
	}
}

static void mix_whole(const struct op_node *n, const struct corners *k, const struct between *y,
		      const struct between *x, size_t to)
{
	const struct tensor *in = n->inputs[0];
	const int64_t one = 1 << 10;

	for (size_t c = 0; c < (size_t)in->shape.dim[3]; c++) {
		int64_t sum =
			tensor_int(in, k->at[0][0] + c) * (one - y->weight_10) *
				(one - x->weight_10) +
			tensor_int(in, k->at[1][0] + c) * y->weight_10 * (one - x->weight_10) +
			tensor_int(in, k->at[0][1] + c) * (one - y->weight_10) * x->weight_10 +
			tensor_int(in, k->at[1][1] + c) * y->weight_10 * x->weight_10;
		sum += sum > 0 ? 1 << 19 : -(1 << 19);
		tensor_set_int(n->outputs[0], to + c, sum / (1 << 20));
	}
}

static void bilinear_run(const struct op_node *n)
{
	const int32_t *out = n->outputs[0]->shape.dim;
	enum tensor_type type = n->inputs[0]->type;
	bool whole = type == TENSOR_INT8 || type == TENSOR_INT16;
	struct axis rows = axis_of(n, 1), columns = axis_of(n, 2);
	size_t to = 0;

	for (int32_t b = 0; b < out[0]; b++)
		for (int32_t row = 0; row < out[1]; row++) {
			struct between y =
				whole ? whole_between(&rows, row) : float_between(&rows, row);
			for (int32_t column = 0; column < out[2]; column++, to += (size_t)out[3]) {
				struct between x = whole ? whole_between(&columns, column)
							 : float_between(&columns, column);
				struct corners k = corners_of(n->inputs[0]->shape.dim, b, &y, &x);
				(whole ? mix_whole : mix_float)(n, &k, &y, &x, to);
			}
		}
}

/* ---- bicubic: Keys' kernel, the edge repeated ---- */

struct cubic {
	int32_t at[4];
	float weight[4];
};

static struct cubic cubic_of(const struct axis *a, int32_t x, float k)
{
	float source = source_of(a, x), floor = floorf(source), t = source - floor;
	struct cubic c;
	float u = 1 - t;

	for (int i = 0; i < 4; i++)
		c.at[i] = limited((int32_t)floor - 1 + i, a->in);
	c.weight[0] = ((k * (t + 1) - 5 * k) * (t + 1) + 8 * k) * (t + 1) - 4 * k;
	c.weight[1] = ((k + 2) * t - (k + 3)) * t * t + 1;
	c.weight[2] = ((k + 2) * u - (k + 3)) * u * u + 1;
	c.weight[3] = ((k * (u + 1) - 5 * k) * (u + 1) + 8 * k) * (u + 1) - 4 * k;
	return c;
}

static float cubic_sum(const float *in, const int32_t *dim, size_t base, const struct cubic *y,
		       const struct cubic *x, size_t channel)
{
	float sum = 0;

	for (int i = 0; i < 4; i++) {
		float row = 0;
		for (int j = 0; j < 4; j++)
			row += x->weight[j] *
			       in[((base + (size_t)y->at[i]) * (size_t)dim[2] + (size_t)x->at[j]) *
					  (size_t)dim[3] +
				  channel];
		sum += y->weight[i] * row;
	}
	return sum;
}

static void bicubic_run(const struct op_node *n)
{
	const int32_t *in = n->inputs[0]->shape.dim, *out = n->outputs[0]->shape.dim;
	struct axis rows = axis_of(n, 1), columns = axis_of(n, 2);
	float k = n->node->options.resize.cubic, *to = n->outputs[0]->data;

	for (int32_t b = 0; b < out[0]; b++)
		for (int32_t row = 0; row < out[1]; row++) {
			struct cubic y = cubic_of(&rows, row, k);
			for (int32_t column = 0; column < out[2]; column++) {
				struct cubic x = cubic_of(&columns, column, k);
				for (int32_t c = 0; c < out[3]; c++)
					*to++ = cubic_sum(n->inputs[0]->data, in,
							  (size_t)b * (size_t)in[1], &y, &x,
							  (size_t)c);
			}
		}
}

const struct op op_resize_nearest_neighbor = { .name = "RESIZE_NEAREST_NEIGHBOR",
					       .check = resize_check,
					       .run = nearest_run };
const struct op op_resize_bilinear = { .name = "RESIZE_BILINEAR",
				       .check = resize_check,
				       .run = bilinear_run };
const struct op op_resize_bicubic = { .name = "RESIZE_BICUBIC",
				      .check = resize_check,
				      .run = bicubic_run };
