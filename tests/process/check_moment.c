/* check_moment.c - moments as people give them. */
#include "process/moment.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "tests/test.h"

static const int64_t now = 1795176000 * SECOND; /* 2026-11-20T12:00:00Z */

static int64_t moment(const char *text)
{
	struct fault f = { 0 };
	int64_t out = 0;

	ck_assert_msg(moment_read(text, now, &out, &f) == 0, "%s", f.text);
	return out;
}

START_TEST(a_date_with_a_zone_is_that_moment)
{
	ck_assert_int_eq(moment("2026-11-20T12:00:00Z"), now);
	ck_assert_int_eq(moment("2026-11-20t13:00:00.25+01:00"), now + SECOND / 4);
	ck_assert_int_eq(moment("2026-11-20 06:30-0530"), now);
	ck_assert_int_eq(moment("2026-11-20T12:00:00.123456Z"), now + 123456000);
}
END_TEST

START_TEST(an_hour_is_the_last_one_of_that_name)
{
	setenv("TZ", "UTC", 1);
	tzset();
	ck_assert_int_eq(moment("11:59:58.5"), now - 3 * SECOND / 2);
	ck_assert_int_eq(moment("12:00"), now);
	ck_assert_int_eq(moment("13:00"), now - 23 * 3600 * SECOND);
	setenv("TZ", "Europe/Paris", 1);
	tzset();
	ck_assert_int_eq(moment("13:00"), now);
	ck_assert_int_eq(moment("2026-11-20T13:00"), now);
}
END_TEST

START_TEST(so_long_ago)
{
	ck_assert_int_eq(moment("-5min"), now - 300 * SECOND);
	ck_assert_int_eq(moment("-1.5 s"), now - 3 * SECOND / 2);
	ck_assert_int_eq(moment("now"), now);
}
END_TEST

START_TEST(what_is_no_time_is_told_with_examples)
{
	static const char *const wrong[] = {
		"",	  "yesterday",	       "25:00",	     "12:60",	  "12",
		"-5",	  "2026-13-01T00:00Z", "9999-01-01T00:00Z", "2026-11-20", "12:00:00x", "2026-11-20T12:00:00+1",
		"-nan s", "12:00:nan"
	};
	int64_t out;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct fault f = { 0 };
		ck_assert_msg(moment_read(wrong[i], now, &out, &f) == -EINVAL, "%s", wrong[i]);
		ck_assert_ptr_nonnull(strstr(f.text, "-5min"));
	}
}
END_TEST

START_TEST(a_place_in_a_recording_has_a_unit)
{
	struct fault f = { 0 };
	int64_t out;

	ck_assert_int_eq(moment_read_offset("3.2 s", &out, &f), 0);
	ck_assert_int_eq(out, 3200 * MILLISECOND);
	ck_assert_int_eq(moment_read_offset("3.2", &out, &f), -EINVAL);
	ck_assert_int_eq(moment_read_offset("12:00", &out, &f), -EINVAL);
	ck_assert_int_eq(moment_read_offset("-1 s", &out, &f), -EINVAL);
}
END_TEST

TEST_MAIN("moment", a_date_with_a_zone_is_that_moment, an_hour_is_the_last_one_of_that_name,
	  so_long_ago, what_is_no_time_is_told_with_examples, a_place_in_a_recording_has_a_unit)
