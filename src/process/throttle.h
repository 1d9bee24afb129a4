/* throttle.h - how long to wait before a worker that died is started again. */
#ifndef EDGED_PROCESS_THROTTLE_H
#define EDGED_PROCESS_THROTTLE_H
#include <stdint.h>

struct throttle {
	unsigned quick_deaths; /* in a row, each soon after its start */
};

/* Nanoseconds to wait after a death, so long after the start. The first time and after a long life:
 * none; then 0.2 s, doubled up to a minute. */
int64_t throttle_delay_ns(struct throttle *t, int64_t lived_ns);
#endif
