/* math.c - exp, log, sin and cos with the same bits on every machine. */
#include "base/math.h"

#include <math.h>

/* ln 2 and pi/2 in parts whose product with a small whole number is exact (Cody and Waite, 1980). */
static const double ln2_high = 0x1.62e42fefa0000p-1, ln2_low = 0x1.cf79abc9e3b3ap-40;
static const double half_pi_1 = 0x1.921fb54400000p+0, half_pi_2 = 0x1.0b4611a600000p-34,
		    half_pi_3 = 0x1.3198a2e037073p-69;

/* sum of c[0] + c[1] x + …, from the highest power down (Horner). */
static double polynomial(double x, const double *c, int count)
{
	double sum = c[count - 1];

	for (int i = count - 2; i >= 0; i--)
		sum = sum * x + c[i];
	return sum;
}

/* e^x = 2^k e^r with |r| <= ln 2 / 2; the Taylor series of e^r to r^13 / 13! is off by 1e-17. */
double math_exp(double x)
{
	static const double taylor[] = {
		1.0,
		1.0,
		1.0 / 2,
		1.0 / 6,
		1.0 / 24,
		1.0 / 120,
		1.0 / 720,
		1.0 / 5040,
		1.0 / 40320,
		1.0 / 362880,
		1.0 / 3628800,
		1.0 / 39916800,
		1.0 / 479001600,
		1.0 / 6227020800,
	};

	if (isnan(x))
		return x;
	if (x > 709.8)
		return INFINITY;
	if (x < -745.2)
		return 0;
	double k = rint(x * 1.44269504088896340736);
	double r = (x - k * ln2_high) - k * ln2_low;
	return ldexp(polynomial(r, taylor, 14), (int)k);
}

/* ln x = e ln 2 + ln m with m in [sqrt(1/2), sqrt(2)); ln m = 2 artanh(s), s = (m-1)/(m+1), |s| <
 * 0.172: the series to s^23 is off by 1e-19. */
double math_log(double x)
{
	static const double artanh[] = {
		1.0,	  1.0 / 3,  1.0 / 5,  1.0 / 7,	1.0 / 9,  1.0 / 11,
		1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23
	};
	int exponent;

	if (!(x > 0))
		return x == 0 ? -INFINITY : NAN;
	if (isinf(x))
		return x;
	double m = frexp(x, &exponent);
	if (m < 0.70710678118654752440) {
		m *= 2;
		exponent--;
	}
	double s = (m - 1) / (m + 1);
	double ln_m = 2 * s * polynomial(s * s, artanh, 12);
	return exponent * ln2_high + (ln_m + exponent * ln2_low);
}

static double sine(double r) /* |r| <= pi/4 */
{
	static const double taylor[] = {
		1.0,	      -1.0 / 6,	       1.0 / 120,	 -1.0 / 5040,
		1.0 / 362880, -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000
	};

	return r * polynomial(r * r, taylor, 8);
}

static double cosine(double r)
{
	static const double taylor[] = { 1.0,
					 -1.0 / 2,
					 1.0 / 24,
					 -1.0 / 720,
					 1.0 / 40320,
					 -1.0 / 3628800,
					 1.0 / 479001600,
					 -1.0 / 87178291200,
					 1.0 / 20922789888000 };

	return polynomial(r * r, taylor, 9);
}

/* x = k pi/2 + r: which quarter decides between sine and cosine, and the sign. */
static double quarter(double x, int first)
{
	if (!isfinite(x))
		return x - x; /* NaN */
	double k = rint(x * 0.63661977236758134308);
	double r = ((x - k * half_pi_1) - k * half_pi_2) - k * half_pi_3;

	switch (((int)fmod(k, 4) + first + 4) % 4) {
	case 0: return sine(r);
	case 1: return cosine(r);
	case 2: return -sine(r);
	default: return -cosine(r);
	}
}

double math_sin(double x)
{
	return quarter(x, 0);
}

double math_cos(double x)
{
	return quarter(x, 1);
}

/* x + x^2/2! + … near 0, where e^x - 1 would lose its digits. */
double math_expm1(double x)
{
	double term = x, sum = x;

	if (x < -0.5 || x > 0.5 || x != x)
		return math_exp(x) - 1;
	for (int n = 2; n < 16; n++) {
		term *= x / n;
		sum += term;
	}
	return sum;
}

double math_tanh(double x)
{
	if (x > 20)
		return 1;
	if (x < -20)
		return -1;
	double e = math_expm1(2 * x);
	return e / (e + 2);
}

/* 2/sqrt(pi) * (x - x^3/3 + x^5/(2! 5) - …), and Laplace's continued fraction of 1 - erf(x). */
double math_erf(double x)
{
	const double two_over_root_pi = 1.12837916709551257390,
		     one_over_root_pi = 0.56418958354775628695;
	double size = x < 0 ? -x : x, result;

	if (x != x)
		return x;
	if (size > 6) {
		result = 1;
	} else if (size > 2.5) {
		double fraction = 0;
		for (int k = 60; k > 0; k--)
			fraction = k / 2.0 / (size + fraction);
		result = 1 - math_exp(-size * size) * one_over_root_pi / (size + fraction);
	} else {
		double term = size, sum = size;
		for (int n = 1; n < 60; n++) {
			term *= -size * size / n;
			sum += term / (2 * n + 1);
		}
		result = two_over_root_pi * sum;
	}
	return x < 0 ? -result : result;
}

static double power_of_whole(double x, int n)
{
	double result = 1;

	for (; n > 0; n >>= 1, x *= x)
		if (n & 1)
			result *= x;
	return result;
}

double math_pow(double x, double y)
{
	if (y == rint(y) && y >= -64 && y <= 64)
		return y < 0 ? 1 / power_of_whole(x, (int)-y) : power_of_whole(x, (int)y);
	if (x > 0)
		return math_exp(y * math_log(x));
	if (x == 0)
		return y > 0 ? 0 : INFINITY;
	if (y != rint(y))
		return NAN;
	double size = math_exp(y * math_log(-x));
	return fmod(y, 2) != 0 ? -size : size;
}
