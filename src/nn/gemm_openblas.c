/* gemm_openblas.c - float matrices multiplied by OpenBLAS. */
#include "nn/gemm.h"

#include <cblas.h>

void gemm_f32(size_t m, size_t n, size_t k, const float *a, const float *b, float *c)
{
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1, a, (int)k,
		    b, (int)k, 0, c, (int)n);
}

void gemm_set_threads(int threads)
{
	openblas_set_num_threads(threads);
}

const char *gemm_name(void)
{
	return openblas_get_config();
}
