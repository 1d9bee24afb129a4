/* resample.c - changes the rate of a stream by a linear-phase polyphase filter.
 *
 * The prototype is a sinc under a Kaiser window (J. F. Kaiser, "Nonrecursive digital filter design
 * using the I0-sinh window function", 1974; formulas as in Oppenheim and Schafer, "Discrete-Time
 * Signal Processing", 7.6): beta and the width of the transition from the attenuation, the pass
 * band put so that the transition ends at half the lower rate. */
#include "signal/resample.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/math.h"

#define ATTENUATION_DB 84.0 /* designed for; 80 promised */

enum {
	PERIODS = 62,		     /* of the lower rate, on either side of the centre */
	PHASES = 512,		     /* in such a period, where rows are shared */
	EXACT_FLOATS_MOST = 1 << 18, /* larger tables of exact phases give way to shared ones */
	LANES = 8,		     /* sums side by side; part of the result, see dot() */
	BLOCK = 1024,		     /* input samples taken at once */
	RATIO_MOST = 64,
};

struct resample {
	uint32_t in_hz, out_hz;
	uint32_t up, down; /* out_hz / in_hz in lowest terms */
	bool exact;
	uint32_t half;	 /* input samples on either side of the centre */
	uint32_t taps;	 /* 2 * half */
	uint32_t phases; /* in an input sample: `up` if exact */
	float *rows;	 /* [exact ? phases : phases + 1][taps] */

	int64_t next;	/* absolute index of the next output sample */
	int64_t base;	/* absolute index of the input sample at or before it ... */
	uint32_t part;	/* ... and how many up-ths of a sample lie between */
	int64_t end;	/* absolute index behind the last input sample */
	size_t held;	/* the last `held` input samples stand in history */
	float *history; /* taps + BLOCK */
};

/* Modified Bessel function of the first kind, order 0, by its power series. */
static double bessel_i0(double x)
{
	double term = 1.0, sum = 1.0;

	for (int k = 1; term > sum * 1e-18; k++) {
		double factor = x / (2.0 * k);

		term *= factor * factor;
		sum += term;
	}
	return sum;
}

struct design {
	double half;   /* input samples */
	double cutoff; /* cycles in an input sample, -6 dB */
	double beta, scale;
};

static struct design design_filter(uint32_t half, double lower_by_in)
{
	double width = (ATTENUATION_DB - 7.95) / (14.36 * 2.0 * half);
	double beta = 0.1102 * (ATTENUATION_DB - 8.7);

	return (struct design){
		.half = half,
		.cutoff = 0.5 * lower_by_in - 0.5 * width,
		.beta = beta,
		.scale = 1.0 / bessel_i0(beta),
	};
}

/* The impulse response at t input samples from its centre. */
static double impulse(const struct design *d, double t)
{
	double edge = 1.0 - (t / d->half) * (t / d->half);
	double angle = 2.0 * MATH_PI * d->cutoff * t;

	if (edge < 0.0)
		return 0.0;
	double sinc = t == 0.0 ? 1.0 : math_sin(angle) / angle;
	return 2.0 * d->cutoff * sinc * bessel_i0(d->beta * __builtin_sqrt(edge)) * d->scale;
}

/* Tap k of a row meets input sample base - half + 1 + k, for an output `shift` behind base. Each
 * row is brought to a sum of 1, so that a constant stays one. */
