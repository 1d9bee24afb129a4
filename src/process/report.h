/* report.h - verdicts of a chain as the messages that publish gets. */
#ifndef EDGED_PROCESS_REPORT_H
#define EDGED_PROCESS_REPORT_H
#include "ipc/messages.h"
#include "pipeline/chain.h"

struct reporter {
	const struct card *card;
	const struct decide_settings *decide;
	const char *pipeline; /* its name, borrowed */
	unsigned index;
	uint64_t stream;
	struct msg_window window; /* the last window that was judged */
	int active;		  /* label that is on, or GATE_NONE */
	char event[96];		  /* its id */
};

void reporter_open(struct reporter *r, const char *pipeline, unsigned index, uint64_t stream,
		   const struct chain *c);

/* Keeps what is to be said about the verdict's window. Nothing where it has none. */
void reporter_window(struct reporter *r, const struct verdict *v, int64_t now_ns, int64_t took_ns);
/* True where a decision ended or began with it: the message is filled in. Ended comes first. */
bool reporter_ended(struct reporter *r, const struct verdict *v, struct msg_decision *out);
bool reporter_began(struct reporter *r, const struct verdict *v, struct msg_decision *out);

void reporter_model(const struct reporter *r, const struct chain *c, struct msg_model *out);
#endif
