/* fuzz.h - what the fuzz targets of the readers have in common. */
#ifndef EDGED_TESTS_FUZZ_H
#define EDGED_TESTS_FUZZ_H
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"
#include "nn/graph.h"

typedef int fuzz_read_fn(const uint8_t *data, size_t size, struct arena *memory, struct graph *out,
			 struct fault *f);

/* Reads, opens, runs, resets and frees; aborts where that takes more memory than is honest. */
void fuzz_model(fuzz_read_fn *read, const uint8_t *data, size_t size);

/* Mutators that know the format: `data` has room for `limit` bytes; the new size. */
size_t fuzz_mutate_proto(uint8_t *data, size_t size, size_t limit, unsigned seed);
size_t fuzz_mutate_flat(uint8_t *data, size_t size, size_t limit, unsigned seed);

/* Of libFuzzer, which calls the others by their names. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t limit);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit, unsigned seed);
#endif
