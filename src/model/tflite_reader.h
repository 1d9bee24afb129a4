/* tflite_reader.h - what the files that read TensorFlow Lite files have in common. */
#ifndef EDGED_MODEL_TFLITE_READER_H
#define EDGED_MODEL_TFLITE_READER_H
#include "base/arena.h"
#include "base/fault.h"
#include "model/flat.h"
#include "nn/graph.h"

enum { TFLITE_MOST_SUBGRAPHS = 256 };

struct tflite_reader {
	struct flat flat;
	struct arena *memory;
	struct graph *graph;
	struct fault *fault;
	size_t codes, code_count; /* vectors of the root */
	size_t buffers, buffer_count;
	const char **variable_names;
	size_t numbers_left; /* scales and indices to be copied: tables may share one vector */
};

int tflite_damaged(const struct tflite_reader *r, const char *what);
int tflite_no_memory(const struct tflite_reader *r);
/* -EBADMSG where the file would have more numbers copied than it can hold. */
int tflite_take_numbers(struct tflite_reader *r, size_t count);

/* Tensor indices, each below the limit and not below `least`: -1 where one may be left out. */
int tflite_read_indices(struct tflite_reader *r, size_t table, unsigned field, size_t limit,
			int32_t least, const int32_t **out, size_t *count);

/* Of a SubGraph table; `number` is the subgraph's. */
int tflite_read_tensors(struct tflite_reader *r, size_t table, struct subgraph *s);
int tflite_read_nodes(struct tflite_reader *r, size_t table, size_t number, struct subgraph *s);
#endif
