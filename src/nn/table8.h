/* table8.h - functions of 8-bit values by a table of 256, as TensorFlow Lite fills them
 * (kernels/internal/common.h, LUTPopulate: scaled and rounded in float). */
#ifndef EDGED_NN_TABLE8_H
#define EDGED_NN_TABLE8_H
#include "nn/op.h"

typedef double value_fn(double x, const union options *o);

/* The function of every value of input 0, as output 0 has it. Both have one scale. A result that is
 * no number is the least value. */
void table8_fill(const struct op_node *n, value_fn *function, uint8_t table[256]);
void table8_run(const struct op_node *n, const uint8_t table[256]);
#endif
