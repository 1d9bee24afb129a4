/* spawn.h - starts a worker: fork, its descriptors in place, a clean process, exec. */
#ifndef EDGED_PROCESS_SPAWN_H
#define EDGED_PROCESS_SPAWN_H
#include <stddef.h>
#include <sys/types.h>

enum { SPAWN_MOST_FDS = 80 };

struct spawn {
	int program;		/* descriptor of the executable, borrowed */
	char *const *arguments; /* NULL at the end */
	const int *fds;		/* become 3, 4, 5, … in the child; borrowed */
	size_t count;
};

/* The child's id and a pidfd that becomes readable at its death; or -errno. No thread may run. */
int spawn(const struct spawn *s, pid_t *pid, int *pidfd);
#endif
