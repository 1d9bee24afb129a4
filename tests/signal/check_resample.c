/* check_resample.c - what passes, what does not, how late, and how the stream may be cut. */
#include "signal/resample.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/signal/support.h"
#include "tests/test.h"

enum { SETTLE = 400 }; /* output samples at either end that a steady tone does not fill */

static struct resample *open_resample(struct arena *a, uint32_t in_hz, uint32_t out_hz)
{
	struct resample *r = NULL;
	struct fault f = { 0 };

	ck_assert_msg(resample_open(a, in_hz, out_hz, &r, &f) == 0, "%s", f.text);
	return r;
}

/* All of what `count` samples from index 0 on give; caller frees. */
static float *convert(struct resample *r, const float *in, size_t count, size_t *made)
{
	float *out = malloc((resample_most(r, count) + resample_most(r, 0)) * sizeof(float));

	resample_reset(r, 0);
	*made = resample_push(r, in, count, out);
	*made += resample_flush(r, out + *made);
	return out;
}

/* Root mean square away from the ends, in dB of a sine of amplitude 1. */
static double level_db(const float *x, size_t count)
{
	double sum = 0;

	for (size_t i = SETTLE; i < count - SETTLE; i++)
		sum += (double)x[i] * x[i];
	return 10 * log10(sum / (double)(count - 2 * SETTLE) * 2 + 1e-30);
}

/* What a tone of amplitude 1 leaves. */
static double tone_db(struct resample *r, uint32_t in_hz, double hz)
{
	size_t count = in_hz / 4, made; /* 4000 samples at 16 kHz */
	AUTO_FREE float *in = calloc(count, sizeof(float));

	support_tone(in, count, hz, in_hz, 1.0);
	AUTO_FREE float *out = convert(r, in, count, &made);
	return level_db(out, made);
}

/* The loudest alias of tones from half the output's rate up to half the input's. */
static double worst_alias_db(struct resample *r, uint32_t in_hz, uint32_t out_hz)
{
	double worst = -200;

	for (double hz = out_hz / 2.0; hz <= in_hz / 2.0;
	     hz += hz < 0.6 * out_hz ? 13.0 : in_hz / 97.0)
		worst = fmax(worst, tone_db(r, in_hz, hz));
	return worst;
}

/* Against the tone as it should be, over the same samples: it need not end with a period. */
static double gain_db(struct resample *r, uint32_t in_hz, double hz)
{
	enum { COUNT = 4000 };
	static float ideal[COUNT];

	memset(ideal, 0, sizeof(ideal));
	support_tone(ideal, COUNT, hz, 16000, 1.0);
	return tone_db(r, in_hz, hz) - level_db(ideal, COUNT);
}

static double worst_ripple_db(struct resample *r, uint32_t in_hz, double end_hz)
{
	double worst = 0;

	for (double hz = end_hz / 40; hz <= end_hz; hz += end_hz / 40)
		worst = fmax(worst, fabs(gain_db(r, in_hz, hz)));
	return worst;
}

START_TEST(aliases_are_80_db_down_and_the_pass_band_is_flat)
{
	static const uint32_t rates[] = { 22050, 32000, 44100, 48000, 96000, 192000, 384000 };

	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		AUTO(arena) struct arena *a = arena_create();
		struct resample *r = open_resample(a, rates[i], 16000);
		double alias = worst_alias_db(r, rates[i], 16000);
		double ripple = worst_ripple_db(r, rates[i], 0.455 * 16000);
		char text[128];

		resample_describe(r, text, sizeof(text));
		printf("%s; aliases %.1f dB, ripple to 7280 Hz %.4f dB, 7500 Hz %.2f dB, 7600 Hz "
		       "%.2f dB, "
		       "%zu KiB\n",
		       text, alias, ripple, gain_db(r, rates[i], 7500), gain_db(r, rates[i], 7600),
		       arena_bytes(a) / 1024);
		ck_assert_double_le(alias, -80);
		ck_assert_double_le(ripple, 0.01);
	}
}
END_TEST

