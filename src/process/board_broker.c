/* board_broker.c - can the broker be reached from this board? A connection without a word in it. */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "process/board_check.h"

enum { PATIENCE_MS = 3000 };

/* 0 or -errno; waits for at most PATIENCE_MS. */
static int try_address(const struct addrinfo *a)
{
	AUTO_CLOSE int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int error = 0;
	socklen_t length = sizeof(error);

	if (fd < 0)
		return -errno;
	if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	if (poll(&p, 1, PATIENCE_MS) <= 0)
		return -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
		return -errno;
	return -error;
}

static int try_all(const struct mqtt_address *address, char *why, size_t size)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;
	char port[12];
	int rc = -ENOENT;

	snprintf(port, sizeof(port), "%d", address->port);
	int code = getaddrinfo(address->host, port, &hints, &found);
	if (code != 0) {
		snprintf(why, size, "its name is not known: %s", gai_strerror(code));
		return -ENOENT;
	}
	for (const struct addrinfo *a = found; a != NULL && rc < 0; a = a->ai_next)
		rc = try_address(a);
	freeaddrinfo(found);
	if (rc < 0)
		snprintf(why, size, "%s", strerror(-rc));
	return rc;
}

void board_check_broker(struct board_report *r, const struct settings *s)
{
	struct mqtt_address address;
	char why[200];

	if (s->mqtt.broker == NULL) {
		board_say(r, GRADE_WARNING, "broker",
			  "none is given: decisions stand in the log only",
			  "give mqtt.broker in the configuration");
		return;
	}
	if (!mqtt_address_read(s->mqtt.broker, &address))
		return; /* the configuration's findings have said it */
	if (try_all(&address, why, sizeof(why)) < 0)
		board_sayf(
			r, GRADE_PROBLEM, "broker",
			"see that it runs and listens on that port, and that no firewall is between; "
			"decisions are kept meanwhile",
			"%s cannot be reached: %s", s->mqtt.broker, why);
	else
		board_sayf(r, GRADE_FINE, "broker", NULL, "%s accepts connections", s->mqtt.broker);
}
