/* picture.h - a card's front end for pictures: from pixels to the values of a model's input. */
#ifndef EDGED_IMAGE_PICTURE_H
#define EDGED_IMAGE_PICTURE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "settings/picture.h"

struct picture; /* layout private to picture.c */

/* For pictures of that size, grey (1 channel) or RGB (3). With `planes` the values of a channel
 * stand together, [channels][height][width]; else [height][width][channels]. 0 or -ENOMEM. */
int picture_open(const struct picture_settings *settings, int width, int height, int channels,
		 bool planes, struct arena *memory, struct picture **out);
size_t picture_values(const struct picture_settings *settings);
int picture_channels(const struct picture_settings *settings);
void picture_run(struct picture *p, const uint8_t *pixels, float *out);
#endif
