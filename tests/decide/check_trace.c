/* check_trace.c - what is kept of every window. */
#include "decide/trace.h"

#include <string.h>

#include "tests/test.h"

static struct trace_meta meta;

static void start(void)
{
	memset(&meta, 0, sizeof(meta));
	meta.at_least = 1;
	trace_add_label(&meta, "silence", false);
	trace_add_label(&meta, "yes", true);
	trace_add_label(&meta, "no", true);
}

START_TEST(labels_are_found_by_index_and_by_name)
{
	char text[TRACE_NAME_BYTES];
	bool decides;

	start();
	ck_assert_str_eq(trace_label(&meta, 1, &decides, text), "yes");
	ck_assert(decides);
	ck_assert_str_eq(trace_label(&meta, 0, &decides, text), "silence");
	ck_assert(!decides);
	ck_assert_int_eq(trace_find_label(&meta, "no"), 2);
	ck_assert_int_eq(trace_find_label(&meta, "maybe"), GATE_NONE);
	ck_assert_str_eq(trace_label(&meta, 3, NULL, text), "#3");
	ck_assert(trace_meta_sound(&meta));
}
END_TEST

START_TEST(labels_without_room_have_numbers)
{
	char name[101], text[TRACE_NAME_BYTES];

	start();
	memset(name, 'x', 100);
	name[100] = '\0';
	for (int i = 0; i < 1000; i++)
		trace_add_label(&meta, name, true);
	trace_add_label(&meta, "y", true); /* would fit, but its index would be wrong */
	ck_assert_uint_eq(meta.label_count, 1004);
	ck_assert_str_eq(trace_label(&meta, 3, NULL, text), name);
	ck_assert_str_eq(trace_label(&meta, 1003, NULL, text), "#1003");
	ck_assert_int_eq(trace_find_label(&meta, "y"), GATE_NONE);
	ck_assert(trace_meta_sound(&meta));
}
END_TEST

START_TEST(a_meta_that_makes_no_sense_is_told)
{
	start();
	meta.label_bytes = sizeof(meta.labels) + 1;
	ck_assert(!trace_meta_sound(&meta));
	start();
	memset(meta.pipeline, 'x', sizeof(meta.pipeline));
	ck_assert(!trace_meta_sound(&meta));
	start();
	memset(meta.labels, 'x', sizeof(meta.labels));
	ck_assert(!trace_meta_sound(&meta));
	start();
	meta.at_least = 0;
	ck_assert(!trace_meta_sound(&meta));
}
END_TEST

START_TEST(a_record_keeps_what_the_gates_saw)
{
	const float raw[] = { 0.1f, 0.5f, 0.5f, 0.3f }, smoothed[] = { 0.2f, 0.4f, 0.4f, 0.1f };
	struct trace_record r = { 0 };
	struct gate_result result;
	struct gate g;

	gate_init(&g, &(struct gate_settings){ 0.3f, 0, 1, 0 });
	gate_push(&g, smoothed, 4, NULL, 0, &result);
	trace_put_scores(&r, raw, smoothed, 4, &result);
	ck_assert_int_eq(r.label[0], 1); /* of equal ones the first */
	ck_assert_int_eq(r.label[1], 2);
	ck_assert_int_eq(r.label[2], 0);
	ck_assert_float_eq(r.smoothed[2], 0.2f);
	ck_assert_float_eq(r.raw, 0.5f);
	ck_assert_int_eq(r.verdict, GATE_ON);
	ck_assert_int_eq(r.agreeing, 1);
}
END_TEST

START_TEST(one_label_has_no_second)
{
	const float score[] = { 0.7f };
	struct trace_record r = { 0 };
	struct gate_result result;
	struct gate g;

	gate_init(&g, &(struct gate_settings){ 0.8f, 0.2f, 1, 0 });
	gate_push(&g, score, 1, NULL, 0, &result);
	trace_put_scores(&r, score, score, 1, &result);
	ck_assert_int_eq(r.label[0], 0);
	ck_assert_int_eq(r.label[1], TRACE_NO_LABEL);
	ck_assert_int_eq(r.label[2], TRACE_NO_LABEL);
	ck_assert_int_eq(r.reason, GATE_BELOW_THRESHOLD);
}
END_TEST

START_TEST(an_id_is_read_as_it_was_written)
{
	char id[TRACE_ID_BYTES], pipeline[TRACE_NAME_BYTES];
	uint64_t stream, window;

	trace_id_write(0xfedcba9876543210, "wake-up-2", 123456789012, id);
	ck_assert_str_eq(id, "fedcba9876543210-wake-up-2-123456789012");
	ck_assert(trace_id_read(id, &stream, pipeline, &window));
	ck_assert_uint_eq(stream, 0xfedcba9876543210);
	ck_assert_uint_eq(window, 123456789012);
	ck_assert_str_eq(pipeline, "wake-up-2");
}
END_TEST

START_TEST(what_is_no_id_is_told)
{
	static const char *const wrong[] = { "",
					     "12",
					     "fedcba9876543210",
					     "fedcba9876543210-wake",
					     "fedcba9876543210--1",
					     "fedcba9876543210-wake-",
					     "fedcba9876543210-wake-1x",
					     "Fedcba9876543210-wake-1",
					     "fedcba98765432100-wake-1" };
	char pipeline[TRACE_NAME_BYTES];
	uint64_t stream, window;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!trace_id_read(wrong[i], &stream, pipeline, &window), "%s", wrong[i]);
}
END_TEST

TEST_MAIN("trace", labels_are_found_by_index_and_by_name, labels_without_room_have_numbers,
	  a_meta_that_makes_no_sense_is_told, a_record_keeps_what_the_gates_saw,
	  one_label_has_no_second, an_id_is_read_as_it_was_written, what_is_no_id_is_told)
