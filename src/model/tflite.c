/* tflite.c - reads TensorFlow Lite files (schema version 3) into a graph.
 * Source of the field numbers: tensorflow/compiler/mlir/lite/schema/schema.fbs. */
#include "model/tflite.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/flat.h"
#include "model/flex.h"
#include "model/sparse.h"
#include "model/tflite_options.h"
#include "nn/op.h"

enum { MOST_TENSORS = 40000, MOST_NODES = 20000, MOST_SUBGRAPHS = 256 };

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
		[10] = TENSOR_FLOAT64,
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
	if (buffer >= r->buffer_count)
		return damaged(r, "a tensor's buffer is not there");
	t->variable = flat_u8(&r->flat, table, 5, 0) != 0;
	const uint8_t *bytes =
		buffer_bytes(r, flat_vector_table(&r->flat, r->buffers, buffer), &size);
	if (bytes == NULL || size == 0 || t->type == TENSOR_RESOURCE || t->variable)
		return 0;
	size_t sparsity = flat_table(&r->flat, table, 6);
	if (sparsity != 0)
		return sparse_read(&r->flat, sparsity, bytes, size, r->memory, t, r->fault);
	return set_constant(r, t, bytes, size);
}

/* ---- operators ---- */

static const char *operator_name(struct reader *r, size_t code, bool *custom)
{
	int32_t old = (int8_t)flat_u8(&r->flat, code, 0, 0),
		builtin = flat_i32(&r->flat, code, 3, 0);
	int32_t number =
		old > builtin ? old : builtin; /* numbers above 127 stand in the newer field */
	const char *name = tflite_operator_name(number);

	*custom = number == 32;
	if (*custom)
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

/* A called subgraph stands behind its caller in the file: so no circle can be. */
static int check_calls(const struct reader *r, const struct node *n, size_t number)
{
	static const struct {
		const char *name;
		int calls;
	} callers[] = { { "CALL_ONCE", 1 },
			{ "CALL", 1 },
			{ "STABLEHLO_COMPOSITE", 1 },
			{ "IF", 2 },
			{ "WHILE", 2 } };
	const int32_t called[] = { n->options.call.subgraph, n->options.call.other };

	for (size_t i = 0; i < ARRAY_SIZE(callers); i++)
		for (int k = 0; strcmp(n->name, callers[i].name) == 0 && k < callers[i].calls; k++)
			if (called[k] <= (int32_t)number ||
			    called[k] >= (int32_t)r->graph->subgraph_count)
				return fault_set(r->fault, -EBADMSG,
						 "damaged: %s names a subgraph that does not stand "
						 "behind it",
						 n->name);
	return 0;
}

/* The operator of ours that does it. Custom ones are only those that are known to mean the same
 * everywhere. */
static const struct op *find_operator(const char *name, bool custom)
{
	static const char *const customs[] = { "TFLite_Detection_PostProcess" };

	for (size_t i = 0; custom && i < ARRAY_SIZE(customs); i++)
		if (strcmp(customs[i], name) == 0)
			return op_find(name);
	if (custom)
		return strcmp(name, "Convolution2DTransposeBias") == 0 ? op_find("TRANSPOSE_CONV")
								       : NULL;
	if (strcmp(name, "STABLEHLO_COMPOSITE") == 0) /* by its decomposition */
		return op_find("CALL");
	if (strcmp(name, "DENSIFY") == 0) /* sparse constants are made dense as they are read */
		return op_find("IDENTITY");
	return op_find(name);
}

/* MediaPipe's operator: input, filter and bias; padding and strides as three integers. */
static int arrange_transpose_bias(struct reader *r, struct node *n)
{
	int32_t *inputs = arena_alloc(r->memory, 4, sizeof(*inputs)), options[3];

	if (inputs == NULL)
		return no_memory(r);
	if (n->input_count != 3 || n->options.custom.size < sizeof(options))
		return damaged(r, "Convolution2DTransposeBias without its inputs or options");
	memcpy(options, n->options.custom.data, sizeof(options));
	inputs[0] = -1;
	inputs[1] = n->inputs[1];
	inputs[2] = n->inputs[0];
	inputs[3] = n->inputs[2];
	n->inputs = inputs;
	n->input_count = 4;
	n->options = (union options){ .conv = { .padding = options[0] - 1,
						.stride_w = options[1],
						.stride_h = options[2],
						.dilation_h = 1,
						.dilation_w = 1 } };
	return 0;
}

/* An int8 LSTM's fifth intermediate says how its hidden values are scaled. */
static int read_hidden_scale(struct reader *r, size_t table, const struct subgraph *s,
			     struct node *n)
{
	const int32_t *intermediates;
	size_t count;
	int rc = read_indices(r, table, 8, s->tensor_count, -1, &intermediates, &count);

	if (rc < 0 || count < 5 || intermediates[4] < 0)
		return rc;
	const struct quant *q = &s->tensors[intermediates[4]].quant;
	if (q->count == 1 && q->scale[0] > 0) {
		n->options.recurrent.hidden_scale = q->scale[0];
		n->options.recurrent.hidden_zero_point = q->zero_point[0];
	}
	return 0;
}

static int read_custom(struct reader *r, size_t table, struct node *n)
{
	size_t size, data = flat_vector(&r->flat, table, 5, 1, &size);

	n->options.custom.data = data == 0 ? NULL : r->flat.data + data;
	n->options.custom.size = size;
	if (strcmp(n->name, "Convolution2DTransposeBias") == 0)
		return arrange_transpose_bias(r, n);
	if (strcmp(n->name, "TFLite_Detection_PostProcess") == 0)
		return flex_read_detection(n->options.custom.data, size, &n->options, r->fault);
	return 0;
}

static int read_node(struct reader *r, size_t table, const struct subgraph *s, size_t number,
		     struct node *n)
{
	size_t code = (uint32_t)flat_i32(&r->flat, table, 0, 0), inputs, outputs;
	size_t options = flat_table(&r->flat, table, 4);
	bool custom;

	if (code >= r->code_count)
		return damaged(r, "an operator's code is not there");
	n->name = operator_name(r, flat_vector_table(&r->flat, r->codes, code), &custom);
	if (n->name == NULL)
		return no_memory(r);
	n->op = find_operator(n->name, custom);
	int rc = read_indices(r, table, 1, s->tensor_count, -1, &n->inputs, &inputs);
	if (rc == 0)
		rc = read_indices(r, table, 2, s->tensor_count, -1, &n->outputs, &outputs);
	if (rc < 0)
		return rc;
	if (inputs > 4096 || outputs > 4096)
		return damaged(r, "an operator has too many inputs or outputs");
	n->input_count = (uint32_t)inputs;
	n->output_count = (uint32_t)outputs;
	for (size_t i = 0; i < outputs; i++) /* a first value that is computed in every run */
		if (n->outputs[i] >= 0)
			s->tensors[n->outputs[i]].variable = false;
	if (custom)
		return read_custom(r, table, n);
	if (options == 0)
		options = flat_table(&r->flat, table, 12); /* builtin_options_2 */
	tflite_read_options(n->name, &r->flat, options, &n->options);
	if (strcmp(n->name, "VAR_HANDLE") == 0)
		return read_variable(r, options, n);
	if (strcmp(n->name, "UNIDIRECTIONAL_SEQUENCE_LSTM") == 0)
		return read_hidden_scale(r, table, s, n);
	return check_calls(r, n, number);
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

/* The constant's value i; false where it is none. */
static bool constant_at(const struct subgraph *s, int32_t tensor, size_t i, int64_t *out)
{
	if (tensor < 0 || !s->tensors[tensor].constant || i >= tensor_elements(&s->tensors[tensor]))
		return false;
	*out = tensor_int(&s->tensors[tensor], i);
	return true;
}

static const struct node *writer_of(const struct subgraph *s, size_t before, int32_t tensor,
				    const char *name)
{
	for (size_t i = 0; i < before; i++)
		for (uint32_t k = 0; tensor >= 0 && k < s->nodes[i].output_count; k++)
			if (s->nodes[i].outputs[k] == tensor && strcmp(s->nodes[i].name, name) == 0)
				return &s->nodes[i];
	return NULL;
}

/* Item i of a list is set by joining what lies before it, itself, and what lies behind: the first
 * piece is SLICE(list, 0, [i, -1, …]), the third SLICE(list, [i + 1, 0, …], -1). Their sizes change
 * from round to round; what comes of it does not: it is DYNAMIC_UPDATE_SLICE(list, item, [i, 0, …]),
 * with i for the start, as the vector that the first piece's size is made of. Keras' recurrent layers
 * are made of this. */
static int find_set_item(struct reader *r, struct subgraph *s, size_t number)
{
	struct node *n = &s->nodes[number];
	const struct node *before, *behind, *size;
	int64_t zero, all;

	if (strcmp(n->name, "CONCATENATION") != 0 || n->input_count != 3 ||
	    n->options.axis.axis != 0)
		return 0;
	before = writer_of(s, number, n->inputs[0], "SLICE");
	behind = writer_of(s, number, n->inputs[2], "SLICE");
	if (before == NULL || behind == NULL || before->input_count != 3 ||
	    behind->input_count != 3 || before->inputs[0] != behind->inputs[0] ||
	    !constant_at(s, before->inputs[1], 0, &zero) || zero != 0 ||
	    !constant_at(s, behind->inputs[2], 0, &all) || all != -1)
		return 0;
	size = writer_of(s, number, before->inputs[2], "CONCATENATION");
	if (size == NULL || size->input_count != 2)
		return 0;
	int32_t *inputs = arena_alloc(r->memory, 4, sizeof(*inputs));
	if (inputs == NULL)
		return no_memory(r);
	inputs[0] = before->inputs[0];
	inputs[1] = n->inputs[1];
	inputs[2] = before->inputs[2]; /* [i, -1, …]: a start below 0 counts as 0 */
	n->inputs = inputs;
	n->op = op_find("DYNAMIC_UPDATE_SLICE");
	n->options = (union options){ 0 };
	return 0;
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
		s->nodes[i].number = i;
		rc = read_node(r, flat_vector_table(&r->flat, vector, i), s, number, &s->nodes[i]);
		if (rc < 0)
			fault_prefix(r->fault, "node %zu", i);
		else
			rc = find_set_item(r, s, i);
	}
	return rc;
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
		rc = graph_check_order(s, r->fault);
	if (rc == 0) /* the pieces of lists whose items are set */
		rc = graph_drop_unused(s, r->fault);
	return rc;
}

/* Open dimensions are -1 in the shape signature (field 7), and 1 or 0 or -1 in the shape. */
static unsigned open_dims(struct reader *r, size_t table, const struct shape *s)
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

static int fix_inputs(struct reader *r, size_t table, const struct graph_wish *wish)
{
	struct subgraph *s = &r->graph->subgraphs[r->graph->main];
	size_t count, vector = flat_vector(&r->flat, table, 0, 4, &count);
	struct tensor **inputs = arena_alloc(r->memory, s->input_count, sizeof(*inputs));

	r->graph->open_dims = arena_alloc(r->memory, s->input_count, sizeof(unsigned));
	if (r->graph->open_dims == NULL || inputs == NULL)
		return no_memory(r);
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
	if (rc == 0)
		rc = fix_inputs(&r, flat_vector_table(&r.flat, subgraphs, out->main), wish);
	if (r.flat.broken)
		return damaged(&r, "an offset or a length leads out of the file");
	return rc;
}
