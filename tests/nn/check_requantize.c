/* check_requantize.c - the four rules, by values worked out by hand. */
#include "nn/fixed.h"

#include "tests/test.h"

START_TEST(a_multiplier_is_mantissa_and_shift)
{
	struct multiplier half = multiplier_of(0.5), three = multiplier_of(3),
			  none = multiplier_of(0);

	ck_assert_int_eq(half.mantissa, 1 << 30);
	ck_assert_int_eq(half.shift, 0);
	ck_assert_int_eq(three.mantissa, 3 << 29);
	ck_assert_int_eq(three.shift, 2);
	ck_assert_int_eq(none.mantissa, 0);
	ck_assert_int_eq(multiplier_of(1e-12).mantissa, 0); /* too small to matter */
	ck_assert_int_eq(multiplier_of(1e12).shift, 30);    /* as large as it goes */
}
END_TEST

/* 1/4 has shift -1: 6 * 0.5 is exact, then 3 / 2 is rounded away from zero; and twice rounded,
 * 0.249… of 2 becomes 1 by way of 0.5. */
START_TEST(double_rounding_goes_away_from_zero_twice)
{
	ck_assert_int_eq(requantize(6, multiplier_of(0.25)), 2);
	ck_assert_int_eq(requantize(-6, multiplier_of(0.25)), -2);
	ck_assert_int_eq(requantize(5, multiplier_of(0.25)),
			 2); /* 2.5 -> 3, 3 / 2 -> 2: truly 1.25 */
	ck_assert_int_eq(requantize(100, multiplier_of(3)), 300);
}
END_TEST

START_TEST(single_rounding_lets_ties_go_up)
{
	ck_assert_int_eq(requantize_wide(6, multiplier_of(0.25)), 2);
	ck_assert_int_eq(requantize_wide(-6, multiplier_of(0.25)), -1);
	ck_assert_int_eq(requantize_wide(5, multiplier_of(0.25)), 1);
}
END_TEST

START_TEST(in_double_ties_go_away_from_zero)
{
	ck_assert_int_eq(requantize_double(6, 0.25), 2);
	ck_assert_int_eq(requantize_double(-6, 0.25), -2);
	ck_assert_int_eq(requantize_double(5, 0.25), 1);
	ck_assert_int_eq(requantize_double(INT64_MAX, 1), INT32_MAX);
	ck_assert_int_eq(requantize_double(INT64_MIN, 1), INT32_MIN);
}
END_TEST

START_TEST(the_one_product_that_does_not_fit_saturates)
{
	ck_assert_int_eq(saturating_doubling_high(INT32_MIN, INT32_MIN), INT32_MAX);
	ck_assert_int_eq(saturating_doubling_high(INT32_MIN, INT32_MAX), -INT32_MAX);
	ck_assert_int_eq(rounding_shift_right(-3, 1), -2);
	ck_assert_int_eq(rounding_shift_right(3, 1), 2);
}
END_TEST

START_TEST(what_strangers_write_saturates)
{
	ck_assert_int_eq(multiplier_of(INFINITY).mantissa, INT32_MAX);
	ck_assert_int_eq(multiplier_of(INFINITY).shift, 30);
	ck_assert_int_eq(multiplier_of(NAN).mantissa, 0);
	ck_assert_int_eq(rounding_shift_right(INT32_MAX, 32), 0);
	ck_assert_int_eq(round_float(NAN), 0);
	ck_assert_int_eq(round_float(-INFINITY), -1000000000);
	ck_assert(add_bias(INT64_MAX, 1) == INT64_MAX);
	ck_assert(add_bias(-1, INT64_MIN) == INT64_MIN);
	ck_assert_int_eq(requantize_wide(INT64_MAX, multiplier_of(0x1p-20)), 1 << 27);
	ck_assert_int_eq(requantize_wide(INT64_MIN, multiplier_of(0x1p-20)), -(1 << 27));
}
END_TEST

START_TEST(fixed_point_curves_are_near_the_true_ones)
{
	for (int i = 0; i <= 40; i++) {
		double x = -i / 4.0,
		       e = fixed_exp_negative((int32_t)(x * (1 << 26)), 5) / 2147483648.0;
		ck_assert_double_eq_tol(e, exp(x), 1e-6);
		double y = (i - 20) / 3.0,
		       l = fixed_logistic((int32_t)(y * (1 << 27)), 4) / 2147483648.0;
		ck_assert_double_eq_tol(l, 1 / (1 + exp(-y)), 1e-6);
	}
}
END_TEST

TEST_MAIN("requantize", a_multiplier_is_mantissa_and_shift,
	  double_rounding_goes_away_from_zero_twice, single_rounding_lets_ties_go_up,
	  in_double_ties_go_away_from_zero, the_one_product_that_does_not_fit_saturates,
	  what_strangers_write_saturates, fixed_point_curves_are_near_the_true_ones)
