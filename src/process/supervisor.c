/* supervisor.c - starts the workers that a configuration needs and keeps them alive. */
#include "process/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/ring.h"
#include "ipc/trace_ring.h"
#include "process/notify.h"
#include "process/program.h"
#include "process/settings_fd.h"
#include "process/spawn.h"
#include "process/throttle.h"
#include "process/worker.h"

enum { TICK_MS = 100, MOST_CHILDREN = BOARD_PLACES };

enum child_state { CHILD_WAITING, CHILD_RUNNING, CHILD_ENDED };

/* One worker, alive or about to be. Its descriptors outlive it: a new one gets the same. */
struct child {
	struct supervisor *supervisor;
	enum role role;
	const char *name; /* of the input or pipeline, borrowed */
	unsigned index;	  /* in the settings */
	unsigned place;	  /* on the board, and in children[] */
	int program, settings;
	int control[2];		 /* ours, its own */
	int own[SPAWN_MOST_FDS]; /* what the role gets besides: borrowed */
	size_t own_count;

	enum child_state state;
	pid_t pid;
	int pidfd;
	struct watch death, speech;
	unsigned starts;
	bool ready, reported, finished;
	int64_t started_ns, start_at_ns, beat_ns;
	uint64_t beats;
	struct throttle throttle;
};

struct supervisor {
	const struct config *config;
	struct loop loop;
	struct watch signals, tick;
	int signal_fd, tick_fd, board_fd;
	struct board *board;
	struct child children[MOST_CHILDREN];
	size_t count;
	int rings[MOST_CHILDREN]; /* by input */
	int exit_code;
	bool announced; /* READY was said */
	bool stopping;
	enum role stop_role; /* those who have to end now */
	int64_t stop_deadline_ns, watchdog_due_ns;
};

static const char *const role_words[] = {
	[ROLE_CAPTURE] = "capture",
	[ROLE_PIPELINE] = "pipeline",
	[ROLE_PUBLISH] = "publish",
	[ROLE_RECORD] = "record",
};

/* So long may a worker be silent: publish and record wait for the disk. */
static int64_t silence_limit_ns(enum role role)
{
	return (role == ROLE_PUBLISH || role == ROLE_RECORD ? 30 : 10) * SECOND;
}

static void on_death(void *context, uint32_t events);
static void on_speech(void *context, uint32_t events);
static void begin_stop(struct supervisor *s, int exit_code);

static void label(const struct child *c, char out[96])
{
	snprintf(out, 96, "%s%s%s", role_words[c->role], c->name[0] != '\0' ? " " : "", c->name);
}

/* ---- starting ---- */

static int start_child(struct child *c)
{
	int fds[SPAWN_MOST_FDS] = { c->control[1], c->settings, c->supervisor->board_fd };
	char index[12], place[12], starts[12], count[12];
	char *arguments[] = { (char *)role_words[c->role],
			      (char *)PACKAGE_VERSION,
			      (char *)c->name,
			      index,
			      place,
			      starts,
			      count,
			      NULL };

	memcpy(&fds[3], c->own, c->own_count * sizeof(int));
	snprintf(index, sizeof(index), "%u", c->index);
	snprintf(place, sizeof(place), "%u", c->place);
	snprintf(starts, sizeof(starts), "%u", c->starts);
	snprintf(count, sizeof(count), "%zu", c->own_count);
	int rc = spawn(&(struct spawn){ c->program, arguments, fds, 3 + c->own_count }, &c->pid,
		       &c->pidfd);
	if (rc < 0)
		return rc;
	c->starts++;
	c->state = CHILD_RUNNING;
	c->ready = c->reported = false;
	c->started_ns = c->beat_ns = clock_monotonic_ns();
	c->beats = board_beats(c->supervisor->board, c->place);
	return loop_add(&c->supervisor->loop, &c->death, c->pidfd, EPOLLIN, on_death, c);
}

static void try_start(struct child *c)
{
	char who[96];
	int rc = start_child(c);

	if (rc == 0)
		return;
	label(c, who);
	LOG_ERR("%s cannot be started: %s", who, strerror(-rc));
	c->state = CHILD_WAITING;
	c->start_at_ns = clock_monotonic_ns() + throttle_delay_ns(&c->throttle, 0);
}

/* ---- what was said and who died ---- */

/* Added first; NULL without a broker. */
static struct child *publish_of(struct supervisor *s)
{
	return s->children[0].role == ROLE_PUBLISH ? &s->children[0] : NULL;
}

