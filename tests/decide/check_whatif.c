/* check_whatif.c - the smallest change that turns a verdict. */
#include "decide/whatif.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/test.h"

enum { LABELS = 4, WINDOWS = 24, ROUNDS = 3000 };

static uint32_t seed;

static uint32_t pick(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)seed * below >> 32);
}

static struct trace_record records[WINDOWS];
static float room[LABELS];
static bool deciding[LABELS];
static struct whatif w;

/* A word of a few windows in noise, as smoothed scores look; in steps of 1/512 as int8 models give
 * them, or of any size. */
static void make_records(bool steps)
{
	float scores[LABELS];
	uint32_t from = pick(WINDOWS - 4), length = 1 + pick(6);

	for (uint32_t i = 0; i < WINDOWS; i++) {
		struct gate_result result;
		struct gate g;
		for (uint32_t k = 0; k < LABELS; k++) {
			bool word = k == 1 && i >= from && i < from + length;
			uint32_t value = (word ? 200 : 0) + pick(313);
			scores[k] = steps ? (float)value / 512 : (float)value / 513.7f;
		}
		gate_init(&g, &(struct gate_settings){ 0.5f, 0, 1, 0 });
		gate_push(&g, scores, LABELS, NULL, 0, &result);
		records[i] = (struct trace_record){ .window = i, .end_ns = i };
		trace_put_scores(&records[i], scores, scores, LABELS, &result);
		records[i].flags = i == 0 || pick(20) == 0 ? TRACE_FRESH : 0;
	}
}

static void ask(double threshold, double margin, double at_least)
{
	for (size_t i = 0; i < LABELS; i++) {
		room[i] = -INFINITY;
		deciding[i] = i != 3;
	}
	w = (struct whatif){ .records = records,
			     .first = 4,
			     .count = WINDOWS,
			     .labels = LABELS,
			     .deciding = deciding,
			     .scores = room,
			     .label = 1,
			     .now = { threshold, margin, at_least } };
}

static void ask_at_random(void)
{
	make_records(pick(2) == 0);
	ask(0.3 + pick(70) / 100.0, pick(60) / 100.0, 1 + pick(5));
}

/* A setting as it is printed and read back: %.9g, as the YAML says it. */
static double printed(double value)
{
	char text[40];

	snprintf(text, sizeof(text), "%.9g", value);
	return strtod(text, NULL);
}

/* Settings with a part of the change made; whole numbers stay on the side of what is. */
static bool decides_with(const struct whatif_change *c, double part)
{
	double settings[WHATIF_SETTINGS];

	memcpy(settings, w.now, sizeof(settings));
	for (size_t i = 0; i < c->count; i++) {
		const struct whatif_step *s = &c->steps[i];
		double value = s->from + (printed(s->to) - s->from) * part;
		if (s->setting == WHATIF_AT_LEAST)
			value = s->to < s->from ? ceil(value) : floor(value);
		settings[s->setting] = value;
	}
	return whatif_decides(&w, settings);
}

START_TEST(the_change_turns_the_verdict_and_half_of_it_does_not)
{
	struct whatif_change changes[WHATIF_SETTINGS];
	unsigned turned[2] = { 0 }, sizes[WHATIF_SETTINGS + 1] = { 0 };

	seed = 1;
	for (int round = 0; round < ROUNDS; round++) {
		ask_at_random();
		bool decided = whatif_decides(&w, w.now);
		int count = whatif_turn(&w, changes);
		ck_assert_int_ge(count, 0);
		for (int i = 0; i < count; i++) {
			ck_assert_int_eq(decides_with(&changes[i], 1), !decided);
			ck_assert_int_eq(decides_with(&changes[i], 0.5), decided);
			sizes[changes[i].count]++;
		}
		turned[decided] += count > 0;
	}
	/* the sequences reach every branch */
	ck_assert_uint_gt(turned[0], 500);
	ck_assert_uint_gt(turned[1], 300);
	ck_assert_uint_gt(sizes[1], 500);
	ck_assert_uint_gt(sizes[2], 100);
	ck_assert_uint_gt(sizes[3], 5);
}
END_TEST

/* Whether anything on a fine grid turns it with less change than `size`; one setting, or two. */
static bool smaller_exists(bool decided, double size, bool pairs)
{
	for (int s = 0; s < 2; s++)
		for (int k = 1; k < 1000; k++) {
			double settings[WHATIF_SETTINGS] = { w.now[0], w.now[1], w.now[2] };
			double to = decided ? w.now[s] + k / 1000.0 : w.now[s] * (1 - k / 1000.0);
			double larger = to > w.now[s] ? to : w.now[s];
			settings[s] = to;
			double part = fabs(to - w.now[s]) / larger;
			if (part >= size)
				break;
			if (whatif_decides(&w, settings) != decided)
				return true;
			for (double a = w.now[2] - 1; pairs && a >= 1; a--) {
				settings[2] = a;
				if (part + (w.now[2] - a) / w.now[2] < size &&
				    whatif_decides(&w, settings) != decided)
					return true;
			}
		}
	return false;
}

/* The same for threshold and margin together, on a coarser grid. */
static bool smaller_pair_exists(double size)
{
	double settings[WHATIF_SETTINGS] = { w.now[0], w.now[1], w.now[2] };

	for (int i = 0; i < 100; i++)
		for (int k = 0; k < 100 && (i + k) / 100.0 < size; k++) {
			settings[0] = w.now[0] * (1 - i / 100.0);
			settings[1] = w.now[1] * (1 - k / 100.0);
			if (whatif_decides(&w, settings))
				return true;
		}
	return false;
}

