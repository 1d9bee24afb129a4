/* crop.h - which part of a picture is looked at, and where it goes. */
#ifndef EDGED_IMAGE_CROP_H
#define EDGED_IMAGE_CROP_H
#include "settings/picture.h"

struct rect {
	int x, y, width, height;
};

/* The middle, with `part` of each side: at least one pixel. What is left over by one pixel more on
 * one side goes to the right and to the bottom (tf.image.central_crop). */
struct rect crop_part(int width, int height, double part);
/* The middle of that size; smaller where the picture is. */
struct rect crop_size(int width, int height, int to_width, int to_height);

/* How a picture comes into a size: `from` of the picture is resized to fill `to`. */
struct placing {
	struct rect from, to;
};
void crop_place(const struct shape_settings *s, int width, int height, struct placing *out);
#endif
