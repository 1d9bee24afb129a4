/* mla_s8.c - the reference of mla_s8: it defines the result. */
#include "nn/kernels/kernels.h"

void mla_s8_ref(int32_t *sum, const int8_t *a, int32_t a_zero, const int8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum[i] += (a[i] - a_zero) * b[i];
}
