/* picture.h - settings of a picture's front end: how pixels become what a model was trained on. */
#ifndef EDGED_SETTINGS_PICTURE_H
#define EDGED_SETTINGS_PICTURE_H
#include "config/schema.h"

enum picture_colour { COLOUR_RGB, COLOUR_BGR, COLOUR_GREY };

/* How pixels are computed for another size. Those of Pillow widen with the scale where a picture
 * shrinks (antialias) and round to whole numbers after each direction; the others do neither. */
enum resize_method {
	RESIZE_NEAREST,			/* the pixel at floor((dst + 1/2) * scale) */
	RESIZE_BILINEAR,		/* TensorFlow 2, PyTorch: centre on centre, clamped */
	RESIZE_BILINEAR_ALIGN,		/* corner pixels on corner pixels */
	RESIZE_BILINEAR_LEGACY,		/* TensorFlow 1: src = dst * scale */
	RESIZE_BICUBIC,			/* TensorFlow 2: a = -1/2, weights outside are left out */
	RESIZE_BICUBIC_OPENCV,		/* OpenCV, PyTorch: a = -3/4, clamped */
	RESIZE_AREA,			/* mean over the covered area (TensorFlow, OpenCV) */
	RESIZE_PILLOW_BOX,
	RESIZE_PILLOW_BILINEAR,
	RESIZE_PILLOW_BICUBIC,
	RESIZE_PILLOW_LANCZOS,
	RESIZE_METHODS
};

/* Where the proportions of picture and input differ. */
enum picture_fit {
	FIT_STRETCH,			/* the whole picture, distorted */
	FIT_CROP,			/* its middle, in the input's proportions */
	FIT_LETTERBOX,			/* the whole picture, with bars in the colour `fill` */
};

enum { PICTURE_MOST_SIDE = 4096 };	/* of what a picture is resized to */

/* How a picture is brought to a size; in a card and in the stage `resize`. */
struct shape_settings {
	struct schema_extent size;
	int resize;			/* enum resize_method */
	int fit;			/* enum picture_fit */
	double crop;			/* part of each side that is kept, from the middle */
	struct schema_numbers fill;	/* of the bars: 1 or 3 numbers 0..255 */
};

/* What stands in a card's `picture`. A value is (pixel - mean) / std. */
struct picture_settings {
	struct shape_settings shape;	/* size.width is 0 where the card has no `picture` */
	int colour;			/* enum picture_colour */
	struct schema_numbers mean, std; /* 1, or one a channel in the order of `colour` */
};

extern const struct schema picture_schema;
extern const char *const resize_names[], *const fit_names[];	/* in the order of the enums */
#endif
