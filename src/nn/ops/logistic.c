/* logistic.c - LOGISTIC, 1 / (1 + e^-x), and TANH, value by value. */
#include <errno.h>
#include <math.h>

#include "base/math.h"
#include "nn/fixed.h"
#include "nn/op.h"

/* 65536 / (1 + e^-x) in steps of 10.667 / 256, as sigmoid_table_uint16 of TensorFlow Lite
 * (kernels/internal/common.cc) has them: not all of them are rounded to the nearest. */
static const uint16_t curve[256] = {
	32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513, 38180, 38841, 39498, 40149, 40794,
	41432, 42064, 42688, 43304, 43912, 44511, 45102, 45683, 46255, 46817, 47369, 47911, 48443,
	48964, 49475, 49975, 50464, 50942, 51409, 51865, 52311, 52745, 53169, 53581, 53983, 54374,
	54755, 55125, 55485, 55834, 56174, 56503, 56823, 57133, 57433, 57724, 58007, 58280, 58544,
	58800, 59048, 59288, 59519, 59743, 59959, 60168, 60370, 60565, 60753, 60935, 61110, 61279,
	61441, 61599, 61750, 61896, 62036, 62172, 62302, 62428, 62549, 62666, 62778, 62886, 62990,
	63090, 63186, 63279, 63368, 63454, 63536, 63615, 63691, 63765, 63835, 63903, 63968, 64030,
	64090, 64148, 64204, 64257, 64308, 64357, 64405, 64450, 64494, 64536, 64576, 64614, 64652,
	64687, 64721, 64754, 64786, 64816, 64845, 64873, 64900, 64926, 64950, 64974, 64997, 65019,
	65039, 65060, 65079, 65097, 65115, 65132, 65149, 65164, 65179, 65194, 65208, 65221, 65234,
	65246, 65258, 65269, 65280, 65291, 65301, 65310, 65319, 65328, 65337, 65345, 65352, 65360,
	65367, 65374, 65381, 65387, 65393, 65399, 65404, 65410, 65415, 65420, 65425, 65429, 65433,
	65438, 65442, 65445, 65449, 65453, 65456, 65459, 65462, 65465, 65468, 65471, 65474, 65476,
	65479, 65481, 65483, 65485, 65488, 65489, 65491, 65493, 65495, 65497, 65498, 65500, 65501,
	65503, 65504, 65505, 65507, 65508, 65509, 65510, 65511, 65512, 65513, 65514, 65515, 65516,
	65517, 65517, 65518, 65519, 65520, 65520, 65521, 65522, 65522, 65523, 65523, 65524, 65524,
	65525, 65525, 65526, 65526, 65526, 65527, 65527, 65528, 65528, 65528, 65529, 65529, 65529,
	65529, 65530, 65530, 65530, 65530, 65531, 65531, 65531, 65531, 65531, 65532, 65532, 65532,
	65532, 65532, 65532, 65533, 65533, 65533, 65533, 65533, 65533, 65533, 65533, 65534, 65534,
	65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65535,
};

/* For int16: the multiplier of the input into steps of the curve; 512 lie between two of its values,
 * 256 for TANH. */
struct logistic16 {
	int32_t multiplier;
	int shift;
};

static bool is_tanh(const struct op_node *n)
{
	return n->op->name[0] == 'T';
}

static int logistic_check(const struct op_node *n, struct fault *f)
{
	return op_check_value(n, TYPE_BIT(TENSOR_FLOAT32) | TYPES_QUANTIZED, SCALED_INPUT, f);
}

static float logistic(float x)
{
	return (float)(1 / (1 + math_exp(-(double)x)));
}

/* The value without integer bits, as 8 bits of the type have it. */
static int32_t curve_of(const struct op_node *n, int32_t fixed, int32_t low, int32_t high)
{
	if (is_tanh(n)) /* steps of 1 / 128 around the middle */
		return clamp(rounding_shift_right(fixed_tanh(fixed, 4), 31 - 7) + low + 128, low,
			     high);
	return clamp(rounding_shift_right(fixed_logistic(fixed, 4), 31 - 8) + low, low, high);
}

