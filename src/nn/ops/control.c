/* control.c - CALL_ONCE, CALL, IF and WHILE: subgraphs that run in the middle of another. */
#include <errno.h>
#include <string.h>

#include "nn/part.h"

enum { MOST_ROUNDS = 1 << 20 }; /* of a loop: a run must come to an end */

static void copy_tensors(struct tensor *const *from, struct tensor *const *to, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (to[i] != NULL)
			memcpy(to[i]->data, from[i]->data, to[i]->bytes);
}

/* What was a constant when the subgraph was opened is one there too. */
static void give_inputs(struct tensor *const *from, const struct part *p)
{
	for (size_t i = 0; i < p->from->input_count; i++)
		if (!p->inputs[i]->constant)
			memcpy(p->inputs[i]->data, from[i]->data, p->inputs[i]->bytes);
}

/* What a subgraph gives is what the node gives. */
static int take_outputs(const struct op_node *n, const struct part *p, struct fault *f)
{
	int rc = 0;

	if (p->from->output_count != n->output_count)
		return fault_set(f, -EBADMSG, "its subgraph gives %zu outputs, not %u",
				 p->from->output_count, n->output_count);
	for (uint32_t i = 0; rc == 0 && i < n->output_count; i++) {
		if (n->outputs[i] == NULL)
			continue;
		if (p->outputs[i]->varying)
			return fault_set(f, -EOPNOTSUPP, "output %u has another size in every run",
					 i);
		rc = op_output_type(n, i, p->outputs[i]->type, f);
		if (rc == 0)
			rc = op_set_shape(n, i, &p->outputs[i]->shape, f);
		if (rc == 0 && n->outputs[i]->quant.count == 0)
			n->outputs[i]->quant = p->outputs[i]->quant;
	}
	return rc;
}

/* ---- CALL_ONCE: the variables' first values ---- */

static int call_once_open(struct op_node *n, struct arena *memory, struct fault *f)
{
	return part_open(n->net, n->node->options.call.subgraph, NULL, 0, memory, &n->calls[0], f);
}

static int call_once_check(const struct op_node *n, struct fault *f)
{
	(void)n;
	(void)f;
	return 0;
}

static void call_once_run(const struct op_node *n)
{
	if (!n->calls[0]->called)
		part_run(n->calls[0]);
	n->calls[0]->called = true;
}

const struct op op_call_once = {
	.name = "CALL_ONCE",
	.open = call_once_open,
	.check = call_once_check,
	.run = call_once_run,
	.keeps_state = true,
};

/* ---- IF: condition, then the inputs of both branches ---- */

static int if_open(struct op_node *n, struct arena *memory, struct fault *f)
{
	int rc = op_expect(n, n->input_count > 1 ? n->input_count : 1, 0, f);

	if (rc == 0)
		rc = op_expect_type(n->inputs[0], TYPE_BIT(TENSOR_BOOL), "condition", f);
	if (rc == 0 && tensor_elements(n->inputs[0]) != 1)
		return fault_set(f, -EBADMSG, "condition has %zu values (1)",
				 tensor_elements(n->inputs[0]));
	for (int branch = 0; rc == 0 && branch < 2; branch++) {
		bool taken = !n->inputs[0]->constant ||
			     (tensor_int(n->inputs[0], 0) != 0) == (branch == 0);
		if (taken)
			rc = part_open(n->net,
				       branch == 0 ? n->node->options.call.subgraph
						   : n->node->options.call.other,
				       n->inputs + 1, n->input_count - 1, memory, &n->calls[branch],
				       f);
	}
	return rc;
}

static int if_check(const struct op_node *n, struct fault *f)
{
	int rc = 0;

	for (int branch = 0; rc == 0 && branch < 2; branch++)
		if (n->calls[branch] != NULL)
			rc = take_outputs(n, n->calls[branch], f);
	for (uint32_t i = 0;
	     rc == 0 && n->calls[0] != NULL && n->calls[1] != NULL && i < n->output_count; i++)
		if (n->outputs[i] != NULL &&
		    !shape_equal(&n->calls[0]->outputs[i]->shape, &n->calls[1]->outputs[i]->shape))
			return fault_set(f, -EOPNOTSUPP,
					 "output %u has another shape in each branch", i);
	return rc;
}

