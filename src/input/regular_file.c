/* regular_file.c - opens what can only be a file: no folder, and no pipe that would wait for ever. */
#include "input/regular_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"

int regular_file_open(const char *path, const char *wanted, long long *bytes, struct fault *f)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fault_errno(f, "%s", path);
	if (S_ISDIR(st.st_mode))
		return fault_set(f, -EISDIR, "%s: a folder (%s is wanted)", path, wanted);
	if (!S_ISREG(st.st_mode))
		return fault_set(f, -EBADMSG, "%s: no ordinary file (%s is wanted)", path, wanted);
	if (st.st_size == 0)
		return fault_set(f, -EBADMSG, "%s: empty (%s is wanted)", path, wanted);
	*bytes = st.st_size;
	return TAKE_FD(fd);
}
