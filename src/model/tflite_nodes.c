/* tflite_nodes.c - the operators of TensorFlow Lite files. */
#include "model/tflite_reader.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/flex.h"
#include "model/tflite_options.h"
#include "nn/op.h"

enum { MOST_NODES = 20000 };

static const char *operator_name(struct tflite_reader *r, size_t code, bool *custom)
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
int tflite_read_indices(struct tflite_reader *r, size_t table, unsigned field, size_t limit,
			int32_t least, const int32_t **out, size_t *count)
{
	size_t vector = flat_vector(&r->flat, table, field, 4, count);
	int rc = tflite_take_numbers(r, *count);
	int32_t *indices = rc < 0 ? NULL : arena_alloc(r->memory, *count, sizeof(*indices));

	if (rc < 0)
		return rc;
	if (indices == NULL)
		return tflite_no_memory(r);
	if (*count > 0)
		memcpy(indices, r->flat.data + vector, *count * 4);
	for (size_t i = 0; i < *count; i++)
		if (indices[i] < least || indices[i] >= (int32_t)limit)
			return tflite_damaged(
				r, "an operator or the graph names a tensor that is not there");
	*out = indices;
	return 0;
}

/* The number of a variable by its name; each name is one variable of the graph. */
static int read_variable(struct tflite_reader *r, size_t options, struct node *n)
{
	const char *name = flat_string(&r->flat, options, 1);
	size_t i = 0;

	while (i < r->graph->variable_count && strcmp(r->variable_names[i], name) != 0)
		i++;
	if (i == TFLITE_MOST_SUBGRAPHS)
		return fault_set(r->fault, -EOPNOTSUPP, "more than %d variables",
				 TFLITE_MOST_SUBGRAPHS);
	if (i == r->graph->variable_count)
		r->variable_names[r->graph->variable_count++] = name;
	n->options.variable.variable = (int32_t)i;
	return 0;
}

/* A called subgraph stands behind its caller in the file: so no circle can be. */
static int check_calls(const struct tflite_reader *r, const struct node *n, size_t number)
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
static int arrange_transpose_bias(struct tflite_reader *r, struct node *n)
{
	int32_t *inputs = arena_alloc(r->memory, 4, sizeof(*inputs)), options[3];

	if (inputs == NULL)
		return tflite_no_memory(r);
	if (n->input_count != 3 || n->options.custom.size < sizeof(options))
		return tflite_damaged(r,
				      "Convolution2DTransposeBias without its inputs or options");
	memcpy(options, n->options.custom.data, sizeof(options));
	if (options[0] < 0 || options[0] > 2)
		return tflite_damaged(r, "Convolution2DTransposeBias with an unknown padding");
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
static int read_hidden_scale(struct tflite_reader *r, size_t table, const struct subgraph *s,
			     struct node *n)
{
	const int32_t *intermediates;
	size_t count;
	int rc = tflite_read_indices(r, table, 8, s->tensor_count, -1, &intermediates, &count);

	if (rc < 0 || count < 5 || intermediates[4] < 0)
		return rc;
	const struct quant *q = &s->tensors[intermediates[4]].quant;
	if (q->count == 1 && q->scale[0] > 0) {
		n->options.recurrent.hidden_scale = q->scale[0];
		n->options.recurrent.hidden_zero_point = q->zero_point[0];
	}
	return 0;
}

static int read_custom(struct tflite_reader *r, size_t table, struct node *n)
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

static int read_node(struct tflite_reader *r, size_t table, const struct subgraph *s, size_t number,
		     struct node *n)
{
	size_t code = (uint32_t)flat_i32(&r->flat, table, 0, 0), inputs, outputs;
	size_t options = flat_table(&r->flat, table, 4);
	bool custom;

	if (code >= r->code_count)
		return tflite_damaged(r, "an operator's code is not there");
	n->name = operator_name(r, flat_vector_table(&r->flat, r->codes, code), &custom);
	if (n->name == NULL)
		return tflite_no_memory(r);
	n->op = find_operator(n->name, custom);
	int rc = tflite_read_indices(r, table, 1, s->tensor_count, -1, &n->inputs, &inputs);
	if (rc == 0)
		rc = tflite_read_indices(r, table, 2, s->tensor_count, -1, &n->outputs, &outputs);
	if (rc < 0)
		return rc;
	if (inputs > 4096 || outputs > 4096)
		return tflite_damaged(r, "an operator has too many inputs or outputs");
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
static int find_set_item(struct tflite_reader *r, struct subgraph *s, size_t number)
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
		return tflite_no_memory(r);
	inputs[0] = before->inputs[0];
	inputs[1] = n->inputs[1];
	inputs[2] = before->inputs[2]; /* [i, -1, …]: a start below 0 counts as 0 */
	n->inputs = inputs;
	n->op = op_find("DYNAMIC_UPDATE_SLICE");
	n->options = (union options){ 0 };
	return 0;
}

int tflite_read_nodes(struct tflite_reader *r, size_t table, size_t number, struct subgraph *s)
{
	size_t vector = flat_vector(&r->flat, table, 3, 4, &s->node_count);
	int rc = 0;

	if (s->node_count > MOST_NODES)
		return tflite_damaged(r, "too many operators");
	s->nodes = arena_alloc(r->memory, s->node_count, sizeof(s->nodes[0]));
	if (s->nodes == NULL)
		return tflite_no_memory(r);
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
