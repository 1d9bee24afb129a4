/* unit.h - reads numbers with units as people write them: 250 ms, 16 kHz, 64 MiB. */
#ifndef EDGED_CONFIG_UNIT_H
#define EDGED_CONFIG_UNIT_H
#include <stddef.h>
#include <stdint.h>

/* What a quantity is measured in; the value read is in the base unit. */
enum unit_kind {
	UNIT_NONE,     /* a plain number */
	UNIT_DURATION, /* ns; a unit must be given, but for 0 */
	UNIT_RATE,     /* Hz; a plain number is Hz */
	UNIT_SIZE,     /* bytes; a plain number is bytes */
	UNIT_PERCENT,  /* a plain number is percent */
};

enum unit_error {
	UNIT_OK,
	UNIT_NOT_A_NUMBER,
	UNIT_LEADING_ZERO, /* 0777: octal to some, decimal to others */
	UNIT_MISSING,	   /* a duration without unit */
	UNIT_UNKNOWN,	   /* "5 bananas" */
	UNIT_TOO_LARGE,
};

enum unit_error unit_read(enum unit_kind kind, const char *text, double *out);

/* Whole numbers: decimal, 0x… and 0o… . */
enum unit_error unit_read_int(const char *text, int64_t *out);

/* "1.5 s", "16 kHz": the value as people write it; NONE as the shortest plain number. */
void unit_write(enum unit_kind kind, double value, char *out, size_t size);

/* "ns, us, ms, s, min, h, d": the units that a kind accepts, for messages. */
const char *unit_names(enum unit_kind kind);
#endif
