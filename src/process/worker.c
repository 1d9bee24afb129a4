/* worker.c - what every worker process does alike: start, heartbeat, listen to the supervisor. */
#include "process/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "process/settings_fd.h"

enum { HEARTBEAT_MS = 200 };

static void on_heartbeat(void *context, uint32_t events)
{
	struct worker *w = context;

	(void)events;
	loop_timer_clear(w->heartbeat_timer);
	board_beat(w->board, w->place);
}

static void on_control(void *context, uint32_t events)
{
	struct worker *w = context;
	struct message m;

	(void)events;
	int rc = channel_receive(WORKER_FD_CONTROL, ROLE_SUPERVISOR, &m);
	if (rc == 0)
		return;
	if (rc < 0) { /* the supervisor is gone: nobody is left to work for */
		w->loop.stopped = true;
		return;
	}
	if (m.type == MSG_STOP)
		w->on_stop(w->context);
	else if (w->on_message != NULL)
		w->on_message(w->context, &m);
}

static void stop_at_once(void *context)
{
	((struct worker *)context)->loop.stopped = true;
}

static int worker_open(struct worker *w, struct fault *f)
{
	int rc = settings_fd_read(WORKER_FD_SETTINGS, &w->config, f);

	if (rc < 0)
		return rc;
	/* Both stay open: a program may have to become another with the same descriptors. */
	rc = board_open(dup(WORKER_FD_BOARD), &w->board);
	if (rc == 0)
		rc = loop_init(&w->loop);
	if (rc == 0)
		rc = w->heartbeat_timer = loop_timer_create();
	if (rc >= 0)
		rc = loop_add(&w->loop, &w->heartbeat, w->heartbeat_timer, EPOLLIN, on_heartbeat,
			      w);
	if (rc == 0)
		rc = loop_add(&w->loop, &w->control, WORKER_FD_CONTROL, EPOLLIN, on_control, w);
	if (rc < 0)
		return fault_set(f, rc, "start: %s", strerror(-rc));
	loop_timer_set(w->heartbeat_timer, 1, HEARTBEAT_MS * MILLISECOND);
	return 0;
}

enum exit_code worker_start(struct worker *w, enum role kind, int argc, char **argv)
{
	static const char *const words[] = {
		[ROLE_CAPTURE] = "capture",
		[ROLE_PIPELINE] = "pipeline",
		[ROLE_PUBLISH] = "publish",
		[ROLE_RECORD] = "record",
	};
	static char who[96];
	struct fault f = { 0 };

	*w = (struct worker){ .kind = kind, .on_stop = stop_at_once, .context = w };
	if (argc != WORKER_ARG_COUNT || strcmp(argv[WORKER_ARG_BUILD], PACKAGE_VERSION) != 0) {
		fprintf(stderr, "%s is started by edged %s, not by hand\n", argv[0],
			PACKAGE_VERSION);
		return EXIT_USAGE;
	}
	w->name = argv[WORKER_ARG_NAME];
	w->index = (unsigned)strtoul(argv[WORKER_ARG_INDEX], NULL, 10);
	w->place = (unsigned)strtoul(argv[WORKER_ARG_PLACE], NULL, 10);
	w->starts = (unsigned)strtoul(argv[WORKER_ARG_STARTS], NULL, 10);
	w->fd_count = (int)strtol(argv[WORKER_ARG_FDS], NULL, 10);
	w->started_ns = clock_monotonic_ns();
	snprintf(who, sizeof(who), "%s%s%s", words[kind], w->name[0] == '\0' ? "" : " ", w->name);
	log_open(who);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (worker_open(w, &f) < 0)
		return worker_failed(w, &f);
	return EXIT_DONE;
}

void worker_ready(struct worker *w)
{
	(void)w;
	channel_send_ready(WORKER_FD_CONTROL, &(struct msg_ready){ 0 });
}

enum exit_code worker_failed(struct worker *w, const struct fault *f)
{
	struct msg_failed m = { 0 };

	(void)w;
	LOG_ERR("%s", f->text);
	snprintf(m.text, sizeof(m.text), "%.390s", f->text);
	channel_send_failed(WORKER_FD_CONTROL, &m);
	return exit_code_of(f->rc);
}

enum exit_code worker_run(struct worker *w)
{
	while (!w->loop.stopped) {
		int rc = loop_turn(&w->loop, -1);
		if (rc < 0) {
			LOG_ERR("loop: %s", strerror(-rc));
			return EXIT_INTERNAL;
		}
	}
	return w->exit_code;
}

void worker_end(struct worker *w)
{
	if (w->heartbeat_timer > 0)
		close(w->heartbeat_timer);
	loop_fini(&w->loop);
	board_free(w->board);
	config_free(w->config);
}
