/* program.h - where edged's programs and data files are. */
#ifndef EDGED_PROCESS_PROGRAM_H
#define EDGED_PROCESS_PROGRAM_H
#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

/* The file of a role's program: beside this one in a build tree, else in the libexec folder. */
int program_path(const char *name, char *out, size_t size, struct fault *f);
/* A data file (a model, a configuration): from the build tree, else from the data folder. */
int program_data_path(const char *name, char *out, size_t size, struct fault *f);
#endif
