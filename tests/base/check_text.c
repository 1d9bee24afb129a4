/* check_text.c - JSON, times and faults as text. */
#include <errno.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "tests/test.h"

START_TEST(json_escapes_what_must_be_escaped)
{
	struct buf out = { 0 };
	struct json j = { .out = &out };

	json_object(&j, NULL);
	json_string(&j, "a\"b", "line\nend \\ \x01 \xc3\xa4 \xff");
	json_string(&j, "none", NULL);
	json_array(&j, "list");
	json_int(&j, NULL, -5);
	json_bool(&j, NULL, true);
	json_end_array(&j);
	json_object(&j, "empty");
	json_end_object(&j);
	json_end_object(&j);
	ck_assert_str_eq(buf_text(&out),
			 "{\"a\\\"b\":\"line\\u000aend \\\\ \\u0001 \xc3\xa4 \\ufffd\","
			 "\"none\":null,\"list\":[-5,true],\"empty\":{}}");
	buf_fini(&out);
}
END_TEST

START_TEST(json_numbers_read_back_to_themselves)
{
	struct buf out = { 0 };
	struct json j = { .out = &out };

	json_array(&j, NULL);
	json_float(&j, NULL, 0.1f);
	json_float(&j, NULL, 1.0f / 3);
	json_double(&j, NULL, 0.25);
	json_float(&j, NULL, __builtin_nanf(""));
	json_end_array(&j);
	ck_assert_str_eq(buf_text(&out), "[0.1,0.333333343,0.25,null]");
	buf_fini(&out);
}
END_TEST

START_TEST(times_are_rfc_3339)
{
	char text[CLOCK_TEXT_BYTES];

	clock_rfc3339(INT64_C(1764054000) * SECOND + 123456789, text);
	ck_assert_str_eq(text, "2025-11-25T07:00:00.123456Z");
}
END_TEST

START_TEST(a_fault_says_where_and_why)
{
	struct fault f = { 0 };

	errno = ENOENT;
	ck_assert_int_eq(fault_errno(&f, "model '%s'", "x"), -ENOENT);
	fault_prefix(&f, "pipelines.%s", "wake");
	ck_assert_str_eq(f.text, "pipelines.wake: model 'x': No such file or directory");
	ck_assert_int_eq(f.rc, -ENOENT);
	ck_assert_int_eq(fault_set(NULL, -EINVAL, "nobody listens"), -EINVAL);
}
END_TEST

TEST_MAIN("text", json_escapes_what_must_be_escaped, json_numbers_read_back_to_themselves,
	  times_are_rfc_3339, a_fault_says_where_and_why)
