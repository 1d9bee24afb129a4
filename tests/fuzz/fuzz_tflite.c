/* fuzz_tflite.c - the reader of TensorFlow Lite files. */
#include "model/tflite.h"
#include "tests/fuzz/fuzz.h"

static int read_tflite(const uint8_t *data, size_t size, struct arena *memory, struct graph *out,
		       struct fault *f)
{
	struct graph_wish none = { 0 };

	return tflite_read(data, size, &none, memory, out, f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_model(read_tflite, data, size);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit, unsigned seed)
{
	return fuzz_mutate_flat(data, size, limit, seed);
}
