/* throttle.c - how long to wait before a worker that died is started again. */
#include "process/throttle.h"

#include "base/clock.h"

int64_t throttle_delay_ns(struct throttle *t, int64_t lived_ns)
{
	const int64_t quick = 10 * SECOND, longest = 60 * SECOND;
	int64_t delay = 200 * MILLISECOND;

	if (lived_ns >= quick) {
		t->quick_deaths = 0;
		return 0;
	}
	if (t->quick_deaths++ == 0)
		return 0;
	for (unsigned i = 2; i < t->quick_deaths && delay < longest; i++)
		delay *= 2;
	return delay < longest ? delay : longest;
}
