/* channel.c - typed messages between two processes, over a SOCK_SEQPACKET pair. */
#include "ipc/channel.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static const struct message_kind {
	size_t bytes;
	enum role sender;
} kinds[MSG_COUNT] = {
#define MSG(NAME, name, sender, receiver) { sizeof(struct msg_##name), ROLE_##sender },
#include "ipc/messages.def"
#undef MSG
};

int channel_pair(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0
		       ? -errno
		       : 0;
}

/* Room for the descriptors that go with a message, aligned as the kernel wants it. */
union control {
	char bytes[CMSG_SPACE(CHANNEL_MOST_FDS * sizeof(int))];
	struct cmsghdr head;
};

int channel_send_fds(int fd, enum message_type type, const void *body, const int *fds, size_t count)
{
	uint32_t head = type;
	struct iovec parts[] = { { &head, sizeof(head) }, { (void *)body, kinds[type].bytes } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };
	union control control = { 0 };
	ssize_t sent;

	if (count > CHANNEL_MOST_FDS)
		return -E2BIG;
	if (count > 0) {
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	}
	do
		sent = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

int channel_send(int fd, enum message_type type, const void *body)
{
	return channel_send_fds(fd, type, body, NULL, 0);
}

static size_t take_fds(struct msghdr *m, int *fds)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);

	if (c == NULL || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return 0;
	size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(c), count * sizeof(int));
	return count;
}

static bool is_good(const struct message *m, size_t bytes, enum role sender)
{
	if (bytes < sizeof(m->type) || m->type >= MSG_COUNT)
		return false;
	const struct message_kind *k = &kinds[m->type];
	return bytes == sizeof(m->type) + k->bytes &&
	       (k->sender == ROLE_ANY || k->sender == sender);
}

int channel_receive_fds(int fd, enum role sender, struct message *out, int *fds, size_t *count)
{
	struct iovec parts[] = { { &out->type, sizeof(out->type) },
				 { &out->body, sizeof(out->body) } };
	union control control;
	struct msghdr m = { .msg_iov = parts,
			    .msg_iovlen = 2,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };
	ssize_t got;

	*count = 0;
	do
		got = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -EPIPE;
	if (got == 0)
		return -EPIPE;
	*count = take_fds(&m, fds);
	if (!(m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) && is_good(out, (size_t)got, sender))
		return 1;
	while (*count > 0)
		close(fds[--*count]);
	return -EBADMSG;
}

int channel_receive(int fd, enum role sender, struct message *out)
{
	int fds[CHANNEL_MOST_FDS];
	size_t count;
	int rc = channel_receive_fds(fd, sender, out, fds, &count);

	while (count > 0) /* nobody has asked for any */
		close(fds[--count]);
	return rc;
}
