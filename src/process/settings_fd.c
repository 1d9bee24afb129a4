/* settings_fd.c - a role's part of the configuration on its way to the role's program. */
#include "process/settings_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, data, length);
		if (n < 0 && errno != EINTR)
			return -errno;
		data += n > 0 ? n : 0;
		length -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int settings_fd_create(const struct config *c, const struct config_part *part)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_CLOSE int fd = memfd_create("edged-settings", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	config_write_part(c, part, &text);
	if (text.failed)
		return -ENOMEM;
	int rc = write_all(fd, buf_text(&text), text.length);
	if (rc < 0)
		return rc;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int settings_fd_read(int fd, struct config **out, struct fault *f)
{
	struct stat st;
	char line[500];

	if (fstat(fd, &st) < 0)
		return fault_errno(f, "settings");
	size_t length = (size_t)st.st_size;
	char *text = mmap(NULL, length > 0 ? length : 1, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		return fault_errno(f, "settings");
	struct config *c = config_parse(text, length, "settings");
	munmap(text, length > 0 ? length : 1);
	if (c == NULL)
		return fault_set(f, -ENOMEM, "settings: no memory");
	if (c->findings.count > 0) {
		fault_set(f, -EINVAL, "%s", finding_line(&c->findings.list[0], line, sizeof(line)));
		config_free(c);
		return -EINVAL;
	}
	*out = c;
	return 0;
}