/* A tone going up: whatever is not the tone itself is image, and rounding. */
static double worst_image_db(uint32_t in_hz, uint32_t out_hz)
{
	AUTO(arena) struct arena *a = arena_create();
	struct resample *r = open_resample(a, in_hz, out_hz);
	double worst = -200;

	for (int step = 1; step < 20; step++) {
		double hz = 0.455 * in_hz * step / 20;
		size_t count = in_hz / 4, made;
		AUTO_FREE float *in = calloc(count, sizeof(float));

		support_tone(in, count, hz, in_hz, 1.0);
		AUTO_FREE float *out = convert(r, in, count, &made);
		support_tone(out, made, hz, out_hz, -1.0);
		worst = fmax(worst, level_db(out, made));
	}
	printf("%u to %u Hz: images and errors %.1f dB\n", in_hz, out_hz, worst);
	return worst;
}

START_TEST(going_up_gives_the_same_tone_at_the_same_time)
{
	ck_assert_double_le(worst_image_db(8000, 16000), -80);
	ck_assert_double_le(worst_image_db(11025, 16000), -80);
	ck_assert_double_le(worst_image_db(16000, 44100), -80);
}
END_TEST

START_TEST(ratios_of_large_numbers_share_phases_and_stay_as_clean)
{
	ck_assert_double_le(worst_image_db(15999, 16001), -80);
	ck_assert_double_le(worst_image_db(44099, 47998), -80);

	AUTO(arena) struct arena *a = arena_create();
	struct resample *r = open_resample(a, 44101, 16000);
	ck_assert_double_le(worst_alias_db(r, 44101, 16000), -80);
	ck_assert_uint_le(arena_bytes(a), 1300 * 1024);
}
END_TEST

START_TEST(the_delay_is_at_most_4_ms_from_48_and_44_1_to_16_khz)
{
	AUTO(arena) struct arena *a = arena_create();

	ck_assert_int_le(resample_delay_ns(open_resample(a, 48000, 16000)), 4000000);
	ck_assert_int_le(resample_delay_ns(open_resample(a, 44100, 16000)), 4000000);
	ck_assert_int_eq(resample_delay_ns(open_resample(a, 16000, 16000)), 0);
}
END_TEST

START_TEST(an_output_waits_for_the_stated_delay_and_no_longer)
{
	AUTO(arena) struct arena *a = arena_create();
	struct resample *r = open_resample(a, 48000, 16000);
	float in = 0, out[64];
	int64_t delay = resample_delay_ns(r) * 48 / 1000000;

	for (int64_t i = 0; i < 5000; i++) {
		size_t made = resample_push(r, &in, 1, out);
		int64_t last = (resample_index(r) - 1) * 3;

		if (made > 0)
			ck_assert_int_le(i - last, delay + 1);
	}
}
END_TEST

START_TEST(an_impulse_comes_out_where_it_went_in)
{
	AUTO(arena) struct arena *a = arena_create();
	struct resample *r = open_resample(a, 48000, 16000);
	static float in[6000];
	size_t made, peak = 0;

	in[3000] = 1.0f;
	AUTO_FREE float *out = convert(r, in, 6000, &made);
	for (size_t i = 0; i < made; i++)
		peak = fabsf(out[i]) > fabsf(out[peak]) ? i : peak;
	ck_assert_uint_eq(made, 2000);
	ck_assert_uint_eq(peak, 1000);
	for (size_t i = 1; i < 900; i++)
		ck_assert_float_eq_tol(out[1000 - i], out[1000 + i], 1e-7f);
}
END_TEST

START_TEST(a_constant_stays_what_it_is)
{
	static const uint32_t rates[] = { 8000, 11025, 44100, 48000, 44101 };
	static float in[20000];

	for (size_t i = 0; i < ARRAY_SIZE(in); i++)
		in[i] = 0.5f;
	for (size_t k = 0; k < ARRAY_SIZE(rates); k++) {
		AUTO(arena) struct arena *a = arena_create();
		size_t made;
		AUTO_FREE float *out = convert(open_resample(a, rates[k], 16000), in, 20000, &made);

		ck_assert_uint_eq(made, (20000ull * 16000 + rates[k] - 1) / rates[k]);
		for (size_t i = SETTLE; i < made - SETTLE; i++)
			ck_assert_float_eq_tol(out[i], 0.5f, 1e-6f);
	}
}
END_TEST