/* A tenth of the way beyond the boundary is what rounding may take. */
START_TEST(nothing_smaller_on_a_fine_grid_turns_it)
{
	struct whatif_change changes[WHATIF_SETTINGS];

	seed = 2;
	for (int round = 0; round < 400; round++) {
		ask_at_random();
		bool decided = whatif_decides(&w, w.now);
		if (whatif_turn(&w, changes) < 1)
			continue;
		ck_assert_msg(
			!smaller_exists(decided, changes[0].size * 0.9, changes[0].count == 2),
			"round %d", round);
		if (changes[0].count == 2)
			ck_assert_msg(!smaller_pair_exists(changes[0].size * 0.9), "round %d",
				      round);
	}
}
END_TEST

START_TEST(where_nothing_is_said_no_settings_decide_it)
{
	struct whatif_change changes[WHATIF_SETTINGS];
	unsigned seen = 0;

	seed = 3;
	for (int round = 0; round < ROUNDS; round++) {
		ask_at_random();
		w.label = (int)pick(LABELS);
		if (whatif_turn(&w, changes) > 0)
			continue;
		seen++;
		ck_assert(!whatif_decides(&w, (double[]){ 0, 0, 1 }));
	}
	ck_assert_uint_gt(seen, 20);
}
END_TEST

static struct trace_record window_of(int best, float score, float second)
{
	return (struct trace_record){ .label = { (uint16_t)best, best == 2 ? 0 : 2,
						 TRACE_NO_LABEL },
				      .smoothed = { score, second } };
}

START_TEST(the_boundary_is_the_score_that_was_missed)
{
	struct whatif_change changes[WHATIF_SETTINGS];

	for (size_t i = 0; i < WINDOWS; i++)
		records[i] = window_of(2, 0.9f, 0.05f);
	records[10] = window_of(1, 0.8125f, 0.1f);
	records[11] = window_of(1, 0.875f, 0.1f);
	ask(0.9, 0.2, 2);
	ck_assert_int_eq(whatif_turn(&w, changes), 1);
	ck_assert_uint_eq(changes[0].count, 1);
	ck_assert_int_eq(changes[0].steps[0].setting, WHATIF_THRESHOLD);
	ck_assert_double_eq(changes[0].steps[0].boundary, 0.8125);
	ck_assert_double_eq(changes[0].steps[0].to, 0.81);
	/* one window in the place of two would not do alone, but goes with less of the other */
	ask(0.85, 0.2, 2);
	ck_assert_int_eq(whatif_turn(&w, changes), 2);
	ck_assert_int_eq(changes[0].steps[0].setting, WHATIF_THRESHOLD);
	ck_assert_int_eq(changes[1].steps[0].setting, WHATIF_AT_LEAST);
	ck_assert_double_eq(changes[1].steps[0].to, 1);
}
END_TEST

START_TEST(a_pair_where_none_does_alone)
{
	struct whatif_change changes[WHATIF_SETTINGS];

	for (size_t i = 0; i < WINDOWS; i++)
		records[i] = window_of(2, 0.9f, 0.05f);
	records[10] = window_of(1, 0.75f, 0.5f);
	ask(0.8, 0.5, 1);
	ck_assert_int_eq(whatif_turn(&w, changes), 1);
	ck_assert_uint_eq(changes[0].count, 2);
	ck_assert_int_eq(changes[0].steps[0].setting, WHATIF_MARGIN);
	ck_assert_double_eq(changes[0].steps[0].to, 0.25);
	ck_assert_double_eq(changes[0].steps[1].to, 0.75);
	ask(0.8, 0.5, 2);
	ck_assert_int_eq(whatif_turn(&w, changes), 1);
	ck_assert_uint_eq(changes[0].count, 3);
}
END_TEST

START_TEST(a_gap_is_no_row)
{
	for (size_t i = 0; i < WINDOWS; i++)
		records[i] = window_of(2, 0.9f, 0.05f);
	records[10] = records[11] = window_of(1, 0.9f, 0.1f);
	ask(0.8, 0.2, 2);
	ck_assert(whatif_decides(&w, w.now));
	records[11].flags = TRACE_FRESH;
	ck_assert(!whatif_decides(&w, w.now));
}
END_TEST

START_TEST(what_came_before_the_span_counts_in_a_row)
{
	for (size_t i = 0; i < WINDOWS; i++)
		records[i] = window_of(2, 0.9f, 0.05f);
	records[10] = records[11] = window_of(1, 0.9f, 0.1f);
	ask(0.8, 0.2, 2);
	w.first = 11;
	ck_assert(whatif_decides(&w, w.now));
	w.first = 12;
	ck_assert(!whatif_decides(&w, w.now));
}
END_TEST

TEST_MAIN("whatif", the_change_turns_the_verdict_and_half_of_it_does_not,
	  nothing_smaller_on_a_fine_grid_turns_it, where_nothing_is_said_no_settings_decide_it,
	  the_boundary_is_the_score_that_was_missed, a_pair_where_none_does_alone, a_gap_is_no_row,
	  what_came_before_the_span_counts_in_a_row)
