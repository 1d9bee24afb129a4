/* sparse.h - sparse constants of TensorFlow Lite, made dense. */
#ifndef EDGED_MODEL_SPARSE_H
#define EDGED_MODEL_SPARSE_H
#include "base/arena.h"
#include "base/fault.h"
#include "model/flat.h"
#include "tensor/tensor.h"

/* The tensor's values from those that are stored (`size` bytes), by a SparsityParameters table of
 * the file; memory from the arena. */
int sparse_read(struct flat *f, size_t table, const uint8_t *values, size_t size,
		struct arena *memory, struct tensor *t, struct fault *fault);
#endif
