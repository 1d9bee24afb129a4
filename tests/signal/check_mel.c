/* check_mel.c - float front ends against their definitions and against recorded features. */
#include "signal/mel.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signal/melbank.h"
#include "tests/signal/presets.h"
#include "tests/signal/support.h"
#include "tests/test.h"

static struct mel *open_mel(struct arena *a, const struct frontend_settings *s)
{
	struct mel *m = NULL;
	struct fault f = { 0 };

	ck_assert_msg(mel_open(s, a, &m, &f) == 0, "%s", f.text);
	return m;
}

/* ---- the definition, in double, without a fast transform ---- */

static double naive_window(const struct frontend_settings *s, int64_t i)
{
	double n = (double)s->frame;

	switch (s->window) {
	case WINDOW_HANN: return 0.5 - 0.5 * cos(2 * M_PI * (double)i / n);
	case WINDOW_HANN_SYMMETRIC: return 0.5 - 0.5 * cos(2 * M_PI * (double)i / (n - 1));
	case WINDOW_HAMMING: return 0.54 - 0.46 * cos(2 * M_PI * (double)i / n);
	default: return 0.54 - 0.46 * cos(2 * M_PI * (double)i / (n - 1));
	}
}

static double naive_sample(const struct frontend_settings *s, const float *x, int64_t count,
			   int64_t i)
{
	double peak = 0;

	if (i < 0 || i >= count)
		return 0;
	for (int64_t k = 0; k < count; k++)
		peak = fmax(peak, x[k]);
	double scale = s->input_scale == SCALE_PEAK ? (peak > 0 ? 1 / peak : 0) : 1;
	return scale * (x[i] - s->preemphasis * (i > 0 ? x[i - 1] : 0));
}

static void naive_spectrum(const struct frontend_settings *s, const float *x, int64_t count,
			   int64_t frame, double *out)
{
	int64_t start = frame * s->step - (s->centred ? s->frame / 2 : 0);
	double in[4096];

	for (int64_t i = 0; i < s->frame; i++)
		in[i] = naive_sample(s, x, count, start + i) * naive_window(s, i);
	for (int64_t k = 0; k <= s->fft / 2; k++) {
		double re = 0, im = 0;

		for (int64_t i = 0; i < s->frame; i++) {
			double angle = 2 * M_PI * (double)(i * k % s->fft) / (double)s->fft;

			re += in[i] * cos(angle);
			im -= in[i] * sin(angle);
		}
		double power = re * re + im * im;
		out[k] = s->scale * (s->spectrum == SPECTRUM_POWER ? power : sqrt(power));
	}
}

static double naive_to_mel(enum mel_formula formula, double hz)
{
	if (formula == MEL_HTK)
		return 2595 * log10(1 + hz / 700) * 1127 / (2595 / log(10));
	return hz < 1000 ? 3 * hz / 200 : 15 + 27 * log(hz / 1000) / log(6.4);
}