static void if_run(const struct op_node *n)
{
	int branch = n->calls[1] == NULL		? 0
		     : n->calls[0] == NULL		? 1
		     : tensor_int(n->inputs[0], 0) != 0 ? 0
							: 1;
	const struct part *p = n->calls[branch];

	give_inputs(n->inputs + 1, p);
	part_run(p);
	copy_tensors(p->outputs, n->outputs, n->output_count);
}

const struct op op_if = { .name = "IF", .open = if_open, .check = if_check, .run = if_run };

/* ---- CALL ---- */

static int call_open(struct op_node *n, struct arena *memory, struct fault *f)
{
	int rc = op_expect(n, n->input_count, 0, f);

	return rc < 0 ? rc
		      : part_open(n->net, n->node->options.call.subgraph, n->inputs, n->input_count,
				  memory, &n->calls[0], f);
}

static int call_check(const struct op_node *n, struct fault *f)
{
	return take_outputs(n, n->calls[0], f);
}

static void call_run(const struct op_node *n)
{
	const struct part *p = n->calls[0];

	give_inputs(n->inputs, p);
	part_run(p);
	copy_tensors(p->outputs, n->outputs, n->output_count);
}

const struct op op_call = {
	.name = "CALL", .open = call_open, .check = call_check, .run = call_run
};

/* ---- WHILE: the body's outputs are the next round's inputs ---- */

static int while_open(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct tensor carried[16], *inputs[16];
	int rc = op_expect(n, n->input_count > 0 ? n->input_count : 1, n->input_count, f);

	if (rc < 0)
		return rc;
	if (n->input_count > 16)
		return fault_set(f, -EOPNOTSUPP, "%u values carried (at most 16)", n->input_count);
	for (uint32_t i = 0; i < n->input_count; i++) { /* constant only in the first round */
		carried[i] = *n->inputs[i];
		carried[i].constant = false;
		inputs[i] = &carried[i];
	}
	rc = part_open(n->net, n->node->options.call.subgraph, inputs, n->input_count, memory,
		       &n->calls[0], f);
	if (rc == 0)
		rc = part_open(n->net, n->node->options.call.other, inputs, n->input_count, memory,
			       &n->calls[1], f);
	return rc;
}

static int while_check(const struct op_node *n, struct fault *f)
{
	const struct part *condition = n->calls[0], *body = n->calls[1];
	int rc = take_outputs(n, body, f);

	if (rc < 0)
		return rc;
	if (condition->from->output_count != 1 || condition->outputs[0]->type != TENSOR_BOOL ||
	    tensor_elements(condition->outputs[0]) != 1)
		return fault_set(f, -EBADMSG, "its condition is not one bool");
	for (uint32_t i = 0; i < n->input_count; i++)
		if (n->inputs[i]->type != body->outputs[i]->type ||
		    !shape_equal(&n->inputs[i]->shape, &body->outputs[i]->shape))
			return fault_set(f, -EOPNOTSUPP,
					 "value %u has another shape in every round", i);
	return 0;
}

static void while_run(const struct op_node *n)
{
	const struct part *condition = n->calls[0], *body = n->calls[1];

	copy_tensors(n->inputs, n->outputs, n->output_count);
	for (int round = 0; round < MOST_ROUNDS; round++) {
		give_inputs(n->outputs, condition);
		part_run(condition);
		if (tensor_int(condition->outputs[0], 0) == 0)
			return;
		give_inputs(n->outputs, body);
		part_run(body);
		copy_tensors(body->outputs, n->outputs, n->output_count);
	}
}

const struct op op_while = {
	.name = "WHILE",
	.open = while_open,
	.check = while_check,
	.run = while_run,
	.keeps_state = true,
};
