/* clock.h - nanoseconds of the two clocks, and their text. */
#ifndef EDGED_BASE_CLOCK_H
#define EDGED_BASE_CLOCK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MILLISECOND INT64_C(1000000) /* in nanoseconds */
#define SECOND	    INT64_C(1000000000)

int64_t clock_monotonic_ns(void);
int64_t clock_wall_ns(void); /* since 1970, UTC */
/* False as long as neither a time server nor a battery clock has set the wall clock: many boards
 * start in the past. */
bool clock_is_synchronised(void);

/* RFC 3339 in UTC with microseconds, "2026-11-25T07:00:00.123456Z": 28 bytes with its NUL. */
enum { CLOCK_TEXT_BYTES = 40 };
void clock_rfc3339(int64_t wall_ns, char out[CLOCK_TEXT_BYTES]);
#endif
