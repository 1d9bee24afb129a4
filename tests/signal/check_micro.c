/* check_micro.c - TensorFlow's integer front end: every recorded cell, and its state. */
#include "signal/micro.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/signal/presets.h"
#include "tests/signal/support.h"
#include "tests/test.h"

enum { BANDS = 40 };

static struct micro *open_micro(struct arena *a, const struct frontend_settings *s)
{
	struct micro *m = NULL;
	struct fault f = { 0 };

	ck_assert_msg(micro_open(s, a, &m, &f) == 0, "%s", f.text);
	return m;
}

/* Windows of `rows` rows in a stream, `fresh` of them new in each. */
static struct frontend_settings streaming(int64_t step, int64_t rows, int64_t fresh)
{
	struct frontend_settings s = preset_micro;

	s.step = step;
	s.length_ns = (480 + (rows - 1) * step) * 62500;
	s.hop_ns = fresh * step * 62500;
	return s;
}

static void compare_recorded(const char *name, int64_t step)
{
	AUTO(arena) struct arena *a = arena_create();
	char reference[80], recording[80];
	size_t bytes, count, wrong = 0;
	float row[BANDS];

	snprintf(reference, sizeof(reference), "ref/features/microfe_%dms_%s.u16.bin",
		 (int)step / 16, name);
	snprintf(recording, sizeof(recording), "inputs/audio/%s.wav", name);
	AUTO_FREE uint16_t *right = support_shared(reference, &bytes);
	AUTO_FREE float *wav = support_wav(recording, &count);
	if (support_missing("recorded integers", right, reference) ||
	    support_missing("recorded integers", wav, recording))
		return;

	struct frontend_settings s = streaming(step, 1, 1);
	struct micro *m = open_micro(a, &s);
	size_t rows = bytes / sizeof(*right) / BANDS;
	ck_assert_uint_eq(rows, (count - 480) / (size_t)step + 1);
	for (size_t k = 0; k < rows; k++) {
		micro_run(m, wav + k * (size_t)step, row);
		for (size_t i = 0; i < BANDS; i++)
			wrong += row[i] != right[k * BANDS + i];
	}
	printf("%s: %zu of %zu cells differ\n", reference, wrong, rows * BANDS);
	ck_assert_uint_eq(wrong, 0);
}

START_TEST(every_recorded_cell_is_equal)
{
	static const char *const names[] = { "alexa_1", "yes_1000ms", "no_1000ms" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		compare_recorded(names[i], 160);
		compare_recorded(names[i], 320);
	}
}
END_TEST

/* The 20th row of generated noise, as the recordings' exact code gives it. */
START_TEST(generated_noise_gives_known_integers)
{
	static const float right[BANDS] = {
		484, 203, 432, 302, 452, 248, 401, 0,	364, 0,	  266, 236, 415, 366,
		369, 0,	  420, 236, 450, 377, 433, 274, 413, 280, 452, 331, 420, 306,
		464, 177, 438, 133, 456, 336, 439, 297, 452, 266, 459, 346,
	};
	AUTO(arena) struct arena *a = arena_create();
	struct frontend_settings s = streaming(160, 1, 1);
	struct micro *m = open_micro(a, &s);
	float x[480 + 19 * 160], row[BANDS];

	support_noise(x, ARRAY_SIZE(x), 0.3f, 20);
	for (int k = 0; k < 20; k++)
		micro_run(m, x + 160 * k, row);
	for (int i = 0; i < BANDS; i++)
		ck_assert_float_eq(row[i], right[i]);
}
END_TEST

START_TEST(silence_is_zero_and_the_loudest_square_does_not_overflow)
{
	AUTO(arena) struct arena *a = arena_create();
	struct frontend_settings s = streaming(160, 1, 1);
	struct micro *m = open_micro(a, &s);
	float x[480] = { 0 }, row[BANDS];

	micro_run(m, x, row);
	for (int i = 0; i < BANDS; i++)
		ck_assert_float_eq(row[i], 0);
	for (int period = 1; period < 240; period += 7) {
		for (int i = 0; i < 480; i++)
			x[i] = i / period % 2 == 0 ? -1.0f : 1.0f;
		micro_run(m, x, row);
		for (int i = 0; i < BANDS; i++)
			ck_assert(row[i] >= 0 && row[i] < 1000);
	}
	for (int i = 0; i < 480; i++)
		x[i] = -1.0f;
	micro_run(m, x, row);
}
END_TEST

START_TEST(overlapping_windows_of_a_stream_hold_the_rows_of_single_ones)
{
	enum { ROWS = 20, FRESH = 4, WINDOWS = 6 };
	AUTO(arena) struct arena *a = arena_create();
	struct frontend_settings one = streaming(320, 1, 1), many = streaming(320, ROWS, FRESH);
	struct micro *single = open_micro(a, &one), *windows = open_micro(a, &many);
	static float x[480 + 320 * (ROWS + FRESH * WINDOWS)];
	static float rows[ROWS + FRESH * WINDOWS][BANDS], window[ROWS][BANDS];

	support_noise(x, ARRAY_SIZE(x), 0.3f, 1);
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++)
		micro_run(single, x + 320 * k, rows[k]);
	ck_assert_uint_eq(micro_hop(windows), FRESH * 320);
	ck_assert_uint_eq(micro_rows(windows), ROWS);
	for (size_t w = 0; w < WINDOWS; w++) {
		micro_run(windows, x + w * micro_hop(windows), window[0]);
		ck_assert_mem_eq(window, rows[w * FRESH], sizeof(window));
	}
}
END_TEST