static double naive_from_mel(enum mel_formula formula, double mel)
{
	double low = 0, high = 1e6;

	for (int i = 0; i < 200; i++) { /* halving: the scale rises */
		double middle = (low + high) / 2;

		if (naive_to_mel(formula, middle) < mel)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static double naive_band(const struct frontend_settings *s, const double *spectrum, int64_t band)
{
	double low = naive_to_mel(s->mel.formula, s->mel.low_hz);
	double high = naive_to_mel(s->mel.formula, s->mel.high_hz);
	double corner[3], hz[3], sum = 0;

	for (int i = 0; i < 3; i++) {
		corner[i] = low + (high - low) * (double)(band + i) / (double)(s->mel.bands + 1);
		hz[i] = naive_from_mel(s->mel.formula, corner[i]);
	}
	for (int64_t k = s->mel.formula == MEL_HTK ? 1 : 0; k <= s->fft / 2; k++) {
		double at = (double)k * s->rate_hz / (double)s->fft;
		const double *c = s->mel.formula == MEL_HTK ? corner : hz;
		double x = s->mel.formula == MEL_HTK ? naive_to_mel(MEL_HTK, at) : at;
		double weight = fmin((x - c[0]) / (c[1] - c[0]), (c[2] - x) / (c[2] - c[1]));

		sum += fmax(weight, 0) * spectrum[k];
	}
	return s->mel.norm == MEL_NORM_SLANEY ? sum * 2 / (hz[2] - hz[0]) : sum;
}

static double naive_logarithm(const struct frontend_settings *s, double x)
{
	x = fmax(x + s->log.add, s->log.floor);
	return s->log.base == LOG_E ? log(x) : s->log.base == LOG_DECIBEL ? 10 * log10(x) : x;
}

static void naive_finish(const struct frontend_settings *s, const double *bands, double *out)
{
	int64_t width = s->cepstra > 0 ? s->cepstra : s->mel.bands;

	for (int64_t k = 0; k < width; k++) {
		double y = bands[k];

		if (s->cepstra > 0) {
			y = 0;
			for (int64_t n = 0; n < s->mel.bands; n++)
				y += bands[n] * cos(M_PI * (double)k * ((double)n + 0.5) /
						    (double)s->mel.bands);
			y *= 2 / sqrt(2 * (double)s->mel.bands);
		}
		y = (y + s->shift) * s->factor;
		out[k] = s->clip.set ? fmin(fmax(y, s->clip.low), s->clip.high) : y;
	}
}

static void naive_frame(const struct frontend_settings *s, const float *x, int64_t count,
			int64_t frame, double level, double *out)
{
	double spectrum[2049], bands[512];

	naive_spectrum(s, x, count, frame, spectrum);
	for (int64_t i = 0; i < s->mel.bands; i++)
		bands[i] = naive_logarithm(s, naive_band(s, spectrum, i) / level);
	naive_finish(s, bands, out);
}

/* What `level` divides by: the mean over all bands and frames. */
static double naive_level(const struct frontend_settings *s, const float *x, int64_t count,
			  int64_t frames)
{
	double spectrum[2049], sum = 0;

	if (s->level == LEVEL_NONE)
		return 1;
	for (int64_t frame = 0; frame < frames; frame++) {
		naive_spectrum(s, x, count, frame, spectrum);
		for (int64_t i = 0; i < s->mel.bands; i++)
			sum += naive_band(s, spectrum, i);
	}
	return sum / (double)(frames * s->mel.bands);
}

/* Two tones over noise: no band is empty, none is rounding alone. */
static float *sound(size_t count)
{
	float *x = calloc(count, sizeof(float));

	support_noise(x, count, 0.05f, 17);
	support_tone(x, count, 440, 16000, 0.5);
	support_tone(x, count, 3100, 16000, 0.2);
	return x;
}

/* A shorter window of the preset, its first and last frame. */
static void compare_with_naive(const char *name, struct frontend_settings s, double tolerance)
{
	AUTO(arena) struct arena *a = arena_create();
	double right[512], worst = 0;

	s.length_ns = 250000000;
	s.first = s.count = 0;
	struct mel *m = open_mel(a, &s);
	size_t count = mel_samples(m), frames = mel_frames(m), width = mel_width(m);
	AUTO_FREE float *x = sound(count);
	float *out = arena_alloc(a, frames * width, sizeof(float));

	mel_run(m, x, out);
	double level = naive_level(&s, x, (int64_t)count, (int64_t)frames);
	for (size_t frame = 0; frame < frames; frame += frames - 1) {
		naive_frame(&s, x, (int64_t)count, (int64_t)frame, level, right);
		for (size_t k = 0; k < width; k++) {
			size_t at = s.layout == LAYOUT_MEL_FIRST ? k * frames + frame
								 : frame * width + k;
			worst = fmax(worst, fabs(out[at] - right[k]));
		}
	}
	printf("%s: at most %.2g from the definition in double\n", name, worst);
	ck_assert_double_le(worst, tolerance);
}

START_TEST(every_preset_is_what_its_definition_says)
{
	compare_with_naive("kws", preset_kws, 2e-5);
	compare_with_naive("wake", preset_wake, 2e-6);
	compare_with_naive("anomaly", preset_anomaly, 2e-4);
	compare_with_naive("yamnet", preset_yamnet, 2e-5);
	compare_with_naive("yamnet_st", preset_yamnet_st, 2e-5);
	compare_with_naive("keywords", preset_keywords, 2e-6);
}
END_TEST

START_TEST(all_four_windows_are_the_textbook_ones)
{
	for (int window = WINDOW_HANN; window <= WINDOW_HAMMING_SYMMETRIC; window++) {
		struct frontend_settings s = preset_yamnet;

		s.window = (enum frontend_window)window;
		compare_with_naive("window", s, 2e-5);
	}
}
END_TEST

START_TEST(silence_gives_finite_features)
{
	for (const struct preset *p = presets; p->name != NULL; p++) {
		if (p->settings->kind != FRONTEND_MEL)
			continue;
		AUTO(arena) struct arena *a = arena_create();
		struct mel *m = open_mel(a, p->settings);
		size_t values = mel_frames(m) * mel_width(m);
		float *x = arena_alloc(a, mel_samples(m), sizeof(float));
		float *out = arena_alloc(a, values, sizeof(float));

		for (int i = 0; i < 2; i++) {
			mel_run(m, x, out);
			for (size_t k = 0; k < values; k++)
				ck_assert_msg(isfinite(out[k]), "%s: %zu", p->name, k);
			for (size_t k = 0; k < mel_samples(m); k++)
				x[k] = -0.25f; /* no positive peak */
		}
	}
}
END_TEST

START_TEST(level_makes_loudness_fall_out)
{
	AUTO(arena) struct arena *a = arena_create();
	struct mel *m = open_mel(a, &preset_keywords);
	size_t count = mel_samples(m), values = mel_frames(m) * mel_width(m);
	AUTO_FREE float *x = sound(count);
	float *loud = arena_alloc(a, values, sizeof(float));
	float *soft = arena_alloc(a, values, sizeof(float));

	mel_run(m, x, loud);
	for (size_t i = 0; i < count; i++)
		x[i] *= 1.0f / 64;
	mel_run(m, x, soft);
	for (size_t i = 0; i < values; i++)
		ck_assert_float_eq_tol(loud[i], soft[i], 1e-5f);
}
END_TEST

START_TEST(a_window_is_judged_alone)
{
	AUTO(arena) struct arena *a = arena_create();
	struct mel *m = open_mel(a, &preset_wake);
	size_t count = mel_samples(m), values = mel_frames(m) * mel_width(m);
	AUTO_FREE float *x = sound(2 * count);
	float *first = arena_alloc(a, values, sizeof(float));
	float *again = arena_alloc(a, values, sizeof(float));

	mel_run(m, x, first);
	mel_run(m, x + count, again);
	mel_run(m, x, again);
	ck_assert_mem_eq(first, again, values * sizeof(float));
}
END_TEST

START_TEST(mel_and_hertz_are_each_others_inverse)
{
	for (double hz = 0; hz < 24000; hz += 37.5) {
		ck_assert_double_eq_tol(melbank_hz(MEL_HTK, melbank_mel(MEL_HTK, hz)), hz, 1e-8);
		ck_assert_double_eq_tol(melbank_hz(MEL_SLANEY, melbank_mel(MEL_SLANEY, hz)), hz,
					1e-8);
	}
	ck_assert_double_eq_tol(melbank_mel(MEL_HTK, 1000), 999.9907, 1e-3);
	ck_assert_double_eq_tol(melbank_mel(MEL_SLANEY, 1000), 15, 1e-12);
	ck_assert_double_eq_tol(melbank_mel(MEL_SLANEY, 6400), 42, 1e-9);
}
END_TEST

static void expect_refusal(struct frontend_settings s, const char *sentence)
{
	AUTO(arena) struct arena *a = arena_create();
	struct mel *m = NULL;
	struct fault f = { 0 };

	ck_assert_int_eq(mel_open(&s, a, &m, &f), -EINVAL);
	ck_assert_str_eq(f.text, sentence);
	ck_assert_ptr_null(m);
}

#define WITH(field, value)                                                                         \
	({                                                                                         \
		struct frontend_settings s_ = preset_kws;                                          \
		s_.field = (value);                                                                \
		s_;                                                                                \
	})

START_TEST(wrong_settings_are_refused_by_name)
{
	expect_refusal(WITH(fft, 300), "front_end.fft: 300 is no power of two from 8 to 65536");
	expect_refusal(WITH(frame, 513),
		       "front_end.frame: 513 samples are not 1 to 512, the size of the FFT");
	expect_refusal(WITH(step, 0), "front_end.step: 0 samples are no step");
	expect_refusal(WITH(length_ns, 20000000),
		       "front_end.length: a window of 320 samples holds no frame of 480");
	expect_refusal(WITH(length_ns, 0), "front_end.length: 0 samples are not 1 to 16777216");
	expect_refusal(WITH(mel.high_hz, 9000),
		       "front_end.mel.high: 9000 Hz is above half the rate, 8000 Hz");
	expect_refusal(WITH(mel.low_hz, 4000),
		       "front_end.mel.low: 4000 Hz is not below mel.high, 4000 Hz");
	expect_refusal(WITH(mel.bands, 1025), "front_end.mel.bands: 1025 is not 1 to 1024");
	expect_refusal(WITH(cepstra, 41),
		       "front_end.cepstra: 41 is not 0 to the number of bands, 40");
	expect_refusal(WITH(log.add, 0), "front_end.log: silence needs add or floor above 0");
	expect_refusal(WITH(factor, 0), "front_end.factor: 0 would leave no features");
	expect_refusal(WITH(first, 49),
		       "front_end.first: a window has 49 frames, so 49 is none of them");
	expect_refusal(WITH(count, 50), "front_end.count: behind frame 0 are 49, not 50");
}
END_TEST

/* ---- recorded features ---- */

/* The greatest difference to what a reference in ../shared holds, printed; -1 without it. */
static double recorded(const char *reference, struct frontend_settings s, const char *recording)
{
	AUTO(arena) struct arena *a = arena_create();
	size_t bytes, count;
	AUTO_FREE float *right = support_shared(reference, &bytes);
	AUTO_FREE float *wav = support_wav(recording, &count);
	double worst = 0;

	if (support_missing("recorded features", right, reference) ||
	    support_missing("recorded features", wav, recording))
		return -1;
	struct mel *m = open_mel(a, &s);
	size_t values = mel_frames(m) * mel_width(m), samples = mel_samples(m);
	float *x = arena_alloc(a, samples, sizeof(float)),
	      *out = arena_alloc(a, values, sizeof(float));

	memcpy(x, wav, (count < samples ? count : samples) * sizeof(float));
	mel_run(m, x, out);
	ck_assert_uint_eq(values * sizeof(float), bytes);
	for (size_t i = 0; i < values; i++)
		worst = fmax(worst, fabs(out[i] - right[i]));
	printf("%s: at most %.2g from the reference\n", reference, worst);
	return worst;
}

START_TEST(recorded_mfcc_of_mlperf_keyword_spotting)
{
	static const char *const names[] = { "yes_1000ms", "no_1000ms", "silence_1000ms",
					     "marvin_617de221_0" };
	char reference[80], wav[80];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(reference, sizeof(reference), "ref/kwsf_%s.in0.bin", names[i]);
		snprintf(wav, sizeof(wav), "inputs/audio/%s.wav", names[i]);
		ck_assert_double_le(recorded(reference, preset_kws, wav), 1e-4);
	}
	ck_assert_double_le(recorded("ref/features/mfcc_kws_yes.f32.bin", preset_kws,
				     "inputs/audio/yes_1000ms.wav"),
			    1e-4);
}
END_TEST

START_TEST(recorded_filter_bank_of_mlperf_streaming_wake_word)
{
	ck_assert_double_le(recorded("ref/features/lfbe_sww_marvin.f32.bin", preset_wake,
				     "inputs/audio/marvin_617de221_0.wav"),
			    1e-6);
}
END_TEST

START_TEST(recorded_log_mel_of_mlperf_anomaly_detection)
{
	struct frontend_settings s = preset_anomaly;

	s.first = 0;
	s.count = 40;
	ck_assert_double_le(
		recorded("ref/features/ad_logmel_speech.f32.bin", s, "inputs/audio/speech.wav"),
		2e-3);
	s.first = 20;
	s.count = 5;
	ck_assert_double_le(recorded("ref/adf_speech.in0.bin", s, "inputs/audio/speech.wav"), 2e-3);
}
END_TEST

START_TEST(recorded_log_mel_of_yamnet_and_of_st_s_yamnet_256)
{
	ck_assert_double_le(recorded("ref/features/yamnet_logmel_speech.f32.bin", preset_yamnet,
				     "inputs/audio/speech.wav"),
			    1e-4);
	ck_assert_double_le(recorded("ref/yamnet_speech_st256.in0.bin", preset_yamnet_st,
				     "inputs/audio/speech.wav"),
			    5e-4);
	ck_assert_double_le(recorded("ref/yamnet_yes_st256.in0.bin", preset_yamnet_st,
				     "inputs/audio/yes_1000ms.wav"),
			    5e-4);
	ck_assert_double_le(recorded("ref/yamnet_noise_st256.in0.bin", preset_yamnet_st,
				     "inputs/audio/noise_1000ms.wav"),
			    5e-4);
}
END_TEST

/* Rounded to a model's int8, how many cells differ from its recorded input. */
static int differing(const char *reference, struct frontend_settings s, const char *recording,
		     double scale, int zero)
{
	AUTO(arena) struct arena *a = arena_create();
	size_t bytes, count;
	AUTO_FREE int8_t *right = support_shared(reference, &bytes);
	AUTO_FREE float *wav = support_wav(recording, &count);
	int wrong = 0;

	if (support_missing("quantized features", right, reference) ||
	    support_missing("quantized features", wav, recording))
		return 0;
	struct mel *m = open_mel(a, &s);
	float *x = arena_alloc(a, mel_samples(m), sizeof(float));
	float *out = arena_alloc(a, bytes, sizeof(float));

	memcpy(x, wav, (count < mel_samples(m) ? count : mel_samples(m)) * sizeof(float));
	mel_run(m, x, out);
	for (size_t i = 0; i < bytes; i++)
		wrong += fmin(fmax(round(out[i] / scale) + zero, -128), 127) != right[i];
	printf("%s: %d of %zu cells differ\n", reference, wrong, bytes);
	return wrong;
}

START_TEST(quantized_features_are_the_recorded_integers)
{
	ck_assert_int_eq(differing("ref/kwsi_yes_1000ms.in0.bin", preset_kws,
				   "inputs/audio/yes_1000ms.wav", 0.5847029, 83),
			 0);
	ck_assert_int_eq(differing("ref/kwsi_silence_1000ms.in0.bin", preset_kws,
				   "inputs/audio/silence_1000ms.wav", 0.5847029, 83),
			 0);
	ck_assert_int_eq(differing("ref/kwsi_marvin_617de221_0.in0.bin", preset_kws,
				   "inputs/audio/marvin_617de221_0.wav", 0.5847029, 83),
			 0);
	ck_assert_int_eq(differing("ref/sww_marvin.in0.bin", preset_wake,
				   "inputs/audio/marvin_617de221_0.wav", 0.003701042616739869,
				   -128),
			 0);
}
END_TEST

TEST_MAIN("mel", every_preset_is_what_its_definition_says, all_four_windows_are_the_textbook_ones,
	  silence_gives_finite_features, level_makes_loudness_fall_out, a_window_is_judged_alone,
	  mel_and_hertz_are_each_others_inverse, wrong_settings_are_refused_by_name,
	  recorded_mfcc_of_mlperf_keyword_spotting,
	  recorded_filter_bank_of_mlperf_streaming_wake_word,
	  recorded_log_mel_of_mlperf_anomaly_detection,
	  recorded_log_mel_of_yamnet_and_of_st_s_yamnet_256,
	  quantized_features_are_the_recorded_integers)
