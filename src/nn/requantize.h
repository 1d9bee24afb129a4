/* requantize.h - from accumulators to quantized values: TensorFlow Lite's rounding, by operator.
 *
 * LiteRT 2.3's reference kernels round by four rules (found by experiment; the operators' files say
 * which one they use):
 * 1. DOUBLE ROUNDING (gemmlowp's fixed point): a 31-bit multiplier and a shift, rounded after each.
 *    CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV of int8 (the multiplier of s_in * s_w / s_out in
 *    double) and uint8 (s_in * s_w rounded to float first), CONV_2D of int16 with int32 bias, ADD,
 *    SUB, MUL, QUANTIZE.
 * 2. SINGLE ROUNDING, ties upwards, with a multiplier cut to 16 bits: int16 with int64 bias.
 * 3. DOUBLE: round(accumulator * scale) in double, ties away from zero: FULLY_CONNECTED.
 * 4. FLOAT: scale and round in float: QUANTIZE from float, CONCATENATION with other scales.
 *
 * ONNX has a rule of its own:
 * 5. TO EVEN: the sum scaled in float, halves to the even integer: all operators of ONNX.
 */
#ifndef EDGED_NN_REQUANTIZE_H
#define EDGED_NN_REQUANTIZE_H
#include <math.h>
#include <stdint.h>

/* real = mantissa / 2^31 * 2^shift, mantissa in [2^30, 2^31) or 0. */
struct multiplier {
	int32_t mantissa;
	int shift;
};

/* As tflite::QuantizeMultiplier: the nearest such pair. frexp and round are exact by IEEE 754.
 * Scales come from strangers: infinity counts as the largest, what is no number as 0. */
static inline struct multiplier multiplier_of(double real)
{
	struct multiplier m = { 0, 0 };
	int64_t mantissa;

	if (real == 0 || isnan(real))
		return m;
	if (real >= 0x1p30)
		return (struct multiplier){ INT32_MAX, 30 };
	mantissa = (int64_t)round(frexp(real, &m.shift) * (double)(INT64_C(1) << 31));
	if (mantissa == INT64_C(1) << 31) {
		mantissa /= 2;
		m.shift++;
	}
	if (m.shift < -31)
		return (struct multiplier){ 0, 0 };
	if (m.shift > 30)
		return (struct multiplier){ INT32_MAX, 30 };
	m.mantissa = (int32_t)mantissa;
	return m;
}

/* (a * b) / 2^31, rounded half away from zero; the one product that does not fit saturates. */
static inline int32_t saturating_doubling_high(int32_t a, int32_t b)
{
	int64_t product = (int64_t)a * b;

	if (a == INT32_MIN && b == INT32_MIN)
		return INT32_MAX;
	return (int32_t)((product + (product >= 0 ? INT64_C(1) << 30 : 1 - (INT64_C(1) << 30))) /
			 (INT64_C(1) << 31));
}

/* x / 2^exponent, rounded half away from zero; beyond 31 bits less than half is left. */
static inline int32_t rounding_shift_right(int32_t x, int exponent)
{
	if (exponent > 31)
		return 0;
	int32_t mask = (int32_t)((INT64_C(1) << exponent) - 1);
	int32_t rest = x & mask;

	return (x >> exponent) + (rest > (mask >> 1) + (x < 0));
}

/* Rule 1. The left shift wraps where the reference's does. */
static inline int32_t requantize(int32_t x, struct multiplier m)
{
	int left = m.shift > 0 ? m.shift : 0, right = m.shift > 0 ? 0 : -m.shift;

	return rounding_shift_right(
		saturating_doubling_high((int32_t)((uint32_t)x << left), m.mantissa), right);
}

/* Rule 2, for sums of 64 bits: 48 of them count, and shifts up to 7, as in the reference. */
enum { WIDE_MOST_SHIFT = 7 };

static inline int32_t requantize_wide(int64_t x, struct multiplier m)
{
	const int64_t most = INT64_C(1) << 47;
	int32_t reduced = m.mantissa < 0x7fff0000 ? (m.mantissa + (1 << 15)) >> 16 : 0x7fff;
	int shift = 15 - m.shift;

	x = x < -most ? -most : x > most ? most : x;
	return (int32_t)((x * reduced + (INT64_C(1) << (shift - 1))) >> shift);
}

/* Rule 3. */
static inline int32_t requantize_double(int64_t x, double scale)
{
	double value = round((double)x * scale);

	return value >= INT32_MAX ? INT32_MAX : value <= INT32_MIN ? INT32_MIN : (int32_t)value;
}

/* The nearest integer, half away from zero, within 10^9; 0 where x is no number. */
static inline int32_t round_float(float x)
{
	float whole = roundf(x);

	if (isnan(whole))
		return 0;
	return whole > 1e9f ? 1000000000 : whole < -1e9f ? -1000000000 : (int32_t)whole;
}

/* Rule 5. */
static inline int32_t requantize_even(int32_t x, float scale)
{
	float whole = rintf((float)x * scale);

	if (isnan(whole))
		return 0;
	return whole > 1e9f ? 1000000000 : whole < -1e9f ? -1000000000 : (int32_t)whole;
}

/* A bias may be any number of 64 bits: the sum saturates. */
static inline int64_t add_bias(int64_t sum, int64_t bias)
{
	int64_t result;

	if (__builtin_add_overflow(sum, bias, &result))
		return bias < 0 ? INT64_MIN : INT64_MAX;
	return result;
}

static inline int32_t clamp(int32_t x, int32_t low, int32_t high)
{
	return x < low ? low : x > high ? high : x;
}

/* The quantized value, kept within the bounds; any x will do. */
static inline int32_t add_zero_point(int32_t x, int32_t zero_point, int32_t low, int32_t high)
{
	int64_t q = (int64_t)x + zero_point;

	return q < low ? low : q > high ? high : (int32_t)q;
}
#endif
