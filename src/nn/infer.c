/* infer.c - what an operator gives: types, shapes, and constants. */
#include "nn/infer.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

/* What varies in size from run to run can leave the graph, no more: shapes are planned. */
static int check_varying(const struct op_node *o, struct fault *f)
{
	for (uint32_t i = 0; i < o->input_count; i++)
		if (o->inputs[i] != NULL && o->inputs[i]->varying)
			return fault_set(f, -EOPNOTSUPP,
					 "input %u has another size in every run (only outputs of "
					 "the model may)",
					 i);
	return 0;
}

/* ---- constants that are computed once ---- */

static bool is_foldable(const struct op_node *o, size_t *budget)
{
	size_t bytes = 0;

	if (o->op->keeps_state || o->output_count == 0)
		return false;
	for (uint32_t i = 0; i < o->input_count; i++)
		if (o->inputs[i] != NULL && !o->inputs[i]->constant && !o->op->takes_shapes)
			return false;
	for (uint32_t i = 0; i < o->output_count; i++)
		if (o->outputs[i] == NULL || o->outputs[i]->varying)
			return false;
		else
			bytes += tensor_bytes(o->outputs[i]->type, &o->outputs[i]->shape);
	if (bytes > *budget || (o->input_count == 0 && !o->op->takes_shapes))
		return false;
	*budget -= bytes;
	return true;
}

static int fold_node(struct op_node *o, struct arena *memory, struct fault *f)
{
	int rc = o->op->plan != NULL ? o->op->plan(o, memory, f) : 0;

	if (rc < 0)
		return rc;
	for (uint32_t i = 0; i < o->output_count; i++) {
		struct tensor *t = o->outputs[i];
		t->constant = true;
		t->bytes = tensor_bytes(t->type, &t->shape);
		t->data = o->op->keeps_data && o->inputs[0]->constant
				  ? o->inputs[0]->data
				  : arena_alloc(memory, 1, t->bytes);
		if (t->data == NULL)
			return fault_set(f, -ENOMEM, "no memory");
	}
	AUTO_FREE void *scratch = calloc(1, o->scratch_bytes + 64);
	if (scratch == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	o->scratch = (void *)(((uintptr_t)scratch + 63) / 64 * 64);
	o->op->run(o);
	o->folded = true;
	return 0;
}

int infer_node(struct op_node *n, struct arena *memory, size_t *budget, struct fault *f)
{
	int rc = check_varying(n, f);

	if (rc == 0 && n->op->open != NULL)
		rc = n->op->open(n, memory, f);
	if (rc == 0)
		rc = n->op->check(n, f);
	if (rc == 0 && is_foldable(n, budget))
		rc = fold_node(n, memory, f);
	return rc;
}
