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
