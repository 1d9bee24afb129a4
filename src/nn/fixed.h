/* fixed.h - exp, log, reciprocal, logistic and tanh in fixed point, as gemmlowp computes them. A number
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

/* 2 / (1 + x) for x in [0, 1) without integer bits; the result has 2: three steps of Newton. */
static inline int32_t fixed_two_over(int32_t x)
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
	return y;
}

/* 1 / (1 + x), the same. */
static inline int32_t fixed_reciprocal(int32_t x)
{
	return fixed_scale(fixed_two_over(x), 1);
}

/* 1 / (1 + e^-a), a with so many integer bits. */
static inline int32_t fixed_logistic(int32_t a, int integer_bits)
{
	if (a == 0)
		return 1 << 30;
	int32_t positive = fixed_reciprocal(fixed_exp_negative(a > 0 ? -a : a, integer_bits));
	return a > 0 ? positive : INT32_MAX - positive;
}

/* tanh of a with so many integer bits: (1 - e^-2a) / (1 + e^-2a). */
static inline int32_t fixed_tanh(int32_t a, int integer_bits)
{
	if (a == 0)
		return 0;
	int32_t e = fixed_exp_negative(a > 0 ? -a : a, integer_bits + 1); /* of 2a */
	int32_t t = fixed_scale(fixed_two_over(e) - (1 << 29), 2);
	return a > 0 ? t : -t;
}

/* 1 / sqrt(x) as a multiplier, for x of 1 and more: Newton's method with three integer bits, as
 * GetInvSqrtQuantizedMultiplierExp has it. */
static inline struct multiplier multiplier_of_inverse_root(int32_t x)
{
	const int32_t three_halves = (1 << 28) + (1 << 27), half_root_two = 1518500250;
	int right = 11;

	if (x <= 1)
		return (struct multiplier){ INT32_MAX, 0 };
	for (; x >= 1 << 29; right++)
		x /= 4;
	int pairs = (__builtin_clz((unsigned)x) - 1) / 2 - 1;
	right -= pairs;
	x = (int32_t)((uint32_t)x << (2 * pairs));
	int32_t half = rounding_shift_right(x >> 1, 1), y = 1 << 28;
	for (int i = 0; i < 5; i++) {
		int32_t y2 = saturating_doubling_high(y, y); /* 6 integer bits */
		int32_t y3 = fixed_scale(saturating_doubling_high(y2, y), 6);
		int32_t next = saturating_doubling_high(three_halves, y) -
			       saturating_doubling_high(half, y3); /* 6 */
		y = fixed_scale(next, 3);
	}
	y = saturating_doubling_high(y, half_root_two);
	if (right < 0) {
		y = (int32_t)((uint32_t)y << -right);
		right = 0;
	}
	return (struct multiplier){ y, -right };
}

static inline int32_t fixed_add(int32_t a, int32_t b)
{
	int64_t sum = (int64_t)a + b;

	return sum > INT32_MAX ? INT32_MAX : sum < INT32_MIN ? INT32_MIN : (int32_t)sum;
}

/* ln(x) with 5 integer bits, for x of 1 and more with 12: log_x_for_x_greater_than_or_equal_to_1.
 * x = z * 2^k, twice with other halves of an octave, and a rational function of the better z. */
static inline int32_t fixed_log(int32_t x)
{
	const int32_t ln_2 = 1488522236, root_root_half = 1805811301, root_half = 1518500250;
	const int32_t alpha_n = 117049297, alpha_d = 127690142, alpha_i = 1057819769,
		      alpha_f = 638450708, quarter = 536870912 >> 6; /* 6 integer bits */
	const int integer_bits = 12, bits = 31 - 6;

	int zeros = x > 0 ? __builtin_clz((unsigned)x) : 31;
	int32_t ra = fixed_scale(saturating_doubling_high(fixed_scale(x, zeros - 1), root_half), 1);
	int32_t za = fixed_add(fixed_scale(integer_bits - zeros, bits), quarter);
	int32_t zb = saturating_doubling_high(x, root_half);
	int headroom = zb > 0 ? __builtin_clz((unsigned)zb) - 1 : 30;
	int32_t rb = fixed_scale(x, headroom);
	int32_t kb = fixed_add(fixed_scale(integer_bits - headroom, bits), -quarter);
	int32_t r = ra < rb ? ra : rb, k = za > kb ? za : kb;

	int64_t sum = (int64_t)r + root_root_half;
	int32_t p = (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
	int32_t q = (int32_t)(2 * (uint32_t)(r - root_root_half));
	int32_t q2 = saturating_doubling_high(q, q);
	int32_t numerator = (int32_t)((uint32_t)saturating_doubling_high(q, r) +
				      (uint32_t)saturating_doubling_high(
					      saturating_doubling_high(q, q2), alpha_n));
	int32_t inner = (int32_t)((uint32_t)alpha_i + (uint32_t)q +
				  (uint32_t)saturating_doubling_high(alpha_d, q2));
	int32_t denominator = (int32_t)((uint32_t)saturating_doubling_high(p, inner) +
					(uint32_t)saturating_doubling_high(alpha_f, q));
	int32_t scaled = fixed_scale(numerator, -6);
	int32_t result = (int32_t)((uint32_t)saturating_doubling_high(k, ln_2) +
				   (uint32_t)saturating_doubling_high(
					   scaled, fixed_reciprocal(denominator)));
	return fixed_scale(result, 1); /* from 6 integer bits to 5 */
}
#endif
