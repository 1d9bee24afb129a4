/* normalize.h - from pixels 0..255 to the range that a model was trained on. */
#ifndef EDGED_IMAGE_NORMALIZE_H
#define EDGED_IMAGE_NORMALIZE_H
#include <stdbool.h>
#include <stddef.h>

#include "settings/picture.h"

struct normalizer {
	int in_channels, channels; /* 1 or 3; grey becomes three channels of the same */
	int from[3];		   /* which channel that comes in becomes this one */
	double mean[3], std[3];
	bool planes; /* what goes out is [channels][pixels], not [pixels][channels] */
};

void normalize_init(struct normalizer *n, const struct picture_settings *s, int in_channels,
		    bool planes);
/* (pixel - mean) / std, rounded to float once. */
void normalize_run(const struct normalizer *n, const float *in, size_t pixels, float *out);
#endif
