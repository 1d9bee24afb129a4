/* onnx.c - reads ONNX files into a graph. */
#include "model/onnx.h"

#include <errno.h>

#include "nn/infer.h"

enum { LEAST_OPSET = 7, MOST_OPSET = 25 };

int onnx_read(const void *data, size_t size, const struct graph_wish *wish, onnx_open_fn *open_file,
	      void *context, struct arena *memory, struct graph *out, struct onnx_file *file,
	      struct fault *f)
{
	struct build b = { .file = file,
			   .memory = memory,
			   .fault = f,
			   .open_file = open_file,
			   .open_context = context,
			   .graph = out,
			   .wish = wish,
			   .fold_budget = INFER_BUDGET(size),
			   .branch_budget = 8 * size };
	int rc = onnx_parse(data, size, memory, file, f);

	if (rc < 0)
		return rc;
	if (file->opset < LEAST_OPSET || file->opset > MOST_OPSET)
		return fault_set(f, -EOPNOTSUPP, "operator set %lld (%d to %d)",
				 (long long)file->opset, LEAST_OPSET, MOST_OPSET);
	return build_graph(&b);
}