START_TEST(a_fresh_window_depends_on_nothing_before_it)
{
	AUTO(arena) struct arena *a = arena_create();
	struct frontend_settings s = streaming(320, 49, 49);
	static float x[2][15840], first[49 * BANDS], again[49 * BANDS];

	s.state = STATE_FRESH;
	struct micro *m = open_micro(a, &s);
	ck_assert_uint_eq(micro_samples(m), 15840);
	ck_assert_uint_eq(micro_hop(m), 0);
	support_noise(x[0], 15840, 0.3f, 1);
	support_noise(x[1], 15840, 0.9f, 2);
	micro_run(m, x[0], first);
	micro_run(m, x[1], again);
	micro_run(m, x[0], again);
	ck_assert_mem_eq(first, again, sizeof(first));
}
END_TEST

START_TEST(a_reset_forgets_noise_and_rows)
{
	AUTO(arena) struct arena *a = arena_create();
	struct frontend_settings s = streaming(160, 3, 1);
	struct micro *m = open_micro(a, &s);
	static float x[2000], first[3 * BANDS], again[3 * BANDS];

	support_noise(x, 2000, 0.3f, 1);
	micro_run(m, x, first);
	micro_run(m, x + 160, again);
	ck_assert_mem_ne(first, again, sizeof(first));
	micro_reset(m);
	micro_run(m, x, again);
	ck_assert_mem_eq(first, again, sizeof(first));
}
END_TEST

START_TEST(shift_and_factor_scale_the_integers)
{
	AUTO(arena) struct arena *a = arena_create();
	struct frontend_settings s = streaming(160, 1, 1);
	float x[480], plain[BANDS], scaled[BANDS];

	support_noise(x, 480, 0.3f, 1);
	micro_run(open_micro(a, &s), x, plain);
	s.factor = 0.0390625;
	micro_run(open_micro(a, &s), x, scaled);
	for (int i = 0; i < BANDS; i++)
		ck_assert_float_eq(scaled[i], plain[i] * 0.0390625f);
}
END_TEST

static void expect_refusal(struct frontend_settings s, const char *sentence)
{
	AUTO(arena) struct arena *a = arena_create();
	struct micro *m = NULL;
	struct fault f = { 0 };

	ck_assert_int_eq(micro_open(&s, a, &m, &f), -EINVAL);
	ck_assert_str_eq(f.text, sentence);
}

START_TEST(wrong_settings_are_refused_by_name)
{
	struct frontend_settings s = streaming(160, 3, 3);

	s.frame = 513;
	expect_refusal(s, "front_end.frame: 513 samples are not 1 to 512");
	s = streaming(160, 3, 3);
	s.hop_ns = 25000000;
	expect_refusal(s,
		       "front_end.hop: 25 ms are not 1 to 3 steps of 160 samples, as state: stream "
		       "needs");
	s = streaming(160, 3, 3);
	s.length_ns = 20000000;
	expect_refusal(s, "front_end.length: 20 ms hold no frame of 480 samples, or are too long");
	s = streaming(160, 3, 3);
	s.count = 4;
	expect_refusal(s, "front_end.count: a window holds 3 rows, not 4");
}
END_TEST

/* The shared model inputs are older; their README says that 0 to 25 cells a file are wrong. */
static void compare_model_input(const char *reference, const char *recording, int64_t step,
				double (*quantize)(float))
{
	AUTO(arena) struct arena *a = arena_create();
	size_t bytes, count, wrong = 0;
	AUTO_FREE int8_t *right = support_shared(reference, &bytes);
	AUTO_FREE float *wav = support_wav(recording, &count);
	float row[BANDS];

	if (support_missing("model inputs", right, reference) ||
	    support_missing("model inputs", wav, recording))
		return;
	struct frontend_settings s = streaming(step, 1, 1);
	struct micro *m = open_micro(a, &s);
	for (size_t k = 0; k < bytes / BANDS; k++) {
		micro_run(m, wav + k * (size_t)step, row);
		for (size_t i = 0; i < BANDS; i++)
			wrong += quantize(row[i]) != right[k * BANDS + i];
	}
	printf("%s: %zu of %zu cells differ\n", reference, wrong, bytes);
	ck_assert_uint_le(wrong, 25);
}

static double micro_speech_input(float x)
{
	return fmin(floor((x * 256 + 333) / 666) - 128, 127);
}

START_TEST(model_inputs_of_micro_speech_are_met)
{
	compare_model_input("ref/ms_yes_1000ms.in0.bin", "inputs/audio/yes_1000ms.wav", 320,
			    micro_speech_input);
	compare_model_input("ref/ms_no_1000ms.in0.bin", "inputs/audio/no_1000ms.wav", 320,
			    micro_speech_input);
	compare_model_input("ref/ms_noise_1000ms.in0.bin", "inputs/audio/noise_1000ms.wav", 320,
			    micro_speech_input);
	compare_model_input("ref/ms_silence_1000ms.in0.bin", "inputs/audio/silence_1000ms.wav", 320,
			    micro_speech_input);
}
END_TEST

TEST_MAIN("micro", every_recorded_cell_is_equal, generated_noise_gives_known_integers,
	  silence_is_zero_and_the_loudest_square_does_not_overflow,
	  overlapping_windows_of_a_stream_hold_the_rows_of_single_ones,
	  a_fresh_window_depends_on_nothing_before_it, a_reset_forgets_noise_and_rows,
	  shift_and_factor_scale_the_integers, wrong_settings_are_refused_by_name,
	  model_inputs_of_micro_speech_are_met)
