/* channel.c - typed messages between two processes, over a SOCK_SEQPACKET pair. */
#include "ipc/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

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

int channel_send(int fd, enum message_type type, const void *body)
{
	uint32_t head = type;
	struct iovec parts[] = { { &head, sizeof(head) }, { (void *)body, kinds[type].bytes } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t sent;

	do
		sent = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

int channel_receive(int fd, enum role sender, struct message *out)
{
	struct iovec parts[] = { { &out->type, sizeof(out->type) },
				 { &out->body, sizeof(out->body) } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t got;

	do
		got = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -EPIPE;
	if (got == 0)
		return -EPIPE;
	if ((size_t)got < sizeof(out->type) || (m.msg_flags & MSG_TRUNC) || out->type >= MSG_COUNT)
		return -EBADMSG;
	const struct message_kind *k = &kinds[out->type];
	if ((size_t)got != sizeof(out->type) + k->bytes ||
	    (k->sender != ROLE_ANY && k->sender != sender))
		return -EBADMSG;
	return 1;
}
