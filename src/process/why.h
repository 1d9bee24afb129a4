/* why.h - a question about a decision, and the answer that the trace gives. */
#ifndef EDGED_PROCESS_WHY_H
#define EDGED_PROCESS_WHY_H
#include "base/buf.h"
#include "decide/whatif.h"
#include "output/trace_file.h"

enum { WHY_ROWS = 12, WHY_TIME_BYTES = 48 };

struct question {
	const char *id;	   /* of an event; or: */
	bool last;	   /* the newest decision; or: */
	const char *label; /* why this was not decided, */
	const char *at;	   /* around that time; NULL: anywhere in a recording */
	int64_t within_ns; /* so far before and behind it */
};

/* Records are named by their place in `trace`. */
struct answer {
	const struct trace *trace;
	bool not ; /* somebody asked why not */
	int label;
	bool decided;	     /* it was, among the windows asked about */
	size_t first, end;   /* the windows asked about */
	size_t event;	     /* the one that decided; `end` where none did or it is not kept */
	size_t ended;	     /* the record with which that decision ended, or `end` */
	size_t row, row_end; /* what a table shows */
	size_t best;	     /* so many of the windows had the label as their best */
	float highest; /* its highest smoothed score there is, or NaN: not among the best three */
	size_t by_reason
		[16];	 /* how often each enum gate_reason stood against it, it being the best */
	bool may_decide; /* false: of the background, or not named in `labels` */
	int change_count;
	struct whatif_change changes[WHATIF_SETTINGS]; /* the smallest first */
};

/* Looks for the answer in one trace. -ENOENT: it is not in there (the fault says what is). */
int why_find(const struct trace *t, const struct question *q, int64_t now_ns, struct answer *out,
	     struct fault *f);

void why_print_text(const struct answer *a);
void why_print_json(const struct answer *a);

/* Words that both forms use. */
void why_time(const struct trace *t, size_t i, bool whole, char out[WHY_TIME_BYTES]);
void why_id(const struct trace *t, size_t i, char out[TRACE_ID_BYTES]);
bool why_has_ended(const struct answer *a);	    /* the record a->ended says when and why */
const char *why_decided_by(const struct answer *a); /* a setting's name, or "best" */
/* The line to write in the place of the pipeline's decide; NULL: as it is now. */
void why_yaml(const struct answer *a, const struct whatif_change *c, struct buf *out);
const char *why_smooth_by(const struct trace_meta *m);
#endif
