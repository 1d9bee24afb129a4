/* picture_file.h - a picture from a file: JPEG, PNG, BMP, PNM. */
#ifndef EDGED_INPUT_PICTURE_FILE_H
#define EDGED_INPUT_PICTURE_FILE_H
#include "image/decode.h"

enum { PICTURE_MOST_BYTES = 256 << 20 };

/* What the file's first bytes say, whatever its name ends with; IMAGE_NONE also where it cannot be
 * read: whoever opens it then says why. */
enum image_kind picture_file_kind(const char *path);

/* Faults: -ENOENT and the like; -EBADMSG: no picture, damaged, cut off or too large. */
int picture_file_read(const char *path, struct image **out, struct fault *f);
#endif
