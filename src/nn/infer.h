/* infer.h - what an operator gives: types, shapes, and the values themselves where all that goes in
 * is constant. */
#ifndef EDGED_NN_INFER_H
#define EDGED_NN_INFER_H
#include "nn/op.h"

/* Constants may be computed from constants without end: so many bytes of them for a file of that
 * size. Weights grow by 8 where they are unpacked and put into another order. */
#define INFER_BUDGET(file_bytes) (((size_t)16 << 20) + 8 * (size_t)(file_bytes))

/* Checks the node, which sets types and shapes of its outputs. Where its inputs are constants, and the
 * budget (bytes left) allows it, it is run at once: its outputs are constants then, their data from
 * the arena, and n->folded is set. */
int infer_node(struct op_node *n, struct arena *memory, size_t *budget, struct fault *f);
#endif
