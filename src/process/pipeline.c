/* pipeline.c - the role that judges what one input's ring holds and tells publish. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/ring.h"
#include "ipc/trace_ring.h"
#include "pipeline/chain.h"
#include "process/program.h"
#include "process/report.h"
#include "process/tracer.h"
#include "process/worker.h"

/* Behind the common descriptors: the channel to publish, the ring, the eventfd that says "more", the
 * memory of the trace. */
enum { FD_PUBLISH = WORKER_FD_OWN, FD_RING, FD_MORE, FD_TRACE };
enum { QUEUE_MESSAGES = 256 };

/* Decisions that publish has not taken yet; the oldest first. A full queue loses the newest raw
 * windows before any decision: windows are sent only where the queue is empty. */
struct queue {
	struct msg_decision items[QUEUE_MESSAGES];
	size_t first, count;
	uint64_t lost;
};

struct pipeline {
	struct worker worker;
	const struct pipeline_settings *settings;
	struct ring *ring;
	struct ring_format format;
	struct chain *chain;
	uint64_t next; /* sequence number of the block to read */
	float *samples;
	int64_t push_ns; /* when the block in hand was pushed */
	uint64_t windows;
	bool finished;
	struct reporter reporter;
	struct trace_ring *trace;
	struct tracer tracer;
	struct watch more, room;
	struct queue queue;
	struct log_gate lost_gate;
	char **arguments;
};

static void on_room(void *context, uint32_t events);

static void send_queue(struct pipeline *p)
{
	struct queue *q = &p->queue;

	while (q->count > 0) {
		int rc = channel_send_decision(FD_PUBLISH, &q->items[q->first]);
		if (rc == -EAGAIN || rc == -ENOBUFS)
			break; /* publish is busy, or being started again */
		/* any other error: there is no publish */
		q->first = (q->first + 1) % QUEUE_MESSAGES;
		q->count--;
	}
	/* Watched only while something waits: a peer that is gone would be reported without end. */
	if (q->count == 0)
		loop_remove(&p->worker.loop, &p->room);
	else if (p->room.fd < 0)
		loop_add(&p->worker.loop, &p->room, FD_PUBLISH, EPOLLOUT, on_room, p);
}

static void queue_decision(struct pipeline *p, const struct msg_decision *d)
{
	struct queue *q = &p->queue;

	if (q->count == QUEUE_MESSAGES) {
		q->lost++;
		LOG_ERR("a decision is lost, %llu in all: publish has not taken %d others",
			(unsigned long long)q->lost, QUEUE_MESSAGES);
		return;
	}
	q->items[(q->first + q->count++) % QUEUE_MESSAGES] = *d;
	send_queue(p);
}

static void on_verdict(void *context, const struct verdict *v)
{
	struct pipeline *p = context;
	int64_t now = clock_monotonic_ns();
	struct msg_decision decision;
	struct trace_record record;

	/* first: what was decided can be explained even where the rest is lost */
	tracer_record(&p->tracer, v, now, now - p->push_ns, &record);
	trace_ring_write(p->trace, &record);
	p->windows += v->block != NULL;
	reporter_window(&p->reporter, v, now, now - p->push_ns);
	if (reporter_ended(&p->reporter, v, &decision))
		queue_decision(p, &decision);
	if (reporter_began(&p->reporter, v, &decision)) {
		LOG_INFO("%s, score %.2f", decision.label, (double)decision.window.smoothed);
		queue_decision(p, &decision);
	}
	if (p->settings->raw && v->block != NULL && p->queue.count == 0)
		channel_send_window(FD_PUBLISH, &p->reporter.window);
}

static void finish(struct pipeline *p, enum gate_reason reason)
{
	chain_flush(p->chain, reason);
	if (p->finished)
		return;
	p->finished = true;
	channel_send_finished(WORKER_FD_CONTROL, &(struct msg_finished){ p->windows });
}

static void take_block(struct pipeline *p, const struct ring_block *b, bool gap)
{
	p->push_ns = clock_monotonic_ns();
	if (b->flags & RING_END) {
		finish(p, GATE_INPUT_ENDED);
		return;
	}
	p->finished = false;
	chain_push(p->chain, b->index, b->time_ns, gap || (b->flags & RING_GAP), p->samples,
		   b->frames);
}

static void read_blocks(struct pipeline *p)
{
	struct ring_block b;
	uint64_t lost = 0;

	while (ring_read(p->ring, &p->next, &b, p->samples, &lost)) {
		if (lost > 0 && log_gate(&p->lost_gate, clock_monotonic_ns(), 60))
			LOG_WARN("too slow, %llu blocks of the input are lost; a longer hop helps",
				 (unsigned long long)lost);
		take_block(p, &b, lost > 0);
		board_beat(p->worker.board, p->worker.place);
		lost = 0;
	}
}

static void send_model(struct pipeline *p)
{
	struct msg_model m;

	reporter_model(&p->reporter, p->chain, &m);
	channel_send_model(FD_PUBLISH, &m);
}

/* The first time, from what is there; started again, from so far back that the next window is
 * whole. */
static uint64_t first_block(const struct pipeline *p)
{
	uint64_t head = ring_head(p->ring);
	uint64_t history = chain_history_frames(p->chain) / p->format.block_frames + 1;

	if (p->worker.starts == 0)
		history = ring_slots(p->ring);
	return head > history ? head - history : 0;
}

