/* check_kernels.c - every variant of every kernel against the reference. */
#include <string.h>

#include "nn/kernels/kernels.h"
#include "tests/nn/kcheck.h"

static const size_t sizes[] = { 0, 1, 2, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65, 255, 1024, 4097 };

static void check_dot_s8(dot_s8_fn *fn)
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int turn = 0; turn < 8; turn++) {
			size_t n = sizes[i];
			int8_t *a = kcheck_alloc(n), *b = kcheck_alloc(n);
			kcheck_fill(a, n);
			kcheck_fill(b, n);
			ck_assert_int_eq(dot_s8_ref(a, b, n), fn(a, b, n));
			kcheck_free(a, n);
			kcheck_free(b, n);
		}
}

static void check_mla_s8(mla_s8_fn *fn)
{
	int32_t wanted[4097], found[4097];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int turn = 0; turn < 8; turn++) {
			size_t n = sizes[i];
			int8_t *a = kcheck_alloc(n), *b = kcheck_alloc(n);
			kcheck_fill(a, n);
			kcheck_fill(b, n);
			for (size_t k = 0; k < n; k++)
				wanted[k] = found[k] = rand() % 1000 - 500;
			mla_s8_ref(wanted, a, turn * 36 - 128, b, n);
			fn(found, a, turn * 36 - 128, b, n);
			ck_assert_mem_eq(wanted, found, n * sizeof(wanted[0]));
			kcheck_free(a, n);
			kcheck_free(b, n);
		}
}

/* Every set of features that is less than what the processor has chooses some variant. */
START_TEST(every_variant_equals_the_reference)
{
	unsigned cpu = cpu_features();
	struct kernels k;

	for (unsigned less = 0; less <= cpu; less++) {
		if ((less & cpu) != less)
			continue;
		kernels_choose(less, &k);
		check_dot_s8(k.dot_s8);
		check_mla_s8(k.mla_s8);
	}
}
END_TEST

START_TEST(without_features_the_reference_is_chosen)
{
	struct kernels k;

	kernels_choose(0, &k);
	ck_assert_str_eq(k.dot_s8_name, "ref");
	ck_assert_str_eq(k.mla_s8_name, "ref");
	setenv("EDGED_CPU", "ref", 1);
	ck_assert_uint_eq(cpu_features(), 0);
	unsetenv("EDGED_CPU");
}
END_TEST

TEST_MAIN("kernels", every_variant_equals_the_reference, without_features_the_reference_is_chosen)
