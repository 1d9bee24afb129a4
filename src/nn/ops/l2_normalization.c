/* l2_normalization.c - L2_NORMALIZATION: the last dimension divided by its length. */
#include <errno.h>
#include <math.h>

#include "nn/fixed.h"
#include "nn/op.h"

static int l2_check(const struct op_node *n, struct fault *f)
{
	int rc = op_check_value(n, TYPE_BIT(TENSOR_FLOAT32) | TYPES_8_BIT, SCALED_INPUT, f);

	return rc < 0 ? rc : op_expect_rank(n->inputs[0], 1, SHAPE_MOST_RANK, "input", f);
}

static void row_float(const float *in, float *out, size_t count)
{
	float sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += in[i] * in[i];
	float length = sqrtf(sum);
	length = length > 1e-6f ? length : 1e-6f;
	for (size_t i = 0; i < count; i++)
		out[i] = in[i] / length;
}

/* Output steps are 1/128: reference/l2normalization.h and integer_ops/l2normalization.h. */
static void row_integer(const struct op_node *n, size_t start, size_t count)
{
	int32_t zero = n->inputs[0]->quant.zero_point[0], low, high;
	uint32_t sum = 0;

	op_type_range(n->inputs[0]->type, &low, &high);
	for (size_t i = 0; i < count; i++) {
		int32_t x = (int32_t)tensor_int(n->inputs[0], start + i) - zero;
		sum += (uint32_t)(x * x);
	}
	struct multiplier m =
		multiplier_of_inverse_root(sum > INT32_MAX ? INT32_MAX : (int32_t)sum);
	for (size_t i = 0; i < count; i++) {
		int32_t x = (int32_t)tensor_int(n->inputs[0], start + i) - zero;
		int32_t q = n->inputs[0]->type == TENSOR_UINT8
				    ? requantize(128 * x, m)
				    : requantize(x, (struct multiplier){ m.mantissa, m.shift + 7 });
		tensor_set_int(n->outputs[0], start + i, add_zero_point(q, low + 128, low, high));
	}
}

static void l2_run(const struct op_node *n)
{
	const struct shape *s = &n->inputs[0]->shape;
	size_t count = (size_t)s->dim[s->rank - 1], elements = tensor_elements(n->inputs[0]);

	for (size_t start = 0; start < elements; start += count)
		if (n->inputs[0]->type == TENSOR_FLOAT32)
			row_float((const float *)n->inputs[0]->data + start,
				  (float *)n->outputs[0]->data + start, count);
		else
			row_integer(n, start, count);
}

const struct op op_l2_normalization = { .name = "L2_NORMALIZATION",
					.check = l2_check,
					.run = l2_run };
