/* check_gate.c - from scores to a decision. */
#include "decide/gate.h"

#include "tests/test.h"

#define SECONDS(s) ((int64_t)((s)*1e9))

static struct gate_result push(struct gate *g, float a, float b, double at)
{
	struct gate_result r;

	gate_push(g, (float[]){ a, b }, 2, NULL, SECONDS(at), &r);
	return r;
}

static void start(struct gate *g, unsigned at_least, double hold)
{
	gate_init(g, &(struct gate_settings){ 0.8f, 0.2f, at_least, SECONDS(hold) });
}

START_TEST(three_windows_in_a_row_confirm)
{
	struct gate g;

	start(&g, 3, 0);
	ck_assert_int_eq(push(&g, 0.9f, 0.1f, 1).verdict, GATE_WAIT);
	ck_assert_int_eq(push(&g, 0.1f, 0.1f, 2).verdict, GATE_OFF); /* starts afresh */
	ck_assert_int_eq(push(&g, 0.9f, 0.1f, 3).verdict, GATE_WAIT);
	ck_assert_int_eq(push(&g, 0.9f, 0.1f, 4).verdict, GATE_WAIT);
	ck_assert_int_eq(push(&g, 0.9f, 0.1f, 5).verdict, GATE_ON);
}
END_TEST

START_TEST(another_label_starts_the_count_afresh)
{
	struct gate g;

	start(&g, 2, 0);
	ck_assert_int_eq(push(&g, 0.9f, 0.1f, 1).verdict, GATE_WAIT);
	ck_assert_int_eq(push(&g, 0.1f, 0.9f, 2).verdict, GATE_WAIT);
	struct gate_result r = push(&g, 0.1f, 0.9f, 3);
	ck_assert_int_eq(r.verdict, GATE_ON);
	ck_assert_int_eq(r.best, 1);
}
END_TEST

START_TEST(a_score_at_the_threshold_passes_and_one_below_does_not)
{
	struct gate g;

	start(&g, 1, 0);
	ck_assert_int_eq(push(&g, 0.8f, 0.1f, 1).verdict, GATE_ON);
	ck_assert_int_eq(push(&g, 0.79f, 0.1f, 2).reason, GATE_BELOW_THRESHOLD);
}
END_TEST

START_TEST(a_small_lead_is_within_the_margin)
{
	struct gate g;

	start(&g, 1, 0);
	ck_assert_int_eq(push(&g, 0.9f, 0.75f, 1).reason, GATE_WITHIN_MARGIN);
	ck_assert_int_eq(push(&g, 0.9f, 0.6f, 2).verdict, GATE_ON);
}
END_TEST

START_TEST(a_background_label_never_decides)
{
	struct gate g;
	struct gate_result r;

	start(&g, 1, 0);
	gate_push(&g, (float[]){ 0.9f, 0.1f }, 2, (bool[]){ false, true }, 0, &r);
	ck_assert_int_eq(r.verdict, GATE_OFF);
	ck_assert_int_eq(r.reason, GATE_BACKGROUND);
}
END_TEST

START_TEST(a_decision_is_held_and_then_ends)
{
	struct gate g;

	start(&g, 1, 2);
	ck_assert_int_eq(push(&g, 0.9f, 0.1f, 1).verdict, GATE_ON);
	ck_assert_int_eq(push(&g, 0.9f, 0.1f, 2).verdict, GATE_HELD);
	ck_assert_int_eq(push(&g, 0.1f, 0.1f, 3).ended, GATE_NONE);
	struct gate_result r = push(&g, 0.1f, 0.1f, 4); /* 2 s after the last that confirmed */
	ck_assert_int_eq(r.ended, 0);
	ck_assert_int_eq(r.end_reason, GATE_HOLD_ELAPSED);
	ck_assert_int_eq(push(&g, 0.9f, 0.1f, 5).verdict, GATE_ON);
}
END_TEST

START_TEST(another_decision_replaces_the_one_that_is_held)
{
	struct gate g;

	start(&g, 1, 10);
	push(&g, 0.9f, 0.1f, 1);
	struct gate_result r = push(&g, 0.1f, 0.9f, 2);
	ck_assert_int_eq(r.verdict, GATE_ON);
	ck_assert_int_eq(r.best, 1);
	ck_assert_int_eq(r.ended, 0);
	ck_assert_int_eq(r.end_reason, GATE_REPLACED);
}
END_TEST

START_TEST(a_reset_tells_what_was_on)
{
	struct gate g;

	start(&g, 1, 10);
	ck_assert_int_eq(gate_reset(&g), GATE_NONE);
	push(&g, 0.9f, 0.1f, 1);
	ck_assert_int_eq(gate_reset(&g), 0);
	ck_assert_int_eq(gate_reset(&g), GATE_NONE);
}
END_TEST

START_TEST(not_a_number_never_decides)
{
	struct gate g;
	float nan = __builtin_nanf("");

	start(&g, 1, 0);
	ck_assert_int_eq(push(&g, nan, 0.1f, 1).verdict, GATE_OFF);
	ck_assert_int_eq(push(&g, 0.1f, nan, 2).verdict, GATE_OFF);
	ck_assert_int_eq(push(&g, nan, nan, 3).verdict, GATE_OFF);
}
END_TEST

TEST_MAIN("gate", three_windows_in_a_row_confirm, another_label_starts_the_count_afresh,
	  a_score_at_the_threshold_passes_and_one_below_does_not, a_small_lead_is_within_the_margin,
	  a_background_label_never_decides, a_decision_is_held_and_then_ends,
	  another_decision_replaces_the_one_that_is_held, a_reset_tells_what_was_on,
	  not_a_number_never_decides)
