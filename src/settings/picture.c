/* picture.c - table of a card's front end for pictures. */
#include "settings/picture.h"

#include <stddef.h>

#define FIELD(name) offsetof(struct picture_settings, name)

const char *const resize_names[] = {
	"nearest", "bilinear", "bilinear-align", "bilinear-legacy", "bicubic", "bicubic-opencv", "area",
	"pillow-box", "pillow-bilinear", "pillow-bicubic", "pillow-lanczos", NULL,
};
const char *const fit_names[] = { "stretch", "crop", "letterbox", NULL };
static const char *const colours[] = { "rgb", "bgr", "grey", NULL };

static const struct schema_key keys[] = {
	{ .key = "size", .type = T_EXTENT, .at = FIELD(shape.size), .required = true, .min = 1,
	  .max = PICTURE_MOST_SIDE, .help = "Size of the model's input." },
	{ .key = "colour", .type = T_ENUM, .at = FIELD(colour), .values = colours, .fallback = "rgb",
	  .help = "Channels, in their order." },
	{ .key = "resize", .type = T_ENUM, .at = FIELD(shape.resize), .values = resize_names,
	  .fallback = "pillow-bilinear", .help = "How pixels are computed for another size." },
	{ .key = "fit", .type = T_ENUM, .at = FIELD(shape.fit), .values = fit_names,
	  .fallback = "stretch", .help = "What happens where the proportions differ." },
	{ .key = "crop", .type = T_NUMBER, .at = FIELD(shape.crop), .min = 0.01, .max = 1,
	  .fallback = "1", .help = "Part of each side that is kept, from the middle." },
	{ .key = "fill", .type = T_NUMBERS, .at = FIELD(shape.fill), .min = 0, .max = 255,
	  .fallback = "0", .help = "Colour of the letterbox's bars: grey, or red, green and blue." },
	{ .key = "mean", .type = T_NUMBERS, .at = FIELD(mean), .min = -1e6, .max = 1e6, .fallback = "0",
	  .help = "(pixel - mean) / std, pixels being 0 to 255." },
	{ .key = "std", .type = T_NUMBERS, .at = FIELD(std), .min = 1e-6, .max = 1e6, .fallback = "1",
	  .help = "(pixel - mean) / std, pixels being 0 to 255." },
	{ 0 },
};

static void check(const void *settings, const struct schema_check *where)
{
	const struct picture_settings *p = settings;
	size_t channels = p->colour == COLOUR_GREY ? 1 : 3;

	if (p->mean.count != 1 && p->mean.count != channels)
		schema_finding(where, "mean", "%zu numbers for %zu channel%s", p->mean.count, channels,
			       channels == 1 ? "" : "s");
	if (p->std.count != 1 && p->std.count != channels)
		schema_finding(where, "std", "%zu numbers for %zu channel%s", p->std.count, channels,
			       channels == 1 ? "" : "s");
	if (p->shape.fill.count == 2)
		schema_finding(where, "fill", "2 numbers (grey, or red, green and blue)");
}

const struct schema picture_schema = {
	.name = "picture", .size = sizeof(struct picture_settings), .keys = keys, .check = check,
	.help = "How pixels become what a model was trained on.",
};
