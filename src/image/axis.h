/* axis.h - which pixels of a row, with which weight, make each pixel of a shorter or longer one. */
#ifndef EDGED_IMAGE_AXIS_H
#define EDGED_IMAGE_AXIS_H
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "settings/picture.h"

/* Pixel i of the new row is the sum over weight[k] * old[first + k]; the weights add up to 1. */
struct taps {
	int32_t first, count;
	double *weight; /* [count] */
};

struct axis {
	int size;	 /* of the new row */
	int most;	 /* taps of a pixel */
	struct taps *at; /* [size] */
};

/* From `in` pixels to `out`. 0 or -ENOMEM. */
int axis_open(enum resize_method method, int in, int out, struct arena *memory, struct axis *axis);
#endif
