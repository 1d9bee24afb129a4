/* micro.c - TensorFlow's integer micro front end, integer for integer.
 *
 * The steps and constants are those of TensorFlow's audio_microfrontend operator, described in the
 * model zoo's README; the tables are computed here. Names of the parts: Wang et al., "Trainable
 * Frontend For Robust and Far-Field Keyword Spotting", 2016, for PCAN. */
#include "signal/micro.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/math.h"
#include "signal/fft16.h"

#define LN_2 0.69314718055994530942

enum {
	WINDOW_BITS = 12,
	WEIGHT_BITS = 12,
	BANDS_MOST = 256,
	SAMPLES_MOST = 1 << 24,

	/* noise: est = s * x + (1 - s) * est, x with 10 bits behind the point, s with 14 */
	NOISE_BITS = 10,
	SMOOTH_BITS = 14,
	SMOOTH_EVEN = 409,	/* 0.025 */
	SMOOTH_ODD = 983,	/* 0.06 */
	REMAINS = 819,		/* 0.05: at least so much of a signal is left */

	/* gain = 2^21 * (est / 2^7 + 80)^-0.95 */
	GAIN_BITS = 21,
	GAIN_INPUT_BITS = 7,
	GAIN_OFFSET = 80,
	GAIN_SHIFT = 6,
	GAIN_OCTAVES = 33,

	LOG_INPUT_BITS = 3,
	LOG_SEGMENTS = 128,
	LOG_SCALE_BITS = 6,	/* the result is 64 ln */
	LOG_LN_2 = 45426,	/* ln 2 in 16 bits */
};
#define GAIN_STRENGTH 0.95

struct bin {
	uint8_t band;		/* the bin's weight goes to this band, the rest of 4096 to the next */
	uint16_t weight;
};

/* One octave of the gain: start + slope * t + bend * t^2, t in 0..1. */
struct octave {
	int16_t start, slope, bend;
};

struct micro {
	struct frontend_settings s;
	size_t samples, rows, bands;
	size_t fresh;			/* rows computed in each window but the first */
	bool started;			/* `kept` holds the rows of the window before */

	int16_t window[FFT16_POINTS];
	size_t first_bin, bins;
	struct bin bin[FFT16_BINS];
	struct octave gain[GAIN_OCTAVES];
	uint16_t log2_bow[LOG_SEGMENTS + 1];	/* log2(1 + x) - x in 16 bits */
	struct fft16 *fft;

	int16_t frame[FFT16_POINTS];
	struct fft16_bin spectrum[FFT16_BINS];
	uint64_t sums[BANDS_MOST + 2];
	uint32_t signal[BANDS_MOST];
	uint32_t noise[BANDS_MOST];
	uint16_t *kept;			/* rows x bands */
};

/* Bits up to the highest one that is set: 0 for 0. */
static int bit_length(uint32_t x)
{
	return x == 0 ? 0 : 32 - __builtin_clz(x);
}

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

static int16_t gain_at(uint32_t noise)
{
	double level = (double)noise / (1 << GAIN_INPUT_BITS) + GAIN_OFFSET;
	double gain = (1 << GAIN_BITS) * math_exp(-GAIN_STRENGTH * math_log(level));

	return gain > INT16_MAX ? INT16_MAX : (int16_t)(gain + 0.5);
}

/* Each octave's parabola passes through its start, middle and end; the last one ends at 2^32-1. */
static void fill_gain(struct micro *m)
{
	for (int length = 2; length < GAIN_OCTAVES; length++) {
		uint32_t start = UINT32_C(1) << (length - 1), middle = start + start / 2;
		uint32_t end = length == 32 ? UINT32_MAX : 2 * start;
		int y = gain_at(start), half = gain_at(middle) - y, whole = gain_at(end) - y;
		int slope = 4 * half - whole;

		m->gain[length] = (struct octave){ (int16_t)y, (int16_t)slope, (int16_t)(whole - slope) };
	}
	m->gain[0].start = gain_at(0);
	m->gain[1].start = gain_at(1);
}

static void fill_log(struct micro *m)
{
	for (int i = 0; i <= LOG_SEGMENTS; i++) {
		double x = (double)i / LOG_SEGMENTS;

		m->log2_bow[i] = (uint16_t)(65536.0 * (math_log(1.0 + x) / LN_2 - x) + 0.5);
	}
}

/* ---- settings ---- */

