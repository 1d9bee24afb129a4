/* infer.h - what an operator gives: types, shapes, and the values themselves where all that goes in
 * is constant. */
#ifndef EDGED_NN_INFER_H
#define EDGED_NN_INFER_H
#include "nn/op.h"

/* Checks the node, which sets types and shapes of its outputs. Where its inputs are constants it is
 * run at once: its outputs are constants then, their data from the arena, and n->folded is set. */
int infer_node(struct op_node *n, struct arena *memory, struct fault *f);
#endif
