/* record_socket.c - the socket at which record is asked to write what it has, and how to ask. */
#include "process/record_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/cleanup.h"

enum { PATIENCE_S = 5 };

/* Through the folder's descriptor: a socket's address has room for 107 characters only. */
static void address_of(int folder, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(out->sun_path, sizeof(out->sun_path), "/proc/self/fd/%d/" RECORD_SOCKET, folder);
}

int record_socket_listen(const char *folder, struct fault *f)
{
	struct sockaddr_un address;

	if (mkdir(folder, 0750) < 0 && errno != EEXIST)
		return fault_errno(f, "%s", folder);
	AUTO_CLOSE int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	address_of(at, &address);
	/* The state folder is ours alone: what stands there was left by a process that is dead. */
	if (at >= 0)
		unlinkat(at, RECORD_SOCKET, 0);
	if (at < 0 || fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    fchmodat(at, RECORD_SOCKET, 0660, 0) < 0 || listen(fd, 4) < 0)
		return fault_errno(f, "%s/" RECORD_SOCKET, folder);
	return TAKE_FD(fd);
}

int record_socket_accept(int listener)
{
	int peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred who;
	socklen_t size = sizeof(who);

	if (peer < 0)
		return -errno;
	if (getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 &&
	    (who.uid == 0 || who.uid == geteuid() || who.gid == getegid()))
		return peer;
	record_socket_answer(peer, "not for this user");
	return -EPERM;
}

void record_socket_answer(int peer, const char *text)
{
	send(peer, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
	close(peer);
}

int record_socket_ask(const char *folder, struct fault *f)
{
	AUTO_CLOSE int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_un address;
	char answer[100];

	address_of(at, &address);
	if (at < 0 || fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return fault_errno(f, "edged does not answer at %s/" RECORD_SOCKET, folder);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	ssize_t n = recv(fd, answer, sizeof(answer) - 1, 0);
	if (n < 0)
		return fault_errno(f, "edged does not answer at %s/" RECORD_SOCKET, folder);
	answer[n] = '\0';
	return strcmp(answer, "saved") == 0
		       ? 0
		       : fault_set(f, -EIO, "edged could not write its trace: %s", answer);
}
