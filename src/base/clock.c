/* clock.c - nanoseconds of the two clocks, and their text. */
#include "base/clock.h"

#include <stdio.h>
#include <sys/timex.h>
#include <time.h>

/* 2026: before edged was written, no clock that is right can show. */
#define OLDEST_WALL_NS (INT64_C(1767225600) * SECOND)

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

/* At boot the kernel set the clock from one that runs on a battery. */
static bool came_from_battery(void)
{
	static int known = -1;
	char path[64], value = '0';

	for (int i = 0; known < 0 && i < 4; i++) {
		snprintf(path, sizeof(path), "/sys/class/rtc/rtc%d/hctosys", i);
		FILE *file = fopen(path, "re");
		if (file == NULL)
			continue;
		if (fread(&value, 1, 1, file) == 1 && value == '1')
			known = 1;
		fclose(file);
	}
	known = known < 0 ? 0 : known;
	return known == 1;
}

bool clock_is_synchronised(void)
{
	struct timex state = { .modes = 0 };

	if (adjtimex(&state) != TIME_ERROR && !(state.status & STA_UNSYNC))
		return true;
	return came_from_battery() && clock_wall_ns() > OLDEST_WALL_NS; /* empty batteries say 1970 */
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
