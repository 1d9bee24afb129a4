/* kernels.h - the inner loops, by instruction set: the best that the processor offers is chosen
 * once.
 *
 * The ref version defines the result; int8 variants equal it bit for bit, float ones within a
 * stated bound (they say it). Pointers need no alignment; lengths may be anything from 0 on. */
#ifndef EDGED_NN_KERNELS_KERNELS_H
#define EDGED_NN_KERNELS_KERNELS_H
#include <stddef.h>
#include <stdint.h>

/* Sum of a[i] * b[i]; n at most 2^17, so that it fits. */
typedef int32_t dot_s8_fn(const int8_t *a, const int8_t *b, size_t n);
/* sum[i] += (a[i] - a_zero) * b[i] */
typedef void mla_s8_fn(int32_t *sum, const int8_t *a, int32_t a_zero, const int8_t *b, size_t n);

struct kernels {
	dot_s8_fn *dot_s8;
	mla_s8_fn *mla_s8;
	const char *dot_s8_name, *mla_s8_name;
};

enum cpu_feature { CPU_AVX2 = 1, CPU_AVX512_VNNI = 2, CPU_NEON = 4, CPU_DOTPROD = 8 };

/* What this processor has; EDGED_CPU in the environment (ref, avx2) allows only less. */
unsigned cpu_features(void);

/* Chosen at the first call. */
const struct kernels *kernels_get(void);
void kernels_choose(unsigned cpu, struct kernels *out);

dot_s8_fn dot_s8_ref;
mla_s8_fn mla_s8_ref;
#ifdef HAVE_X86
dot_s8_fn dot_s8_avx2;
#endif
#endif
