/* picture_file.c - a picture from a file: JPEG, PNG, BMP, PNM. */
#include "input/picture_file.h"

#include <errno.h>
#include <unistd.h>

#include "input/regular_file.h"

static const char wanted[] = "a picture";

enum image_kind picture_file_kind(const char *path)
{
	uint8_t head[IMAGE_HEAD_BYTES];
	long long bytes;
	AUTO_CLOSE int fd = regular_file_open(path, wanted, &bytes, NULL);
	ssize_t got = fd < 0 ? -1 : pread(fd, head, sizeof(head), 0);

	return got < 0 ? IMAGE_NONE : image_kind_of(head, (size_t)got);
}

static int read_all(int fd, const char *path, uint8_t *out, size_t bytes, struct fault *f)
{
	for (size_t at = 0; at < bytes;) {
		ssize_t got = read(fd, out + at, bytes - at);
		if (got < 0)
			return fault_errno(f, "%s", path);
		if (got == 0)
			return fault_set(f, -EBADMSG, "%s: became shorter while it was read", path);
		at += (size_t)got;
	}
	return 0;
}

int picture_file_read(const char *path, struct image **out, struct fault *f)
{
	long long bytes;
	AUTO_CLOSE int fd = regular_file_open(path, wanted, &bytes, f);

	if (fd < 0)
		return fd;
	if (bytes > PICTURE_MOST_BYTES)
		return fault_set(f, -EBADMSG, "%s: %lld bytes (a picture has at most %d MiB)", path,
				 bytes, PICTURE_MOST_BYTES >> 20);
	AUTO_FREE uint8_t *data = malloc((size_t)bytes);
	if (data == NULL)
		return fault_set(f, -ENOMEM, "%s: no memory", path);
	int rc = read_all(fd, path, data, (size_t)bytes, f);
	if (rc < 0)
		return rc;
	rc = image_decode(data, (size_t)bytes, out, f);
	return rc < 0 ? fault_prefix(f, "%s", path) : 0;
}
