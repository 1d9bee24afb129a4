/* check_window.c - windows of a stream, however it is cut. */
#include "signal/window.h"

#include <errno.h>

#include "tests/signal/support.h"
#include "tests/test.h"

/* Sample i of the stream has the value i, so a window shows where it was cut. */
static const float *counting(void)
{
	static float samples[2000];

	for (int i = 0; i < 2000; i++)
		samples[i] = (float)i;
	return samples;
}

static struct window *open_window(struct arena *a, size_t length, size_t hop, int64_t first)
{
	struct window *w = NULL;

	ck_assert_int_eq(window_open(a, length, hop, &w), 0);
	window_reset(w, first);
	return w;
}

/* Pushes samples first..end-1 in cuts of at most `most`; each window must start where it is due. */
static unsigned push_all(struct window *w, int64_t first, int64_t end, size_t most, size_t length,
			 size_t hop)
{
	int64_t due = (first + (int64_t)hop - 1) / (int64_t)hop * (int64_t)hop;
	uint32_t random = (uint32_t)most;
	struct window_cut cut;
	unsigned count = 0;

	while (first < end) {
		size_t now = 1 + support_random(&random) % most;
		now = (int64_t)now < end - first ? now : (size_t)(end - first);
		const float *p = counting() + first;

		first += (int64_t)now;
		while (window_push(w, &p, &now, &cut)) {
			ck_assert_int_eq(cut.first, due);
			ck_assert_uint_eq(cut.valid, length);
			for (size_t i = 0; i < length; i++)
				ck_assert_float_eq(cut.samples[i], (float)(due + (int64_t)i));
			due += (int64_t)hop;
			count++;
		}
		ck_assert_uint_eq(now, 0);
	}
	return count;
}

START_TEST(windows_overlap_touch_or_leave_gaps_at_any_cut)
{
	static const size_t shapes[][2] = {
		{ 100, 25 }, { 100, 100 }, { 30, 100 }, { 1, 1 }, { 7, 3 }
	};
	static const size_t cuts[] = { 1, 2, 13, 100, 333, 2000 };

	for (size_t s = 0; s < ARRAY_SIZE(shapes); s++)
		for (size_t c = 0; c < ARRAY_SIZE(cuts); c++) {
			AUTO(arena) struct arena *a = arena_create();
			size_t length = shapes[s][0], hop = shapes[s][1];
			struct window *w = open_window(a, length, hop, 0);

			ck_assert_uint_eq(push_all(w, 0, 2000, cuts[c], length, hop),
					  (2000 - length) / hop + 1);
		}
}
END_TEST

START_TEST(who_starts_in_the_middle_cuts_the_same_windows)
{
	AUTO(arena) struct arena *a = arena_create();
	struct window *w = open_window(a, 100, 40, 0);

	for (int64_t first = 0; first < 200; first += 7) {
		window_reset(w, first);
		ck_assert_uint_gt(push_all(w, first, 2000, 50, 100, 40), 0);
	}
}
END_TEST

START_TEST(a_stream_shorter_than_a_window_gives_one_with_zeros_behind)
{
	AUTO(arena) struct arena *a = arena_create();
	struct window *w = open_window(a, 10, 5, 0);
	struct window_cut cut;
	const float *p = counting();
	size_t count = 4;

	ck_assert(!window_push(w, &p, &count, &cut));
	ck_assert(window_flush(w, &cut));
	ck_assert(cut.padded);
	ck_assert_uint_eq(cut.valid, 4);
	for (int i = 0; i < 10; i++)
		ck_assert_float_eq(cut.samples[i], i < 4 ? (float)i : 0.0f);
	ck_assert(!window_flush(w, &cut));
}
END_TEST

START_TEST(an_unfinished_rest_is_dropped_once_a_window_came)
{
	AUTO(arena) struct arena *a = arena_create();
	struct window *w = open_window(a, 10, 5, 0);
	struct window_cut cut;

	ck_assert_uint_eq(push_all(w, 0, 14, 14, 10, 5), 1);
	ck_assert(!window_flush(w, &cut));
}
END_TEST

START_TEST(an_empty_stream_gives_nothing)
{
	AUTO(arena) struct arena *a = arena_create();
	struct window *w = open_window(a, 10, 5, 0), *none = NULL;
	struct window_cut cut;

	ck_assert(!window_flush(w, &cut));
	ck_assert_int_eq(window_open(a, 0, 5, &none), -EINVAL);
	ck_assert_int_eq(window_open(a, 5, 0, &none), -EINVAL);
}
END_TEST

TEST_MAIN("window", windows_overlap_touch_or_leave_gaps_at_any_cut,
	  who_starts_in_the_middle_cuts_the_same_windows,
	  a_stream_shorter_than_a_window_gives_one_with_zeros_behind,
	  an_unfinished_rest_is_dropped_once_a_window_came, an_empty_stream_gives_nothing)
