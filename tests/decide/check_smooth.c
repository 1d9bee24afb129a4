/* check_smooth.c - scores of several windows taken together. */
#include "decide/smooth.h"

#include "tests/test.h"

static float last_of(enum smooth_by by, size_t windows, const float *scores, size_t count)
{
	struct arena *memory = arena_create();
	struct smooth *s = smooth_open(memory, by, windows, 1);
	float out = 0;

	for (size_t i = 0; i < count; i++)
		smooth_push(s, &scores[i], &out);
	arena_free(memory);
	return out;
}

START_TEST(the_first_window_is_its_own_mean)
{
	ck_assert_float_eq(last_of(SMOOTH_MEAN, 4, (float[]){ 0.6f }, 1), 0.6f);
}
END_TEST

START_TEST(the_mean_reaches_back_so_many_windows_and_no_further)
{
	ck_assert_float_eq(last_of(SMOOTH_MEAN, 2, (float[]){ 100, 0.25f, 0.75f }, 3), 0.5f);
}
END_TEST

START_TEST(the_median_ignores_one_outlier)
{
	ck_assert_float_eq(last_of(SMOOTH_MEDIAN, 3, (float[]){ 0.5f, 9, 0.25f }, 3), 0.5f);
	ck_assert_float_eq(last_of(SMOOTH_MEDIAN, 4, (float[]){ 4, 1, 3, 2 }, 4), 2);
}
END_TEST

START_TEST(the_maximum_is_forgotten_in_time)
{
	ck_assert_float_eq(last_of(SMOOTH_MAXIMUM, 2, (float[]){ 9, 1, 2 }, 3), 2);
}
END_TEST

START_TEST(labels_do_not_mix_and_a_reset_forgets)
{
	struct arena *memory = arena_create();
	struct smooth *s = smooth_open(memory, SMOOTH_MEAN, 2, 2);
	float out[2];

	smooth_push(s, (float[]){ 1, 2 }, out);
	smooth_push(s, (float[]){ 3, 6 }, out);
	ck_assert_float_eq(out[0], 2);
	ck_assert_float_eq(out[1], 4);
	smooth_reset(s);
	smooth_push(s, (float[]){ 7, 8 }, out);
	ck_assert_float_eq(out[0], 7);
	arena_free(memory);
}
END_TEST

TEST_MAIN("smooth", the_first_window_is_its_own_mean,
	  the_mean_reaches_back_so_many_windows_and_no_further, the_median_ignores_one_outlier,
	  the_maximum_is_forgotten_in_time, labels_do_not_mix_and_a_reset_forgets)
