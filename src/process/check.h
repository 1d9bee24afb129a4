/* check.h - what --check-config does once the file itself is good: the pipelines are opened. */
#ifndef EDGED_PROCESS_CHECK_H
#define EDGED_PROCESS_CHECK_H
#include "settings/settings.h"

/* Prints formats, memory and cost, or what does not fit with file and line. An exit code. */
int check_config(const struct config *c);

/* The place of the deepest part of "pipelines.wake.stages[1].model: …" that the tree has. */
struct mark check_locate(const struct config *c, const char *path);
#endif
