/* broadcast.c - walks several tensors along the elements of one output (NumPy's broadcasting). */
#include "nn/broadcast.h"

void broadcast_start(struct broadcast *b, const struct shape *out, struct tensor *const *inputs,
		     int count)
{
	*b = (struct broadcast){ .elements = shape_elements(out), .out = *out, .inputs = count };
	for (int i = 0; i < count; i++) {
		const struct shape *in = &inputs[i]->shape;
		size_t stride = 1;
		for (int d = out->rank - 1; d >= out->rank - in->rank; d--) {
			int32_t size = in->dim[d - (out->rank - in->rank)];
			b->strides[i][d] = size == 1 ? 0 : stride;
			stride *= (size_t)size;
		}
	}
}
