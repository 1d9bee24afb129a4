/* check_mix.c - mixing, and the channels that are dead. */
#include "signal/mix.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "tests/signal/support.h"
#include "tests/test.h"

enum { RATE = 1000 };

static struct mix *open_mix(struct arena *a, size_t channels, int take)
{
	struct mix *m = NULL;
	struct fault f = { 0 };

	ck_assert_int_eq(mix_open(&(struct mix_settings){ channels, take, RATE }, a, &m, &f), 0);
	return m;
}

START_TEST(two_living_channels_are_averaged)
{
	AUTO(arena) struct arena *a = arena_create();
	struct mix *m = open_mix(a, 2, MIX_AVERAGE);
	const float in[] = { 0.1f, 0.5f, 0.25f, 0.75f };
	float out[2];

	mix_run(m, in, 2, out);
	ck_assert_float_eq(out[1], 0.5f);
}
END_TEST

START_TEST(a_channel_that_never_moved_takes_no_part)
{
	AUTO(arena) struct arena *a = arena_create();
	struct mix *m = open_mix(a, 2, MIX_AVERAGE);
	struct mix_report report;
	float in[20] = { 0 }, out[10];

	for (int i = 0; i < 10; i++)
		in[2 * i + 1] = 0.01f * (float)i;
	mix_run(m, in, 10, out);
	mix_report(m, &report);
	ck_assert_float_eq(out[9], in[19]);
	ck_assert_uint_eq(report.dead, 1);
	ck_assert_uint_eq(report.deaths, 0);
}
END_TEST

START_TEST(a_channel_dies_after_a_second_of_equal_samples_and_revives_at_once)
{
	AUTO(arena) struct arena *a = arena_create();
	struct mix *m = open_mix(a, 2, MIX_AVERAGE);
	struct mix_report report;
	float in[2], out, before = 0;

	for (int i = 0; i <= RATE + 5; i++) {
		in[0] = i == 0 ? 0.0f : 0.5f; /* changes once, at 1 */
		in[1] = (float)(i % 7) / 8.0f;
		mix_run(m, in, 1, &out);
		if (i == RATE)
			before = out - (in[0] + in[1]) / 2; /* RATE - 1 equal ones: lives */
	}
	ck_assert_float_eq(before, 0.0f);
	ck_assert_float_eq(out, in[1]);
	mix_report(m, &report);
	ck_assert_uint_eq(report.dead, 1);
	ck_assert_uint_eq(report.deaths, 1);

	in[0] = 0.25f;
	mix_run(m, in, 1, &out);
	ck_assert_float_eq(out, (0.25f + in[1]) / 2);
	mix_report(m, &report);
	ck_assert_uint_eq(report.dead, 0);
}
END_TEST

START_TEST(one_channel_passes_unchanged_dead_or_alive)
{
	AUTO(arena) struct arena *a = arena_create();
	struct mix *m = open_mix(a, 1, MIX_AVERAGE);
	float in[3 * RATE], out[3 * RATE];

	support_noise(in, RATE, 0.3f, 9);
	for (int i = RATE; i < 3 * RATE; i++)
		in[i] = 0.125f;
	mix_run(m, in, 3 * RATE, out);
	ck_assert_mem_eq(in, out, sizeof(in));
}
END_TEST

START_TEST(a_chosen_channel_is_taken_and_its_death_reported)
{
	AUTO(arena) struct arena *a = arena_create();
	struct mix *m = open_mix(a, 3, 1);
	struct mix_report report;
	const float in[] = { 0, 1, 2, 9, 1, 7 };
	float out[2];

	mix_run(m, in, 2, out);
	mix_report(m, &report);
	ck_assert_float_eq(out[1], 1);
	ck_assert_uint_eq(report.dead, 2);
}
END_TEST

START_TEST(cuts_do_not_change_a_bit)
{
	static float in[4 * 5000], whole[5000], parts[5000];
	AUTO(arena) struct arena *a = arena_create();
	struct mix *one = open_mix(a, 4, MIX_AVERAGE), *two = open_mix(a, 4, MIX_AVERAGE);
	struct mix_report first, second;
	uint32_t random = 3;

	support_noise(in, 4 * 5000, 1.0f, 11);
	for (int i = 1500; i < 4000; i++)
		in[4 * i + 2] = 0.25f;
	mix_run(one, in, 5000, whole);
	for (size_t at = 0, now; at < 5000; at += now) {
		now = support_random(&random) % 97;
		now = now < 5000 - at ? now : 5000 - at;
		mix_run(two, in + 4 * at, now, parts + at);
	}
	mix_report(one, &first);
	mix_report(two, &second);
	ck_assert_mem_eq(whole, parts, sizeof(whole));
	ck_assert_mem_eq(&first, &second, sizeof(first));
	ck_assert_uint_eq(first.deaths, 1);
}
END_TEST

START_TEST(three_full_scale_samples_in_a_row_are_clipping_and_two_are_not)
{
	AUTO(arena) struct arena *a = arena_create();
	struct mix *m = open_mix(a, 1, MIX_AVERAGE);
	struct mix_report report;
	const float top = 32767.0f / 32768.0f;
	const float in[] = { 0, top, top, 0, -1, top, -1, 0, top, top, top, top, 0, -1, -1, -1 };
	float out[ARRAY_SIZE(in)];

	mix_run(m, in, ARRAY_SIZE(in), out);
	mix_report(m, &report);
	ck_assert_uint_eq(report.clipped, 7);
	ck_assert_uint_eq(report.clipped_channels, 1);
}
END_TEST

START_TEST(what_is_no_number_becomes_silence_and_is_counted)
{
	AUTO(arena) struct arena *a = arena_create();
	struct mix *m = open_mix(a, 1, MIX_AVERAGE);
	struct mix_report report;
	const float in[] = { 0.5f, NAN, INFINITY, 0.25f };
	const float right[] = { 0.5f, 0, 0, 0.25f };
	float out[4];

	mix_run(m, in, 4, out);
	mix_report(m, &report);
	ck_assert_mem_eq(out, right, sizeof(out));
	ck_assert_uint_eq(report.not_finite, 2);
}
END_TEST

START_TEST(a_channel_that_is_not_there_is_refused_by_name)
{
	AUTO(arena) struct arena *a = arena_create();
	struct mix *m = NULL;
	struct fault f = { 0 };

	ck_assert_int_eq(mix_open(&(struct mix_settings){ 2, 2, RATE }, a, &m, &f), -EINVAL);
	ck_assert_str_eq(f.text, "mix.take: there is no channel 2, only 0 to 1");
}
END_TEST

TEST_MAIN("mix", two_living_channels_are_averaged, a_channel_that_never_moved_takes_no_part,
	  a_channel_dies_after_a_second_of_equal_samples_and_revives_at_once,
	  one_channel_passes_unchanged_dead_or_alive,
	  a_chosen_channel_is_taken_and_its_death_reported, cuts_do_not_change_a_bit,
	  three_full_scale_samples_in_a_row_are_clipping_and_two_are_not,
	  what_is_no_number_becomes_silence_and_is_counted,
	  a_channel_that_is_not_there_is_refused_by_name)
