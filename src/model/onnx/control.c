/* control.c - If of ONNX: by itself where the condition is known, else as an operator. */
#include <errno.h>

#include "model/onnx/convert.h"

static bool read_branch(struct build *b, const char *name, struct onnx_graph *out)
{
	const struct onnx_attribute *a = attribute(b, name);

	if (a == NULL || a->g.at == NULL) {
		build_fail(b, -EBADMSG, "%s is left out", name);
		return false;
	}
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

const struct onnx_converter onnx_control[] = {
	{ "If", convert_if },
	{ 0 },
};
