/* control.c - If and Loop of ONNX: taken apart where what they depend on is known. */
#include <errno.h>

#include "model/onnx/convert.h"

static bool read_branch(struct build *b, const char *name, struct onnx_graph *out)
{
	const struct onnx_attribute *a = attribute(b, name);

	if (a == NULL || a->g.at == NULL) {
		build_fail(b, -EBADMSG, "%s is left out", name);
		return false;
	}
	size_t bytes = (size_t)(a->g.end - a->g.at);
	if (bytes > b->branch_budget) {
		build_fail(b, -EOPNOTSUPP, "branches are repeated too often");
		return false;
	}
	b->branch_budget -= bytes;
	int rc = onnx_parse_graph(a->g, b->depth, b->memory, out, b->fault);
	if (rc < 0 && b->rc == 0)
		b->rc = rc;
	return b->rc == 0;
}

enum { MOST_OUTPUTS = 64 };

static void convert_if(struct build *b)
{
	int32_t condition = build_need(b, 0), outs[MOST_OUTPUTS];
	const struct tensor *c = build_tensor(b, condition);
	struct onnx_graph then, other;

	if (b->node->output_count > MOST_OUTPUTS)
		build_fail(b, -EOPNOTSUPP, "%zu outputs", b->node->output_count);
	if (!read_branch(b, "then_branch", &then) || !read_branch(b, "else_branch", &other))
		return;
	if (!c->constant) {
		build_if(b, condition, &then, &other);
		return;
	}
	build_inline_graph(b, tensor_int(c, 0) != 0 ? &then : &other, outs, b->node->output_count);
	for (size_t i = 0; b->rc == 0 && i < b->node->output_count; i++)
		build_out(b, i, outs[i]);
}

/* ---- Loop: its body as often as it runs, one behind the other ---- */

enum { MOST_CARRIED = 64, MOST_ROUNDS = 1024 };

struct loop {
	struct onnx_graph body;
	size_t carried, scanned;
	int32_t condition, values[MOST_CARRIED];
	int32_t scans[MOST_CARRIED][MOST_ROUNDS];
	size_t rounds;
};

/* Known at once, or the loop cannot be taken apart. */
static bool goes_on(struct build *b, const struct loop *l)
{
	const struct tensor *c = build_tensor(b, l->condition);

	if (l->condition < 0)
		return true;
	if (!c->constant)
		build_fail(b, -EOPNOTSUPP, "how often it runs is computed");
	return b->rc == 0 && tensor_int(c, 0) != 0;
}

static void run_round(struct build *b, struct loop *l)
{
	int32_t outs[2 * MOST_CARRIED], inputs[2 + MOST_CARRIED];

	inputs[0] = build_int(b, (int64_t)l->rounds);
	inputs[1] = l->condition;
	for (size_t i = 0; i < l->carried; i++)
		inputs[2 + i] = l->values[i];
	build_inline_body(b, &l->body, inputs, 2 + l->carried, outs, 1 + l->carried + l->scanned);
	l->condition = outs[0];
	for (size_t i = 0; i < l->carried; i++)
		l->values[i] = outs[1 + i];
	for (size_t i = 0; i < l->scanned; i++) {
		union options o = { .reshape = { .given = true } };
		int32_t one = outs[1 + l->carried + i];
		const struct shape *s = &build_tensor(b, one)->shape;
		o.reshape.shape = (struct shape){ s->rank + 1, { 1 } };
		for (int d = 0; d < s->rank && d + 1 < SHAPE_MOST_RANK; d++)
			o.reshape.shape.dim[d + 1] = s->dim[d];
		if (s->rank == SHAPE_MOST_RANK)
			build_fail(b, -EOPNOTSUPP, "more than %d dimensions", SHAPE_MOST_RANK);
		l->scans[i][l->rounds] = b->rc < 0 ? 0 : build_op(b, "RESHAPE", &one, 1, &o);
	}
	l->rounds++;
}

static void convert_loop(struct build *b)
{
	struct loop *l = arena_alloc(b->memory, 1, sizeof(*l));
	int32_t trips = build_in(b, 0);
	int64_t most = MOST_ROUNDS + 1;
	size_t count;

	if (l == NULL) {
		build_fail(b, -ENOMEM, "no memory");
		return;
	}
	if (!read_branch(b, "body", &l->body) ||
	    (trips >= 0 && !build_read_ints(b, trips, "how often it runs", &most, 1, &count)))
		return;
	l->condition = build_in(b, 1);
	l->carried = b->node->input_count > 2 ? b->node->input_count - 2 : 0;
	if (l->body.output_count < 1 + l->carried || l->carried > MOST_CARRIED ||
	    l->body.input_count != 2 + l->carried ||
	    l->body.output_count - 1 - l->carried > MOST_CARRIED) {
		build_fail(b, -EBADMSG, "its body does not go with its inputs");
		return;
	}
	l->scanned = l->body.output_count - 1 - l->carried;
	for (size_t i = 0; i < l->carried; i++)
		l->values[i] = build_need(b, 2 + i);
	while (b->rc == 0 && (int64_t)l->rounds < most && goes_on(b, l)) {
		if (l->rounds == MOST_ROUNDS)
			build_fail(b, -EOPNOTSUPP, "more than %d rounds", MOST_ROUNDS);
		else
			run_round(b, l);
	}
	for (size_t i = 0; b->rc == 0 && i < l->carried; i++)
		build_out(b, i, l->values[i]);
	for (size_t i = 0; b->rc == 0 && i < l->scanned; i++)
		build_out(b, l->carried + i, onnx_concat(b, l->scans[i], l->rounds, 0));
}

const struct onnx_converter onnx_control[] = {
	{ "Loop", convert_loop },
	{ "If", convert_if },
	{ 0 },
};
