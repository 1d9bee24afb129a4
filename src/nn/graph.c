/* graph.c - what must hold for every graph, whichever file it came from. */
#include "nn/graph.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

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
