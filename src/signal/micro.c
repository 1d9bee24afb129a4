/* micro.c - TensorFlow's integer micro front end, integer for integer.
 *
 * Steps, constants and rounding are those of TensorFlow's audio_microfrontend operator; all tables
 * are computed here. A frame is windowed, shifted up to use 16 bits, transformed, summed to bands;
 * what then becomes of a band stands in microband.c. */
#include "signal/micro.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/math.h"
#include "signal/fft16.h"
#include "signal/microband.h"

enum {
	WINDOW_BITS = 12,
	WEIGHT_BITS = 12,
	BANDS_MOST = 256,
	SAMPLES_MOST = 1 << 24,
	ROWS_MOST = 1 << 14,
};

struct bin {
	uint8_t band; /* takes the bin's weight, the next one the rest of 4096 */
	uint16_t weight;
};

struct micro {
	struct frontend_settings s;
	size_t samples, rows, bands;
	size_t fresh; /* rows computed in each window but the first */
	bool started; /* `kept` holds the rows of the window before */

	int16_t window[FFT16_POINTS];
	size_t first_bin, bins;
	struct bin bin[FFT16_BINS];
	struct microband curves;
	struct fft16 *fft;

	int16_t frame[FFT16_POINTS];
	struct fft16_bin spectrum[FFT16_BINS];
	uint64_t sums[BANDS_MOST + 2];
	uint32_t noise[BANDS_MOST];
	uint16_t *kept; /* rows x bands */
};

/* ---- tables ---- */

static void fill_window(struct micro *m)
{
	double turn = 2.0 * MATH_PI / (double)m->s.frame;

	for (int64_t i = 0; i < m->s.frame; i++) {
		double value = 0.5 - 0.5 * math_cos(turn * ((double)i + 0.5));

		m->window[i] = (int16_t)__builtin_floor(value * (1 << WINDOW_BITS) + 0.5);
	}
}

/* In float as the definition has it: the weights depend on its last bits. */
static float mel_of(float hz)
{
	return 1127.0f * (float)math_log(1.0 + (double)(hz / 700.0f));
}

/* bands + 1 centres, equally far apart in mel up to high_hz. A bin lies between two of them and
 * shares its energy by its distance; what lies below the first centre feeds a band that is
 * dropped at the end. */
static void fill_bands(struct micro *m)
{
	float low = mel_of((float)m->s.mel.low_hz), high = mel_of((float)m->s.mel.high_hz);
	float step = (high - low) / (float)(m->bands + 1);
	float bin_hz = (float)m->s.rate_hz / FFT16_POINTS;
	size_t bin = (size_t)(1.5f + (float)m->s.mel.low_hz / bin_hz);

	m->first_bin = bin;
	for (size_t band = 0; band <= m->bands; band++) {
		float centre = low + step * (float)(band + 1);
		float before = band == 0 ? low : low + step * (float)band;

		for (; bin < FFT16_BINS; bin++) {
			float mel = mel_of((float)bin * bin_hz);

			if (mel > centre)
				break;
			float weight = (centre - mel) / (centre - before);
			m->bin[m->bins++] = (struct bin){
				.band = (uint8_t)band,
				.weight = (uint16_t)__builtin_floor(
					(double)weight * (1 << WEIGHT_BITS) + 0.5),
			};
		}
	}
}

/* ---- settings ---- */

static int check(const struct frontend_settings *s, struct fault *f)
{
	if (s->frame < 1 || s->frame > FFT16_POINTS)
		return fault_set(f, -EINVAL, "front_end.frame: %" PRId64 " samples are not 1 to %d",
				 s->frame, FFT16_POINTS);
	if (s->step < 1 || s->step > SAMPLES_MOST)
		return fault_set(f, -EINVAL, "front_end.step: %" PRId64 " samples are no step",
				 s->step);
	if (s->mel.bands < 1 || s->mel.bands >= BANDS_MOST)
		return fault_set(f, -EINVAL, "front_end.mel.bands: %" PRId64 " is not 1 to %d",
				 s->mel.bands, BANDS_MOST - 1);
	if (!(s->mel.low_hz >= 0.0 && s->mel.low_hz < s->mel.high_hz))
		return fault_set(f, -EINVAL,
				 "front_end.mel.low: %g Hz is not below mel.high, %g Hz",
				 s->mel.low_hz, s->mel.high_hz);
	if (!(s->mel.high_hz <= s->rate_hz / 2.0))
		return fault_set(f, -EINVAL,
				 "front_end.mel.high: %g Hz is above half the rate, %g Hz",
				 s->mel.high_hz, s->rate_hz / 2.0);
	if (s->factor == 0.0)
		return fault_set(f, -EINVAL, "front_end.factor: 0 would leave no features");
	return 0;
}

/* To the nearest sample; -1 for what is no sensible length. */
static int64_t samples_of(const struct frontend_settings *s, int64_t ns)
{
	double samples = s->rate_hz * (double)ns / 1e9 + 0.5;

	return samples >= 0.0 && samples < SAMPLES_MOST ? (int64_t)samples : -1;
}

static int plan_rows(struct micro *m, struct fault *f)
{
	const struct frontend_settings *s = &m->s;
	int64_t samples = samples_of(s, s->length_ns);
	int64_t rows = samples < s->frame ? 0 : (samples - s->frame) / s->step + 1;

	if (rows < 1)
		return fault_set(f, -EINVAL,
				 "front_end.length: %g ms hold no frame of %" PRId64
				 " samples, or are too long",
				 (double)s->length_ns / 1e6, s->frame);
	if (rows > ROWS_MOST)
		return fault_set(f, -EINVAL,
				 "front_end.step: a window of %" PRId64 " rows has more than %d",
				 rows, ROWS_MOST);
	if (s->count < 0 || s->count > rows)
		return fault_set(f, -EINVAL,
				 "front_end.count: a window holds %" PRId64 " rows, not %" PRId64,
				 rows, s->count);
	m->samples = (size_t)samples;
	m->rows = (size_t)(s->count > 0 ? s->count : rows);
	return 0;
}

