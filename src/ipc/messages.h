/* messages.h - the structs of messages.def: flat, of fixed layout; samples travel in the ring. */
#ifndef EDGED_IPC_MESSAGES_H
#define EDGED_IPC_MESSAGES_H
#include <stdint.h>

enum role { ROLE_ANY, ROLE_SUPERVISOR, ROLE_CAPTURE, ROLE_PIPELINE, ROLE_PUBLISH, ROLE_RECORD };

enum { MSG_NAME_BYTES = 48, MSG_TOP_LABELS = 5 };

/* Impaired: samples come, but they are not what they should be (silent, clipped, the wrong rate). */
enum input_state { INPUT_ONLINE, INPUT_IMPAIRED, INPUT_OFFLINE, INPUT_ENDED };

struct msg_ready {
	uint32_t reserved;
};

struct msg_failed {
	char text[400]; /* a sentence, ends with NUL */
};

struct msg_finished {
	uint64_t windows; /* judged in all */
};

struct msg_input {
	int64_t at_ns;	/* CLOCK_MONOTONIC */
	uint16_t input; /* index in the settings */
	uint8_t state;	/* enum input_state */
	uint8_t reserved[5];
	double rate_hz;
	uint32_t channels;
	uint32_t reserved2;
	char reason[160]; /* why it is impaired or offline, or "" */
};

struct msg_model {
	uint16_t pipeline; /* index in the settings */
	uint16_t labels;
	uint32_t version;
	char name[MSG_NAME_BYTES];
	char sha256[72];
	char active[MSG_NAME_BYTES]; /* the label that is on now, or "" */
	char event[96];		     /* its event, or "" */
};

struct msg_score {
	char label[MSG_NAME_BYTES];
	float score;
};

/* What the gates saw; the names of reasons and verdicts are in decide/gate.h. */
struct msg_window {
	uint64_t stream, window;  /* together they name the window */
	int64_t start_ns, end_ns; /* CLOCK_MONOTONIC, of its first and behind its last sample */
	int64_t judged_ns;	  /* when its judgement was known */
	int64_t inference_ns;	  /* front end and model took so long */
	uint16_t pipeline;
	uint8_t verdict;	     /* enum gate_verdict */
	uint8_t reason;		     /* enum gate_reason */
	uint32_t agreeing;	     /* windows in a row that agreed so far */
	float raw, smoothed, second; /* scores: of the best label, and the second best smoothed */
	float threshold, margin;
	uint32_t at_least;
	uint32_t flags;		/* enum block_flags */
	uint32_t dead_channels; /* bit mask */
	uint32_t top_count;
	struct msg_score top[MSG_TOP_LABELS]; /* smoothed, best first */
};

enum decision_phase { DECISION_BEGIN, DECISION_END };

struct msg_decision {
	struct msg_window window; /* the one that decided */
	uint8_t phase;		  /* enum decision_phase */
	uint8_t reason;		  /* of an end: enum gate_reason */
	uint8_t reserved[6];
	char label[MSG_NAME_BYTES];
	char event[96]; /* id: the same at both phases */
};

struct msg_lost {
	uint16_t role;	/* enum role */
	uint16_t index; /* of the input or pipeline in the settings */
};

struct msg_refresh {
	uint32_t reserved;
};

struct msg_stop {
	uint32_t reserved;
};
#endif
