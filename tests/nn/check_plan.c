/* check_plan.c - buffers that are alive together never overlap, and places are used again. */
#include "nn/plan.h"

#include <stdbool.h>

#include "tests/test.h"

static bool overlap(const struct plan_buffer *a, const struct plan_buffer *b)
{
	return a->first <= b->last && b->first <= a->last && a->offset < b->offset + b->bytes &&
	       b->offset < a->offset + a->bytes;
}

START_TEST(random_lives_never_overlap)
{
	struct plan_buffer b[60];
	size_t order[120];

	for (int round = 0; round < 200; round++) {
		size_t count = 1 + (size_t)rand() % 60, sum = 0;
		for (size_t i = 0; i < count; i++) {
			b[i] = (struct plan_buffer){ .bytes = (size_t)rand() % 5000,
						     .first = (size_t)rand() % 50 };
			b[i].last = b[i].first + (size_t)rand() % 10;
			sum += (b[i].bytes + 63) / 64 * 64;
		}
		size_t whole = plan_place(b, count, order);
		ck_assert_uint_le(whole, sum);
		for (size_t i = 0; i < count; i++) {
			ck_assert_uint_eq(b[i].offset % 64, 0);
			ck_assert_uint_le(b[i].offset + b[i].bytes, whole);
			for (size_t k = 0; k < i; k++)
				ck_assert(!overlap(&b[i], &b[k]));
		}
	}
}
END_TEST

START_TEST(a_chain_takes_two_places)
{
	struct plan_buffer b[] = {
		{ 1000, 0, 1, 0 }, { 1000, 1, 2, 0 }, { 1000, 2, 3, 0 }, { 1000, 3, 4, 0 }
	};
	size_t order[8];

	ck_assert_uint_eq(plan_place(b, 4, order), 2 * 1024);
}
END_TEST

TEST_MAIN("plan", random_lives_never_overlap, a_chain_takes_two_places)
