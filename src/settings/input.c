/* input.c - tables of the inputs. */
#include "settings/input.h"

#include <stddef.h>

#define FIELD(name) offsetof(struct file_settings, name)

static const char *const paces[] = { "real-time", "fast", NULL };

static const struct schema_key file_keys[] = {
	{ .key = "path", .type = T_PATH, .at = FIELD(path), .required = true,
	  .help = "Sound file: WAV, FLAC, Ogg or another format that libsndfile reads." },
	{ .key = "pace", .type = T_ENUM, .at = FIELD(pace), .values = paces, .fallback = "real-time",
	  .help = "As a microphone would deliver it, or as fast as the pipelines take it." },
	{ .key = "repeat", .type = T_BOOL, .at = FIELD(repeat), .fallback = "false",
	  .help = "Begin again at the end of the file; otherwise the input ends there." },
	{ 0 },
};

const struct schema file_schema = {
	.name = "file", .size = sizeof(struct file_settings), .keys = file_keys, .shorthand = "path",
	.help = "A sound file in the place of a microphone.",
};

const struct schema *const input_kinds[] = { &file_schema, NULL };