static void tell_publish(struct supervisor *s, const struct child *dead)
{
	struct msg_lost lost = { .role = (uint16_t)dead->role, .index = (uint16_t)dead->index };

	struct child *publish = publish_of(s);

	if (publish != NULL)
		channel_send_lost(publish->control[0], &lost);
}

/* A new publish knows nothing: everyone else says again how things stand. */
static void refresh_all(struct supervisor *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->children[i].role != ROLE_PUBLISH && s->children[i].state == CHILD_RUNNING)
			channel_send_refresh(s->children[i].control[0], &(struct msg_refresh){ 0 });
}

static const struct child *capture_of(const struct supervisor *s, const struct child *pipeline)
{
	const struct pipeline_settings *p = settings_pipeline(&s->config->settings, pipeline->name);

	for (size_t i = 0; i < s->count; i++)
		if (s->children[i].role == ROLE_CAPTURE &&
		    strcmp(s->children[i].name, p->from) == 0)
			return &s->children[i];
	return NULL;
}

/* Up, or an input that is said to be down; a pipeline whose input is down cannot be up. */
static bool settled(const struct supervisor *s, const struct child *c)
{
	const struct child *input = c->role == ROLE_PIPELINE ? capture_of(s, c) : c;

	return c->ready || c->state == CHILD_ENDED ||
	       (input->role == ROLE_CAPTURE && input->reported);
}

static void say_status(struct supervisor *s, const char *prefix)
{
	size_t inputs = 0, pipelines = 0, down = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct child *c = &s->children[i];
		inputs += c->role == ROLE_CAPTURE && c->ready;
		pipelines += c->role == ROLE_PIPELINE && c->ready;
		down += !c->ready && c->state != CHILD_ENDED;
	}
	notify("%sSTATUS=%zu input%s, %zu pipeline%s running%s", prefix, inputs,
	       inputs == 1 ? "" : "s", pipelines, pipelines == 1 ? "" : "s",
	       down > 0 ? "; something is down, see the journal" : "");
}

static void announce(struct supervisor *s)
{
	for (size_t i = 0; i < s->count && !s->announced; i++)
		if (!settled(s, &s->children[i]))
			return;
	if (!s->announced)
		LOG_INFO("ready");
	say_status(s, s->announced ? "" : "READY=1\n");
	s->announced = true;
}

static void end_if_all_is_judged(struct supervisor *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct child *c = &s->children[i];
		if (c->role == ROLE_CAPTURE && c->state != CHILD_ENDED)
			return;
		if (c->role == ROLE_PIPELINE && !c->finished)
			return;
	}
	LOG_INFO("every input has ended");
	begin_stop(s, EXIT_DONE);
}

static void hear(struct child *c, const struct message *m)
{
	struct supervisor *s = c->supervisor;

	switch (m->type) {
	case MSG_READY:
		c->ready = true;
		if (c->role == ROLE_PUBLISH && c->starts > 1)
			refresh_all(s);
		announce(s);
		break;
	case MSG_FAILED: /* its death says with which exit code; an input may go on trying */
		c->reported = true;
		c->ready = false;
		if (c->role == ROLE_CAPTURE)
			announce(s);
		break;
	case MSG_FINISHED: c->finished = true; break;
	default: break;
	}
}

static void on_speech(void *context, uint32_t events)
{
	struct child *c = context;
	struct message m;
	int rc;

	(void)events;
	while ((rc = channel_receive(c->control[0], c->role, &m)) == 1)
		hear(c, &m);
	if (rc == -EBADMSG) {
		LOG_ERR("%s says what it must not say; ended", role_words[c->role]);
		kill(c->pid, SIGKILL);
	}
	if (!c->supervisor->stopping)
		end_if_all_is_judged(c->supervisor);
}

/* A pipeline that cannot open before the service was ready is a wrong configuration: say so by
 * ending, with the code at which systemd does not try again. An input may come later. */
static bool ends_service(const struct child *c, int exit_code)
{
	return !c->supervisor->announced && c->role != ROLE_CAPTURE && exit_code != EXIT_TEMPORARY;
}

