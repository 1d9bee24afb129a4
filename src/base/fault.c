/* fault.c - what went wrong, as an errno for the program and a sentence for people. */
#include "base/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fault_set(struct fault *f, int rc, const char *format, ...)
{
	va_list args;

	if (f == NULL)
		return rc;
	f->rc = rc;
	va_start(args, format);
	vsnprintf(f->text, sizeof(f->text), format, args);
	va_end(args);
	return rc;
}

int fault_errno(struct fault *f, const char *format, ...)
{
	int error = errno;
	va_list args;

	if (f == NULL)
		return -error;
	f->rc = -error;
	va_start(args, format);
	vsnprintf(f->text, sizeof(f->text), format, args);
	va_end(args);
	size_t used = strlen(f->text);
	snprintf(f->text + used, sizeof(f->text) - used, ": %s", strerror(error));
	return -error;
}

int fault_prefix(struct fault *f, const char *format, ...)
{
	char before[sizeof(f->text) / 2];
	char whole[2 * sizeof(f->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(before, sizeof(before), format, args);
	va_end(args);
	snprintf(whole, sizeof(whole), "%s: %s", before, f->text);
	memcpy(f->text, whole, sizeof(f->text) - 1);
	return f->rc;
}
