/* tflite.c - reads TensorFlow Lite files (schema version 3) into a graph.
 * Source of the field numbers: tensorflow/compiler/mlir/lite/schema/schema.fbs. */
#include "model/tflite.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/flat.h"
#include "model/tflite_options.h"
#include "nn/op.h"

enum { MOST_TENSORS = 100000, MOST_NODES = 100000, MOST_SUBGRAPHS = 256 };

struct reader {
	struct flat flat;
	struct arena *memory;
	struct graph *graph;
	struct fault *fault;
	size_t codes, code_count; /* vectors of the root */
	size_t buffers, buffer_count;
	const char **variable_names;
};

static int damaged(const struct reader *r, const char *what)
{
	return fault_set(r->fault, -EBADMSG, "damaged: %s", what);
}

static int no_memory(const struct reader *r)
{
	return fault_set(r->fault, -ENOMEM, "no memory");
}

/* ---- tensors ---- */

static bool read_type(uint8_t number, enum tensor_type *out)
{
	static const int types[] = {
		[0] = TENSOR_FLOAT32,
		[1] = TENSOR_FLOAT16,
		[2] = TENSOR_INT32,
		[3] = TENSOR_UINT8,
		[4] = TENSOR_INT64,
		[5] = -1,
		[6] = TENSOR_BOOL,
		[7] = TENSOR_INT16,
		[8] = TENSOR_COMPLEX64,
		[9] = TENSOR_INT8,
		[10] = -1,
		[11] = -1,
		[12] = -1,
		[13] = TENSOR_RESOURCE,
		[14] = -1,
		[15] = TENSOR_UINT32,
		[16] = -1,
		[17] = TENSOR_INT4,
	};

	if (number >= ARRAY_SIZE(types) || types[number] < 0)
		return false;
	*out = (enum tensor_type)types[number];
	return true;
}

/* A dimension that the file leaves open (-1 or 0) counts as 1: one window, one picture. */
static int read_shape(struct reader *r, size_t table, struct tensor *t)
{
	size_t rank;
	size_t vector = flat_vector(&r->flat, table, 0, 4, &rank);

	if (rank > SHAPE_MOST_RANK)
		return fault_set(r->fault, -EOPNOTSUPP,
				 "tensor '%.60s' has %zu dimensions (at most %d)", t->name, rank,
				 SHAPE_MOST_RANK);
	t->shape.rank = (int)rank;
	if (rank > 0)
		memcpy(t->shape.dim, r->flat.data + vector, rank * 4);
	for (size_t i = 0; i < rank; i++)
		if (t->shape.dim[i] == -1 || t->shape.dim[i] == 0)
			t->shape.dim[i] = 1;
	return shape_elements(&t->shape) > 0
		       ? 0
		       : fault_set(r->fault, -EBADMSG, "tensor '%.60s' is too large", t->name);
}

static int read_quant(struct reader *r, size_t table, struct tensor *t)
{
	size_t quant = flat_table(&r->flat, table, 4), count, zeros;
	size_t scale = flat_vector(&r->flat, quant, 2, 4, &count);
	size_t zero = flat_vector(&r->flat, quant, 3, 8, &zeros);

	if (count == 0)
		return 0;
	if (zeros != count && zeros != 1 && zeros != 0)
		return damaged(r, "scales and zero points of a tensor differ in number");
	float *scales = arena_alloc(r->memory, count, sizeof(*scales));
	int32_t *zero_points = arena_alloc(r->memory, count, sizeof(*zero_points));
	if (scales == NULL || zero_points == NULL)
		return no_memory(r);
	memcpy(scales, r->flat.data + scale, count * sizeof(*scales));
	for (size_t i = 0; i < count && zeros > 0; i++) {
		int64_t value;
		memcpy(&value, r->flat.data + zero + 8 * (zeros == count ? i : 0), sizeof(value));
		if (value < -32768 || value > 65535)
			return damaged(r, "a zero point is out of range");
		zero_points[i] = (int32_t)value;
	}
	t->quant = (struct quant){ count, scales, zero_points, flat_i32(&r->flat, quant, 6, 0) };
	return 0;
}

/* The buffer's bytes: in the flatbuffer, or in the file behind it (fields 1 and 2). */
static const uint8_t *buffer_bytes(struct reader *r, size_t buffer, size_t *size)
{
	size_t data = flat_vector(&r->flat, buffer, 0, 1, size);
	uint64_t offset = flat_u64(&r->flat, buffer, 1, 0),
		 length = flat_u64(&r->flat, buffer, 2, 0);

	if (data != 0 || offset <= 1)
		return data == 0 ? NULL : r->flat.data + data;
	if (offset > r->flat.size || length > r->flat.size - offset) {
		r->flat.broken = true;
		return NULL;
	}
	*size = (size_t)length;
	return r->flat.data + offset;
}