static void report_death(struct child *c, const siginfo_t *info, int64_t delay_ns)
{
	char who[96], how[64], when[64] = "at once";

	label(c, who);
	if (info->si_code == CLD_EXITED)
		snprintf(how, sizeof(how), "ended with exit code %d", info->si_status);
	else
		snprintf(how, sizeof(how), "died of signal %d (%s)", info->si_status,
			 strsignal(info->si_status));
	if (delay_ns > 0)
		snprintf(when, sizeof(when), "in %.1f s", (double)delay_ns / 1e9);
	LOG_WARN("%s %s; starts again %s", who, how, when);
}

static void bury(struct child *c, siginfo_t *info)
{
	*info = (siginfo_t){ 0 };
	waitid(P_PIDFD, (id_t)c->pidfd, info, WEXITED);
	loop_remove(&c->supervisor->loop, &c->death);
	close(c->pidfd);
	c->pidfd = -1;
	c->pid = 0;
	c->ready = false;
}

static void on_death(void *context, uint32_t events)
{
	struct child *c = context;
	struct supervisor *s = c->supervisor;
	siginfo_t info;

	(void)events;
	on_speech(c, 0); /* its last words first */
	bury(c, &info);
	bool exited = info.si_code == CLD_EXITED;
	if (s->stopping || (c->role == ROLE_CAPTURE && exited && info.si_status == EXIT_DONE)) {
		c->state = CHILD_ENDED;
		if (!s->stopping)
			end_if_all_is_judged(s);
		return;
	}
	if (exited && c->reported && ends_service(c, info.si_status)) {
		c->state = CHILD_ENDED;
		begin_stop(s, EXIT_CONFIGURATION);
		return;
	}
	if (c->role != ROLE_PUBLISH)
		tell_publish(s, c);
	int64_t delay = throttle_delay_ns(&c->throttle, clock_monotonic_ns() - c->started_ns);
	report_death(c, &info, delay);
	c->state = CHILD_WAITING;
	c->start_at_ns = clock_monotonic_ns() + delay;
	if (delay == 0)
		try_start(c);
	announce(s);
}

/* ---- time ---- */

static void check_heartbeat(struct child *c, int64_t now_ns)
{
	uint64_t beats = board_beats(c->supervisor->board, c->place);
	char who[96];

	if (beats != c->beats) {
		c->beats = beats;
		c->beat_ns = now_ns;
	}
	if (now_ns - c->beat_ns < silence_limit_ns(c->role))
		return;
	label(c, who);
	LOG_ERR("%s has given no sign of life for %lld s; ended", who,
		(long long)((now_ns - c->beat_ns) / SECOND));
	kill(c->pid, SIGKILL);
	c->beat_ns = now_ns;
}

static void feed_watchdog(struct supervisor *s, int64_t now_ns)
{
	int64_t every = notify_watchdog_ns();

	if (every == 0 || now_ns < s->watchdog_due_ns)
		return;
	for (size_t i = 0; i < s->count; i++) {
		const struct child *c = &s->children[i];
		if (c->state == CHILD_RUNNING && now_ns - c->beat_ns >= silence_limit_ns(c->role))
			return; /* not fresh: systemd may lose its patience */
	}
	s->watchdog_due_ns = now_ns + every;
	notify("WATCHDOG=1");
}

/* ---- stopping: inputs, then pipelines, then publish, so that the last decisions still go out; what
 * records them last ---- */

static void stop_role(struct supervisor *s, enum role role)
{
	s->stop_role = role;
	s->stop_deadline_ns = clock_monotonic_ns() + (role == ROLE_PUBLISH ? 8 : 3) * SECOND;
	for (size_t i = 0; i < s->count; i++) {
		struct child *c = &s->children[i];
		if (c->role != role)
			continue;
		if (c->state == CHILD_RUNNING)
			channel_send_stop(c->control[0], &(struct msg_stop){ 0 });
		else
			c->state = CHILD_ENDED;
	}
}

static void begin_stop(struct supervisor *s, int exit_code)
{
	if (s->stopping)
		return;
	s->stopping = true;
	s->exit_code = exit_code;
	notify("STOPPING=1\nSTATUS=stopping");
	stop_role(s, ROLE_CAPTURE);
}

static void go_on_stopping(struct supervisor *s, int64_t now_ns)
{
	bool alive = false;

	for (size_t i = 0; i < s->count; i++) {
		struct child *c = &s->children[i];
		if (c->role != s->stop_role || c->state != CHILD_RUNNING)
			continue;
		alive = true;
		if (now_ns >= s->stop_deadline_ns)
			kill(c->pid, SIGKILL);
	}
	if (alive)
		return;
	if (s->stop_role == ROLE_CAPTURE)
		stop_role(s, ROLE_PIPELINE);
	else if (s->stop_role == ROLE_PIPELINE)
		stop_role(s, ROLE_PUBLISH);
	else if (s->stop_role == ROLE_PUBLISH)
		stop_role(s, ROLE_RECORD);
	else
		s->loop.stopped = true;
}

