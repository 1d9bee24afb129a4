/* shape.h - a picture of any size brought to the size that is wanted: crop, resize, bars. */
#ifndef EDGED_IMAGE_SHAPE_H
#define EDGED_IMAGE_SHAPE_H
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "settings/picture.h"

struct shaper; /* layout private to shape.c */

/* For pictures of that size. 0 or -ENOMEM; all memory is from the arena. */
int shape_open(const struct shape_settings *settings, int width, int height, int channels,
	       struct arena *memory, struct shaper **out);
/* `in` is [height][width][channels], `out` the same of the settings' size; see resize.h. */
void shape_run(struct shaper *s, const uint8_t *in, float *out);
void shape_run_u8(struct shaper *s, const uint8_t *in, uint8_t *out);
#endif
