/* moment.c - moments as people give them on a command line. */
#include "process/moment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "config/unit.h"

static bool is_time(const struct tm *t, double seconds)
{
	return t->tm_hour >= 0 && t->tm_hour <= 23 && t->tm_min >= 0 && t->tm_min <= 59 &&
	       seconds >= 0 && seconds < 61;
}

/* "12:30", "12:30:05.25": what stands behind it is *rest. */
static bool read_clock(const char *text, struct tm *t, double *seconds, const char **rest)
{
	int used = 0, more = 0;

	*seconds = 0;
	if (sscanf(text, "%2d:%2d%n", &t->tm_hour, &t->tm_min, &used) != 2 || used < 4)
		return false;
	if (text[used] == ':') {
		if (sscanf(text + used, ":%lf%n", seconds, &more) != 1)
			return false;
		used += more;
	}
	*rest = text + used;
	return is_time(t, *seconds);
}

/* "Z", "+01:00", "-0530" or nothing; false: something else. *local: nothing stood there. */
static bool read_zone(const char *text, long *offset_s, bool *local)
{
	int hours, minutes, used = 0;

	*offset_s = 0;
	*local = *text == '\0';
	if (*local || strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
		return true;
	if ((*text != '+' && *text != '-') ||
	    (sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 &&
	     sscanf(text + 1, "%2d%2d%n", &hours, &minutes, &used) != 2) ||
	    text[1 + used] != '\0' || hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return false;
	*offset_s = (hours * 3600L + minutes * 60L) * (*text == '-' ? -1 : 1);
	return true;
}

static bool read_date(const char *text, int64_t *out)
{
	struct tm t = { .tm_isdst = -1 };
	const char *rest;
	double seconds;
	long offset;
	bool local;
	int used = 0;

	if (sscanf(text, "%4d-%2d-%2d%n", &t.tm_year, &t.tm_mon, &t.tm_mday, &used) != 3 ||
	    used != 10 || (text[10] != 'T' && text[10] != 't' && text[10] != ' ') ||
	    !read_clock(text + 11, &t, &seconds, &rest) || !read_zone(rest, &offset, &local) ||
	    t.tm_year < 1970 || t.tm_year > 2200 || t.tm_mon < 1 || t.tm_mon > 12 || t.tm_mday < 1 || t.tm_mday > 31)
		return false;
	t.tm_year -= 1900;
	t.tm_mon -= 1;
	time_t whole = local ? mktime(&t) : timegm(&t) - offset;
	*out = (int64_t)whole * SECOND + (int64_t)(seconds * 1e9);
	return true;
}

/* Today; where that is still to come, yesterday. */
static bool read_hour(const char *text, int64_t now_ns, int64_t *out)
{
	time_t now = (time_t)(now_ns / SECOND);
	const char *rest;
	double seconds;
	struct tm t;

	localtime_r(&now, &t);
	if (!read_clock(text, &t, &seconds, &rest) || *rest != '\0')
		return false;
	t.tm_sec = 0;
	t.tm_isdst = -1;
	time_t whole = mktime(&t);
	if (whole > now) {
		t.tm_mday--;
		t.tm_isdst = -1;
		whole = mktime(&t);
	}
	*out = (int64_t)whole * SECOND + (int64_t)(seconds * 1e9);
	return true;
}

int moment_read(const char *text, int64_t now_ns, int64_t *out, struct fault *f)
{
	double ago;

	if (strcmp(text, "now") == 0) {
		*out = now_ns;
		return 0;
	}
	if (text[0] == '-' && unit_read(UNIT_DURATION, text + 1, &ago) == UNIT_OK && ago >= 0 &&
	    ago < 1e18) {
		*out = now_ns - (int64_t)ago;
		return 0;
	}
	if (read_date(text, out) || read_hour(text, now_ns, out))
		return 0;
	return fault_set(f, -EINVAL,
			 "'%s' is no time (2026-11-25T12:00:02+01:00, 12:00:02, -5min or now)",
			 text);
}

int moment_read_offset(const char *text, int64_t *out, struct fault *f)
{
	double ns;

	if (unit_read(UNIT_DURATION, text, &ns) != UNIT_OK || !(ns >= 0 && ns < 1e18))
		return fault_set(f, -EINVAL,
				 "'%s' is no place in a recording (3.2s: so long after its start)",
				 text);
	*out = (int64_t)ns;
	return 0;
}

void moment_write(int64_t wall_ns, bool whole, char out[MOMENT_TEXT_BYTES])
{
	int64_t rounded = (int64_t)((uint64_t)wall_ns + MILLISECOND / 2);
	time_t seconds = (time_t)(rounded / SECOND);
	char zone[8];
	struct tm t;

	localtime_r(&seconds, &t);
	size_t used =
		strftime(out, MOMENT_TEXT_BYTES, whole ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &t);
	strftime(zone, sizeof(zone), " %z", &t);
	snprintf(out + used, MOMENT_TEXT_BYTES - used, ".%03d%s",
		 (int)(rounded % SECOND / MILLISECOND), whole ? zone : "");
}
