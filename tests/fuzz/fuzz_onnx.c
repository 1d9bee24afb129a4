/* fuzz_onnx.c - the reader of ONNX files. */
#include <errno.h>
#include <string.h>

#include "model/onnx.h"
#include "tests/fuzz/fuzz.h"

/* The one file beside the model. */
static int open_beside(void *context, const char *location, const uint8_t **data, size_t *size,
		       struct fault *f)
{
	static const uint8_t bytes[64] = { 1, 2, 3, 4 };

	(void)context;
	if (strcmp(location, "w") != 0)
		return fault_set(f, -ENOENT, "%s", location);
	*data = bytes;
	*size = sizeof(bytes);
	return 0;
}

static int read_onnx(const uint8_t *data, size_t size, struct arena *memory, struct graph *out,
		     struct fault *f)
{
	struct onnx_file file;

	struct graph_wish none = { 0 };

	return onnx_read(data, size, &none, open_beside, NULL, memory, out, &file, f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_model(read_onnx, data, size);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit, unsigned seed)
{
	return fuzz_mutate_proto(data, size, limit, seed);
}
