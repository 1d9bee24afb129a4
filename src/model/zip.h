/* zip.h - files in a zip archive that hangs behind a model, as TensorFlow Lite's tools append it. */
#ifndef EDGED_MODEL_ZIP_H
#define EDGED_MODEL_ZIP_H
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum { ZIP_MOST_BYTES = 4 << 20 }; /* of one file */

/* The text of the file of that name, ended by a NUL; "*.txt": of the first that ends so. NULL: there
 * is no archive, no such file, or it is broken, too large or no text. `found` gets its name. */
char *zip_text(const uint8_t *data, size_t size, const char *name, struct arena *memory,
	       const char **found);
#endif
