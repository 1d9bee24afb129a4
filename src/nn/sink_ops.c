/* sink_ops.c - how each operator lets a transposition through. */
#include <string.h>

#include "nn/sink.h"
#include "nn/view.h"

/* ---- constants and options in the source's order ---- */

/* A constant that is broadcast over `rank` dimensions, with its dimensions where the source has
 * them. */
static struct tensor *arrange_constant(struct sink *s, const struct tensor *c, const int *order,
				       int rank)
{
	struct tensor t = *c;
	struct view v = { 0 };
	int inverse[SHAPE_MOST_RANK], missing = rank - c->shape.rank;

	if (tensor_elements(c) == 1 || missing < 0)
		return (struct tensor *)c;
	for (int d = 0; d < rank; d++)
		inverse[order[d]] = d;
	t.shape.rank = rank;
	for (int d = 0; d < rank; d++) {
		int own = inverse[d] - missing;
		t.shape.dim[d] = own < 0 ? 1 : c->shape.dim[own];
		view_add(&v, t.shape.dim[d],
			 own < 0 ? 0 : (int64_t)shape_product(&c->shape, own + 1, c->shape.rank));
	}
	t.data = sink_take(s, 1, t.bytes);
	if (s->full)
		return NULL;
	view_read(&v, c->data, t.data, tensor_type_bytes(c->type));
	return sink_add_tensor(s, &t);
}

/* Axis numbers in the source's order. */
static struct tensor *arrange_axes(struct sink *s, const struct tensor *axes,
				   const struct shape *in, const int *order)
{
	int64_t values[4 * SHAPE_MOST_RANK];
	size_t count = tensor_elements(axes);

	if (count > 4 * SHAPE_MOST_RANK)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		int axis = shape_axis(in, tensor_int(axes, i));
		values[i] = axis < 0 ? 0 : order[axis];
	}
	return sink_add_ints(s, values, &axes->shape);
}

/* So many values for each dimension, those of a dimension together. */
static struct tensor *arrange_rows(struct sink *s, const struct tensor *rows, const int *order,
				   int rank)
{
	int64_t values[2 * SHAPE_MOST_RANK];
	size_t each = tensor_elements(rows) / (size_t)rank;

	if (each < 1 || each > 2 || tensor_elements(rows) != each * (size_t)rank)
		return NULL;
	for (int d = 0; d < rank; d++)
		for (size_t k = 0; k < each; k++)
			values[(size_t)order[d] * each + k] =
				tensor_int(rows, (size_t)d * each + k);
	return sink_add_ints(s, values, &rows->shape);
}

/* ---- which nodes work on the source ---- */

/* The order in which all inputs from `first` on that are no constants come; NULL: they differ, or
 * there is none. */
static const int *common_order(const struct sink *s, const struct op_node *n, uint32_t first,
			       uint32_t end, int rank)
{
	const int *order = NULL;

	for (uint32_t i = first; i < end; i++) {
		const struct tensor *t = n->inputs[i];
		if (t == NULL || t->quant.count > 1)
			return NULL;
		if (t->constant || (tensor_elements(t) == 1 && t->shape.rank < rank))
			continue;
		const struct origin *o = sink_origin(s, t);
		if (o->source == NULL || t->shape.rank != rank ||
		    (order != NULL && memcmp(order, o->order, (size_t)rank * sizeof(int)) != 0))
			return NULL;
		order = o->order;
	}
	return order != NULL && !sink_is_identity(order, rank) ? order : NULL;
}

static bool is_named(const struct op_node *n, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(n->op->name, *names) == 0)
			return true;
	return false;
}

static const char *const reductions[] = { "MEAN",	"SUM",	       "REDUCE_MAX",
					  "REDUCE_MIN", "REDUCE_PROD", NULL };
static const char *const paddings[] = { "PAD", "PADV2", "MIRROR_PAD", "SLICE", NULL };
static const char *const by_value[] = { "QUANTIZE", "DEQUANTIZE", "CAST", NULL };

/* A copy whose inputs, outputs and options may be changed. */
static bool copy_node(struct sink *s, const struct op_node *n, struct op_node *copy)
{
	struct node *node = sink_take(s, 1, sizeof(*node));
	struct tensor **tensors = sink_take(s, n->input_count + n->output_count, sizeof(*tensors));

	if (s->full)
		return false;
	*node = *n->node;
	*copy = *n;
	copy->node = node;
	copy->inputs = tensors;
	copy->outputs = tensors + n->input_count;
	memcpy(copy->inputs, n->inputs, n->input_count * sizeof(*tensors));
	memcpy(copy->outputs, n->outputs, n->output_count * sizeof(*tensors));
	return true;
}

