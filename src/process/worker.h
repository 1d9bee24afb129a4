/* worker.h - what every worker process does alike: start, heartbeat, listen to the supervisor. */
#ifndef EDGED_PROCESS_WORKER_H
#define EDGED_PROCESS_WORKER_H
#include <stdbool.h>

#include "base/fault.h"
#include "base/loop.h"
#include "ipc/board.h"
#include "ipc/channel.h"
#include "process/exit_code.h"
#include "settings/settings.h"

/* The descriptors that the supervisor hands to a worker; behind them those of the role. */
enum worker_fd { WORKER_FD_CONTROL = 3, WORKER_FD_SETTINGS, WORKER_FD_BOARD, WORKER_FD_OWN };
/* Its arguments. */
enum worker_argument {
	WORKER_ARG_PROGRAM,
	WORKER_ARG_BUILD,
	WORKER_ARG_NAME,
	WORKER_ARG_INDEX,
	WORKER_ARG_PLACE,
	WORKER_ARG_STARTS,
	WORKER_ARG_FDS,
	WORKER_ARG_COUNT
};

struct worker {
	enum role kind;
	enum exit_code exit_code; /* what worker_run() ends with */
	const char *name;	  /* of the input or pipeline in the settings */
	unsigned index;		  /* its place in the settings */
	unsigned starts;	  /* so many times it was started before */
	int fd_count;		  /* descriptors of the role, from WORKER_FD_OWN on */
	struct config *config;
	struct loop loop;
	struct board *board;
	unsigned place;
	int heartbeat_timer;
	struct watch heartbeat, control;
	void (*on_stop)(void *context); /* finish what is open, then worker->loop.stopped = true */
	void (*on_message)(void *context, const struct message *m); /* all but STOP; NULL: none */
	void *context;
	int64_t started_ns;
};

/* Reads arguments, settings and descriptors; logs and gives an exit code where they make no
 * sense. */
enum exit_code worker_start(struct worker *w, enum role kind, int argc, char **argv);
void worker_ready(struct worker *w);
/* Tells the supervisor and the log, and gives the exit code for `return`. */
enum exit_code worker_failed(struct worker *w, const struct fault *f);
/* Serves until loop.stopped. */
enum exit_code worker_run(struct worker *w);
void worker_end(struct worker *w);

/* The programs' mains are these. */
int role_capture(int argc, char **argv);
int role_pipeline(int argc, char **argv);
extern const bool pipeline_program_has_blas; /* said by the two mains of role_pipeline */
int role_publish(int argc, char **argv);
int role_record(int argc, char **argv);
int role_why(int argc, char **argv);
int role_once(int argc, char **argv);
int role_describe(int argc, char **argv);
int role_model_tool(int argc, char **argv);
int role_board_check(int argc, char **argv);
int role_devices(int argc, char **argv);
#endif
