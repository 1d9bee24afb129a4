/* fixed.h - exp, reciprocal and logistic in fixed point, as gemmlowp computes them. A number
 * "with i integer bits" is raw / 2^(31 - i). Constants are round(value * 2^31) and the like. */
#ifndef EDGED_NN_FIXED_H
#define EDGED_NN_FIXED_H
#include "nn/requantize.h"

/* x * 2^exponent with saturation upwards, rounding downwards. */
static inline int32_t fixed_scale(int32_t x, int exponent)
{
	if (exponent <= 0)
		return rounding_shift_right(x, -exponent);
	int64_t wide = (int64_t)x * (INT64_C(1) << exponent);
	return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

/* e^a for a in [-1/4, 0), no integer bits: Taylor around -1/8. */
static inline int32_t fixed_exp_quarter(int32_t a)
{
	const int32_t exp_minus_eighth = 1895147668, third = 715827883;
	int32_t x = a + (1 << 28);
	int32_t x2 = saturating_doubling_high(x, x), x3 = saturating_doubling_high(x2, x);
	int32_t x4 = saturating_doubling_high(x2, x2), quarter = rounding_shift_right(x4, 2);
	int32_t rest = rounding_shift_right(saturating_doubling_high(quarter + x3, third) + x2, 1);

	return exp_minus_eighth + saturating_doubling_high(exp_minus_eighth, x + rest);
}

/* e^a for a <= 0 with so many integer bits (at most 5 are looked at); the result has none. */
static inline int32_t fixed_exp_negative(int32_t a, int integer_bits)
{
	/* e^-(2^k) for k = -2 … 4 */
	static const int32_t factors[] = { 1672461947, 1302514674, 790015084, 290630308,
					   39332535,   720401,	   242 };
	int fraction_bits = 31 - integer_bits;
	int32_t quarter = 1 << (fraction_bits - 2), rest = (a & (quarter - 1)) - quarter;
	int32_t result = fixed_exp_quarter(fixed_scale(rest, integer_bits));
	int32_t steps = rest - a;

	for (int k = -2; k <= 4 && k < integer_bits; k++)
		if (steps & (1 << (fraction_bits + k)))
			result = saturating_doubling_high(result, factors[k + 2]);
	return a == 0 ? INT32_MAX : result;
}

/* 1 / (1 + x) for x in [0, 1), both without integer bits: three steps of Newton on 2 / (1 + x). */
static inline int32_t fixed_reciprocal(int32_t x)
{
	const int32_t start = 1515870810, slope = -1010580540,
		      one = 1 << 29; /* 48/17, -32/17: 2 bits */
	int64_t sum = (int64_t)x + INT32_MAX;
	int32_t half = (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
	int32_t y = start + saturating_doubling_high(half, slope);

	for (int i = 0; i < 3; i++) {
		int32_t error = one - saturating_doubling_high(half, y);
		y += fixed_scale(saturating_doubling_high(y, error), 2);
	}
	return fixed_scale(y, 1);
}

/* 1 / (1 + e^-a), a with so many integer bits. */
static inline int32_t fixed_logistic(int32_t a, int integer_bits)
{
	if (a == 0)
		return 1 << 30;
	int32_t positive = fixed_reciprocal(fixed_exp_negative(a > 0 ? -a : a, integer_bits));
	return a > 0 ? positive : INT32_MAX - positive;
}
#endif