/* Data inputs become their sources, constants are arranged. */
static void use_sources(struct sink *s, struct op_node *copy, uint32_t first, uint32_t end,
			const int *order, int rank)
{
	for (uint32_t i = first; i < end && !s->full; i++) {
		struct tensor *t = copy->inputs[i];
		const struct origin *o = sink_origin(s, t);
		if (t->constant)
			copy->inputs[i] = arrange_constant(s, t, order, rank);
		else if (o->source != NULL && t->shape.rank == rank)
			copy->inputs[i] = o->source;
	}
}

/* Outputs are made of new ones below: checked there, and transposed ones from now on. */
static bool give_outputs(struct sink *s, const struct op_node *n, struct op_node *copy,
			 const int *order, int rank)
{
	for (uint32_t i = 0; i < n->output_count && !s->full; i++)
		if (n->outputs[i] != NULL)
			copy->outputs[i] = sink_add_tensor(s, n->outputs[i]);
	if (s->full || copy->op->check(copy, NULL) < 0)
		return false;
	for (uint32_t i = 0; i < n->output_count; i++) {
		if (n->outputs[i] == NULL)
			continue;
		struct origin *o = sink_origin(s, n->outputs[i]);
		o->source = copy->outputs[i];
		memcpy(o->order, order, (size_t)rank * sizeof(int));
	}
	sink_put(s, copy);
	return true;
}

static bool sink_by_value(struct sink *s, const struct op_node *n)
{
	int rank = n->outputs[0]->shape.rank;
	const int *order = common_order(s, n, 0, n->input_count, rank);
	struct op_node copy;

	if (order == NULL || n->output_count != 1 || !copy_node(s, n, &copy))
		return false;
	use_sources(s, &copy, 0, n->input_count, order, rank);
	return give_outputs(s, n, &copy, order, rank);
}

static bool sink_concatenation(struct sink *s, const struct op_node *n)
{
	int rank = n->outputs[0]->shape.rank;
	const int *order = common_order(s, n, 0, n->input_count, rank);
	struct op_node copy;

	if (order == NULL || !copy_node(s, n, &copy))
		return false;
	use_sources(s, &copy, 0, n->input_count, order, rank);
	((struct node *)copy.node)->options.axis.axis =
		order[shape_axis(&n->outputs[0]->shape, n->node->options.axis.axis)];
	return give_outputs(s, n, &copy, order, rank);
}

/* Without the dimensions that are gone the others count anew. */
static void drop_dimensions(const int *order, int rank, const bool *gone, int *out)
{
	int kept = 0;

	for (int d = 0; d < rank; d++) {
		int before = 0;
		if (gone[d])
			continue;
		for (int k = 0; k < rank; k++)
			before += !gone[k] && order[k] < order[d];
		out[kept++] = before;
	}
}

static bool sink_reduction(struct sink *s, const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape;
	const int *order = common_order(s, n, 0, 1, in->rank);
	int behind[SHAPE_MOST_RANK] = { 0 };
	bool gone[SHAPE_MOST_RANK] = { false };
	struct op_node copy;

	if (order == NULL || !copy_node(s, n, &copy))
		return false;
	copy.inputs[0] = sink_origin(s, n->inputs[0])->source;
	copy.inputs[1] = arrange_axes(s, n->inputs[1], in, order);
	for (size_t i = 0; i < tensor_elements(n->inputs[1]); i++)
		gone[shape_axis(in, tensor_int(n->inputs[1], i))] =
			!n->node->options.reduce.keep_dims;
	drop_dimensions(order, in->rank, gone, behind);
	if (copy.inputs[1] == NULL)
		return false;
	return give_outputs(s, n, &copy, behind, n->outputs[0]->shape.rank);
}

static bool sink_padding(struct sink *s, const struct op_node *n)
{
	int rank = n->inputs[0]->shape.rank;
	const int *order = common_order(s, n, 0, 1, rank);
	bool slice = strcmp(n->op->name, "SLICE") == 0;
	struct op_node copy;

	if (order == NULL || !copy_node(s, n, &copy))
		return false;
	copy.inputs[0] = sink_origin(s, n->inputs[0])->source;
	for (uint32_t i = 1; i < (slice ? 3u : 2u); i++) {
		copy.inputs[i] = arrange_rows(s, n->inputs[i], order, rank);
		if (copy.inputs[i] == NULL)
			return false;
	}
	return give_outputs(s, n, &copy, order, rank);
}

static int32_t arrange_mask(int32_t mask, const int *order, int rank)
{
	int32_t out = 0;

	for (int d = 0; d < rank; d++)
		out |= (mask >> d & 1) << order[d];
	return out;
}

