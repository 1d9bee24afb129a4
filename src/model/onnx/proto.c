/* proto.c - an ONNX file as it stands there: graphs of named nodes. */
#include "model/onnx/proto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct arena *memory;
	struct fault *fault;
	int rc;
};

static void fail(struct parser *p, int rc, const char *what)
{
	if (p->rc == 0)
		p->rc = fault_set(p->fault, rc, "damaged: %s", what);
}

static void *take(struct parser *p, size_t count, size_t size)
{
	void *memory = arena_alloc(p->memory, count, size);

	if (memory == NULL && p->rc == 0)
		p->rc = fault_set(p->fault, -ENOMEM, "no memory");
	return memory;
}

static const char *text(struct parser *p, const struct wire_field *f)
{
	char *copy = take(p, f->size + 1, 1);

	if (copy == NULL)
		return "";
	if (f->size > 0)
		memcpy(copy, f->data, f->size);
	return copy;
}

static struct wire message(const struct wire_field *f)
{
	static const uint8_t nothing;

	return f->type == WIRE_BYTES ? wire_of(f->data, f->size) : wire_of(&nothing, 0);
}

static void finish(struct parser *p, const struct wire *w)
{
	if (w->broken)
		fail(p, -EBADMSG, "a length or a number leads out of its message");
}

/* How many of each field: arrays are taken once, at their size. */
static size_t count_fields(struct wire w, uint32_t number)
{
	struct wire_field f;
	size_t count = 0;

	while (wire_next(&w, &f))
		count += f.number == number;
	return count;
}

/* Numbers come packed, or one a field. */
static size_t count_numbers(struct wire w, uint32_t number)
{
	struct wire_field f;
	size_t count = 0;
	uint64_t value;

	while (wire_next(&w, &f)) {
		if (f.number != number)
			continue;
		struct wire packed = message(&f);
		if (f.type != WIRE_BYTES)
			count++;
		else
			while (wire_varint(&packed, &value))
				count++;
	}
	return count;
}

/* ---- tensors ---- */

static void read_external(struct parser *p, struct wire w, struct onnx_tensor *t)
{
	const char *key = "", *value = "";
	struct wire_field f;

	while (wire_next(&w, &f)) {
		if (f.number == 1 && f.type == WIRE_BYTES)
			key = text(p, &f);
		else if (f.number == 2 && f.type == WIRE_BYTES)
			value = text(p, &f);
	}
	finish(p, &w);
	if (strcmp(key, "location") == 0)
		t->location = value;
	else if (strcmp(key, "offset") == 0)
		t->offset = strtoull(value, NULL, 10);
	else if (strcmp(key, "length") == 0)
		t->length = strtoull(value, NULL, 10);
}

static void add_dimension(struct parser *p, struct onnx_tensor *t, uint64_t size)
{
	if (t->rank == ONNX_MOST_RANK) {
		fail(p, -EOPNOTSUPP, "a tensor has too many dimensions");
		return;
	}
	t->dim[t->rank++] = (int64_t)size;
}

static void read_tensor(struct parser *p, struct wire w, struct onnx_tensor *t)
{
	struct wire_field f;
	uint64_t value;

	*t = (struct onnx_tensor){ .name = "" };
	while (p->rc == 0 && wire_next(&w, &f)) {
		struct wire inner = message(&f);
		switch (f.number) {
		case 1:
			if (f.type == WIRE_VARINT)
				add_dimension(p, t, f.value);
			else
				while (wire_varint(&inner, &value))
					add_dimension(p, t, value);
			break;
		case 2: t->type = (int32_t)f.value; break;
		case 4:
		case 10: t->reals = inner; break;
		case 5:
		case 7:
		case 11: t->numbers = inner; break;
		case 8: t->name = text(p, &f); break;
		case 9: t->raw = inner; break;
		case 13: read_external(p, inner, t); break;
		default: break;
		}
	}
	finish(p, &w);
}

int onnx_parse_tensor(struct wire w, struct arena *memory, struct onnx_tensor *out, struct fault *f)
{
	struct parser p = { .memory = memory, .fault = f };

	read_tensor(&p, w, out);
	return p.rc;
}

/* ---- attributes and nodes ---- */

static void add_floats(const struct wire_field *f, float *out, size_t *count, size_t limit)
{
	if (f->type == WIRE_FIXED32 && *count < limit)
		out[(*count)++] = wire_float(f->value);
	for (size_t i = 0; f->type == WIRE_BYTES && i + 4 <= f->size && *count < limit; i += 4)
		memcpy(&out[(*count)++], f->data + i, 4);
}

static void add_ints(const struct wire_field *f, int64_t *out, size_t *count, size_t limit)
{
	struct wire packed = message(f);
	uint64_t value;

	if (f->type == WIRE_VARINT && *count < limit)
		out[(*count)++] = (int64_t)f->value;
	while (f->type == WIRE_BYTES && *count < limit && wire_varint(&packed, &value))
		out[(*count)++] = (int64_t)value;
}

