/* math.h - exp, log, sin and the like with the same bits on every machine.
 *
 * libm's differ from version to version and from one processor to another. These use only what
 * IEEE 754 makes exact or correctly rounded (+ - * /, rint, ldexp, frexp), in a fixed order,
 * without contraction (the build says -ffp-contract=off). Each is within 1 ulp or so of the true
 * value. */
#ifndef EDGED_BASE_MATH_H
#define EDGED_BASE_MATH_H

double math_exp(double x); /* 0 and infinity where the result does not fit */
double math_log(double x); /* -infinity at 0, NaN below */
/* Arguments up to 1e6 in magnitude; the error grows with them, to 1e-10 at that end. */
double math_sin(double x);
double math_cos(double x);
double math_tanh(double x);
double math_erf(double x);   /* to 1e-12 */
double math_expm1(double x); /* e^x - 1, exact to the end near 0 */
/* x^y; whole y up to 64 by multiplication; NaN for a negative x to another power. */
double math_pow(double x, double y);

#define MATH_PI 3.14159265358979323846
#endif
