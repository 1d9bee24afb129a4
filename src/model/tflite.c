/* tflite.c - reads TensorFlow Lite files (schema version 3) into a graph.
 * Source of the field numbers: tensorflow/compiler/mlir/lite/schema/schema.fbs. */
#include "model/tflite.h"

#include <errno.h>
#include <string.h>

#include "model/tflite_reader.h"

int tflite_damaged(const struct tflite_reader *r, const char *what)
{
	return fault_set(r->fault, -EBADMSG, "damaged: %s", what);
}

int tflite_no_memory(const struct tflite_reader *r)
{
	return fault_set(r->fault, -ENOMEM, "no memory");
}

int tflite_take_numbers(struct tflite_reader *r, size_t count)
{
	if (count > r->numbers_left)
		return tflite_damaged(r, "its tables share long vectors too often");
	r->numbers_left -= count;
	return 0;
}

static int read_subgraph(struct tflite_reader *r, size_t table, size_t number)
{
	struct subgraph *s = &r->graph->subgraphs[number];
	int rc;

	s->name = flat_string(&r->flat, table, 4);
	rc = tflite_read_tensors(r, table, s);
	if (rc == 0)
		rc = tflite_read_indices(r, table, 1, s->tensor_count, 0, &s->inputs,
					 &s->input_count);
	if (rc == 0)
		rc = tflite_read_indices(r, table, 2, s->tensor_count, 0, &s->outputs,
					 &s->output_count);
	if (rc == 0)
		rc = tflite_read_nodes(r, table, number, s);
	if (rc == 0)
		rc = graph_check_order(s, r->fault);
	if (rc == 0) /* the pieces of lists whose items are set */
		rc = graph_drop_unused(s, r->fault);
	return rc;
}

/* Open dimensions are -1 in the shape signature (field 7), and 1 or 0 or -1 in the shape. */
static unsigned open_dims(struct tflite_reader *r, size_t table, const struct shape *s)
{
	size_t signed_rank, rank;
	size_t signature = flat_vector(&r->flat, table, 7, 4, &signed_rank);
	size_t shape = flat_vector(&r->flat, table, 0, 4, &rank);
	unsigned open = 0;

	for (int d = 0; d < s->rank; d++) {
		int32_t size = 1, declared = 1;
		if ((size_t)d < rank)
			memcpy(&size, r->flat.data + shape + 4 * (size_t)d, 4);
		if (signed_rank == (size_t)s->rank)
			memcpy(&declared, r->flat.data + signature + 4 * (size_t)d, 4);
		open |= size < 1 || declared < 0 ? 1u << d : 0;
	}
	return open;
}

static int fix_inputs(struct tflite_reader *r, size_t table, const struct graph_wish *wish)
{
	struct subgraph *s = &r->graph->subgraphs[r->graph->main];
	size_t count, vector = flat_vector(&r->flat, table, 0, 4, &count);
	struct tensor **inputs = arena_alloc(r->memory, s->input_count, sizeof(*inputs));

	r->graph->open_dims = arena_alloc(r->memory, s->input_count, sizeof(unsigned));
	if (r->graph->open_dims == NULL || inputs == NULL)
		return tflite_no_memory(r);
	for (size_t i = 0; i < s->input_count; i++) {
		inputs[i] = &s->tensors[s->inputs[i]];
		r->graph->open_dims[i] =
			open_dims(r, flat_vector_table(&r->flat, vector, (size_t)s->inputs[i]),
				  &inputs[i]->shape);
	}
	return graph_fix_inputs(inputs, r->graph->open_dims, s->input_count, wish, r->fault);
}

int tflite_read(const void *data, size_t size, const struct graph_wish *wish, struct arena *memory,
		struct graph *out, struct fault *f)
{
	struct tflite_reader r = {
		.flat = { data, size, false }, .memory = memory, .graph = out, .fault = f,
		.numbers_left = size
	};
	size_t root, subgraphs;
	int rc = 0;

	if (size < 8 || memcmp((const char *)data + 4, "TFL3", 4) != 0)
		return fault_set(f, -EBADMSG,
				 "no TensorFlow Lite model (a file with TFL3 at byte 4)");
	root = flat_root(&r.flat);
	r.codes = flat_vector(&r.flat, root, 1, 4, &r.code_count);
	r.buffers = flat_vector(&r.flat, root, 4, 4, &r.buffer_count);
	subgraphs = flat_vector(&r.flat, root, 2, 4, &out->subgraph_count);
	if (out->subgraph_count < 1 || out->subgraph_count > TFLITE_MOST_SUBGRAPHS)
		return tflite_damaged(&r, "no subgraph, or too many");
	out->subgraphs = arena_alloc(memory, out->subgraph_count, sizeof(out->subgraphs[0]));
	r.variable_names = arena_alloc(memory, TFLITE_MOST_SUBGRAPHS, sizeof(r.variable_names[0]));
	if (out->subgraphs == NULL || r.variable_names == NULL)
		return tflite_no_memory(&r);
	for (size_t i = 0; rc == 0 && i < out->subgraph_count; i++)
		rc = read_subgraph(&r, flat_vector_table(&r.flat, subgraphs, i), i);
	if (rc == 0)
		rc = fix_inputs(&r, flat_vector_table(&r.flat, subgraphs, out->main), wish);
	if (r.flat.broken)
		return tflite_damaged(&r, "an offset or a length leads out of the file");
	return rc;
}
