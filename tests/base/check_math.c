/* check_math.c - exp, log, sin and cos against libm. */
#include "base/math.h"

#include <math.h>

#include "tests/test.h"

static double error_of(double got, double wanted)
{
	return fabs(got - wanted) / (fabs(wanted) > 1e-300 ? fabs(wanted) : 1);
}

START_TEST(exp_and_log_are_within_a_few_ulp_of_libm)
{
	double worst_exp = 0, worst_log = 0;

	for (int i = -70000; i <= 70000; i++) {
		double x = i * 0.01003;
		worst_exp = fmax(worst_exp, error_of(math_exp(x), exp(x)));
		double y = pow(1.0101, i * 0.5) * 0.7;
		if (isnormal(y) && fabs(log(y)) > 1e-3)
			worst_log = fmax(worst_log, error_of(math_log(y), log(y)));
	}
	ck_assert_double_lt(worst_exp, 5e-16);
	ck_assert_double_lt(worst_log, 5e-16);
}
END_TEST

START_TEST(sin_and_cos_are_right_over_many_periods)
{
	double worst = 0;

	for (int i = -100000; i <= 100000; i++) {
		double x = i * 0.01003;
		worst = fmax(worst, fabs(math_sin(x) - sin(x)));
		worst = fmax(worst, fabs(math_cos(x) - cos(x)));
	}
	ck_assert_double_lt(worst, 3e-16);
}
END_TEST

START_TEST(the_edges_are_what_they_should_be)
{
	ck_assert_double_eq(math_exp(0), 1);
	ck_assert_double_eq(math_log(1), 0);
	ck_assert_double_eq(math_sin(0), 0);
	ck_assert_double_eq(math_cos(0), 1);
	ck_assert_double_eq(math_exp(-1000), 0);
	ck_assert(isinf(math_exp(1000)));
	ck_assert(isinf(math_log(0)));
	ck_assert(isnan(math_log(-1)));
	ck_assert_double_eq(math_log(INFINITY), INFINITY);
}
END_TEST

TEST_MAIN("math", exp_and_log_are_within_a_few_ulp_of_libm, sin_and_cos_are_right_over_many_periods,
	  the_edges_are_what_they_should_be)
