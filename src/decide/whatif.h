/* whatif.h - the smallest change of a setting that would have turned a verdict. */
#ifndef EDGED_DECIDE_WHATIF_H
#define EDGED_DECIDE_WHATIF_H
#include <stdbool.h>
#include <stddef.h>

#include "decide/trace.h"

enum whatif_setting { WHATIF_THRESHOLD, WHATIF_MARGIN, WHATIF_AT_LEAST, WHATIF_SETTINGS };

/* A question: is `label` decided, or confirmed again, in records[first] to records[count - 1]? The
 * records before `first` are there for what the gates remember: at_least of them. All borrowed. */
struct whatif {
	const struct trace_record *records; /* oldest first */
	size_t first, count;
	size_t labels;
	const bool *deciding; /* by label */
	float *scores;	      /* by label: room for a replay, -INFINITY before and after it */
	double now[WHATIF_SETTINGS];
	int label;
};

/* Changes that belong together, each no greater than it must be. */
struct whatif_change {
	size_t count;
	struct whatif_step {
		enum whatif_setting setting;
		double from;
		double to;	 /* what to write: few digits, and it turns the verdict */
		double boundary; /* the last value at which the label is decided */
	} steps[WHATIF_SETTINGS];
	double size; /* sum of the steps, each in proportion to the larger of both values */
};

/* Puts the records through the gates with these settings. */
bool whatif_decides(const struct whatif *w, const double settings[WHATIF_SETTINGS]);

/* What turns the answer: each single setting that does, the smallest change first; where none does
 * alone, the smallest pair, then all three. Gives their number; 0: these settings do not matter, the
 * label was never the best one, or may not decide. -ENOMEM: no memory. */
int whatif_turn(const struct whatif *w, struct whatif_change out[WHATIF_SETTINGS]);

const char *whatif_setting_name(enum whatif_setting s); /* as in the YAML */
#endif
