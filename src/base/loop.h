/* loop.h - one epoll loop: descriptors and the functions that serve them. */
#ifndef EDGED_BASE_LOOP_H
#define EDGED_BASE_LOOP_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

/* Called with what epoll reported; may add, change and remove watches, its own too. */
typedef void loop_fn(void *context, uint32_t events);

struct watch {	/* embedded in the object that owns the descriptor */
	int fd; /* borrowed; -1: not watched */
	loop_fn *serve;
	void *context;
};

struct loop {
	int epoll;
	bool stopped;
};

int loop_init(struct loop *l); /* 0 or -errno */
void loop_fini(struct loop *l);

int loop_add(struct loop *l, struct watch *w, int fd, uint32_t events, loop_fn *serve,
	     void *context);
void loop_change(struct loop *l, const struct watch *w, uint32_t events);
void loop_remove(struct loop *l, struct watch *w); /* before its descriptor is closed */

/* Waits at most so long (-1: without end) and serves what came. 0 or -errno. */
int loop_turn(struct loop *l, int timeout_ms);

/* A timerfd that fires every interval from now on; 0 ns stops it. */
int loop_timer_create(void);
void loop_timer_set(int fd, int64_t first_ns, int64_t interval_ns);
void loop_timer_clear(int fd); /* takes the expirations that were reported */
#endif
