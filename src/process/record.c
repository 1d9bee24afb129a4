/* record.c - the role that keeps every window's trace: from the pipelines' memory to files. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "process/record_socket.h"
#include "process/recorder.h"
#include "process/state_folder.h"
#include "process/worker.h"

/* Often enough for a thousand windows a second and a memory of two thousand. */
enum { TICK_MS = 500 };

struct record {
	struct worker worker;
	struct recorder *recorders; /* one a pipeline, in the order of the settings */
	size_t count;
	char folder[STATE_FOLDER_BYTES + 8];
	int timer, listener;
	struct watch tick, request;
	int64_t due_ns;
};

static int save_all(struct record *r)
{
	int64_t now = clock_monotonic_ns();
	int rc = 0;

	for (size_t i = 0; i < r->count; i++) {
		int one = recorder_save(&r->recorders[i], now);
		rc = one < 0 ? one : rc;
	}
	r->due_ns = now + r->worker.config->settings.trace.every_ns;
	return rc;
}

static void on_tick(void *context, uint32_t events)
{
	struct record *r = context;
	int64_t now = clock_monotonic_ns();

	(void)events;
	loop_timer_clear(r->timer);
	if (now >= r->due_ns) {
		save_all(r);
		return;
	}
	for (size_t i = 0; i < r->count; i++)
		if (recorder_is_pressed(&r->recorders[i]))
			recorder_save(&r->recorders[i], now);
}

/* Somebody wants to read the files: what is in memory goes there first. */
static void on_request(void *context, uint32_t events)
{
	struct record *r = context;
	int peer = record_socket_accept(r->listener);

	(void)events;
	if (peer < 0)
		return;
	int rc = save_all(r);
	record_socket_answer(peer, rc < 0 ? strerror(-rc) : "saved");
}

static int open_recorders(struct record *r, struct fault *f)
{
	const struct settings *s = &r->worker.config->settings;
	size_t pipelines = s->pipelines.count;

	if ((size_t)r->worker.fd_count != pipelines)
		return fault_set(f, -EINVAL, "start: %d descriptors for %zu pipelines",
				 r->worker.fd_count, pipelines);
	r->recorders = calloc(pipelines, sizeof(*r->recorders));
	if (r->recorders == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	for (; r->count < pipelines; r->count++) {
		int rc = recorder_open(&r->recorders[r->count], s->pipelines.items[r->count].name,
				       r->folder, (size_t)s->trace.size_bytes,
				       WORKER_FD_OWN + (int)r->count);
		if (rc < 0)
			return fault_set(f, rc, "trace: %s", strerror(-rc));
	}
	return 0;
}

static int record_open(struct record *r, struct fault *f)
{
	char state[STATE_FOLDER_BYTES];
	int rc = open_recorders(r, f);

	if (rc < 0)
		return rc;
	state_folder_name(state, sizeof(state)); /* edged has made it */
	snprintf(r->folder, sizeof(r->folder), "%s/trace", state);
	r->due_ns = clock_monotonic_ns() + r->worker.config->settings.trace.every_ns;
	rc = r->timer = loop_timer_create();
	if (rc >= 0)
		rc = loop_add(&r->worker.loop, &r->tick, r->timer, EPOLLIN, on_tick, r);
	if (rc < 0)
		return fault_set(f, rc, "start: %s", strerror(-rc));
	loop_timer_set(r->timer, TICK_MS * MILLISECOND, TICK_MS * MILLISECOND);
	struct fault socket_fault = { 0 };
	r->listener = record_socket_listen(r->folder, &socket_fault);
	if (r->listener < 0)
		LOG_WARN("%s; edgectl why sees windows only once they are written, every %lld s",
			 socket_fault.text,
			 (long long)(r->worker.config->settings.trace.every_ns / SECOND));
	else
		rc = loop_add(&r->worker.loop, &r->request, r->listener, EPOLLIN, on_request, r);
	return rc < 0 ? fault_set(f, rc, "start: %s", strerror(-rc)) : 0;
}

static void record_end(struct record *r)
{
	for (size_t i = 0; i < r->count; i++) {
		recorder_sync(&r->recorders[i]);
		recorder_fini(&r->recorders[i]);
	}
	free(r->recorders);
	if (r->listener > 0)
		close(r->listener);
	worker_end(&r->worker);
}

int role_record(int argc, char **argv)
{
	struct record r = { 0 };
	struct fault f = { 0 };
	enum exit_code code = worker_start(&r.worker, ROLE_RECORD, argc, argv);

	if (code != EXIT_DONE)
		return code;
	signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is a full disk to us */
	if (record_open(&r, &f) < 0) {
		code = worker_failed(&r.worker, &f);
	} else {
		worker_ready(&r.worker);
		code = worker_run(&r.worker);
		save_all(&r);
	}
	record_end(&r);
	return code;
}
