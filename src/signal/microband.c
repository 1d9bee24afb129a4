/* microband.c - one band of the micro front end: noise reduction, gain control, logarithm.
 *
 * Fixed point as in TensorFlow's audio_microfrontend operator; the gain control is PCAN of Wang et
 * al., "Trainable Frontend For Robust and Far-Field Keyword Spotting", 2016. */
#include "signal/microband.h"

#include "base/math.h"

#define LN_2	      0.69314718055994530942
#define GAIN_STRENGTH 0.95

enum {
	/* noise: est = s * x + (1 - s) * est, x with 10 bits behind the point, s with 14 */
	NOISE_BITS = 10,
	SMOOTH_BITS = 14,
	SMOOTH_EVEN = 409, /* 0.025 */
	SMOOTH_ODD = 983,  /* 0.06 */
	REMAINS = 819,	   /* 0.05: at least so much of a signal is left */

	/* gain = 2^21 * (est / 2^7 + 80)^-0.95 */
	GAIN_BITS = 21,
	GAIN_INPUT_BITS = 7,
	GAIN_OFFSET = 80,
	GAIN_SHIFT = 6,

	LOG_INPUT_BITS = 3,
	LOG_SCALE_BITS = 6, /* the result is 64 ln */
	LOG_LN_2 = 45426,   /* ln 2 in 16 bits */
};

int microband_bits(uint32_t x)
{
	return x == 0 ? 0 : 32 - __builtin_clz(x);
}

static int16_t gain_at(uint32_t noise)
{
	double level = (double)noise / (1 << GAIN_INPUT_BITS) + GAIN_OFFSET;
	double gain = (1 << GAIN_BITS) * math_exp(-GAIN_STRENGTH * math_log(level));

	return gain > INT16_MAX ? INT16_MAX : (int16_t)(gain + 0.5);
}

/* Each octave's parabola passes through its start, middle and end; the last one ends at 2^32-1. */
static void fill_gain(struct microband *b)
{
	for (int length = 2; length < MICROBAND_OCTAVES; length++) {
		uint32_t start = UINT32_C(1) << (length - 1), middle = start + start / 2;
		uint32_t end = length == 32 ? UINT32_MAX : 2 * start;
		int y = gain_at(start), half = gain_at(middle) - y, whole = gain_at(end) - y;
		int slope = 4 * half - whole;

		b->gain[length] = (struct microband_octave){
			.start = (int16_t)y,
			.slope = (int16_t)slope,
			.bend = (int16_t)(whole - slope),
		};
	}
	b->gain[0].start = gain_at(0);
	b->gain[1].start = gain_at(1);
}

static void fill_log(struct microband *b)
{
	for (int i = 0; i <= MICROBAND_SEGMENTS; i++) {
		double x = (double)i / MICROBAND_SEGMENTS;

		b->log2_bow[i] = (uint16_t)(65536.0 * (math_log(1.0 + x) / LN_2 - x) + 0.5);
	}
}

/* Takes a slow mean off each band: what hums all the time. */
static uint32_t reduce_noise(uint32_t *noise, uint32_t signal, size_t band)
{
	uint32_t smooth = band % 2 == 0 ? SMOOTH_EVEN : SMOOTH_ODD;
	uint32_t scaled = signal << NOISE_BITS;
	uint64_t mean =
		((uint64_t)scaled * smooth + (uint64_t)*noise * ((1u << SMOOTH_BITS) - smooth)) >>
		SMOOTH_BITS;
	uint32_t least = (uint32_t)((uint64_t)signal * REMAINS >> SMOOTH_BITS);

	*noise = (uint32_t)mean;
	uint32_t left = (scaled - (*noise > scaled ? scaled : *noise)) >> NOISE_BITS;
	return left > least ? left : least;
}

static int32_t gain_of(const struct microband *b, uint32_t noise)
{
	int length = microband_bits(noise);
	const struct microband_octave *o = &b->gain[length];

	if (noise < 2)
		return o->start;
	uint32_t top = length < 11 ? noise << (11 - length) : noise >> (length - 11);
	int32_t t = (int32_t)(top & 0x3ff);
	int32_t y = (o->bend * t >> 5) + o->slope * (1 << 5);

	return (int16_t)(((y * t + (1 << 14)) >> 15) + o->start);
}

/* The louder the noise, the less the gain. */
static uint32_t control_gain(const struct microband *b, uint32_t signal, uint32_t noise)
{
	uint32_t x = (uint32_t)((uint64_t)signal * (uint64_t)gain_of(b, noise) >> GAIN_SHIFT);

	return x < 8192 ? x * x >> 20 : (x >> 6) - 64;
}

static uint16_t logarithm(const struct microband *b, uint32_t signal)
{
	uint32_t x = signal << LOG_INPUT_BITS;

	if (x < 2)
		return 0;
	int whole = microband_bits(x) - 1;
	uint32_t part = x - (UINT32_C(1) << whole);

	part = whole < 16 ? part << (16 - whole) : part >> (whole - 16);
	uint32_t segment = part / (65536 / MICROBAND_SEGMENTS);
	int32_t rise = b->log2_bow[segment + 1] - b->log2_bow[segment];
	int32_t along = (int32_t)(part % (65536 / MICROBAND_SEGMENTS));
	uint32_t log2 = ((uint32_t)whole << 16) + part + b->log2_bow[segment] +
			(uint32_t)((rise * along) >> 16);
	uint32_t ln = (uint32_t)(((uint64_t)LOG_LN_2 * log2 + 32768) >> 16);
	uint32_t scaled = ((ln << LOG_SCALE_BITS) + 32768) >> 16;

	return scaled < UINT16_MAX ? (uint16_t)scaled : UINT16_MAX;
}

void microband_init(struct microband *b)
{
	fill_gain(b);
	fill_log(b);
}

uint16_t microband_run(const struct microband *b, uint32_t signal, size_t band, uint32_t *noise)
{
	uint32_t left = reduce_noise(noise, signal, band);

	return logarithm(b, control_gain(b, left, *noise));
}
