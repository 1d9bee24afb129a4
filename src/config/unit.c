/* unit.c - reads numbers with units as people write them: 250 ms, 16 kHz, 64 MiB. */
#include "config/unit.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* In each kind from the smallest to the largest; `shown` units are those that unit_write uses. */
static const struct unit {
	enum unit_kind kind;
	const char *name;
	double factor;
	int shown;
} units[] = {
	{ UNIT_DURATION, "ns", 1, 1 },
	{ UNIT_DURATION, "us", 1e3, 1 },
	{ UNIT_DURATION, "ms", 1e6, 1 },
	{ UNIT_DURATION, "s", 1e9, 1 },
	{ UNIT_DURATION, "min", 60e9, 1 },
	{ UNIT_DURATION, "h", 3600e9, 1 },
	{ UNIT_DURATION, "d", 86400e9, 1 },
	{ UNIT_RATE, "Hz", 1, 1 },
	{ UNIT_RATE, "kHz", 1e3, 1 },
	{ UNIT_RATE, "MHz", 1e6, 1 },
	{ UNIT_SIZE, "B", 1, 1 },
	{ UNIT_SIZE, "kB", 1e3, 0 },
	{ UNIT_SIZE, "KiB", 1024, 1 },
	{ UNIT_SIZE, "MB", 1e6, 0 },
	{ UNIT_SIZE, "MiB", 1048576, 1 },
	{ UNIT_SIZE, "GB", 1e9, 0 },
	{ UNIT_SIZE, "GiB", 1073741824, 1 },
	{ UNIT_PERCENT, "%", 1, 1 },
};

/* Length of a decimal number at the start of text: sign, digits, fraction, exponent; 0: none. */
static size_t number_length(const char *text)
{
	const char *p = text;
	size_t digits = 0;

	if (*p == '+' || *p == '-')
		p++;
	for (; isdigit((unsigned char)*p); p++)
		digits++;
	if (*p == '.')
		for (p++; isdigit((unsigned char)*p); p++)
			digits++;
	if (digits == 0)
		return 0;
	if (*p == 'e' || *p == 'E') {
		const char *e = p + 1 + (p[1] == '+' || p[1] == '-');
		if (isdigit((unsigned char)*e)) {
			while (isdigit((unsigned char)*e))
				e++;
			p = e;
		}
	}
	return (size_t)(p - text);
}

static int has_leading_zero(const char *text)
{
	const char *p = text + (*text == '+' || *text == '-');

	return p[0] == '0' && isdigit((unsigned char)p[1]);
}

enum unit_error unit_read(enum unit_kind kind, const char *text, double *out)
{
	size_t length = number_length(text);

	if (length == 0)
		return UNIT_NOT_A_NUMBER;
	if (has_leading_zero(text))
		return UNIT_LEADING_ZERO;
	double value = strtod(text, NULL); /* LC_ALL=C in every program of ours */
	if (!isfinite(value))
		return UNIT_TOO_LARGE;

	const char *name = text + length;
	name += strspn(name, " ");
	if (*name == '\0') {
		if (kind == UNIT_DURATION && value != 0)
			return UNIT_MISSING;
		*out = value;
		return UNIT_OK;
	}
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (units[i].kind == kind && strcmp(units[i].name, name) == 0) {
			*out = value * units[i].factor;
			return isfinite(*out) ? UNIT_OK : UNIT_TOO_LARGE;
		}
	return kind == UNIT_NONE ? UNIT_NOT_A_NUMBER : UNIT_UNKNOWN;
}

enum unit_error unit_read_int(const char *text, int64_t *out)
{
	const char *digits = text + (*text == '+' || *text == '-');
	int base = 10;
	char *end;

	if (strncmp(digits, "0x", 2) == 0 || strncmp(digits, "0o", 2) == 0) {
		base = digits[1] == 'x' ? 16 : 8;
		digits += 2;
	} else if (has_leading_zero(text)) {
		return UNIT_LEADING_ZERO;
	}
	if (!isxdigit((unsigned char)*digits))
		return UNIT_NOT_A_NUMBER;
	errno = 0;
	int64_t value = strtoll(digits, &end, base);
	if (*end != '\0' || end == digits)
		return UNIT_NOT_A_NUMBER;
	if (errno == ERANGE)
		return UNIT_TOO_LARGE;
	*out = *text == '-' ? -value : value;
	return UNIT_OK;
}

/* The largest unit in which the value is a number of few digits. */
static const struct unit *best_unit(enum unit_kind kind, double value)
{
	const struct unit *best = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (units[i].kind != kind || !units[i].shown)
			continue;
		if (best == NULL || fabs(value) >= units[i].factor)
			best = &units[i];
	}
	return best;
}

void unit_write(enum unit_kind kind, double value, char *out, size_t size)
{
	const struct unit *u = kind == UNIT_NONE ? NULL : best_unit(kind, value);

	if (u == NULL)
		snprintf(out, size, "%.9g", value);
	else
		snprintf(out, size, "%.9g %s", value / u->factor, u->name);
}

const char *unit_names(enum unit_kind kind)
{
	static const char *const names[] = {
		[UNIT_NONE] = "",
		[UNIT_DURATION] = "ns, us, ms, s, min, h, d",
		[UNIT_RATE] = "Hz, kHz, MHz",
		[UNIT_SIZE] = "B, kB, KiB, MB, MiB, GB, GiB",
		[UNIT_PERCENT] = "%",
	};
	return names[kind];
}