/* What operators read in place must lie at a multiple of its size: a file may have it elsewhere. */
static int set_constant(struct reader *r, struct tensor *t, const uint8_t *bytes, size_t size)
{
	size_t wanted = tensor_bytes(t->type, &t->shape), alignment = tensor_type_bytes(t->type);

	if (size < wanted || wanted == 0)
		return fault_set(r->fault, -EBADMSG, "damaged: tensor '%.60s' has %zu bytes (%zu)",
				 t->name, size, wanted);
	t->constant = true;
	t->bytes = wanted;
	t->data = (void *)bytes;
	if (alignment <= 1 || (uintptr_t)bytes % alignment == 0)
		return 0;
	t->data = arena_alloc(r->memory, 1, wanted);
	if (t->data == NULL)
		return no_memory(r);
	memcpy(t->data, bytes, wanted);
	return 0;
}

static int read_tensor(struct reader *r, size_t table, struct tensor *t)
{
	size_t buffer = (uint32_t)flat_i32(&r->flat, table, 2, 0), size = 0;

	t->name = flat_string(&r->flat, table, 3);
	if (!read_type(flat_u8(&r->flat, table, 1, 0), &t->type))
		return fault_set(r->fault, -EOPNOTSUPP,
				 "tensor '%.60s' has type %u, which is not supported", t->name,
				 flat_u8(&r->flat, table, 1, 0));
	int rc = read_shape(r, table, t);
	if (rc == 0)
		rc = read_quant(r, table, t);
	if (rc < 0)
		return rc;
	if (flat_table(&r->flat, table, 6) != 0)
		return fault_set(r->fault, -EOPNOTSUPP, "tensor '%.60s' is sparse", t->name);
	if (buffer >= r->buffer_count)
		return damaged(r, "a tensor's buffer is not there");
	const uint8_t *bytes =
		buffer_bytes(r, flat_vector_table(&r->flat, r->buffers, buffer), &size);
	if (bytes == NULL || size == 0 || t->type == TENSOR_RESOURCE)
		return 0;
	return set_constant(r, t, bytes, size);
}

/* ---- operators ---- */

static const char *operator_name(struct reader *r, size_t code)
{
	int32_t old = (int8_t)flat_u8(&r->flat, code, 0, 0),
		builtin = flat_i32(&r->flat, code, 3, 0);
	int32_t number =
		old > builtin ? old : builtin; /* numbers above 127 stand in the newer field */
	const char *name = tflite_operator_name(number);

	if (number == 32) /* CUSTOM */
		return flat_string(&r->flat, code, 1);
	return name != NULL ? name : arena_printf(r->memory, "operator %d", number);
}

/* Tensor indices, each below the limit; -1 where the file allows a tensor to be left out. */
static int read_indices(struct reader *r, size_t table, unsigned field, size_t limit, int32_t least,
			const int32_t **out, size_t *count)
{
	size_t vector = flat_vector(&r->flat, table, field, 4, count);
	int32_t *indices = arena_alloc(r->memory, *count, sizeof(*indices));

	if (indices == NULL)
		return no_memory(r);
	if (*count > 0)
		memcpy(indices, r->flat.data + vector, *count * 4);
	for (size_t i = 0; i < *count; i++)
		if (indices[i] < least || indices[i] >= (int32_t)limit)
			return damaged(r,
				       "an operator or the graph names a tensor that is not there");
	*out = indices;
	return 0;
}

/* The number of a variable by its name; each name is one variable of the graph. */
static int read_variable(struct reader *r, size_t options, struct node *n)
{
	const char *name = flat_string(&r->flat, options, 1);
	size_t i = 0;

	while (i < r->graph->variable_count && strcmp(r->variable_names[i], name) != 0)
		i++;
	if (i == MOST_SUBGRAPHS)
		return fault_set(r->fault, -EOPNOTSUPP, "more than %d variables", MOST_SUBGRAPHS);
	if (i == r->graph->variable_count)
		r->variable_names[r->graph->variable_count++] = name;
	n->options.variable.variable = (int32_t)i;
	return 0;
}

static int read_node(struct reader *r, size_t table, const struct subgraph *s, size_t number,
		     struct node *n)
{
	size_t code = (uint32_t)flat_i32(&r->flat, table, 0, 0), inputs, outputs;
	size_t options = flat_table(&r->flat, table, 4);

	if (code >= r->code_count)
		return damaged(r, "an operator's code is not there");
	n->name = operator_name(r, flat_vector_table(&r->flat, r->codes, code));
	if (n->name == NULL)
		return no_memory(r);
	n->op = op_find(n->name);
	int rc = read_indices(r, table, 1, s->tensor_count, -1, &n->inputs, &inputs);
	if (rc == 0)
		rc = read_indices(r, table, 2, s->tensor_count, -1, &n->outputs, &outputs);
	if (rc < 0)
		return rc;
	if (inputs > 4096 || outputs > 4096)
		return damaged(r, "an operator has too many inputs or outputs");
	n->input_count = (uint32_t)inputs;
	n->output_count = (uint32_t)outputs;
	tflite_read_options(n->name, &r->flat, options, &n->options);
	if (strcmp(n->name, "VAR_HANDLE") == 0)
		return read_variable(r, options, n);
	if (strcmp(n->name, "CALL_ONCE") == 0 &&
	    (n->options.call.subgraph <= (int32_t)number ||
	     n->options.call.subgraph >= (int32_t)r->graph->subgraph_count))
		return damaged(r, "CALL_ONCE names a subgraph that does not stand behind it");
	return 0;
}