static size_t count_float_bytes(struct wire w)
{
	struct wire_field f;
	size_t count = 0;

	while (wire_next(&w, &f))
		if (f.number == 7)
			count += f.type == WIRE_BYTES ? f.size / 4 : 1;
	return count;
}

static void read_attribute(struct parser *p, struct wire w, struct onnx_attribute *a)
{
	size_t ints = count_numbers(w, 8), floats = count_float_bytes(w);
	int64_t *int_values = take(p, ints, sizeof(int64_t));
	float *float_values = take(p, floats, sizeof(float));
	struct wire_field f;

	*a = (struct onnx_attribute){
		.name = "", .s = "", .ints = int_values, .floats = float_values, .strings = w
	};
	while (p->rc == 0 && wire_next(&w, &f)) {
		switch (f.number) {
		case 1: a->name = text(p, &f); break;
		case 2: a->f = wire_float(f.value); break;
		case 3: a->i = (int64_t)f.value; break;
		case 4: a->s = text(p, &f); break;
		case 5: a->t = message(&f); break;
		case 6: a->g = message(&f); break;
		case 7: add_floats(&f, float_values, &a->float_count, floats); break;
		case 8: add_ints(&f, int_values, &a->int_count, ints); break;
		case 20: a->type = (int32_t)f.value; break;
		case 21: a->reference = text(p, &f); break;
		default: break;
		}
	}
	finish(p, &w);
}

static const char **read_names(struct parser *p, struct wire w, uint32_t number, size_t *count)
{
	size_t limit = count_fields(w, number);
	const char **names = take(p, limit, sizeof(char *));
	struct wire_field f;

	*count = 0;
	while (p->rc == 0 && wire_next(&w, &f))
		if (f.number == number)
			names[(*count)++] = text(p, &f);
	return names;
}

static struct onnx_attribute *read_attributes(struct parser *p, struct wire w, uint32_t number,
					      size_t *count)
{
	size_t limit = count_fields(w, number);
	struct onnx_attribute *attributes = take(p, limit, sizeof(*attributes));
	struct wire_field f;

	*count = 0;
	while (p->rc == 0 && wire_next(&w, &f))
		if (f.number == number)
			read_attribute(p, message(&f), &attributes[(*count)++]);
	return attributes;
}

static void read_node(struct parser *p, struct wire w, struct onnx_node *n)
{
	struct wire_field f;

	n->name = n->type = n->domain = "";
	n->inputs = read_names(p, w, 1, &n->input_count);
	n->outputs = read_names(p, w, 2, &n->output_count);
	n->attributes = read_attributes(p, w, 5, &n->attribute_count);
	while (p->rc == 0 && wire_next(&w, &f)) {
		switch (f.number) {
		case 3: n->name = text(p, &f); break;
		case 4: n->type = text(p, &f); break;
		case 7: n->domain = text(p, &f); break;
		default: break;
		}
	}
	if (strcmp(n->domain, "ai.onnx") == 0)
		n->domain = "";
	finish(p, &w);
}

static struct onnx_node *read_nodes(struct parser *p, struct wire w, uint32_t number, size_t *count)
{
	size_t limit = count_fields(w, number);
	struct onnx_node *nodes;
	struct wire_field f;

	*count = 0;
	if (limit > ONNX_MOST_NODES)
		fail(p, -EOPNOTSUPP, "too many nodes");
	nodes = p->rc == 0 ? take(p, limit, sizeof(*nodes)) : NULL;
	while (p->rc == 0 && wire_next(&w, &f))
		if (f.number == number) {
			nodes[*count].number = *count;
			read_node(p, message(&f), &nodes[(*count)++]);
		}
	return nodes;
}

/* ---- graphs ---- */

static void read_dimension(struct parser *p, struct wire w, struct onnx_value *v)
{
	struct wire_field f;
	int64_t size = -1;

	while (wire_next(&w, &f))
		if (f.number == 1 && f.type == WIRE_VARINT)
			size = (int64_t)f.value;
	finish(p, &w);
	if (v->rank == ONNX_MOST_RANK) {
		fail(p, -EOPNOTSUPP, "a value has too many dimensions");
		return;
	}
	v->dim[v->rank++] = size;
}

static void read_tensor_type(struct parser *p, struct wire w, struct onnx_value *v)
{
	struct wire_field f, d;

	while (p->rc == 0 && wire_next(&w, &f)) {
		if (f.number == 1)
			v->type = (int32_t)f.value;
		if (f.number != 2)
			continue;
		struct wire shape = message(&f);
		v->rank = 0;
		while (p->rc == 0 && wire_next(&shape, &d))
			if (d.number == 1)
				read_dimension(p, message(&d), v);
		finish(p, &shape);
	}
	finish(p, &w);
}

