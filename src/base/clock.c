/* clock.c - nanoseconds of the two clocks, and their text. */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

int64_t clock_monotonic_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_wall_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

void clock_rfc3339(int64_t wall_ns, char out[CLOCK_TEXT_BYTES])
{
	time_t seconds = (time_t)(wall_ns / SECOND);
	int micro = (int)(wall_ns % SECOND / 1000);
	struct tm t;

	gmtime_r(&seconds, &t);
	size_t used = strftime(out, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &t);
	snprintf(out + used, CLOCK_TEXT_BYTES - used, ".%06dZ", micro);
}
