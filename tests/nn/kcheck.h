/* kcheck.h - buffers for kernel tests: filled by turns with what hurts, ending at an unreadable
 * page. */
#ifndef EDGED_TESTS_NN_KCHECK_H
#define EDGED_TESTS_NN_KCHECK_H
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/test.h"

static inline size_t kcheck_pages(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page + page;
}

/* So many bytes, the last of them just before a page that must not be touched. */
static inline void *kcheck_alloc(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = kcheck_pages(bytes);
	char *p = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(p, MAP_FAILED);
	mprotect(p + whole - page, page, PROT_NONE);
	return p + whole - page - bytes;
}

static inline void kcheck_free(void *p, size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	munmap((char *)p + bytes + page - kcheck_pages(bytes), kcheck_pages(bytes));
}

/* Random values, all -128, all 127, by turns. */
static inline void kcheck_fill(int8_t *p, size_t n)
{
	static unsigned turn;
	unsigned kind = turn++ % 4;

	for (size_t i = 0; i < n; i++)
		p[i] = (int8_t)(kind == 1 ? -128 : kind == 2 ? 127 : rand());
}
#endif
