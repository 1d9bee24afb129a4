/* mel.c - mel spectra and cepstra in float, as the models that were trained in Python expect.
 *
 * Float32 where the references use float32 (samples, window, FFT, spectrum); sums, logarithms and
 * cosines in double, in a fixed order. */
#include "signal/mel.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/math.h"
#include "signal/fft.h"
#include "signal/melbank.h"

#define LN_10	    2.30258509299404568402
#define LEVEL_LEAST 1e-12

enum {
	SAMPLES_MOST = 1 << 24,
	BANDS_MOST = 1024,
	VALUES_MOST = 1 << 24, /* in a window */
	CEPSTRA_NONE = 0,
};

struct mel {
	struct frontend_settings s;
	size_t samples;
	size_t frames;	     /* in a window */
	size_t begin, end;   /* the frames that are computed ... */
	size_t first, count; /* ... and, of all, those that are kept */
	size_t width;
	struct fft *fft;
	struct melbank *bank;
	float *window;	 /* frame */
	double *cosines; /* cepstra x bands */
	float *input;	 /* samples, scaled and preemphasized */
	float *spectrum; /* fft + 2: a frame, then its bins, then their values */
	float *bands;	 /* (end - begin) x mel.bands */
};

static int check_framing(const struct frontend_settings *s, size_t samples, struct fault *f)
{
	if (s->fft < FFT_LEAST || s->fft > FFT_MOST || (s->fft & (s->fft - 1)) != 0)
		return fault_set(f, -EINVAL,
				 "front_end.fft: %" PRId64 " is no power of two from %d to %d",
				 s->fft, FFT_LEAST, FFT_MOST);
	if (s->frame < 1 || s->frame > s->fft)
		return fault_set(f, -EINVAL,
				 "front_end.frame: %" PRId64 " samples are not 1 to %" PRId64
				 ", the size of the FFT",
				 s->frame, s->fft);
	if (s->step < 1)
		return fault_set(f, -EINVAL, "front_end.step: %" PRId64 " samples are no step",
				 s->step);
	if (!s->centred && samples < (size_t)s->frame)
		return fault_set(
			f, -EINVAL,
			"front_end.length: a window of %zu samples holds no frame of %" PRId64,
			samples, s->frame);
	return 0;
}

static int check_mel(const struct frontend_settings *s, struct fault *f)
{
	if (s->mel.bands < 1 || s->mel.bands > BANDS_MOST)
		return fault_set(f, -EINVAL, "front_end.mel.bands: %" PRId64 " is not 1 to %d",
				 s->mel.bands, BANDS_MOST);
	if (!(s->mel.low_hz >= 0.0 && s->mel.low_hz < s->mel.high_hz))
		return fault_set(f, -EINVAL,
				 "front_end.mel.low: %g Hz is not below mel.high, %g Hz",
				 s->mel.low_hz, s->mel.high_hz);
	if (!(s->mel.high_hz <= s->rate_hz / 2.0))
		return fault_set(f, -EINVAL,
				 "front_end.mel.high: %g Hz is above half the rate, %g Hz",
				 s->mel.high_hz, s->rate_hz / 2.0);
	if (s->cepstra < 0 || s->cepstra > s->mel.bands)
		return fault_set(f, -EINVAL,
				 "front_end.cepstra: %" PRId64 " is not 0 to the number of "
				 "bands, %" PRId64,
				 s->cepstra, s->mel.bands);
	return 0;
}

static int check_values(const struct frontend_settings *s, struct fault *f)
{
	if (!(s->scale > 0.0))
		return fault_set(f, -EINVAL, "front_end.scale: %g would leave no spectrum",
				 s->scale);
	if (s->factor == 0.0)
		return fault_set(f, -EINVAL, "front_end.factor: 0 would leave no features");
	if (s->log.base != LOG_NONE && !(s->log.add > 0.0 || s->log.floor > 0.0))
		return fault_set(f, -EINVAL, "front_end.log: silence needs add or floor above 0");
	if (s->clip.set && !(s->clip.low < s->clip.high))
		return fault_set(f, -EINVAL, "front_end.clip: %g is not below %g", s->clip.low,
				 s->clip.high);
	return 0;
}

