/* input.h - settings of the inputs: where samples come from. */
#ifndef EDGED_SETTINGS_INPUT_H
#define EDGED_SETTINGS_INPUT_H
#include "config/schema.h"

enum input_pace { PACE_REAL_TIME, PACE_FAST };

/* A sound file in place of a device. */
struct file_settings {
	const char *path;
	int pace;			/* enum input_pace */
	bool repeat;			/* from the start again at its end */
};

extern const struct schema file_schema;
extern const struct schema *const input_kinds[];	/* NULL at the end */
#endif