/* ---- subgraphs ---- */

static int read_tensors(struct reader *r, size_t table, struct subgraph *s)
{
	size_t vector = flat_vector(&r->flat, table, 0, 4, &s->tensor_count);
	int rc = 0;

	if (s->tensor_count > MOST_TENSORS)
		return damaged(r, "too many tensors");
	s->tensors = arena_alloc(r->memory, s->tensor_count, sizeof(s->tensors[0]));
	if (s->tensors == NULL)
		return no_memory(r);
	for (size_t i = 0; rc == 0 && i < s->tensor_count; i++)
		rc = read_tensor(r, flat_vector_table(&r->flat, vector, i), &s->tensors[i]);
	return rc;
}

static int read_nodes(struct reader *r, size_t table, size_t number, struct subgraph *s)
{
	size_t vector = flat_vector(&r->flat, table, 3, 4, &s->node_count);
	int rc = 0;

	if (s->node_count > MOST_NODES)
		return damaged(r, "too many operators");
	s->nodes = arena_alloc(r->memory, s->node_count, sizeof(s->nodes[0]));
	if (s->nodes == NULL)
		return no_memory(r);
	for (size_t i = 0; rc == 0 && i < s->node_count; i++) {
		rc = read_node(r, flat_vector_table(&r->flat, vector, i), s, number, &s->nodes[i]);
		if (rc < 0)
			fault_prefix(r->fault, "node %zu", i);
	}
	return rc;
}

/* A tensor is written before it is read: by an operator, or as an input or constant of the graph. */
static int check_order(struct reader *r, const struct subgraph *s)
{
	bool *written = arena_alloc(r->memory, s->tensor_count, sizeof(bool));

	if (written == NULL)
		return no_memory(r);
	for (size_t i = 0; i < s->tensor_count; i++)
		written[i] = s->tensors[i].constant;
	for (size_t i = 0; i < s->input_count; i++)
		written[s->inputs[i]] = true;
	for (size_t i = 0; i < s->node_count; i++) {
		const struct node *n = &s->nodes[i];
		for (uint32_t k = 0; k < n->input_count; k++)
			if (n->inputs[k] >= 0 && !written[n->inputs[k]])
				return fault_set(r->fault, -EBADMSG,
						 "damaged: node %zu %s reads tensor %d, which "
						 "nothing has written",
						 i, n->name, n->inputs[k]);
		for (uint32_t k = 0; k < n->output_count; k++) {
			if (n->outputs[k] >= 0 && written[n->outputs[k]])
				return fault_set(r->fault, -EBADMSG,
						 "damaged: node %zu %s writes tensor %d, which "
						 "has its value already",
						 i, n->name, n->outputs[k]);
			if (n->outputs[k] >= 0)
				written[n->outputs[k]] = true;
		}
	}
	for (size_t i = 0; i < s->output_count; i++)
		if (!written[s->outputs[i]])
			return damaged(r, "nothing writes an output of the graph");
	return 0;
}

static int read_subgraph(struct reader *r, size_t table, size_t number)
{
	struct subgraph *s = &r->graph->subgraphs[number];
	int rc;

	s->name = flat_string(&r->flat, table, 4);
	rc = read_tensors(r, table, s);
	if (rc == 0)
		rc = read_indices(r, table, 1, s->tensor_count, 0, &s->inputs, &s->input_count);
	if (rc == 0)
		rc = read_indices(r, table, 2, s->tensor_count, 0, &s->outputs, &s->output_count);
	if (rc == 0)
		rc = read_nodes(r, table, number, s);
	if (rc == 0)
		rc = check_order(r, s);
	return rc;
}

int tflite_read(const void *data, size_t size, struct arena *memory, struct graph *out,
		struct fault *f)
{
	struct reader r = {
		.flat = { data, size, false }, .memory = memory, .graph = out, .fault = f
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
	if (out->subgraph_count < 1 || out->subgraph_count > MOST_SUBGRAPHS)
		return damaged(&r, "no subgraph, or too many");
	out->subgraphs = arena_alloc(memory, out->subgraph_count, sizeof(out->subgraphs[0]));
	r.variable_names = arena_alloc(memory, MOST_SUBGRAPHS, sizeof(r.variable_names[0]));
	if (out->subgraphs == NULL || r.variable_names == NULL)
		return no_memory(&r);
	for (size_t i = 0; rc == 0 && i < out->subgraph_count; i++)
		rc = read_subgraph(&r, flat_vector_table(&r.flat, subgraphs, i), i);
	if (r.flat.broken)
		return damaged(&r, "an offset or a length leads out of the file");
	return rc;
}
