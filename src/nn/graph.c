/* graph.c - what must hold for every graph, whichever file it came from. */
#include "nn/graph.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "nn/op.h"

static int check_node(const struct node *n, bool *written, struct fault *f)
{
	for (uint32_t k = 0; k < n->input_count; k++)
		if (n->inputs[k] >= 0 && !written[n->inputs[k]])
			return fault_set(f, -EBADMSG,
					 "damaged: node %zu %s reads tensor %d, which nothing has "
					 "written",
					 n->number, n->name, n->inputs[k]);
	for (uint32_t k = 0; k < n->output_count; k++) {
		if (n->outputs[k] < 0)
			continue;
		if (written[n->outputs[k]])
			return fault_set(f, -EBADMSG,
					 "damaged: node %zu %s writes tensor %d, which has its "
					 "value already",
					 n->number, n->name, n->outputs[k]);
		written[n->outputs[k]] = true;
	}
	return 0;
}

int graph_check_order(const struct subgraph *s, struct fault *f)
{
	AUTO_FREE bool *written = calloc(s->tensor_count + 1, sizeof(bool));

	if (written == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	for (size_t i = 0; i < s->tensor_count; i++)
		written[i] = s->tensors[i].constant || s->tensors[i].variable;
	for (size_t i = 0; i < s->input_count; i++)
		written[s->inputs[i]] = true;
	for (size_t i = 0; i < s->node_count; i++) {
		int rc = check_node(&s->nodes[i], written, f);
		if (rc < 0)
			return rc;
	}
	for (size_t i = 0; i < s->output_count; i++)
		if (!written[s->outputs[i]])
			return fault_set(f, -EBADMSG,
					 "damaged: nothing writes an output of the graph");
	return 0;
}

static bool is_wanted(const struct node *n, const bool *used)
{
	bool wanted = n->op == NULL || n->op->keeps_state || n->output_count == 0;

	for (uint32_t k = 0; k < n->output_count; k++)
		wanted |= n->outputs[k] >= 0 && used[n->outputs[k]];
	return wanted;
}

int graph_drop_unused(struct subgraph *s, struct fault *f)
{
	AUTO_FREE bool *used = calloc(s->tensor_count + 1, sizeof(bool));
	size_t kept = s->node_count;

	if (used == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	for (size_t i = 0; i < s->output_count; i++)
		used[s->outputs[i]] = true;
	for (size_t i = s->node_count; i-- > 0;) {
		const struct node *n = &s->nodes[i];
		if (!is_wanted(n, used))
			continue;
		for (uint32_t k = 0; k < n->input_count; k++)
			if (n->inputs[k] >= 0)
				used[n->inputs[k]] = true;
		s->nodes[--kept] = *n;
	}
	if (kept > 0) /* a graph without nodes has no array */
		s->nodes += kept;
	s->node_count -= kept;
	return 0;
}

/* ---- open dimensions ---- */

static int take_shape(struct tensor *t, unsigned open, size_t i, const struct shape *wanted,
		      struct fault *f)
{
	char text[80], other[80];
	bool fits = wanted->rank == t->shape.rank;

	for (int d = 0; fits && d < t->shape.rank; d++) {
		if (open >> d & 1)
			t->shape.dim[d] = wanted->dim[d];
		fits = wanted->dim[d] == t->shape.dim[d];
	}
	if (fits)
		return 0;
	return fault_set(f, -EINVAL, "input %zu '%.60s' is %s, not %s", i, t->name,
			 shape_text(&t->shape, text, sizeof(text)),
			 shape_text(wanted, other, sizeof(other)));
}

static void take_ones(struct tensor *t, unsigned open)
{
	for (int d = 0; d < t->shape.rank; d++)
		if (open >> d & 1)
			t->shape.dim[d] = 1;
}

/* The last open dimension takes what is left; what does not fit is refused when it is read. */
static void take_bytes(struct tensor *t, unsigned open, size_t bytes)
{
	size_t each = tensor_bytes(t->type, &t->shape);
	int last = -1;

	for (int d = 0; d < t->shape.rank; d++)
		if (open >> d & 1)
			last = d;
	if (last >= 0 && each > 0 && bytes % each == 0 && bytes / each <= SHAPE_MOST_ELEMENTS &&
	    bytes > 0)
		t->shape.dim[last] = (int32_t)(bytes / each);
}

/* The channels say whether they come first or last. */
static void take_picture(struct tensor *t, unsigned open, const struct graph_wish *w)
{
	const int32_t *d = t->shape.dim;
	bool last = !(open >> 3 & 1) && d[3] == w->channels;
	bool first = !last && ((open >> 1 & 1) || d[1] == w->channels);
	const int32_t sizes[2][4] = { { 1, w->height, w->width, w->channels },
				      { 1, w->channels, w->height, w->width } };

	for (int i = 0; t->shape.rank == 4 && i < 4; i++)
		if (open >> i & 1)
			t->shape.dim[i] = sizes[first][i];
}

static size_t count_calls(struct tensor *const *inputs, const unsigned *open, size_t count,
			  const struct graph_wish *wish)
{
	for (size_t i = 0; i < count && i < wish->byte_count; i++) {
		size_t each = tensor_bytes(inputs[i]->type, &inputs[i]->shape);
		if (open[i] == 0 && each > 0 && wish->bytes[i] >= each &&
		    wish->bytes[i] % each == 0)
			return wish->bytes[i] / each;
	}
	return 1;
}

int graph_fix_inputs(struct tensor *const *inputs, const unsigned *open, size_t count,
		     const struct graph_wish *wish, struct fault *f)
{
	size_t calls = count_calls(inputs, open, count, wish);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (i < wish->shape_count)
			rc = take_shape(inputs[i], open[i], i, &wish->shapes[i], f);
		else
			take_ones(inputs[i], open[i]);
		if (i >= wish->shape_count && wish->height > 0)
			take_picture(inputs[i], open[i], wish);
		else if (i >= wish->shape_count && i < wish->byte_count)
			take_bytes(inputs[i], open[i], wish->bytes[i] / calls);
		if (rc == 0 && shape_elements(&inputs[i]->shape) == 0)
			rc = fault_set(f, -EBADMSG, "input %zu '%.60s' is too large", i,
				       inputs[i]->name);
	}
	return rc;
}
