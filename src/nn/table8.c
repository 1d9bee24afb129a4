/* table8.c - functions of 8-bit values by a table of 256. */
#include "nn/table8.h"

#include <math.h>

#include "nn/requantize.h"

void table8_fill(const struct op_node *n, value_fn *function, uint8_t table[256])
{
	const struct quant *in = &n->inputs[0]->quant, *out = &n->outputs[0]->quant;
	float inverse = 1 / out->scale[0];
	int32_t low, high;

	op_type_range(n->inputs[0]->type, &low, &high);
	for (int32_t v = low; v <= high; v++) {
		float x = in->scale[0] * (float)(v - in->zero_point[0]);
		float y = (float)function((double)x, &n->node->options);
		bool number = !isnan(y) && y > -INFINITY;
		int32_t q = number ? add_zero_point(round_float(y * inverse), out->zero_point[0],
						    low, high)
				   : low;
		table[(uint8_t)v] = (uint8_t)q;
	}
}

void table8_run(const struct op_node *n, const uint8_t table[256])
{
	const uint8_t *in = n->inputs[0]->data;
	uint8_t *out = n->outputs[0]->data;
	size_t elements = tensor_elements(n->inputs[0]);

	for (size_t i = 0; i < elements; i++)
		out[i] = table[in[i]];
}
