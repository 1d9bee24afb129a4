/* record_socket.h - the socket at which record is asked to write what it has, and how to ask. */
#ifndef EDGED_PROCESS_RECORD_SOCKET_H
#define EDGED_PROCESS_RECORD_SOCKET_H
#include <stddef.h>

#include "base/fault.h"

/* In the folder of the trace files: who finds them finds it, and instances do not meet. */
#define RECORD_SOCKET "socket"

/* A listening socket, or -errno. */
int record_socket_listen(const char *folder, struct fault *f);
/* A peer that may ask, or -errno: root, our own user, our own group. Others are told so. */
int record_socket_accept(int listener);
void record_socket_answer(int peer, const char *text); /* and the end of it */

/* Asks and waits for the answer, at most a few seconds. 0: the files hold all there is. */
int record_socket_ask(const char *folder, struct fault *f);
#endif
