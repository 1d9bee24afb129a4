/* check_throttle.c - how long to wait before a worker that died is started again. */
#include "process/throttle.h"

#include "base/clock.h"
#include "tests/test.h"

START_TEST(the_first_death_waits_for_nothing)
{
	struct throttle t = { 0 };

	ck_assert_int_eq(throttle_delay_ns(&t, 1 * SECOND), 0);
}
END_TEST

START_TEST(quick_deaths_wait_longer_and_longer_up_to_a_minute)
{
	struct throttle t = { 0 };

	throttle_delay_ns(&t, 0);
	ck_assert_int_eq(throttle_delay_ns(&t, 0), 200 * MILLISECOND);
	ck_assert_int_eq(throttle_delay_ns(&t, 0), 400 * MILLISECOND);
	for (int i = 0; i < 20; i++)
		throttle_delay_ns(&t, 0);
	ck_assert_int_eq(throttle_delay_ns(&t, 0), 60 * SECOND);
}
END_TEST

START_TEST(a_long_life_makes_good_for_it)
{
	struct throttle t = { 0 };

	for (int i = 0; i < 5; i++)
		throttle_delay_ns(&t, 0);
	ck_assert_int_eq(throttle_delay_ns(&t, 11 * SECOND), 0);
	ck_assert_int_eq(throttle_delay_ns(&t, 0), 0);
}
END_TEST

TEST_MAIN("throttle", the_first_death_waits_for_nothing,
	  quick_deaths_wait_longer_and_longer_up_to_a_minute, a_long_life_makes_good_for_it)
