/* fuzz.c - a model from strangers: read, opened, run, reset, freed, on a machine with little memory. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/infer.h"
#include "nn/net.h"

/* ---- the machine ---- */

enum { LARGEST_BLOCK = 64 << 20, ALL_BLOCKS = 256 << 20 };

static size_t taken; /* for this input; what is freed before its end still counts */

void *__real_calloc(size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

static bool has_room(size_t size)
{
	if (size > LARGEST_BLOCK || taken + size > ALL_BLOCKS)
		return false;
	taken += size;
	return true;
}

/* The linker gives edged these instead (--wrap). A model may ask for 1 GiB: that it is refused is
 * one more path to go. */
void *__wrap_calloc(size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) || !has_room(bytes))
		return NULL;
	return __real_calloc(count, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return has_room(size) ? __real_aligned_alloc(alignment, size) : NULL;
}

/* ---- one model ---- */

enum { MOST_MACS = 50000000, MOST_WORK = 1 << 25 };

static bool is_fast(const struct net *n)
{
	return net_macs(n) < MOST_MACS && net_arena_bytes(n) < MOST_WORK / (net_nodes(n) + 1);
}

/* What a file of this size may take: structures that are larger than their tables in the file,
 * constants within the budget of those that are computed, and the arena that its net needs. */
static size_t honest_bytes(size_t file_bytes, const struct net *n)
{
	return ((size_t)1 << 20) + 64 * file_bytes + INFER_BUDGET(file_bytes) +
	       (n == NULL ? 0 : net_arena_bytes(n));
}

static void run(struct net *n)
{
	for (size_t i = 0; i < net_inputs(n); i++)
		memset(net_input(n, i)->data, 0, net_input(n, i)->bytes);
	net_run(n);
	net_reset(n);
}

void fuzz_model(fuzz_read_fn *read, const uint8_t *data, size_t size)
{
	struct graph graph = { .name = "fuzz" };
	struct fault f = { 0 };
	struct net *net = NULL;

	taken = 0;
	AUTO(arena) struct arena *memory = arena_create();
	int rc = read(data, size, memory, &graph, &f);
	if (rc == 0)
		rc = net_open(&graph, memory, &net, &f);
	if (rc < 0 && f.text[0] == '\0')
		abort(); /* a fault without a sentence */
	if (taken > 2 * honest_bytes(size, rc == 0 ? net : NULL))
		abort();
	if (rc == 0 && is_fast(net))
		run(net);
}
