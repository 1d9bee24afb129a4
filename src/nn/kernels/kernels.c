/* kernels.c - the choice among the kernels, best first. */
#include "nn/kernels/kernels.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	dot_s8_fn *fn;
	unsigned needs;
	const char *name;
} dot_s8_table[] = {
#ifdef HAVE_X86
	{ dot_s8_avx2, CPU_AVX2, "avx2" },
#endif
	{ dot_s8_ref, 0, "ref" }, /* needs nothing: one always fits */
};

static const struct {
	mla_s8_fn *fn;
	unsigned needs;
	const char *name;
} mla_s8_table[] = {
	{ mla_s8_ref, 0, "ref" },
};

unsigned cpu_features(void)
{
	const char *limit = getenv("EDGED_CPU");
	unsigned features = 0;

#ifdef HAVE_X86
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx2"))
		features |= CPU_AVX2;
#endif
	if (limit != NULL && strcmp(limit, "ref") == 0)
		features = 0;
	return features;
}

void kernels_choose(unsigned cpu, struct kernels *out)
{
	size_t i = 0, k = 0;

	while ((dot_s8_table[i].needs & ~cpu) != 0)
		i++;
	out->dot_s8 = dot_s8_table[i].fn;
	out->dot_s8_name = dot_s8_table[i].name;
	while ((mla_s8_table[k].needs & ~cpu) != 0)
		k++;
	out->mla_s8 = mla_s8_table[k].fn;
	out->mla_s8_name = mla_s8_table[k].name;
}

const struct kernels *kernels_get(void)
{
	static struct kernels chosen;

	if (chosen.dot_s8 == NULL)
		kernels_choose(cpu_features(), &chosen);
	return &chosen;
}
