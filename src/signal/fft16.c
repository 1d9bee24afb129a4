/* fft16.c - the spectrum of 512 real samples in 16-bit fixed point, rounded as TensorFlow does.
 *
 * What defines the integers: Q15 twiddles floor(32767 cos + 1/2); four radix-4 passes over 256
 * complex points, decimation in time; before each pass every value is divided by 4, and by 2 before
 * the real spectrum is taken apart, as a product with 8191 or 16383 in Q15; every product is
 * rounded half up to 16 bits. tests/signal/check_micro.c compares recordings. */
#include "signal/fft16.h"

#include <errno.h>

#include "base/math.h"

enum {
	POINTS = FFT16_POINTS / 2, /* complex */
	PASSES = 4,		   /* 4^4 = 256 */
	QUARTER = 32767 / 4,	   /* Q15, rounded down as the definition has it */
	HALF = 32767 / 2,
};

struct fft16 {
	struct fft16_bin twiddle[POINTS];   /* exp(-2 pi i k / 256) */
	struct fft16_bin split[POINTS / 2]; /* -i exp(-pi i (k+1) / 256) */
	uint8_t order[POINTS];		    /* base-4 digits of the index reversed */
	struct fft16_bin z[POINTS];
};

static struct fft16_bin unit(double angle)
{
	return (struct fft16_bin){
		.re = (int16_t)__builtin_floor(0.5 + 32767.0 * math_cos(angle)),
		.im = (int16_t)__builtin_floor(0.5 + 32767.0 * math_sin(angle)),
	};
}

int fft16_open(struct arena *a, struct fft16 **out)
{
	struct fft16 *f = arena_alloc(a, 1, sizeof(*f));
	if (f == NULL)
		return -ENOMEM;

	for (int k = 0; k < POINTS; k++) {
		f->twiddle[k] = unit(-2.0 * MATH_PI * k / POINTS);
		for (int pass = 0; pass < PASSES; pass++)
			f->order[k] |= (uint8_t)(((k >> 2 * pass) & 3) << 2 * (PASSES - 1 - pass));
	}
	for (int k = 0; k < POINTS / 2; k++)
		f->split[k] = unit(-MATH_PI * ((k + 1.0) / POINTS + 0.5));
	*out = f;
	return 0;
}

/* Q30 to Q15, half up. 16-bit results wrap as the definition's do; they cannot for its inputs. */
static int16_t round_q15(int32_t x)
{
	return (int16_t)((x + (1 << 14)) >> 15);
}

static struct fft16_bin scaled(struct fft16_bin x, int32_t factor)
{
	return (struct fft16_bin){ round_q15(x.re * factor), round_q15(x.im * factor) };
}

static struct fft16_bin times(struct fft16_bin a, struct fft16_bin b)
{
	return (struct fft16_bin){
		round_q15((int32_t)((uint32_t)(a.re * b.re) - (uint32_t)(a.im * b.im))),
		round_q15((int32_t)((uint32_t)(a.re * b.im) + (uint32_t)(a.im * b.re))),
	};
}

static struct fft16_bin plus(struct fft16_bin a, struct fft16_bin b)
{
	return (struct fft16_bin){ (int16_t)(a.re + b.re), (int16_t)(a.im + b.im) };
}

static struct fft16_bin minus(struct fft16_bin a, struct fft16_bin b)
{
	return (struct fft16_bin){ (int16_t)(a.re - b.re), (int16_t)(a.im - b.im) };
}

static struct fft16_bin turned(struct fft16_bin a) /* times -i */
{
	return (struct fft16_bin){ a.im, (int16_t)-a.re };
}

/* The four points z[0], z[m], z[2m], z[3m] in place, k the place within the block of m. */
static void butterfly(const struct fft16 *f, struct fft16_bin *z, int m, int k)
{
	int step = POINTS / (4 * m) * k;
	struct fft16_bin a = scaled(z[0], QUARTER);
	struct fft16_bin b = times(scaled(z[m], QUARTER), f->twiddle[step]);
	struct fft16_bin c = times(scaled(z[2 * m], QUARTER), f->twiddle[2 * step]);
	struct fft16_bin d = times(scaled(z[3 * m], QUARTER), f->twiddle[3 * step]);
	struct fft16_bin even = plus(a, c), across = minus(a, c);
	struct fft16_bin odd = plus(b, d), turn = turned(minus(b, d));

	z[0] = plus(even, odd);
	z[m] = plus(across, turn);
	z[2 * m] = minus(even, odd);
	z[3 * m] = minus(across, turn);
}

/* 256 complex points become the 257 bins of 512 real ones; k and its mirror at once. */
static void take_apart(const struct fft16 *f, struct fft16_bin *out)
{
	struct fft16_bin z0 = scaled(f->z[0], HALF);

	out[0] = (struct fft16_bin){ (int16_t)(z0.re + z0.im), 0 };
	out[POINTS] = (struct fft16_bin){ (int16_t)(z0.re - z0.im), 0 };
	for (int k = 1; k <= POINTS / 2; k++) {
		struct fft16_bin mirror = f->z[POINTS - k];

		mirror.im = (int16_t)-mirror.im;
		struct fft16_bin here = scaled(f->z[k], HALF), there = scaled(mirror, HALF);
		struct fft16_bin even = plus(here, there);
		struct fft16_bin odd = times(minus(here, there), f->split[k - 1]);

		out[k].re = (int16_t)((even.re + odd.re) >> 1);
		out[k].im = (int16_t)((even.im + odd.im) >> 1);
		out[POINTS - k].re = (int16_t)((even.re - odd.re) >> 1);
		out[POINTS - k].im = (int16_t)((odd.im - even.im) >> 1);
	}
}

void fft16_forward(struct fft16 *f, const int16_t in[FFT16_POINTS],
		   struct fft16_bin out[FFT16_BINS])
{
	for (int k = 0; k < POINTS; k++)
		f->z[f->order[k]] = (struct fft16_bin){ in[2 * k], in[2 * k + 1] };
	for (int m = 1; m < POINTS; m *= 4)
		for (int block = 0; block < POINTS; block += 4 * m)
			for (int k = 0; k < m; k++)
				butterfly(f, f->z + block + k, m, k);
	take_apart(f, out);
}
