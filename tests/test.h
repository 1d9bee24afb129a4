/* test.h - what every test program has in common: one suite, one main. */
#ifndef EDGED_TESTS_TEST_H
#define EDGED_TESTS_TEST_H
#include <check.h>
#include <stdlib.h>

/* TEST_MAIN("gate", three_in_a_row_confirm, a_gap_starts_afresh) */
#define TEST_MAIN(name, ...) TEST_MAIN_WITH(name, NULL, NULL, __VA_ARGS__)

/* The same with a function before and one after each test. */
#define TEST_MAIN_WITH(name, before, after, ...)                                                   \
	int main(void)                                                                             \
	{                                                                                          \
		const TTest *tests[] = { __VA_ARGS__ };                                            \
		Suite *suite = suite_create(name);                                                 \
		TCase *tcase = tcase_create(name);                                                 \
		tcase_add_checked_fixture(tcase, before, after);                                   \
		for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)                      \
			tcase_add_test(tcase, tests[i]);                                           \
		tcase_set_timeout(tcase, 400);                                                     \
		suite_add_tcase(suite, tcase);                                                     \
		SRunner *runner = srunner_create(suite);                                           \
		srunner_run_all(runner, CK_NORMAL);                                                \
		int failed = srunner_ntests_failed(runner);                                        \
		srunner_free(runner);                                                              \
		return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;                                  \
	}
#endif