static void read_value(struct parser *p, struct wire w, struct onnx_value *v)
{
	struct wire_field f, t;

	*v = (struct onnx_value){ .name = "", .rank = -1 };
	while (p->rc == 0 && wire_next(&w, &f)) {
		if (f.number == 1)
			v->name = text(p, &f);
		if (f.number != 2)
			continue;
		struct wire type = message(&f);
		while (p->rc == 0 && wire_next(&type, &t))
			if (t.number == 1)
				read_tensor_type(p, message(&t), v);
		finish(p, &type);
	}
	finish(p, &w);
}

static struct onnx_value *read_values(struct parser *p, struct wire w, uint32_t number,
				      size_t *count)
{
	size_t limit = count_fields(w, number);
	struct onnx_value *values = take(p, limit, sizeof(*values));
	struct wire_field f;

	*count = 0;
	while (p->rc == 0 && wire_next(&w, &f))
		if (f.number == number)
			read_value(p, message(&f), &values[(*count)++]);
	return values;
}

static void read_graph(struct parser *p, struct wire w, struct onnx_graph *g)
{
	struct wire_field f;
	size_t limit = count_fields(w, 5);

	*g = (struct onnx_graph){ .name = "" };
	g->nodes = read_nodes(p, w, 1, &g->node_count);
	g->inputs = read_values(p, w, 11, &g->input_count);
	g->outputs = read_values(p, w, 12, &g->output_count);
	g->initializers = take(p, limit, sizeof(g->initializers[0]));
	while (p->rc == 0 && wire_next(&w, &f)) {
		if (f.number == 2)
			g->name = text(p, &f);
		else if (f.number == 5)
			read_tensor(p, message(&f), &g->initializers[g->initializer_count++]);
		else if (f.number == 15)
			fail(p, -EOPNOTSUPP, "a sparse initializer (a dense one)");
	}
	finish(p, &w);
}

int onnx_parse_graph(struct wire w, int depth, struct arena *memory, struct onnx_graph *out,
		     struct fault *f)
{
	struct parser p = { .memory = memory, .fault = f };

	if (depth >= ONNX_MOST_DEPTH)
		return fault_set(f, -EOPNOTSUPP, "graphs lie more than %d deep", ONNX_MOST_DEPTH);
	read_graph(&p, w, out);
	return p.rc;
}

/* ---- the file ---- */

static void read_function(struct parser *p, struct wire w, struct onnx_function *fn)
{
	struct wire_field f;

	*fn = (struct onnx_function){ .name = "", .domain = "" };
	fn->inputs = read_names(p, w, 4, &fn->input_count);
	fn->outputs = read_names(p, w, 5, &fn->output_count);
	fn->nodes = read_nodes(p, w, 7, &fn->node_count);
	fn->defaults = read_attributes(p, w, 11, &fn->default_count);
	while (p->rc == 0 && wire_next(&w, &f)) {
		if (f.number == 1)
			fn->name = text(p, &f);
		else if (f.number == 10)
			fn->domain = text(p, &f);
	}
	finish(p, &w);
}

static void read_opset(struct parser *p, struct wire w, struct onnx_file *out)
{
	const char *domain = "";
	int64_t version = 0;
	struct wire_field f;

	while (wire_next(&w, &f)) {
		if (f.number == 1)
			domain = text(p, &f);
		else if (f.number == 2)
			version = (int64_t)f.value;
	}
	finish(p, &w);
	if (domain[0] == '\0' || strcmp(domain, "ai.onnx") == 0)
		out->opset = version;
}

static void read_pair(struct parser *p, struct wire w, struct onnx_pair *pair)
{
	struct wire_field f;

	*pair = (struct onnx_pair){ "", "" };
	while (wire_next(&w, &f)) {
		if (f.number == 1)
			pair->key = text(p, &f);
		else if (f.number == 2)
			pair->value = text(p, &f);
	}
	finish(p, &w);
}

int onnx_parse(const uint8_t *data, size_t size, struct arena *memory, struct onnx_file *out,
	       struct fault *fault)
{
	struct parser p = { .memory = memory, .fault = fault };
	struct wire w = wire_of(data, size);
	struct wire_field f;
	bool has_graph = false;

	*out = (struct onnx_file){ .producer = "" };
	out->functions = take(&p, count_fields(w, 25), sizeof(out->functions[0]));
	out->pairs = take(&p, count_fields(w, 14), sizeof(out->pairs[0]));
	while (p.rc == 0 && wire_next(&w, &f)) {
		switch (f.number) {
		case 2: out->producer = text(&p, &f); break;
		case 7:
			has_graph = true;
			read_graph(&p, message(&f), &out->graph);
			break;
		case 8: read_opset(&p, message(&f), out); break;
		case 14: read_pair(&p, message(&f), &out->pairs[out->pair_count++]); break;
		case 25:
			read_function(&p, message(&f), &out->functions[out->function_count++]);
			break;
		default: break;
		}
	}
	finish(&p, &w);
	if (p.rc == 0 && (!has_graph || out->opset < 1))
		return fault_set(fault, -EBADMSG, "no ONNX model (no graph, or no operator set)");
	return p.rc;
}
