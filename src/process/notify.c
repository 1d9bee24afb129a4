/* notify.c - words to systemd (sd_notify(3)'s protocol: datagrams to the socket in
 * NOTIFY_SOCKET). */
#include "process/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int notify_fd = -1;
static struct sockaddr_un notify_address;
static socklen_t notify_length;
static int64_t watchdog_ns;

/* An address that begins with '@' is an abstract one: its first byte on the wire is NUL. */
static bool read_address(const char *path)
{
	size_t length = strlen(path);

	if ((path[0] != '/' && path[0] != '@') || length >= sizeof(notify_address.sun_path))
		return false;
	notify_address.sun_family = AF_UNIX;
	memcpy(notify_address.sun_path, path, length);
	if (path[0] == '@')
		notify_address.sun_path[0] = '\0';
	notify_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return true;
}

static void read_watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (usec == NULL || (pid != NULL && strtol(pid, NULL, 10) != getpid()))
		return;
	watchdog_ns = strtoll(usec, NULL, 10) * 1000 / 2;
}

void notify_open(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	if (path != NULL && read_address(path))
		notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	read_watchdog();
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void notify(const char *format, ...)
{
	char text[512];
	va_list args;

	if (notify_fd < 0)
		return;
	va_start(args, format);
	int length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (length <= 0)
		return;
	size_t bytes = (size_t)length < sizeof(text) ? (size_t)length : sizeof(text) - 1;
	if (sendto(notify_fd, text, bytes, MSG_NOSIGNAL, (struct sockaddr *)&notify_address,
		   notify_length) < 0)
		return; /* systemd will notice by itself */
}

int64_t notify_watchdog_ns(void)
{
	return watchdog_ns;
}