static int check(const struct frontend_settings *s, struct fault *f)
{
	if (s->frame < 1 || s->frame > FFT16_POINTS)
		return fault_set(f, -EINVAL, "front_end.frame: %" PRId64 " samples are not 1 to %d",
				 s->frame, FFT16_POINTS);
	if (s->step < 1 || s->step > SAMPLES_MOST)
		return fault_set(f, -EINVAL, "front_end.step: %" PRId64 " samples are no step", s->step);
	if (s->mel.bands < 1 || s->mel.bands >= BANDS_MOST)
		return fault_set(f, -EINVAL, "front_end.mel.bands: %" PRId64 " is not 1 to %d",
				 s->mel.bands, BANDS_MOST - 1);
	if (!(s->mel.low_hz >= 0.0 && s->mel.low_hz < s->mel.high_hz))
		return fault_set(f, -EINVAL, "front_end.mel.low: %g Hz is not below mel.high, %g Hz",
				 s->mel.low_hz, s->mel.high_hz);
	if (!(s->mel.high_hz <= s->rate_hz / 2.0))
		return fault_set(f, -EINVAL, "front_end.mel.high: %g Hz is above half the rate, %g Hz",
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
		return fault_set(f, -EINVAL, "front_end.length: %g ms hold no frame of %" PRId64
				 " samples, or are too long", (double)s->length_ns / 1e6, s->frame);
	if (s->count < 0 || s->count > rows)
		return fault_set(f, -EINVAL, "front_end.count: a window holds %" PRId64 " rows, not %"
				 PRId64, rows, s->count);
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
		return fault_set(f, -EINVAL, "front_end.hop: %g ms are not 1 to %zu steps of %" PRId64
				 " samples, as state: stream needs", (double)s->hop_ns / 1e6, m->rows,
				 s->step);
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
	fill_gain(m);
	fill_log(m);
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

	int shift = 15 - bit_length((uint32_t)peak);
	if (shift < 0)		/* -32768 at the middle of the window */
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

/* Takes a slow mean off each band: what hums all the time. */
static uint32_t reduce_noise(uint32_t *noise, uint32_t signal, size_t band)
{
	uint32_t smooth = band % 2 == 0 ? SMOOTH_EVEN : SMOOTH_ODD;
	uint32_t scaled = signal << NOISE_BITS;
	uint64_t mean = ((uint64_t)scaled * smooth +
			 (uint64_t)*noise * ((1u << SMOOTH_BITS) - smooth)) >> SMOOTH_BITS;
	uint32_t least = (uint32_t)((uint64_t)signal * REMAINS >> SMOOTH_BITS);

	*noise = (uint32_t)mean;
	uint32_t left = (scaled - (*noise > scaled ? scaled : *noise)) >> NOISE_BITS;
	return left > least ? left : least;
}

static int32_t gain_of(const struct micro *m, uint32_t noise)
{
	int length = bit_length(noise);
	const struct octave *o = &m->gain[length];

	if (noise < 2)
		return o->start;
	int32_t t = (int32_t)(length < 11 ? noise << (11 - length) : noise >> (length - 11)) & 0x3ff;
	int32_t y = (o->bend * t >> 5) + o->slope * (1 << 5);

	return (int16_t)(((y * t + (1 << 14)) >> 15) + o->start);
}

/* Per-channel energy normalization: the louder the noise, the less the gain. */
static uint32_t control_gain(const struct micro *m, uint32_t signal, uint32_t noise)
{
	uint32_t x = (uint32_t)((uint64_t)signal * (uint64_t)gain_of(m, noise) >> GAIN_SHIFT);

	return x < 8192 ? x * x >> 20 : (x >> 6) - 64;
}

static uint16_t logarithm(const struct micro *m, uint32_t signal)
{
	uint32_t x = signal << LOG_INPUT_BITS;

	if (x < 2)
		return 0;
	int whole = bit_length(x) - 1;
	uint32_t part = x - (UINT32_C(1) << whole);

	part = whole < 16 ? part << (16 - whole) : part >> (whole - 16);
	uint32_t segment = part / (65536 / LOG_SEGMENTS);
	int32_t rise = m->log2_bow[segment + 1] - m->log2_bow[segment];
	int32_t along = (int32_t)(part % (65536 / LOG_SEGMENTS));
	uint32_t log2 = ((uint32_t)whole << 16) + part + m->log2_bow[segment] +
			(uint32_t)((rise * along) >> 16);
	uint32_t ln = (uint32_t)(((uint64_t)LOG_LN_2 * log2 + 32768) >> 16);
	uint32_t scaled = ((ln << LOG_SCALE_BITS) + 32768) >> 16;

	return scaled < UINT16_MAX ? (uint16_t)scaled : UINT16_MAX;
}

static void make_row(struct micro *m, const float *samples, uint16_t *out)
{
	int shift = load_frame(m, samples);

	fft16_forward(m->fft, m->frame, m->spectrum);
	sum_bands(m);
	for (size_t i = 0; i < m->bands; i++) {
		uint32_t signal = square_root(m->sums[i + 1]) >> shift;

		signal = reduce_noise(&m->noise[i], signal, i);
		signal = control_gain(m, signal, m->noise[i]);
		out[i] = logarithm(m, signal);
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