static int plan_stream(struct micro *m, struct fault *f)
{
	const struct frontend_settings *s = &m->s;
	int64_t hop = samples_of(s, s->hop_ns), most = (int64_t)m->rows * s->step;

	m->fresh = m->rows;
	if (s->state == STATE_FRESH || s->hop_ns == 0)
		return 0;
	if (hop < s->step || hop > most || hop % s->step != 0)
		return fault_set(f, -EINVAL,
				 "front_end.hop: %g ms are not 1 to %zu steps of %" PRId64
				 " samples, as state: stream needs",
				 (double)s->hop_ns / 1e6, m->rows, s->step);
	m->fresh = (size_t)(hop / s->step);
	return 0;
}

int micro_open(const struct frontend_settings *s, struct arena *a, struct micro **out,
	       struct fault *f)
{
	int rc = check(s, f);
	if (rc < 0)
		return rc;

	struct micro *m = arena_alloc(a, 1, sizeof(*m));
	if (m == NULL)
		return fault_set(f, -ENOMEM, "front_end: no memory");
	m->s = *s;
	m->bands = (size_t)s->mel.bands;
	rc = plan_rows(m, f);
	if (rc == 0)
		rc = plan_stream(m, f);
	if (rc < 0)
		return rc;
	m->kept = arena_alloc(a, m->rows * m->bands, sizeof(m->kept[0]));
	if (m->kept == NULL || fft16_open(a, &m->fft) < 0)
		return fault_set(f, -ENOMEM, "front_end: no memory");
	fill_window(m);
	fill_bands(m);
	microband_init(&m->curves);
	*out = m;
	return 0;
}

size_t micro_samples(const struct micro *m)
{
	return m->samples;
}

size_t micro_hop(const struct micro *m)
{
	return m->s.state == STATE_STREAM ? m->fresh * (size_t)m->s.step : 0;
}

size_t micro_rows(const struct micro *m)
{
	return m->rows;
}

size_t micro_width(const struct micro *m)
{
	return m->bands;
}

void micro_reset(struct micro *m)
{
	memset(m->noise, 0, sizeof(m->noise));
	m->started = false;
}

/* ---- one row ---- */

static int32_t to_16_bits(float x)
{
	double value = __builtin_floor((double)x * 32768.0 + 0.5);

	return value > INT16_MAX ? INT16_MAX : value < INT16_MIN ? INT16_MIN : (int32_t)value;
}

/* Windows the frame and shifts it up as far as 16 bits hold it. Gives the shift. */
static int load_frame(struct micro *m, const float *samples)
{
	int32_t peak = 0;

	memset(m->frame, 0, sizeof(m->frame));
	for (int64_t i = 0; i < m->s.frame; i++) {
		int32_t x = to_16_bits(samples[i]) * m->window[i] >> WINDOW_BITS;

		m->frame[i] = (int16_t)x;
		x = x < 0 ? -x : x;
		peak = x > peak ? x : peak;
	}

	int shift = 15 - microband_bits((uint32_t)peak);
	if (shift < 0) /* -32768 at the middle of the window */
		shift = 0;
	for (int64_t i = 0; i < m->s.frame; i++)
		m->frame[i] = (int16_t)((uint32_t)m->frame[i] << shift);
	return shift;
}

static void sum_bands(struct micro *m)
{
	memset(m->sums, 0, sizeof(m->sums));
	for (size_t i = 0; i < m->bins; i++) {
		struct fft16_bin x = m->spectrum[m->first_bin + i];
		uint64_t energy = (uint64_t)(x.re * x.re) + (uint64_t)(x.im * x.im);
		const struct bin *b = &m->bin[i];

		m->sums[b->band] += b->weight * energy;
		m->sums[b->band + 1] += ((1u << WEIGHT_BITS) - b->weight) * energy;
	}
}

/* The square root, to the nearest integer; the greatest stays within 32 bits. */
static uint32_t square_root(uint64_t x)
{
	uint64_t root = 0;

	for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1)
		if ((root + bit) * (root + bit) <= x)
			root += bit;
	if (x - root * root > root && root != UINT16_MAX && root != UINT32_MAX)
		root++;
	return (uint32_t)root;
}

static void make_row(struct micro *m, const float *samples, uint16_t *out)
{
	int shift = load_frame(m, samples);

	fft16_forward(m->fft, m->frame, m->spectrum);
	sum_bands(m);
	for (size_t i = 0; i < m->bands; i++) {
		uint32_t signal = square_root(m->sums[i + 1]) >> shift;

		out[i] = microband_run(&m->curves, signal, i, &m->noise[i]);
	}
}

void micro_run(struct micro *m, const float *samples, float *out)
{
	if (m->s.state == STATE_FRESH)
		micro_reset(m);

	size_t old = m->started ? m->rows - m->fresh : 0;
	memmove(m->kept, m->kept + (m->rows - old) * m->bands, old * m->bands * sizeof(m->kept[0]));
	for (size_t row = old; row < m->rows; row++)
		make_row(m, samples + row * (size_t)m->s.step, m->kept + row * m->bands);
	m->started = true;

	for (size_t i = 0; i < m->rows * m->bands; i++)
		out[i] = (float)((m->kept[i] + m->s.shift) * m->s.factor);
}
