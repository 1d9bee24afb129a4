/* fixed16.h - exp, logistic and tanh in fixed point of 16 bits, as gemmlowp computes them for LSTM
 * gates. A number "with i integer bits" is raw / 2^(15 - i). Constants are those of fixed.h, rounded
 * to 16 bits. */
#ifndef EDGED_NN_FIXED16_H
#define EDGED_NN_FIXED16_H
#include "nn/requantize.h"

static inline int16_t saturate16(int32_t x)
{
	return (int16_t)(x > INT16_MAX ? INT16_MAX : x < INT16_MIN ? INT16_MIN : x);
}

/* (a * b) / 2^15, rounded half away from zero. */
static inline int16_t doubling_high16(int16_t a, int16_t b)
{
	int32_t product = (int32_t)a * b;

	if (a == INT16_MIN && b == INT16_MIN)
		return INT16_MAX;
	return (int16_t)((product + (product >= 0 ? 1 << 14 : 1 - (1 << 14))) / (1 << 15));
}

static inline int16_t fixed16_scale(int16_t x, int exponent)
{
	return exponent <= 0 ? (int16_t)rounding_shift_right(x, -exponent)
			     : saturate16((int32_t)x * (1 << exponent));
}

/* e^a for a in [-1/4, 0), no integer bits. */
static inline int16_t fixed16_exp_quarter(int16_t a)
{
	const int16_t exp_minus_eighth = 28918, third = 10923;
	int16_t x = (int16_t)(a + (1 << 12));
	int16_t x2 = doubling_high16(x, x), x3 = doubling_high16(x2, x);
	int16_t x4 = doubling_high16(x2, x2);
	int16_t quarter = fixed16_scale(x4, -2);
	int16_t rest =
		fixed16_scale((int16_t)(doubling_high16((int16_t)(quarter + x3), third) + x2), -1);

	return saturate16(exp_minus_eighth +
			  doubling_high16(exp_minus_eighth, (int16_t)(x + rest)));
}

/* e^a for a <= 0; the result has no integer bits. */
static inline int16_t fixed16_exp_negative(int16_t a, int integer_bits)
{
	static const int16_t factors[] = { 25520, 19875, 12055, 4435, 600, 11, 0 };
	int fraction_bits = 15 - integer_bits;
	int16_t quarter = (int16_t)(fraction_bits >= 2 ? 1 << (fraction_bits - 2) : 0);
	int16_t rest = (int16_t)((a & (quarter - 1)) - quarter);
	int16_t result = fixed16_exp_quarter(fixed16_scale(rest, integer_bits));
	int16_t steps = (int16_t)(rest - a);

	for (int k = -2; k <= 4 && k < integer_bits; k++)
		if (steps & (1 << (fraction_bits + k)))
			result = doubling_high16(result, factors[k + 2]);
	if (integer_bits > 5 && a < -(1 << (20 - integer_bits)))
		result = 0;
	return a == 0 ? INT16_MAX : result;
}

/* 2 / (1 + x) for x in [0, 1); the result has two integer bits. */
static inline int16_t fixed16_two_over(int16_t x)
{
	const int16_t start = 23130, slope = -15420, one = 1 << 13;
	int32_t sum = (int32_t)x + INT16_MAX;
	int16_t half = (int16_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
	int16_t y = (int16_t)(start + doubling_high16(half, slope));

	for (int i = 0; i < 3; i++) {
		int16_t error = (int16_t)(one - doubling_high16(half, y));
		y = (int16_t)(y + fixed16_scale(doubling_high16(y, error), 2));
	}
	return y;
}

/* 1 / (1 + e^-a); the result has no integer bits. */
static inline int16_t fixed16_logistic(int16_t a, int integer_bits)
{
	if (a == 0)
		return 1 << 14;
	int16_t negative = (int16_t)(a > 0 ? -a : a);
	int16_t positive =
		fixed16_scale(fixed16_two_over(fixed16_exp_negative(negative, integer_bits)), 1);
	return a > 0 ? positive : (int16_t)(INT16_MAX - positive);
}

static inline int16_t fixed16_tanh(int16_t a, int integer_bits)
{
	if (a == 0)
		return 0;
	int16_t negative = (int16_t)(a > 0 ? -a : a);
	int16_t e = fixed16_exp_negative(negative, integer_bits + 1); /* of 2a */
	int16_t t = fixed16_scale((int16_t)(fixed16_two_over(e) - (1 << 13)), 2);
	return a > 0 ? t : (int16_t)-t;
}
#endif
