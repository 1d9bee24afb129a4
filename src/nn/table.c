/* table.c - functions of int16 by a table of 513 values and straight lines between. */
#include "nn/table.h"

#include <math.h>

static int16_t saturate(float x)
{
	return (int16_t)(!(x >= -32768) ? -32768 : x > 32767 ? 32767 : x); /* NaN: the least */
}

/* Each value is moved by half of what a straight line misses in the middle of its step. */
void table_fill(int16_t table[TABLE_STEPS + 1], table_fn *function, const void *context, float low,
		float high, float out_low, float out_high)
{
	float step = (high - low) / TABLE_STEPS, half = step / 2;
	float scale = 65536.0f / (out_high - out_low);

	for (int i = 0; i < TABLE_STEPS; i++) {
		float x = low + (float)i * step;
		float value = (float)function((double)x, context);
		float middle = (float)function((double)(x + half), context);
		float next = (float)function((double)(low + (float)(i + 1) * step), context);
		float sample = roundf(value * scale);
		float line = roundf((next * scale + sample) / 2);
		table[i] = saturate(sample - roundf((line - roundf(middle * scale)) / 2));
	}
	table[TABLE_STEPS] = saturate(roundf((float)function((double)high, context) * scale));
}