static int plan_frames(struct mel *m, struct fault *f)
{
	const struct frontend_settings *s = &m->s;

	if (s->centred)
		m->frames = 1 + m->samples / (size_t)s->step;
	else
		m->frames = 1 + (m->samples - (size_t)s->frame) / (size_t)s->step;
	if (s->first < 0 || (size_t)s->first >= m->frames)
		return fault_set(f, -EINVAL,
				 "front_end.first: a window has %zu frames, so %" PRId64
				 " is none of them",
				 m->frames, s->first);
	if (s->count < 0 || (size_t)s->count > m->frames - (size_t)s->first)
		return fault_set(f, -EINVAL,
				 "front_end.count: behind frame %" PRId64 " are %zu, not %" PRId64,
				 s->first, m->frames - (size_t)s->first, s->count);
	if (m->frames > VALUES_MOST / (size_t)s->mel.bands)
		return fault_set(f, -EINVAL,
				 "front_end.step: %zu frames of %" PRId64
				 " bands are too many for a window",
				 m->frames, s->mel.bands);
	m->first = (size_t)s->first;
	m->count = s->count > 0 ? (size_t)s->count : m->frames - m->first;
	m->begin = s->level == LEVEL_NONE ? m->first : 0;
	m->end = s->level == LEVEL_NONE ? m->first + m->count : m->frames;
	m->width = s->cepstra > CEPSTRA_NONE ? (size_t)s->cepstra : (size_t)s->mel.bands;
	return 0;
}

/* Periodic windows have the period `frame`, symmetric ones end where they began. */
static void fill_window(const struct frontend_settings *s, float *out)
{
	bool symmetric =
		s->window == WINDOW_HANN_SYMMETRIC || s->window == WINDOW_HAMMING_SYMMETRIC;
	bool hann = s->window == WINDOW_HANN || s->window == WINDOW_HANN_SYMMETRIC;
	double period = (double)(symmetric && s->frame > 1 ? s->frame - 1 : s->frame);
	double mean = hann ? 0.5 : 0.54, turn = 2.0 * MATH_PI / period;

	for (int64_t i = 0; i < s->frame; i++)
		out[i] = (float)(mean - (1.0 - mean) * math_cos(turn * (double)i));
}

/* DCT-II times sqrt(2 / bands), as tf.signal.mfccs_from_log_mel_spectrograms has it. */
static void fill_cosines(const struct frontend_settings *s, double *out)
{
	double bands = (double)s->mel.bands, scale = 2.0 / __builtin_sqrt(2.0 * bands);

	for (int64_t k = 0; k < s->cepstra; k++)
		for (int64_t n = 0; n < s->mel.bands; n++)
			*out++ = scale * math_cos(MATH_PI * (double)k * ((double)n + 0.5) / bands);
}

static int take_memory(struct mel *m, struct arena *a)
{
	const struct frontend_settings *s = &m->s;

	m->window = arena_alloc(a, (size_t)s->frame, sizeof(float));
	m->cosines = arena_alloc(a, (size_t)(s->cepstra * s->mel.bands + 1), sizeof(double));
	m->input = arena_alloc(a, m->samples, sizeof(float));
	m->spectrum = arena_alloc(a, (size_t)s->fft + 2, sizeof(float));
	m->bands = arena_alloc(a, (m->end - m->begin) * (size_t)s->mel.bands, sizeof(float));
	if (m->window == NULL || m->cosines == NULL || m->input == NULL || m->spectrum == NULL ||
	    m->bands == NULL)
		return -ENOMEM;
	if (fft_open(a, (size_t)s->fft, &m->fft) < 0 || melbank_open(s, a, &m->bank) < 0)
		return -ENOMEM;
	return 0;
}

static int check(const struct frontend_settings *s, size_t samples, struct fault *f)
{
	int rc = check_framing(s, samples, f);

	if (rc == 0)
		rc = check_mel(s, f);
	if (rc == 0)
		rc = check_values(s, f);
	return rc;
}

int mel_open(const struct frontend_settings *s, struct arena *a, struct mel **out, struct fault *f)
{
	double samples = __builtin_floor(s->rate_hz * (double)s->length_ns / 1e9 + 0.5);

	if (!(samples >= 1.0 && samples <= SAMPLES_MOST))
		return fault_set(f, -EINVAL, "front_end.length: %.0f samples are not 1 to %d",
				 samples, SAMPLES_MOST);
	int rc = check(s, (size_t)samples, f);
	if (rc < 0)
		return rc;

	struct mel *m = arena_alloc(a, 1, sizeof(*m));
	if (m == NULL)
		return fault_set(f, -ENOMEM, "front_end: no memory");
	m->s = *s;
	m->samples = (size_t)samples;
	rc = plan_frames(m, f);
	if (rc < 0)
		return rc;
	if (take_memory(m, a) < 0)
		return fault_set(f, -ENOMEM, "front_end: no memory");
	fill_window(s, m->window);
	fill_cosines(s, m->cosines);
	*out = m;
	return 0;
}

size_t mel_samples(const struct mel *m)
{
	return m->samples;
}

