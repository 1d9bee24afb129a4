/* exit_code.h - what all programs exit with (sysexits.h). */
#ifndef EDGED_PROCESS_EXIT_CODE_H
#define EDGED_PROCESS_EXIT_CODE_H

enum exit_code {
	EXIT_DONE = 0,
	EXIT_USAGE = 64,
	EXIT_DATA = 65,
	EXIT_NO_INPUT = 66,
	EXIT_UNAVAILABLE = 69,
	EXIT_INTERNAL = 70,
	EXIT_TEMPORARY = 75,
	EXIT_CONFIGURATION = 78,
};
enum exit_code exit_code_of(int rc); /* of a negative errno that a fault carries */
#endif
