/* table.h - functions of int16 by a table of 513 values and straight lines between, as TensorFlow
 * Lite has them (kernels/internal/common.h: LUTPopulate, LUTLookup). */
#ifndef EDGED_NN_TABLE_H
#define EDGED_NN_TABLE_H
#include <stdint.h>

enum { TABLE_STEPS = 512 };

typedef double table_fn(double x, const void *context);

/* The function over [low, high] as int16 values that stand for [-out_range, out_range). */
void table_fill(int16_t table[TABLE_STEPS + 1], table_fn *function, const void *context, float low,
		float high, float out_low, float out_high);

static inline int16_t table_look_up(const int16_t table[TABLE_STEPS + 1], int16_t x)
{
	int index = 256 + (x >> 7), offset = x & 0x7f;
	int slope = table[index + 1] - table[index];

	return (int16_t)(table[index] + ((slope * offset + 64) >> 7));
}
#endif
