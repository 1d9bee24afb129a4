/* moment.h - moments as people give them on a command line. */
#ifndef EDGED_PROCESS_MOMENT_H
#define EDGED_PROCESS_MOMENT_H
#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"

/* RFC 3339 (without a zone: local time), HH:MM[:SS] (the last such time), "-5 min", "now"; as
 * nanoseconds since 1970. */
int moment_read(const char *text, int64_t now_ns, int64_t *out, struct fault *f);
/* A place in a recording: "3.2 s". */
int moment_read_offset(const char *text, int64_t *out, struct fault *f);

enum { MOMENT_TEXT_BYTES = 48 };
/* Local time: "2026-11-25 12:00:02.250 +0100", or without the date and the zone. */
void moment_write(int64_t wall_ns, bool whole, char out[MOMENT_TEXT_BYTES]);
#endif