/* 256 values, one a byte: reference/integer_ops/logistic.h and tanh.h with 4 integer bits. */
static void fill_table(const struct op_node *n, uint8_t *table)
{
	const struct quant *q = &n->inputs[0]->quant;
	struct multiplier m = multiplier_of((double)q->scale[0] * (double)(1 << 27));
	double radius = 15.0 * (double)(1 << 27) / ldexp(1.0, m.shift < 0 ? 0 : m.shift);
	int32_t low, high;

	op_type_range(n->inputs[0]->type, &low, &high);
	for (int32_t v = low; v <= high; v++) {
		int32_t x = v - q->zero_point[0], y;
		if (x <= -(int32_t)floor(radius))
			y = low;
		else if (x >= (int32_t)floor(radius))
			y = high;
		else
			y = curve_of(n, requantize(x, m), low, high);
		table[(uint8_t)v] = (uint8_t)y;
	}
}

/* As SigmoidPrepare; a scale of 2^-12 comes out as 3 without a shift. */
static int plan_int16(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct logistic16 *s = arena_alloc(memory, 1, sizeof(*s));
	double multiplier = (double)n->inputs[0]->quant.scale[0] * 4096.0 * 3.0;

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	n->state = s;
	for (; multiplier <= 32767.0 / 2.0 && s->shift <= 30; s->shift++)
		multiplier *= 2;
	s->multiplier = multiplier < 2147483647.0 ? (int32_t)multiplier : INT32_MAX;
	return 0;
}

static int logistic_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	if (n->inputs[0]->type == TENSOR_FLOAT32)
		return 0;
	if (n->inputs[0]->type == TENSOR_INT16)
		return plan_int16(n, memory, f);
	n->state = arena_alloc(memory, 1, 256);
	if (n->state == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	fill_table(n, n->state);
	return 0;
}

/* reference/integer_ops/logistic.h: a straight line between two values of the table. */
static int16_t logistic_int16(const struct logistic16 *s, int16_t x)
{
	int64_t half = s->shift > 0 ? INT64_C(1) << (s->shift - 1) : 0;
	int32_t in = (int32_t)(((int64_t)x * s->multiplier + half) >> s->shift);
	uint32_t magnitude = in < 0 ? 0u - (uint32_t)in : (uint32_t)in, place = magnitude >> 9, y;

	if (place >= 255)
		y = 0x7fff << 10;
	else
		y = ((uint32_t)curve[place] << 9) +
		    (magnitude & 0x1ff) * (uint32_t)(curve[place + 1] - curve[place]);
	y = in >= 0 ? y + (1 << 9) : (1 << 25) - y + (1 << 9) - 1;
	return (int16_t)(y >> 10);
}

/* reference/integer_ops/tanh.h: 2 / (1 + e^-2x) - 1 from the same curve. */
static int16_t tanh_int16(const struct logistic16 *s, int16_t x)
{
	int64_t half = s->shift > 0 ? INT64_C(1) << (s->shift - 1) : 0;
	int32_t in = (int32_t)(((int64_t)x * s->multiplier + half) >> s->shift);
	uint32_t magnitude = in < 0 ? 0u - (uint32_t)in : (uint32_t)in, place = magnitude >> 8;
	int32_t y;

	if (place >= 255)
		y = 0xffff << 8;
	else
		y = ((int32_t)curve[place] << 8) +
		    (int32_t)(magnitude & 0xff) * (curve[place + 1] - curve[place]);
	y = in >= 0 ? y - (1 << 23) + (1 << 7) : -y + (1 << 23) + (1 << 7) - 1;
	return (int16_t)(y >> 8);
}

static float value_of(const struct op_node *n, float x)
{
	return is_tanh(n) ? (float)math_tanh((double)x) : logistic(x);
}

static void logistic_run(const struct op_node *n)
{
	const struct tensor *in = n->inputs[0];
	size_t elements = tensor_elements(in);

	for (size_t i = 0; i < elements; i++)
		if (in->type == TENSOR_FLOAT32)
			((float *)n->outputs[0]->data)[i] =
				value_of(n, ((const float *)in->data)[i]);
		else if (in->type == TENSOR_INT16)
			((int16_t *)n->outputs[0]->data)[i] =
				(is_tanh(n) ? tanh_int16 : logistic_int16)(
					n->state, ((const int16_t *)in->data)[i]);
		else
			((uint8_t *)n->outputs[0]->data)[i] =
				((const uint8_t *)n->state)[((const uint8_t *)in->data)[i]];
}

const struct op op_logistic = {
	.name = "LOGISTIC",
	.check = logistic_check,
	.plan = logistic_plan,
	.run = logistic_run,
	.by_value = true,
};
const struct op op_tanh = {
	.name = "TANH",
	.check = logistic_check,
	.plan = logistic_plan,
	.run = logistic_run,
	.by_value = true,
};
