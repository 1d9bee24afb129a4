/* broadcast.h - walks several tensors along the elements of one output (NumPy's broadcasting). */
#ifndef EDGED_NN_BROADCAST_H
#define EDGED_NN_BROADCAST_H
#include "tensor/tensor.h"

enum { BROADCAST_MOST = 3 };

struct broadcast {
	size_t elements;	   /* of the output */
	size_t at[BROADCAST_MOST]; /* the element of each input that belongs to the output's */
	struct shape out;
	int inputs;
	size_t strides[BROADCAST_MOST][SHAPE_MOST_RANK]; /* 0: repeated */
	int32_t place[SHAPE_MOST_RANK];
};

/* At the first element. The inputs' shapes go with the output's (shape_broadcast()). */
void broadcast_start(struct broadcast *b, const struct shape *out, struct tensor *const *inputs,
		     int count);

static inline void broadcast_next(struct broadcast *b)
{
	for (int d = b->out.rank - 1; d >= 0; d--) {
		for (int i = 0; i < b->inputs; i++)
			b->at[i] += b->strides[i][d];
		if (++b->place[d] < b->out.dim[d])
			return;
		for (int i = 0; i < b->inputs; i++)
			b->at[i] -= b->strides[i][d] * (size_t)b->out.dim[d];
		b->place[d] = 0;
	}
}
#endif