static bool sink_strided_slice(struct sink *s, const struct op_node *n)
{
	int rank = n->inputs[0]->shape.rank;
	const union options *o = &n->node->options;
	const int *order = common_order(s, n, 0, 1, rank);
	struct op_node copy;

	if (order == NULL || o->slice.ellipsis_mask != 0 || o->slice.new_axis_mask != 0 ||
	    o->slice.shrink_axis_mask != 0 || tensor_elements(n->inputs[1]) != (size_t)rank ||
	    !copy_node(s, n, &copy))
		return false;
	copy.inputs[0] = sink_origin(s, n->inputs[0])->source;
	for (uint32_t i = 1; i < 4; i++) {
		copy.inputs[i] = arrange_rows(s, n->inputs[i], order, rank);
		if (copy.inputs[i] == NULL)
			return false;
	}
	union options *own = &((struct node *)copy.node)->options;
	own->slice.begin_mask = arrange_mask(o->slice.begin_mask, order, rank);
	own->slice.end_mask = arrange_mask(o->slice.end_mask, order, rank);
	return give_outputs(s, n, &copy, order, rank);
}

static bool sink_split(struct sink *s, const struct op_node *n)
{
	bool sizes = strcmp(n->op->name, "SPLIT_V") == 0;
	uint32_t value = sizes ? 0 : 1, axis = sizes ? 2 : 0;
	const struct shape *in = &n->inputs[value]->shape;
	const int *order = common_order(s, n, value, value + 1, in->rank);
	struct op_node copy;

	if (order == NULL || !copy_node(s, n, &copy))
		return false;
	copy.inputs[value] = sink_origin(s, n->inputs[value])->source;
	copy.inputs[axis] = arrange_axes(s, n->inputs[axis], in, order);
	return copy.inputs[axis] != NULL && give_outputs(s, n, &copy, order, in->rank);
}

static bool sink_softmax(struct sink *s, const struct op_node *n)
{
	int rank = n->inputs[0]->shape.rank;
	const int *order = common_order(s, n, 0, 1, rank);
	struct op_node copy;

	if (order == NULL || order[rank - 1] != rank - 1 || !copy_node(s, n, &copy))
		return false;
	copy.inputs[0] = sink_origin(s, n->inputs[0])->source;
	return give_outputs(s, n, &copy, order, rank);
}

/* One dimension less, or one more beside the one that it stands beside. */
static bool sink_squeeze(struct sink *s, const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape;
	const union options *o = &n->node->options;
	const int *order = common_order(s, n, 0, 1, in->rank);
	int behind[SHAPE_MOST_RANK] = { 0 };
	bool gone[SHAPE_MOST_RANK] = { false };
	struct op_node copy;

	if (order == NULL || o->squeeze.count < 1 || !copy_node(s, n, &copy))
		return false;
	for (int i = 0; i < o->squeeze.count; i++) {
		int axis = shape_axis(in, o->squeeze.axes[i]);
		((struct node *)copy.node)->options.squeeze.axes[i] = order[axis];
		gone[axis] = true;
	}
	copy.inputs[0] = sink_origin(s, n->inputs[0])->source;
	drop_dimensions(order, in->rank, gone, behind);
	return give_outputs(s, n, &copy, behind, n->outputs[0]->shape.rank);
}

static bool sink_expand(struct sink *s, const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape;
	const int *order = common_order(s, n, 0, 1, in->rank);
	int64_t axis = tensor_int(n->inputs[1], 0);
	int behind[SHAPE_MOST_RANK] = { 0 };
	struct op_node copy;

	axis += axis < 0 ? in->rank + 1 : 0;
	if (order == NULL || !copy_node(s, n, &copy))
		return false;
	int64_t place = axis < in->rank ? order[axis] : order[in->rank - 1] + 1;
	copy.inputs[0] = sink_origin(s, n->inputs[0])->source;
	copy.inputs[1] = sink_add_ints(s, &place, &(struct shape){ 0 });
	for (int d = 0, k = 0; d <= in->rank; d++) {
		behind[d] = d == axis ? (int)place : order[k] + (order[k] >= place);
		k += d != axis;
	}
	return copy.inputs[1] != NULL && give_outputs(s, n, &copy, behind, in->rank + 1);
}

bool sink_through(struct sink *s, struct op_node *n)
{
	const char *name = n->op->name;

	if (n->op->by_value || is_named(n, by_value))
		return n->outputs[0] != NULL && !n->outputs[0]->varying && sink_by_value(s, n);
	if (is_named(n, reductions))
		return sink_reduction(s, n);
	if (is_named(n, paddings))
		return sink_padding(s, n);
	if (strcmp(name, "CONCATENATION") == 0)
		return sink_concatenation(s, n);
	if (strcmp(name, "STRIDED_SLICE") == 0)
		return sink_strided_slice(s, n);
	if (strcmp(name, "SPLIT") == 0 || strcmp(name, "SPLIT_V") == 0)
		return sink_split(s, n);
	if (strcmp(name, "SOFTMAX") == 0)
		return sink_softmax(s, n);
	if (strcmp(name, "SQUEEZE") == 0)
		return sink_squeeze(s, n);
	return strcmp(name, "EXPAND_DIMS") == 0 && sink_expand(s, n);
}
