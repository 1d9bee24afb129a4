/* variable.c - VAR_HANDLE, READ_VARIABLE and ASSIGN_VARIABLE: state between runs. */
#include <errno.h>
#include <string.h>

#include "nn/net.h"
#include "nn/op.h"

/* A resource tensor's data is the number of its variable, in the graph's options. */
static int handle_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 0, 1, f);

	if (rc == 0)
		rc = op_output_type(n, 0, TENSOR_RESOURCE, f);
	if (rc == 0)
		n->outputs[0]->data = (void *)&n->node->options.variable.variable;
	return rc;
}

static void no_run(const struct op_node *n)
{
	(void)n;
}

const struct op op_var_handle = {
	.name = "VAR_HANDLE", .keeps_state = true, .check = handle_check, .run = no_run
};

static int expect_variable(const struct op_node *n, struct tensor **out, struct fault *f)
{
	int rc = op_expect_type(n->inputs[0], TYPE_BIT(TENSOR_RESOURCE), "input 0", f);

	if (rc < 0)
		return rc;
	if (n->inputs[0]->data == NULL)
		return fault_set(f, -EOPNOTSUPP,
				 "input 0 is no variable (the output of a VAR_HANDLE)");
	*out = net_variable(n->net, *(const int32_t *)n->inputs[0]->data);
	return 0;
}

/* All that read or assign a variable agree on what it holds; the first one says it. */
static int agree(struct tensor *variable, const struct tensor *value, struct fault *f)
{
	if (variable->shape.rank == 0 && variable->bytes == 0) {
		variable->type = value->type;
		variable->shape = value->shape;
		variable->bytes = tensor_bytes(value->type, &value->shape);
		return variable->bytes > 0 ? 0
					   : fault_set(f, -EBADMSG, "a variable without values");
	}
	if (variable->type != value->type ||
	    tensor_bytes(value->type, &value->shape) != variable->bytes)
		return fault_set(f, -EBADMSG, "the variable holds %zu bytes of %s", variable->bytes,
				 tensor_type_name(variable->type));
	return 0;
}

static int read_check(const struct op_node *n, struct fault *f)
{
	struct tensor *variable = NULL;
	int rc = op_expect(n, 1, 1, f);

	if (rc == 0)
		rc = expect_variable(n, &variable, f);
	return rc < 0 ? rc : agree(variable, n->outputs[0], f);
}

static void read_run(const struct op_node *n)
{
	const struct tensor *variable = net_variable(n->net, *(const int32_t *)n->inputs[0]->data);

	memcpy(n->outputs[0]->data, variable->data, variable->bytes);
}

const struct op op_read_variable = {
	.name = "READ_VARIABLE", .keeps_state = true, .check = read_check, .run = read_run
};

static int assign_check(const struct op_node *n, struct fault *f)
{
	struct tensor *variable = NULL;
	int rc = op_expect(n, 2, 0, f);

	if (rc == 0)
		rc = expect_variable(n, &variable, f);
	return rc < 0 ? rc : agree(variable, n->inputs[1], f);
}

static void assign_run(const struct op_node *n)
{
	const struct tensor *variable = net_variable(n->net, *(const int32_t *)n->inputs[0]->data);

	memcpy(variable->data, n->inputs[1]->data, variable->bytes);
}

const struct op op_assign_variable = {
	.name = "ASSIGN_VARIABLE", .keeps_state = true, .check = assign_check, .run = assign_run
};