static void on_tick(void *context, uint32_t events)
{
	struct supervisor *s = context;
	int64_t now = clock_monotonic_ns();

	(void)events;
	loop_timer_clear(s->tick_fd);
	for (size_t i = 0; i < s->count; i++) {
		struct child *c = &s->children[i];
		if (c->state == CHILD_RUNNING)
			check_heartbeat(c, now);
		else if (c->state == CHILD_WAITING && !s->stopping && now >= c->start_at_ns)
			try_start(c);
	}
	feed_watchdog(s, now);
	if (s->stopping)
		go_on_stopping(s, now);
}

static void on_signal(void *context, uint32_t events)
{
	struct supervisor *s = context;
	struct signalfd_siginfo info;

	(void)events;
	if (read(s->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		LOG_WARN(
			"SIGHUP: this version reads its configuration at the start only; restart it");
		return;
	}
	LOG_INFO("%s, stopping", info.ssi_signo == SIGTERM ? "asked to end" : "interrupted");
	begin_stop(s, EXIT_DONE);
}

/* ---- setting up: all memory, queues and wake-ups are made here, before anyone starts ---- */

static int open_program(const char *name, struct fault *f)
{
	char path[4096];
	int rc = program_path(name, path, sizeof(path), f);

	if (rc < 0)
		return rc;
	int fd = open(path, O_PATH | O_CLOEXEC);
	return fd < 0 ? fault_errno(f, "%s", path) : fd;
}

static int add_child(struct supervisor *s, enum role role, const char *name, size_t index,
		     const struct config_part *part, struct child **out, struct fault *f)
{
	if (s->count == MOST_CHILDREN)
		return fault_set(f, -E2BIG, "too many inputs and pipelines (%d in all)",
				 MOST_CHILDREN - 2);
	struct child *c = &s->children[s->count];
	*c = (struct child){ .supervisor = s,
			     .role = role,
			     .name = name,
			     .index = (unsigned)index,
			     .place = (unsigned)s->count,
			     .pidfd = -1 };
	c->program = open_program(role_words[role], f);
	if (c->program < 0)
		return c->program;
	c->settings = settings_fd_create(s->config, part);
	int rc = c->settings < 0 ? c->settings : channel_pair(c->control);
	if (rc == 0)
		rc = loop_add(&s->loop, &c->speech, c->control[0], EPOLLIN, on_speech, c);
	if (rc < 0)
		return fault_set(f, rc, "%s %s: %s", role_words[role], name, strerror(-rc));
	s->count++;
	*out = c;
	return 0;
}

/* A queue to publish, whose other end publish gets in the order of the workers. */
static int join_publish(struct supervisor *s, struct child *c, struct fault *f)
{
	struct child *publish = publish_of(s);
	int ends[2];
	int rc = channel_pair(ends);

	if (rc < 0)
		return fault_set(f, rc, "queue to publish: %s", strerror(-rc));
	c->own[c->own_count++] = ends[0];
	if (publish != NULL)
		publish->own[publish->own_count++] = ends[1];
	else
		close(ends[1]); /* what is said there goes nowhere, and is not kept */
	return 0;
}

static int add_capture(struct supervisor *s, size_t index, struct fault *f)
{
	const char *name = s->config->settings.inputs.items[index].name;
	struct config_part part = { .input = name };
	uint64_t stream;
	struct child *c;
	int rc = add_child(s, ROLE_CAPTURE, name, index, &part, &c, f);

	if (rc == 0)
		rc = join_publish(s, c, f);
	if (rc < 0)
		return rc;
	if (getrandom(&stream, sizeof(stream), 0) != (ssize_t)sizeof(stream))
		return fault_errno(f, "getrandom");
	s->rings[index] = ring_create_fd(stream);
	if (s->rings[index] < 0)
		return fault_set(f, s->rings[index], "ring of %s: %s", name,
				 strerror(-s->rings[index]));
	c->own[c->own_count++] = s->rings[index];
	return 0;
}

static int add_pipeline(struct supervisor *s, size_t index, struct fault *f)
{
	const struct schema_item *item = &s->config->settings.pipelines.items[index];
	const struct pipeline_settings *p = item->settings;
	struct config_part part = { .pipeline = item->name };
	struct child *c;
	int rc = add_child(s, ROLE_PIPELINE, item->name, index, &part, &c, f);

	if (rc == 0)
		rc = join_publish(s, c, f);
	if (rc < 0)
		return rc;
	struct child *input = (struct child *)capture_of(s, c);
	int more = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int ring = ring_reader_fd(input->own[1]), trace = trace_ring_create_fd();
	if (more < 0 || ring < 0 || trace < 0 || input->own_count == SPAWN_MOST_FDS - 3)
		return fault_set(f, -EMFILE,
				 "pipeline %s: no more descriptors (input %s, ring: %s)",
				 item->name, p->from, ring < 0 ? strerror(-ring) : "ok");
	c->own[c->own_count++] = ring;
	c->own[c->own_count++] = more;
	c->own[c->own_count++] = trace;
	input->own[input->own_count++] = more;
	return 0;
}

/* Added last: it reads the trace of every pipeline, which is the last of their descriptors. */
static int add_record(struct supervisor *s, struct fault *f)
{
	struct config_part part = { .input = "*", .pipeline = "*", .trace = true };
	struct child *record;
	int rc = add_child(s, ROLE_RECORD, "", 0, &part, &record, f);

	for (size_t i = 0; rc == 0 && i < s->count; i++) {
		const struct child *c = &s->children[i];
		if (c->role != ROLE_PIPELINE)
			continue;
		int fd = ring_reader_fd(c->own[c->own_count - 1]);
		if (fd < 0)
			return fault_set(f, fd, "trace of %s: %s", c->name, strerror(-fd));
		record->own[record->own_count++] = fd;
	}
	return rc;
}

static int add_children(struct supervisor *s, struct fault *f)
{
	const struct settings *settings = &s->config->settings;
	struct config_part all = { .input = "*", .pipeline = "*", .mqtt = true };
	struct child *publish;
	int rc = 0;

	if (settings->mqtt.broker != NULL)
		rc = add_child(s, ROLE_PUBLISH, "", 0, &all, &publish, f);
	else
		LOG_WARN("mqtt.broker is not given: decisions stand in this log only");

	for (size_t i = 0; rc == 0 && i < settings->inputs.count; i++)
		if (settings_input_used(settings, settings->inputs.items[i].name))
			rc = add_capture(s, i, f);
	for (size_t i = 0; rc == 0 && i < settings->pipelines.count; i++)
		rc = add_pipeline(s, i, f);
	return rc == 0 ? add_record(s, f) : rc;
}

static int open_signals(struct supervisor *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signal_fd < 0
		       ? -errno
		       : loop_add(&s->loop, &s->signals, s->signal_fd, EPOLLIN, on_signal, s);
}

static int supervisor_open(struct supervisor *s, struct fault *f)
{
	int rc = loop_init(&s->loop);

	if (rc == 0)
		rc = open_signals(s);
	if (rc == 0)
		rc = s->board_fd = board_create_fd();
	if (rc >= 0)
		rc = board_open(dup(s->board_fd), &s->board);
	if (rc == 0)
		rc = s->tick_fd = loop_timer_create();
	if (rc >= 0)
		rc = loop_add(&s->loop, &s->tick, s->tick_fd, EPOLLIN, on_tick, s);
	if (rc < 0)
		return fault_set(f, rc, "start: %s", strerror(-rc));
	loop_timer_set(s->tick_fd, TICK_MS * MILLISECOND, TICK_MS * MILLISECOND);
	return add_children(s, f);
}

int supervisor_run(const struct config *config)
{
	static struct supervisor s; /* lives as long as the process */
	struct fault f = { 0 };

	s = (struct supervisor){ .config = config };
	notify_open();
	int rc = supervisor_open(&s, &f);
	if (rc < 0) {
		LOG_ERR("%s", f.text);
		return exit_code_of(rc);
	}
	for (size_t i = 0; i < s.count; i++)
		try_start(&s.children[i]);
	while (!s.loop.stopped) {
		rc = loop_turn(&s.loop, -1);
		if (rc < 0) {
			LOG_ERR("loop: %s", strerror(-rc));
			return EXIT_INTERNAL;
		}
	}
	return s.exit_code;
}
