/* loop.c - one epoll loop: descriptors and the functions that serve them. */
#include "base/loop.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"

int loop_init(struct loop *l)
{
	*l = (struct loop){ .epoll = epoll_create1(EPOLL_CLOEXEC) };
	return l->epoll < 0 ? -errno : 0;
}

void loop_fini(struct loop *l)
{
	if (l->epoll >= 0)
		close(l->epoll);
	l->epoll = -1;
}

int loop_add(struct loop *l, struct watch *w, int fd, uint32_t events, loop_fn *serve,
	     void *context)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	*w = (struct watch){ fd, serve, context };
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) == 0)
		return 0;
	w->fd = -1;
	return -errno;
}

void loop_change(struct loop *l, const struct watch *w, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = (void *)w };

	if (w->fd >= 0)
		epoll_ctl(l->epoll, EPOLL_CTL_MOD, w->fd, &e);
}

void loop_remove(struct loop *l, struct watch *w)
{
	if (w->fd >= 0)
		epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	w->fd = -1;
}

/* One event a call of epoll_wait: what a served watch removes is never served after it. */
int loop_turn(struct loop *l, int timeout_ms)
{
	struct epoll_event e;
	int count = epoll_wait(l->epoll, &e, 1, timeout_ms);

	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	if (count == 1) {
		const struct watch *w = e.data.ptr;
		w->serve(w->context, e.events);
	}
	return 0;
}

int loop_timer_create(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

static struct timespec timespec_of(int64_t ns)
{
	return (struct timespec){ .tv_sec = ns / SECOND, .tv_nsec = ns % SECOND };
}

void loop_timer_set(int fd, int64_t first_ns, int64_t interval_ns)
{
	struct itimerspec t = { .it_value = timespec_of(first_ns),
				.it_interval = timespec_of(interval_ns) };

	timerfd_settime(fd, 0, &t, NULL);
}

void loop_timer_clear(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0)
		return; /* nothing was due after all */
}
