/* tflite.h - reads TensorFlow Lite files (schema version 3) into a graph. */
#ifndef EDGED_MODEL_TFLITE_H
#define EDGED_MODEL_TFLITE_H
#include "base/arena.h"
#include "base/fault.h"
#include "nn/graph.h"

/* The data is borrowed: constants point into it. Tables come from the arena; graph->name is set. */
int tflite_read(const void *data, size_t size, const struct graph_wish *wish, struct arena *memory,
		struct graph *out, struct fault *f);
#endif
