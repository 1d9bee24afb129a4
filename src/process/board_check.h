/* board_check.h - what is wrong on this board, each with what to do: `edgectl check`. */
#ifndef EDGED_PROCESS_BOARD_CHECK_H
#define EDGED_PROCESS_BOARD_CHECK_H
#include <stdbool.h>

#include "base/json.h"
#include "settings/settings.h"

enum finding_grade { GRADE_FINE, GRADE_WARNING, GRADE_PROBLEM };

/* Where findings go: lines for a person, or JSON lines. */
struct board_report {
	bool json;
	unsigned warnings, problems;
	struct buf text;
};

/* `what` says how it is, `remedy` what to do (NULL where nothing is). */
void board_say(struct board_report *r, enum finding_grade grade, const char *subject,
	       const char *what, const char *remedy);
void board_sayf(struct board_report *r, enum finding_grade grade, const char *subject,
		const char *remedy, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* One file each. They look and change nothing. */
void board_check_clock(struct board_report *r);
void board_check_memory(struct board_report *r);
void board_check_state_folder(struct board_report *r);
void board_check_files(struct board_report *r, const struct settings *s);
void board_check_broker(struct board_report *r, const struct settings *s);
#endif
