/* check_unit.c - numbers with units. */
#include "config/unit.h"

#include "config/schema.h"
#include "tests/test.h"

static double read_one(enum unit_kind kind, const char *text)
{
	double value = -12345;

	ck_assert_int_eq(unit_read(kind, text, &value), UNIT_OK);
	return value;
}

START_TEST(units_become_base_units)
{
	ck_assert_double_eq(read_one(UNIT_DURATION, "250 ms"), 250e6);
	ck_assert_double_eq(read_one(UNIT_DURATION, "250ms"), 250e6);
	ck_assert_double_eq(read_one(UNIT_DURATION, "1.5 min"), 90e9);
	ck_assert_double_eq(read_one(UNIT_DURATION, "0"), 0);
	ck_assert_double_eq(read_one(UNIT_RATE, "44.1 kHz"), 44100);
	ck_assert_double_eq(read_one(UNIT_RATE, "48000"), 48000);
	ck_assert_double_eq(read_one(UNIT_SIZE, "64 MiB"), 67108864);
	ck_assert_double_eq(read_one(UNIT_PERCENT, "80 %"), 80);
	ck_assert_double_eq(read_one(UNIT_NONE, "-1e-3"), -1e-3);
	ck_assert_double_eq(read_one(UNIT_NONE, ".5"), 0.5);
}
END_TEST

START_TEST(what_is_no_number_is_told_apart)
{
	double value;

	ck_assert_int_eq(unit_read(UNIT_DURATION, "250", &value), UNIT_MISSING);
	ck_assert_int_eq(unit_read(UNIT_DURATION, "250 kHz", &value), UNIT_UNKNOWN);
	ck_assert_int_eq(unit_read(UNIT_DURATION, "fast", &value), UNIT_NOT_A_NUMBER);
	ck_assert_int_eq(unit_read(UNIT_NONE, "0777", &value), UNIT_LEADING_ZERO);
	ck_assert_int_eq(unit_read(UNIT_NONE, "1e999", &value), UNIT_TOO_LARGE);
	ck_assert_int_eq(unit_read(UNIT_NONE, "inf", &value), UNIT_NOT_A_NUMBER);
	ck_assert_int_eq(unit_read(UNIT_NONE, "0x10", &value), UNIT_NOT_A_NUMBER);
	ck_assert_int_eq(unit_read(UNIT_NONE, "", &value), UNIT_NOT_A_NUMBER);
	ck_assert_int_eq(unit_read(UNIT_NONE, "1:30", &value), UNIT_NOT_A_NUMBER);
}
END_TEST

START_TEST(whole_numbers_have_three_bases)
{
	int64_t value;

	ck_assert_int_eq(unit_read_int("0x1f", &value), UNIT_OK);
	ck_assert_int_eq(value, 31);
	ck_assert_int_eq(unit_read_int("0o17", &value), UNIT_OK);
	ck_assert_int_eq(value, 15);
	ck_assert_int_eq(unit_read_int("-42", &value), UNIT_OK);
	ck_assert_int_eq(value, -42);
	ck_assert_int_eq(unit_read_int("017", &value), UNIT_LEADING_ZERO);
	ck_assert_int_eq(unit_read_int("1.0", &value), UNIT_NOT_A_NUMBER);
	ck_assert_int_eq(unit_read_int("0x", &value), UNIT_NOT_A_NUMBER);
}
END_TEST

START_TEST(values_are_written_as_people_write_them)
{
	char text[40];

	unit_write(UNIT_DURATION, 250e6, text, sizeof(text));
	ck_assert_str_eq(text, "250 ms");
	unit_write(UNIT_DURATION, 90e9, text, sizeof(text));
	ck_assert_str_eq(text, "1.5 min");
	unit_write(UNIT_RATE, 44100, text, sizeof(text));
	ck_assert_str_eq(text, "44.1 kHz");
	unit_write(UNIT_SIZE, 65536, text, sizeof(text));
	ck_assert_str_eq(text, "64 KiB");
}
END_TEST

START_TEST(the_nearest_name_is_at_most_two_slips_away)
{
	struct nearest n = { 0 };

	nearest_offer(&n, "thershold", "threshold");
	nearest_offer(&n, "thershold", "margin");
	ck_assert_str_eq(n.name, "threshold");
	n = (struct nearest){ 0 };
	nearest_offer(&n, "zebra", "margin");
	ck_assert_ptr_null(n.name);
}
END_TEST

TEST_MAIN("unit", units_become_base_units, what_is_no_number_is_told_apart,
	  whole_numbers_have_three_bases, values_are_written_as_people_write_them,
	  the_nearest_name_is_at_most_two_slips_away)