static void fill_row(const struct design *d, uint32_t half, double shift, float *row)
{
	double sum = 0.0;

	for (uint32_t k = 0; k < 2 * half; k++) {
		double tap = impulse(d, (double)k + 1.0 - half - shift);

		row[k] = (float)tap;
		sum += tap;
	}
	for (uint32_t k = 0; k < 2 * half; k++)
		row[k] = (float)(row[k] / sum);
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
	while (b != 0) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static uint64_t divide_up(uint64_t a, uint64_t b)
{
	return a / b + (a % b != 0);
}

static int check_rates(uint32_t in_hz, uint32_t out_hz, struct fault *f)
{
	const uint32_t rates[] = { in_hz, out_hz };

	for (size_t i = 0; i < 2; i++)
		if (rates[i] < RESAMPLE_HZ_LEAST || rates[i] > RESAMPLE_HZ_MOST)
			return fault_set(
				f, -EINVAL, "cannot resample %u to %u Hz: %u Hz is not %d to %d Hz",
				in_hz, out_hz, rates[i], RESAMPLE_HZ_LEAST, RESAMPLE_HZ_MOST);
	if (in_hz / out_hz > RATIO_MOST || out_hz / in_hz > RATIO_MOST)
		return fault_set(f, -EINVAL,
				 "cannot resample %u to %u Hz: more than %d times apart", in_hz,
				 out_hz, RATIO_MOST);
	return 0;
}

/* Half width and phases; the half is a multiple of 4 so that a row is one of LANES. */
static void plan(struct resample *r)
{
	uint32_t divisor = common_divisor(r->in_hz, r->out_hz);
	uint32_t lower = r->in_hz < r->out_hz ? r->in_hz : r->out_hz;

	r->up = r->out_hz / divisor;
	r->down = r->in_hz / divisor;
	r->half = (uint32_t)divide_up((uint64_t)PERIODS * r->in_hz, lower);
	r->half = (r->half + 3) / 4 * 4;
	r->taps = 2 * r->half;
	r->exact = (uint64_t)r->up * r->taps <= EXACT_FLOATS_MOST;
	r->phases = r->exact ? r->up : (uint32_t)divide_up((uint64_t)PHASES * lower, r->in_hz);
}

static int fill_tables(struct resample *r, struct arena *a)
{
	uint32_t lower = r->in_hz < r->out_hz ? r->in_hz : r->out_hz;
	struct design d = design_filter(r->half, (double)lower / r->in_hz);
	uint32_t rows = r->exact ? r->phases : r->phases + 1;

	r->rows = arena_alloc(a, (size_t)rows * r->taps, sizeof(float));
	r->history = arena_alloc(a, r->taps + BLOCK, sizeof(float));
	if (r->rows == NULL || r->history == NULL)
		return -ENOMEM;
	for (uint32_t p = 0; p < rows; p++)
		fill_row(&d, r->half, (double)p / r->phases, r->rows + (size_t)p * r->taps);
	return 0;
}

int resample_open(struct arena *a, uint32_t in_hz, uint32_t out_hz, struct resample **out,
		  struct fault *f)
{
	int rc = check_rates(in_hz, out_hz, f);
	if (rc < 0)
		return rc;

	struct resample *r = arena_alloc(a, 1, sizeof(*r));
	if (r == NULL)
		return fault_set(f, -ENOMEM, "resample: no memory");
	r->in_hz = in_hz;
	r->out_hz = out_hz;
	if (in_hz != out_hz) {
		plan(r);
		if (fill_tables(r, a) < 0)
			return fault_set(f, -ENOMEM, "resample: no memory");
	}
	resample_reset(r, 0);
	*out = r;
	return 0;
}

void resample_reset(struct resample *r, int64_t first)
{
	r->next = r->base = r->end = first;
	r->part = 0;
	if (r->in_hz == r->out_hz)
		return;

	/* next = ceil(first * up / down) and its place, without a product that overflows */
	uint64_t whole = (uint64_t)first / r->down, rest = (uint64_t)first % r->down;
	uint64_t within = divide_up(rest * r->up, r->down);
	uint64_t place = within * r->down;

	r->next = (int64_t)(whole * r->up + within);
	r->base = (int64_t)(whole * r->down + place / r->up);
	r->part = (uint32_t)(place % r->up);
	r->held = r->taps;
	memset(r->history, 0, r->taps * sizeof(float));
}

int64_t resample_index(const struct resample *r)
{
	return r->next;
}

int64_t resample_delay_ns(const struct resample *r)
{
	return (int64_t)divide_up((uint64_t)r->half * 1000000000u, r->in_hz);
}

size_t resample_most(const struct resample *r, size_t count)
{
	uint64_t most = count > r->half ? count : r->half;

	return (size_t)divide_up(most * r->out_hz, r->in_hz) + 1;
}

/* LANES sums side by side, then a tree: an order that vectors can follow and all machines share. */
static float dot(const float *x, const float *h, size_t count)
{
	float sum[LANES] = { 0 };

	for (size_t i = 0; i < count; i += LANES)
		for (size_t j = 0; j < LANES; j++)
			sum[j] += x[i + j] * h[i + j];
	return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

/* The output sample at base + part/up, from the taps' first input sample on. */
static float sample_at(const struct resample *r, const float *x)
{
	if (r->exact)
		return dot(x, r->rows + (size_t)r->part * r->taps, r->taps);

	uint64_t place = (uint64_t)r->part * r->phases;
	const float *row = r->rows + (size_t)(place / r->up) * r->taps;
	float between = (float)((double)(place % r->up) / r->up);
	float near = dot(x, row, r->taps), far = dot(x, row + r->taps, r->taps);

	return near + between * (far - near);
}

/* All outputs whose input is there and whose centre lies before `stop`. */
static size_t drain(struct resample *r, int64_t stop, float *out)
{
	size_t made = 0;

	while (r->base + (int64_t)r->half < r->end && r->base < stop) {
		/* history[held] would be input sample `end` */
		int64_t back = r->end - (r->base - (int64_t)r->half + 1);

		out[made++] = sample_at(r, r->history + r->held - (size_t)back);
		r->next++;
		uint64_t place = (uint64_t)r->part + r->down;
		r->base += (int64_t)(place / r->up);
		r->part = (uint32_t)(place % r->up);
	}
	return made;
}

/* At most BLOCK samples, or zeros where in is NULL, go behind the last `taps` in the history. */
static void append(struct resample *r, const float *in, size_t count)
{
	if (r->held > r->taps) {
		memmove(r->history, r->history + r->held - r->taps, r->taps * sizeof(float));
		r->held = r->taps;
	}
	if (in != NULL)
		memcpy(r->history + r->held, in, count * sizeof(float));
	else
		memset(r->history + r->held, 0, count * sizeof(float));
	r->held += count;
	r->end += (int64_t)count;
}

size_t resample_push(struct resample *r, const float *in, size_t count, float *out)
{
	size_t made = 0;

	if (r->in_hz == r->out_hz) {
		if (count > 0)
			memcpy(out, in, count * sizeof(float));
		r->next += (int64_t)count;
		return count;
	}
	while (count > 0) {
		size_t now = count < BLOCK ? count : BLOCK;

		append(r, in, now);
		made += drain(r, INT64_MAX, out + made);
		in += now;
		count -= now;
	}
	return made;
}

size_t resample_flush(struct resample *r, float *out)
{
	int64_t stop = r->end;
	size_t made = 0;

	if (r->in_hz == r->out_hz)
		return 0;
	for (uint32_t left = r->half; left > 0;) {
		uint32_t now = left < BLOCK ? left : BLOCK;

		append(r, NULL, now);
		made += drain(r, stop, out + made);
		left -= now;
	}
	return made;
}

void resample_describe(const struct resample *r, char *text, size_t size)
{
	if (r->in_hz == r->out_hz) {
		snprintf(text, size, "%u Hz as it is", r->in_hz);
		return;
	}
	snprintf(text, size, "%u to %u Hz: %u %s%s of %u taps, delay %.3f ms", r->in_hz, r->out_hz,
		 r->phases, r->exact ? "" : "shared ", r->phases == 1 ? "phase" : "phases", r->taps,
		 (double)resample_delay_ns(r) / 1e6);
}
