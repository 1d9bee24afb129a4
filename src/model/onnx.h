/* onnx.h - reads ONNX files (operator sets 7 to 23) into a graph. */
#ifndef EDGED_MODEL_ONNX_H
#define EDGED_MODEL_ONNX_H
#include "base/arena.h"
#include "base/fault.h"
#include "model/onnx/build.h"
#include "nn/graph.h"

/* The data is borrowed: constants point into it, and into the files that `open_file` gives. All else
 * comes from the arena; graph->name is set. Dimensions that the file leaves open are as wished, or 1. */
int onnx_read(const void *data, size_t size, const struct graph_wish *wish, onnx_open_fn *open_file,
	      void *context, struct arena *memory, struct graph *out, struct onnx_file *file,
	      struct fault *f);
#endif
