/* check_fft.c - both transforms against the sums that define them. */
#include "signal/fft.h"

#include <complex.h>
#include <errno.h>
#include <math.h>

#include "signal/fft16.h"
#include "tests/signal/support.h"
#include "tests/test.h"

enum { LONGEST = 4096 };

static double complex naive(const float *x, size_t n, size_t k)
{
	double complex sum = 0;

	for (size_t t = 0; t < n; t++)
		sum += x[t] * cexp(-2 * M_PI * I * (double)(k * t % n) / (double)n);
	return sum;
}

/* The greatest error, as a part of the greatest value. */
static double error_of(size_t n, const float *x)
{
	static float bins[LONGEST + 2];
	AUTO(arena) struct arena *a = arena_create();
	struct fft *f;
	double worst = 0, greatest = 0;

	ck_assert_int_eq(fft_open(a, n, &f), 0);
	fft_forward(f, x, bins);
	for (size_t k = 0; k <= n / 2; k++) {
		double complex right = naive(x, n, k);

		greatest = fmax(greatest, cabs(right));
		worst = fmax(worst, cabs(right - (bins[2 * k] + I * bins[2 * k + 1])));
	}
	return worst / greatest;
}

START_TEST(every_length_gives_the_discrete_fourier_transform)
{
	static float x[LONGEST];

	for (size_t n = FFT_LEAST; n <= LONGEST; n *= 2) {
		support_noise(x, n, 1.0f, (uint32_t)n);
		ck_assert_double_lt(error_of(n, x), 4e-7);
	}
}
END_TEST

START_TEST(a_tone_stands_in_its_bin)
{
	static float x[512];
	static float bins[514];
	AUTO(arena) struct arena *a = arena_create();
	struct fft *f;

	for (int i = 0; i < 512; i++)
		x[i] = (float)cos(2 * M_PI * 37 * i / 512);
	ck_assert_int_eq(fft_open(a, 512, &f), 0);
	fft_forward(f, x, bins);
	for (int k = 0; k <= 256; k++) {
		ck_assert_double_eq_tol(bins[2 * k], k == 37 ? 256 : 0, 1e-4);
		ck_assert_double_eq_tol(bins[2 * k + 1], 0, 1e-4);
	}
}
END_TEST

START_TEST(input_and_output_may_be_the_same_memory)
{
	float x[66], apart[66];
	AUTO(arena) struct arena *a = arena_create();
	struct fft *f;

	support_noise(x, 64, 1.0f, 5);
	ck_assert_int_eq(fft_open(a, 64, &f), 0);
	fft_forward(f, x, apart);
	fft_forward(f, x, x);
	ck_assert_mem_eq(x, apart, sizeof(apart));
}
END_TEST

START_TEST(other_lengths_are_refused)
{
	static const size_t wrong[] = { 0, 1, 4, 300, 511, FFT_MOST * 2 };
	AUTO(arena) struct arena *a = arena_create();
	struct fft *f = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		ck_assert_int_eq(fft_open(a, wrong[i], &f), -EINVAL);
	ck_assert_ptr_null(f);
}
END_TEST

START_TEST(sixteen_bits_stay_within_a_few_units_of_the_transform)
{
	int16_t x[FFT16_POINTS];
	float same[FFT16_POINTS];
	struct fft16_bin bins[FFT16_BINS];
	AUTO(arena) struct arena *a = arena_create();
	struct fft16 *f;
	uint32_t random = 1;

	ck_assert_int_eq(fft16_open(a, &f), 0);
	for (int i = 0; i < FFT16_POINTS; i++)
		same[i] = x[i] = (int16_t)support_random(&random);
	fft16_forward(f, x, bins);
	for (size_t k = 0; k < FFT16_BINS; k++) {
		double complex right = naive(same, FFT16_POINTS, k) / FFT16_POINTS;

		ck_assert_double_le(cabs(right - (bins[k].re + I * bins[k].im)), 4.0);
	}
}
END_TEST

TEST_MAIN("fft", every_length_gives_the_discrete_fourier_transform, a_tone_stands_in_its_bin,
	  input_and_output_may_be_the_same_memory, other_lengths_are_refused,
	  sixteen_bits_stay_within_a_few_units_of_the_transform)
