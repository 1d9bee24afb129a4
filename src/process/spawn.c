/* spawn.c - starts a worker: fork, its descriptors in place, a clean process, exec. */
#include "process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

/* Signals as at the start of a program, and the end together with the supervisor. */
static void clean_process(pid_t parent)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(027);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (getppid() != parent)
		_exit(70); /* it died before it could be told to */
}

/* First out of the way, then into place: a source may have a number that is a target, too. */
static int place_fds(const struct spawn *s, int *program)
{
	enum { AWAY = 512 };
	int away[SPAWN_MOST_FDS];

	*program = fcntl(*program, F_DUPFD_CLOEXEC, AWAY);
	for (size_t i = 0; i < s->count; i++) {
		away[i] = fcntl(s->fds[i], F_DUPFD_CLOEXEC, AWAY);
		if (away[i] < 0)
			return -errno;
	}
	for (size_t i = 0; i < s->count; i++)
		if (dup2(away[i], 3 + (int)i) < 0)
			return -errno;
	int null = open("/dev/null", O_RDONLY);
	if (null >= 0 && null != STDIN_FILENO)
		dup2(null, STDIN_FILENO);
	/* The rest ends at exec, whether it was marked or not. */
	syscall(SYS_close_range, 3 + (unsigned)s->count, ~0u, 4 /* CLOSE_RANGE_CLOEXEC */);
	return 0;
}

static void child(const struct spawn *s, pid_t parent)
{
	int program = s->program;

	clean_process(parent);
	if (place_fds(s, &program) == 0)
		syscall(SYS_execveat, program, "", s->arguments, environ, AT_EMPTY_PATH);
	_exit(70);
}

int spawn(const struct spawn *s, pid_t *pid, int *pidfd)
{
	pid_t parent = getpid();

	if (s->count > SPAWN_MOST_FDS)
		return -EMFILE;
	*pid = fork();
	if (*pid < 0)
		return -errno;
	if (*pid == 0)
		child(s, parent);
	*pidfd = (int)syscall(SYS_pidfd_open, *pid, 0); /* close-on-exec by itself */
	return *pidfd < 0 ? -errno : 0;
}