size_t mel_frames(const struct mel *m)
{
	return m->count;
}

size_t mel_width(const struct mel *m)
{
	return m->width;
}

static void scale_input(struct mel *m, const float *samples)
{
	float peak = 0.0f;

	if (m->s.input_scale == SCALE_NONE) {
		memcpy(m->input, samples, m->samples * sizeof(float));
		return;
	}
	for (size_t i = 0; i < m->samples; i++)
		peak = samples[i] > peak ? samples[i] : peak;
	for (size_t i = 0; i < m->samples; i++)
		m->input[i] = peak > 0.0f ? samples[i] / peak : 0.0f;
}

static void preemphasize(struct mel *m)
{
	float part = (float)m->s.preemphasis;

	if (part == 0.0f)
		return;
	for (size_t i = m->samples; i-- > 1;)
		m->input[i] -= part * m->input[i - 1];
}

/* The frame times the window, zeros behind it and where it reaches over the window's ends. */
static void load_frame(struct mel *m, size_t index)
{
	int64_t frame = m->s.frame;
	int64_t start = (int64_t)index * m->s.step - (m->s.centred ? frame / 2 : 0);
	int64_t from = start < 0 ? -start : 0;
	int64_t rest = (int64_t)m->samples - start;
	int64_t to = rest < frame ? (rest > from ? rest : from) : frame;

	memset(m->spectrum, 0, (size_t)m->s.fft * sizeof(float));
	for (int64_t i = from; i < to; i++)
		m->spectrum[i] = m->input[start + i] * m->window[i];
}

static void transform_frame(struct mel *m)
{
	size_t bins = (size_t)m->s.fft / 2 + 1;
	float scale = (float)m->s.scale, *x = m->spectrum;

	fft_forward(m->fft, x, x);
	for (size_t k = 0; k < bins; k++) {
		float power = x[2 * k] * x[2 * k] + x[2 * k + 1] * x[2 * k + 1];

		x[k] = (m->s.spectrum == SPECTRUM_POWER ? power : __builtin_sqrtf(power)) * scale;
	}
}

/* Divides by the mean over all bands and frames of the window: loudness falls out. */
static void level(float *x, size_t count)
{
	double sum = 0.0;

	for (size_t i = 0; i < count; i++)
		sum += (double)x[i];
	sum = sum / (double)count + LEVEL_LEAST;
	for (size_t i = 0; i < count; i++)
		x[i] = (float)((double)x[i] / sum);
}

static void take_logarithm(const struct frontend_settings *s, float *x, size_t count)
{
	double unit = s->log.base == LOG_DECIBEL ? 10.0 / LN_10 : 1.0;

	if (s->log.base == LOG_NONE)
		return;
	for (size_t i = 0; i < count; i++) {
		double value = (double)x[i] + s->log.add;

		if (value < s->log.floor)
			value = s->log.floor;
		x[i] = (float)(unit * math_log(value));
	}
}

static double cepstrum(const struct mel *m, const float *bands, size_t k)
{
	size_t count = (size_t)m->s.mel.bands;
	const double *row = m->cosines + k * count;
	double sum = 0.0;

	for (size_t n = 0; n < count; n++)
		sum += row[n] * (double)bands[n];
	return sum;
}

static float finish(const struct frontend_settings *s, double x)
{
	double y = (x + s->shift) * s->factor;

	if (s->clip.set)
		y = y < s->clip.low ? s->clip.low : y > s->clip.high ? s->clip.high : y;
	return (float)y;
}

static void write_out(const struct mel *m, float *out)
{
	bool mel_first = m->s.layout == LAYOUT_MEL_FIRST;

	for (size_t row = 0; row < m->count; row++) {
		const float *bands =
			m->bands + (m->first - m->begin + row) * (size_t)m->s.mel.bands;

		for (size_t k = 0; k < m->width; k++) {
			double x = m->s.cepstra > CEPSTRA_NONE ? cepstrum(m, bands, k) : bands[k];

			out[mel_first ? k * m->count + row : row * m->width + k] = finish(&m->s, x);
		}
	}
}

void mel_run(struct mel *m, const float *samples, float *out)
{
	size_t values = (m->end - m->begin) * (size_t)m->s.mel.bands;
	float *bands = m->bands;

	scale_input(m, samples);
	preemphasize(m);
	for (size_t i = m->begin; i < m->end; i++, bands += m->s.mel.bands) {
		load_frame(m, i);
		transform_frame(m);
		melbank_run(m->bank, m->spectrum, bands);
	}
	if (m->s.level == LEVEL_MEAN)
		level(m->bands, values);
	take_logarithm(&m->s, m->bands, values);
	write_out(m, out);
}
