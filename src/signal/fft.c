/* fft.c - the spectrum of real samples, the same bits on every machine.
 *
 * n real points are transformed as n/2 complex ones (even samples real, odd ones imaginary) by
 * Stockham's self-sorting radix-4 algorithm (decimation in frequency, one radix-2 pass at the end
 * where n/2 is no power of four); then the two halves are taken apart. Each output is a fixed tree
 * of single-precision operations, and the inner loops run over independent elements: a compiler
 * may vectorize them, which changes no bit. */
#include "signal/fft.h"

#include <errno.h>

#include "base/math.h"

struct fft {
	size_t half;	      /* complex points: n / 2 */
	float *twiddle;	      /* pass by pass; 6 floats for each p, see pass4() */
	float *split;	      /* cos, sin of 2 pi k / n for k = 0..half/2 */
	float *re[2], *im[2]; /* a pass reads one pair and writes the other */
};

static void fill_twiddles(float *out, size_t half)
{
	for (size_t n = half; n >= 4; n /= 4)
		for (size_t p = 0; p < n / 4; p++)
			for (size_t power = 1; power <= 3; power++) {
				double angle = 2.0 * MATH_PI * (double)(p * power) / (double)n;

				*out++ = (float)math_cos(angle);
				*out++ = (float)math_sin(angle);
			}
}

static size_t twiddle_count(size_t half)
{
	size_t count = 0;

	for (size_t n = half; n >= 4; n /= 4)
		count += 6 * (n / 4);
	return count;
}

int fft_open(struct arena *a, size_t n, struct fft **out)
{
	if (n < FFT_LEAST || n > FFT_MOST || (n & (n - 1)) != 0)
		return -EINVAL;

	struct fft *f = arena_alloc(a, 1, sizeof(*f));
	if (f == NULL)
		return -ENOMEM;
	f->half = n / 2;
	f->twiddle = arena_alloc(a, twiddle_count(f->half), sizeof(float));
	f->split = arena_alloc(a, 2 * (f->half / 2 + 1), sizeof(float));
	for (int i = 0; i < 2; i++) {
		f->re[i] = arena_alloc(a, f->half, sizeof(float));
		f->im[i] = arena_alloc(a, f->half, sizeof(float));
		if (f->re[i] == NULL || f->im[i] == NULL)
			return -ENOMEM;
	}
	if (f->twiddle == NULL || f->split == NULL)
		return -ENOMEM;

	fill_twiddles(f->twiddle, f->half);
	for (size_t k = 0; k <= f->half / 2; k++) {
		double angle = 2.0 * MATH_PI * (double)k / (double)n;

		f->split[2 * k] = (float)math_cos(angle);
		f->split[2 * k + 1] = (float)math_sin(angle);
	}
	*out = f;
	return 0;
}

struct plane {
	float *restrict re, *restrict im;
};

/* One radix-4 pass over `stride` interleaved transforms of n points each:
 * out[4p + j] = w^(jp) * (j-th output of the 4-point transform of in[p + n/4 * 0..3]). */
static void pass4(size_t n, size_t stride, const float *w, struct plane in, struct plane out)
{
	size_t quarter = n / 4 * stride;

	for (size_t p = 0; p < n / 4; p++, w += 6) {
		const float *ar = in.re + p * stride, *ai = in.im + p * stride;
		const float *br = ar + quarter, *bi = ai + quarter;
		const float *cr = br + quarter, *ci = bi + quarter;
		const float *dr = cr + quarter, *di = ci + quarter;
		float *restrict yr = out.re + 4 * p * stride;
		float *restrict yi = out.im + 4 * p * stride;

		for (size_t q = 0; q < stride; q++) {
			float sum_r = ar[q] + cr[q], sum_i = ai[q] + ci[q];
			float dif_r = ar[q] - cr[q], dif_i = ai[q] - ci[q];
			float odd_r = br[q] + dr[q], odd_i = bi[q] + di[q];
			float rot_r = bi[q] - di[q], rot_i = dr[q] - br[q]; /* -i (b - d) */
			float x1_r = dif_r + rot_r, x1_i = dif_i + rot_i;
			float x2_r = sum_r - odd_r, x2_i = sum_i - odd_i;
			float x3_r = dif_r - rot_r, x3_i = dif_i - rot_i;

			yr[q] = sum_r + odd_r;
			yi[q] = sum_i + odd_i;
			yr[stride + q] = x1_r * w[0] + x1_i * w[1];
			yi[stride + q] = x1_i * w[0] - x1_r * w[1];
			yr[2 * stride + q] = x2_r * w[2] + x2_i * w[3];
			yi[2 * stride + q] = x2_i * w[2] - x2_r * w[3];
			yr[3 * stride + q] = x3_r * w[4] + x3_i * w[5];
			yi[3 * stride + q] = x3_i * w[4] - x3_r * w[5];
		}
	}
}

static void pass2(size_t stride, struct plane in, struct plane out)
{
	for (size_t q = 0; q < stride; q++) {
		float ar = in.re[q], ai = in.im[q];
		float br = in.re[stride + q], bi = in.im[stride + q];

		out.re[q] = ar + br;
		out.im[q] = ai + bi;
		out.re[stride + q] = ar - br;
		out.im[stride + q] = ai - bi;
	}
}

/* The pair of planes that holds the result: 0 or 1. */
static int transform(struct fft *f)
{
	const float *w = f->twiddle;
	size_t n = f->half, stride = 1;
	int from = 0;

	for (; n >= 4; n /= 4, stride *= 4, from = !from) {
		pass4(n, stride, w, (struct plane){ f->re[from], f->im[from] },
		      (struct plane){ f->re[!from], f->im[!from] });
		w += 6 * (n / 4);
	}
	if (n == 2) {
		pass2(stride, (struct plane){ f->re[from], f->im[from] },
		      (struct plane){ f->re[!from], f->im[!from] });
		from = !from;
	}
	return from;
}

void fft_forward(struct fft *f, const float *in, float *out)
{
	size_t half = f->half;

	for (size_t k = 0; k < half; k++) {
		f->re[0][k] = in[2 * k];
		f->im[0][k] = in[2 * k + 1];
	}

	int at = transform(f);
	const float *zr = f->re[at], *zi = f->im[at];

	for (size_t k = 0; k <= half / 2; k++) {
		size_t j = half - k, jz = k == 0 ? 0 : j;
		float c = f->split[2 * k], s = f->split[2 * k + 1];
		float even_r = 0.5f * (zr[k] + zr[jz]), even_i = 0.5f * (zi[k] - zi[jz]);
		float odd_r = 0.5f * (zi[k] + zi[jz]), odd_i = 0.5f * (zr[jz] - zr[k]);
		float turn_r = c * odd_r + s * odd_i, turn_i = c * odd_i - s * odd_r;

		out[2 * j] = even_r - turn_r;
		out[2 * j + 1] = turn_i - even_i;
		out[2 * k] = even_r + turn_r;
		out[2 * k + 1] = even_i + turn_i;
	}
}
