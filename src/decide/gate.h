/* gate.h - from scores to a decision: threshold, margin, count and hold. */
#ifndef EDGED_DECIDE_GATE_H
#define EDGED_DECIDE_GATE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gate_settings {
	float threshold;   /* score that the best label must reach */
	float margin;	   /* lead over the second best, whichever label that is */
	unsigned at_least; /* windows in a row that must agree */
	int64_t hold_ns;   /* on for so long after the last window that confirmed */
};

enum gate_verdict {
	GATE_OFF,  /* this window decides nothing */
	GATE_WAIT, /* it agrees, but more must */
	GATE_ON,   /* decided by this window */
	GATE_HELD, /* decided before, and confirmed again */
};

enum gate_reason {
	GATE_CONFIRMED,
	GATE_BELOW_THRESHOLD,
	GATE_WITHIN_MARGIN,
	GATE_TOO_FEW,
	GATE_BACKGROUND, /* the best label is one that never decides */
	/* why a decision ended */
	GATE_HOLD_ELAPSED,
	GATE_REPLACED, /* another label was decided */
	GATE_GAP,      /* samples are missing */
	GATE_INPUT_ENDED,
	GATE_WORKER_LOST,
	GATE_STOPPED,
};

enum { GATE_NONE = -1 };

struct gate {
	struct gate_settings settings;
	int candidate;	   /* label that the last windows agreed on, or GATE_NONE */
	unsigned agreeing; /* so many of them */
	int active;	   /* label that is on, or GATE_NONE */
	int64_t until_ns;  /* its hold ends then */
};

struct gate_result {
	enum gate_verdict verdict;
	enum gate_reason reason;
	int best, second; /* labels; second is GATE_NONE where there is one label */
	unsigned agreeing;
	int ended; /* label whose decision ended with this window, or GATE_NONE */
	enum gate_reason end_reason;
};

void gate_init(struct gate *g, const struct gate_settings *settings);

/* One window's scores; `deciding[i]` says whether label i may decide (NULL: all may). `at_ns` is
 * the window's own time: it only moves forward. */
void gate_push(struct gate *g, const float *scores, size_t labels, const bool *deciding,
	       int64_t at_ns, struct gate_result *out);

/* Starts afresh, as after a gap. Gives the label that was on, or GATE_NONE. */
int gate_reset(struct gate *g);

const char *gate_verdict_name(enum gate_verdict v); /* "off", "wait", "on", "held" */
const char *gate_reason_name(enum gate_reason r);   /* "below threshold" … */
#endif
