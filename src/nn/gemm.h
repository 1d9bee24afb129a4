/* gemm.h - float matrices multiplied: by OpenBLAS, or by plain C where a program does without it.
 * One of the two implementations is linked: libnnblas.a or libnnportable.a. */
#ifndef EDGED_NN_GEMM_H
#define EDGED_NN_GEMM_H
#include <stddef.h>

/* c[m][n] = a[m][k] times the transpose of b[n][k]; rows follow each other. */
void gemm_f32(size_t m, size_t n, size_t k, const float *a, const float *b, float *c);

void gemm_set_threads(int threads);
const char *gemm_name(void); /* "OpenBLAS 0.3.21 …" or "portable" */
#endif
