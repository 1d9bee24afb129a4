/* dot_s8.c - the reference of dot_s8: it defines the result. */
#include "nn/kernels/kernels.h"

int32_t dot_s8_ref(const int8_t *a, const int8_t *b, size_t n)
{
	int32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (int32_t)a[i] * b[i];
	return sum;
}