START_TEST(cuts_do_not_change_a_bit)
{
	static const uint32_t pairs[][2] = { { 48000, 16000 }, { 44100, 16000 }, { 8000, 16000 },
					     { 44101, 16000 }, { 16000, 16000 }, { 384000, 8000 } };
	static float in[30000], out[70000];
	uint32_t random = 7;

	support_noise(in, 30000, 1.0f, 3);
	for (size_t k = 0; k < ARRAY_SIZE(pairs); k++) {
		AUTO(arena) struct arena *a = arena_create();
		struct resample *r = open_resample(a, pairs[k][0], pairs[k][1]);
		size_t made, parts = 0;
		AUTO_FREE float *whole = convert(r, in, 30000, &made);

		resample_reset(r, 0);
		for (size_t at = 0, now; at < 30000; at += now) {
			now = support_random(&random) % (k % 2 == 0 ? 37 : 3000);
			now = now < 30000 - at ? now : 30000 - at;
			size_t got = resample_push(r, in + at, now, out + parts);
			ck_assert_uint_le(got, resample_most(r, now));
			parts += got;
		}
		parts += resample_flush(r, out + parts);
		ck_assert_uint_eq(parts, made);
		ck_assert_mem_eq(out, whole, made * sizeof(float));
	}
}
END_TEST

START_TEST(who_starts_in_the_middle_gets_the_same_samples_at_the_same_indices)
{
	static const uint32_t pairs[][2] = { { 48000, 16000 }, { 44100, 16000 }, { 44101, 16000 } };
	static float in[30000], late[30000];

	support_noise(in, 30000, 1.0f, 3);
	for (size_t k = 0; k < ARRAY_SIZE(pairs); k++)
		for (int64_t first = 9990; first < 10000; first++) {
			AUTO(arena) struct arena *a = arena_create();
			struct resample *r = open_resample(a, pairs[k][0], pairs[k][1]);
			size_t made;
			AUTO_FREE float *whole = convert(r, in, 30000, &made);

			resample_reset(r, first);
			int64_t index = resample_index(r);
			ck_assert_int_ge(index * pairs[k][0], first * pairs[k][1]);
			ck_assert_int_lt((index - 1) * pairs[k][0], first * pairs[k][1]);
			size_t got = resample_push(r, in + first, (size_t)(30000 - first), late);
			ck_assert_mem_eq(late + SETTLE, whole + index + SETTLE,
					 (got - SETTLE) * sizeof(float));
		}
}
END_TEST

START_TEST(indices_of_a_year_long_stream_do_not_overflow)
{
	AUTO(arena) struct arena *a = arena_create();
	struct resample *r = open_resample(a, 384000, 44100);
	int64_t year = INT64_C(384000) * 86400 * 366;

	resample_reset(r, year + 1);
	ck_assert_int_eq(resample_index(r), INT64_C(44100) * 86400 * 366 + 1);
}
END_TEST

START_TEST(rates_out_of_bounds_are_refused_with_a_sentence)
{
	AUTO(arena) struct arena *a = arena_create();
	struct resample *r = NULL;
	struct fault f = { 0 };

	ck_assert_int_eq(resample_open(a, 26, 16000, &r, &f), -EINVAL);
	ck_assert_str_eq(f.text, "cannot resample 26 to 16000 Hz: 26 Hz is not 1000 to 768000 Hz");
	ck_assert_int_eq(resample_open(a, 384000, 4000, &r, &f), -EINVAL);
	ck_assert_ptr_null(r);
}
END_TEST

TEST_MAIN("resample", aliases_are_80_db_down_and_the_pass_band_is_flat,
	  going_up_gives_the_same_tone_at_the_same_time,
	  ratios_of_large_numbers_share_phases_and_stay_as_clean,
	  the_delay_is_at_most_4_ms_from_48_and_44_1_to_16_khz,
	  an_output_waits_for_the_stated_delay_and_no_longer, an_impulse_comes_out_where_it_went_in,
	  a_constant_stays_what_it_is, cuts_do_not_change_a_bit,
	  who_starts_in_the_middle_gets_the_same_samples_at_the_same_indices,
	  indices_of_a_year_long_stream_do_not_overflow,
	  rates_out_of_bounds_are_refused_with_a_sentence)
