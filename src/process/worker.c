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

enum exit_code exit_code_of(int rc)
{
	switch (rc) {
	case 0:
		return EXIT_DONE;
	case -ENOENT: case -EACCES: case -EPERM: case -EISDIR: case -ENOTDIR: case -ENXIO: case -ENODEV:
		return EXIT_NO_INPUT;
	case -EBADMSG: case -EOPNOTSUPP: case -EILSEQ:
		return EXIT_DATA;
	case -EINVAL:
		return EXIT_CONFIGURATION;
	case -ENOMEM: case -EAGAIN: case -ENFILE: case -EMFILE:
		return EXIT_TEMPORARY;
	default:
		return EXIT_INTERNAL;
	}
}

static void on_heartbeat(void *context, uint32_t events)
{
	struct worker *r = context;

	(void)events;
	loop_timer_clear(r->heartbeat_timer);
	board_beat(r->board, r->place);
}

static void on_control(void *context, uint32_t events)
{
	struct worker *r = context;
	struct message m;

	(void)events;
	int rc = channel_receive(WORKER_FD_CONTROL, ROLE_SUPERVISOR, &m);
	if (rc == 0)
		return;
	if (rc < 0) {			/* the supervisor is gone: nobody is left to work for */
		r->loop.stopped = true;
		return;
	}
	if (m.type == MSG_STOP)
		r->on_stop(r->context);
	else if (r->on_message != NULL)
		r->on_message(r->context, &m);
}

static void stop_at_once(void *context)
{
	((struct worker *)context)->loop.stopped = true;
}

static int worker_open(struct worker *r, struct fault *f)
{
	int rc = settings_fd_read(WORKER_FD_SETTINGS, &r->config, f);

	if (rc < 0)
		return rc;
	close(WORKER_FD_SETTINGS);
	rc = board_open(WORKER_FD_BOARD, &r->board);
	if (rc == 0)
		rc = loop_init(&r->loop);
	if (rc == 0)
		rc = r->heartbeat_timer = loop_timer_create();
	if (rc >= 0)
		rc = loop_add(&r->loop, &r->heartbeat, r->heartbeat_timer, EPOLLIN, on_heartbeat, r);
	if (rc == 0)
		rc = loop_add(&r->loop, &r->control, WORKER_FD_CONTROL, EPOLLIN, on_control, r);
	if (rc < 0)
		return fault_set(f, rc, "start: %s", strerror(-rc));
	loop_timer_set(r->heartbeat_timer, 1, HEARTBEAT_MS * MILLISECOND);
	return 0;
}

enum exit_code worker_start(struct worker *r, enum role kind, int argc, char **argv)
{
	static const char *const words[] = { [ROLE_CAPTURE] = "capture", [ROLE_PIPELINE] = "pipeline",
					     [ROLE_PUBLISH] = "publish" };
	static char who[96];
	struct fault f = { 0 };

	*r = (struct worker){ .kind = kind, .on_stop = stop_at_once, .context = r };
	if (argc != WORKER_ARG_COUNT || strcmp(argv[WORKER_ARG_BUILD], PACKAGE_VERSION) != 0) {
		fprintf(stderr, "%s is started by edged %s, not by hand\n", argv[0], PACKAGE_VERSION);
		return EXIT_USAGE;
	}
	r->name = argv[WORKER_ARG_NAME];
	r->index = (unsigned)strtoul(argv[WORKER_ARG_INDEX], NULL, 10);
	r->place = (unsigned)strtoul(argv[WORKER_ARG_PLACE], NULL, 10);
	r->starts = (unsigned)strtoul(argv[WORKER_ARG_STARTS], NULL, 10);
	r->fd_count = (int)strtol(argv[WORKER_ARG_FDS], NULL, 10);
	r->started_ns = clock_monotonic_ns();
	snprintf(who, sizeof(who), "%s%s%s", words[kind], kind == ROLE_PUBLISH ? "" : " ",
		 kind == ROLE_PUBLISH ? "" : r->name);
	log_open(who);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (worker_open(r, &f) < 0)
		return worker_failed(r, &f);
	return EXIT_DONE;
}

void worker_ready(struct worker *r)
{
	(void)r;
	channel_send_ready(WORKER_FD_CONTROL, &(struct msg_ready){ 0 });
}

enum exit_code worker_failed(struct worker *r, const struct fault *f)
{
	struct msg_failed m = { 0 };

	(void)r;
	LOG_ERR("%s", f->text);
	snprintf(m.text, sizeof(m.text), "%.390s", f->text);
	channel_send_failed(WORKER_FD_CONTROL, &m);
	return exit_code_of(f->rc);
}

enum exit_code worker_run(struct worker *r)
{
	while (!r->loop.stopped) {
		int rc = loop_turn(&r->loop, -1);
		if (rc < 0) {
			LOG_ERR("loop: %s", strerror(-rc));
			return EXIT_INTERNAL;
		}
	}
	return EXIT_DONE;
}

void worker_end(struct worker *r)
{
	if (r->heartbeat_timer > 0)
		close(r->heartbeat_timer);
	loop_fini(&r->loop);
	board_free(r->board);
	config_free(r->config);
}
