/* exit_code.c - what all programs exit with (sysexits.h). */
#include "process/exit_code.h"

#include <errno.h>

enum exit_code exit_code_of(int rc)
{
	switch (rc) {
	case 0: return EXIT_DONE;
	case -ENOENT:
	case -EACCES:
	case -EPERM:
	case -EISDIR:
	case -ENOTDIR:
	case -ENXIO:
	case -ENODEV: return EXIT_NO_INPUT;
	case -EBADMSG:
	case -EOPNOTSUPP:
	case -EILSEQ: return EXIT_DATA;
	case -EINVAL: return EXIT_CONFIGURATION;
	case -ENOMEM:
	case -EAGAIN:
	case -ENFILE:
	case -EMFILE: return EXIT_TEMPORARY;
	default: return EXIT_INTERNAL;
	}
}
