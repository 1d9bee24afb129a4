/* regular_file.h - opens what can only be a file: no folder, and no pipe that would wait for ever. */
#ifndef EDGED_INPUT_REGULAR_FILE_H
#define EDGED_INPUT_REGULAR_FILE_H
#include "base/fault.h"

/* A descriptor of a file that holds something, and its size; `wanted` is "a sound file" for the
 * sentence. Faults: -ENOENT and the like; -EBADMSG: empty, or no ordinary file. */
int regular_file_open(const char *path, const char *wanted, long long *bytes, struct fault *f);
#endif