/* Only a float model pays for OpenBLAS (a thread and 2.4 MB at load): this program is built
 * twice, and the one without it becomes the one with it once such a model is met. */
static void become_float_program(const struct pipeline *p)
{
	char path[4096];
	struct fault f = { 0 };

	if (pipeline_program_has_blas || program_path("pipeline-blas", path, sizeof(path), &f) < 0)
		return;
	execv(path, p->arguments);
	LOG_WARN("%s: %s; convolutions go without OpenBLAS", path, strerror(errno));
}

/* From a copy of the descriptor: a program that becomes another one needs it still. */
static int open_trace(struct pipeline *p, struct fault *f)
{
	AUTO_FREE struct trace_meta *meta = calloc(1, sizeof(*meta));
	int rc = meta == NULL ? -ENOMEM : trace_ring_open_writer(dup(FD_TRACE), &p->trace);

	if (rc < 0)
		return fault_set(f, rc, "trace: %s", strerror(-rc));
	tracer_meta(&p->worker.config->settings, p->worker.name, NULL, p->chain, meta);
	trace_ring_set_meta(p->trace, meta);
	tracer_open(&p->tracer, p->format.stream, p->chain);
	return 0;
}

/* Once the input has said what it delivers. */
static int open_chain(struct pipeline *p, struct fault *f)
{
	const struct settings *s = &p->worker.config->settings;
	struct format input = format_sound(p->format.rate_hz, p->format.channels);
	int rc = chain_open(s, p->worker.name, &input, on_verdict, p, &p->chain, f);

	if (rc < 0)
		return rc;
	if (chain_needs_float(p->chain))
		become_float_program(p);
	p->samples = calloc((size_t)p->format.block_frames * p->format.channels, sizeof(float));
	if (p->samples == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	rc = open_trace(p, f);
	if (rc < 0)
		return rc;
	reporter_open(&p->reporter, p->worker.name, p->worker.index, p->format.stream, p->chain);
	p->next = first_block(p);
	send_model(p);
	worker_ready(&p->worker);
	LOG_INFO("judges with model %s %lld", chain_card(p->chain)->model,
		 (long long)chain_card(p->chain)->version);
	return 0;
}

/* True where the input delivers something else than before: everything is opened again. */
static bool format_changed(struct pipeline *p)
{
	struct ring_format now;

	if (!ring_get_format(p->ring, &now))
		return false;
	bool changed = now.rate_hz != p->format.rate_hz || now.channels != p->format.channels;
	p->format = now;
	return changed;
}

static void on_more(void *context, uint32_t events)
{
	struct pipeline *p = context;
	struct fault f = { 0 };
	uint64_t count;

	(void)events;
	if (read(FD_MORE, &count, sizeof(count)) < 0 && p->chain != NULL && errno != EAGAIN)
		return;
	bool changed = format_changed(p);
	if (changed && p->chain != NULL) {
		LOG_INFO("the input changed to %g Hz, %u channels; starts again", p->format.rate_hz,
			 p->format.channels);
		p->worker.loop.stopped = true; /* the supervisor starts it again at once */
		return;
	}
	if (p->chain == NULL && p->format.channels > 0 && open_chain(p, &f) < 0) {
		p->worker.exit_code = worker_failed(&p->worker, &f);
		p->worker.loop.stopped = true;
		return;
	}
	if (p->chain != NULL)
		read_blocks(p);
}

static void on_room(void *context, uint32_t events)
{
	(void)events;
	send_queue(context);
}

static void on_message(void *context, const struct message *m)
{
	struct pipeline *p = context;

	if (m->type == MSG_REFRESH && p->chain != NULL)
		send_model(p);
}

static void on_stop(void *context)
{
	struct pipeline *p = context;

	if (p->chain != NULL)
		chain_flush(p->chain, GATE_STOPPED);
	p->worker.loop.stopped = true;
}

static int pipeline_open(struct pipeline *p, struct fault *f)
{
	int rc;

	p->settings = settings_pipeline(&p->worker.config->settings, p->worker.name);
	if (p->settings == NULL)
		return fault_set(f, -EINVAL, "no pipeline is named '%s'", p->worker.name);
	rc = ring_open_reader(dup(FD_RING), &p->ring); /* become_float_program() needs it still */
	if (rc == 0)
		rc = loop_add(&p->worker.loop, &p->more, FD_MORE, EPOLLIN, on_more, p);
	p->room.fd = -1;
	return rc < 0 ? fault_set(f, rc, "start: %s", strerror(-rc)) : 0;
}

int role_pipeline(int argc, char **argv)
{
	static struct pipeline p; /* its queue is too large for a stack */
	struct fault f = { 0 };
	enum exit_code code = worker_start(&p.worker, ROLE_PIPELINE, argc, argv);

	if (code != EXIT_DONE)
		return code;
	p.worker.on_stop = on_stop;
	p.worker.on_message = on_message;
	p.worker.context = &p;
	p.arguments = argv;
	if (pipeline_open(&p, &f) < 0) {
		code = worker_failed(&p.worker, &f);
	} else {
		on_more(&p, 0); /* what was there before this process */
		code = worker_run(&p.worker);
	}
	chain_free(p.chain);
	ring_free(p.ring);
	trace_ring_free(p.trace);
	free(p.samples);
	worker_end(&p.worker);
	return code;
}
