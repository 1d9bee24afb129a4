/* gemm_portable.c - float matrices multiplied in plain C, always in the same order. */
#include "nn/gemm.h"

void gemm_f32(size_t m, size_t n, size_t k, const float *a, const float *b, float *c)
{
	for (size_t i = 0; i < m; i++)
		for (size_t j = 0; j < n; j++) {
			float sum = 0;
			for (size_t l = 0; l < k; l++)
				sum += a[i * k + l] * b[j * k + l];
			c[i * n + j] = sum;
		}
}

void gemm_set_threads(int threads)
{
	(void)threads;
}

const char *gemm_name(void)
{
	return "portable";
}
