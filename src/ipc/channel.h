/* channel.h - typed messages between two processes, over a SOCK_SEQPACKET pair. */
#ifndef EDGED_IPC_CHANNEL_H
#define EDGED_IPC_CHANNEL_H
#include <stddef.h>
#include <stdint.h>

#include "ipc/messages.h"

enum message_type {
#define MSG(NAME, name, sender, receiver) MSG_##NAME,
#include "ipc/messages.def"
#undef MSG
	MSG_COUNT
};

/* A message as it arrived: its type says which member of `body` holds. */
struct message {
	uint32_t type; /* enum message_type */
	union {
#define MSG(NAME, name, sender, receiver) struct msg_##name name;
#include "ipc/messages.def"
#undef MSG
	} body;
};

/* Two connected ends, close-on-exec, non-blocking. 0 or -errno. */
int channel_pair(int ends[2]);

/* 0, -EAGAIN where the queue is full, or -errno. Use the typed channel_send_ready() and so on. */
int channel_send(int fd, enum message_type type, const void *body);

#define MSG(NAME, name, sender, receiver)                                                          \
	static inline int channel_send_##name(int fd, const struct msg_##name *m)                  \
	{                                                                                          \
		return channel_send(fd, MSG_##NAME, m);                                            \
	}
#include "ipc/messages.def"
#undef MSG

enum { CHANNEL_MOST_FDS = 64 };

/* The same with descriptors, which the receiver gets as its own. */
int channel_send_fds(int fd, enum message_type type, const void *body, const int *fds,
		     size_t count);

/* 1 with a message from a peer of that role, checked for size and sender; 0: nothing there;
 * -EPIPE: the other side is gone; -EBADMSG: a message that this peer must not send. */
int channel_receive(int fd, enum role sender, struct message *out);
/* The same; `fds` has room for CHANNEL_MOST_FDS, close-on-exec, the caller's from here on. Those of
 * a message that is no good are closed. */
int channel_receive_fds(int fd, enum role sender, struct message *out, int *fds, size_t *count);
#endif
