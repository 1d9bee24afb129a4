/* capture.c - the role that owns one input and writes its samples into the ring. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "input/sound_file.h"
#include "ipc/ring.h"
#include "process/worker.h"

/* Behind the common descriptors: the channel to publish, the ring, then one eventfd a reader. */
enum { FD_PUBLISH = WORKER_FD_OWN, FD_RING, FD_READERS };
enum { PACE_TICK_MS = 20, FAST_TICK_MS = 1 };

struct capture {
	struct worker worker;
	const struct file_settings *settings;
	struct sound_file *file;
	struct ring *ring;
	struct ring_format format;
	float *samples; /* one block */
	int timer;
	struct watch tick;
	uint64_t index;	  /* of the next sample */
	int64_t start_ns; /* when sample 0 was, or would have been, taken */
	bool gap;	  /* the next block does not go on from the one before */
	uint8_t state;	  /* enum input_state */
};

static void wake_readers(const struct capture *c)
{
	const uint64_t one = 1;

	for (int fd = FD_READERS; fd < WORKER_FD_OWN + c->worker.fd_count; fd++)
		if (write(fd, &one, sizeof(one)) < 0)
			continue; /* full: that reader has enough reasons to wake */
}

/* True once every reader has taken its wake-up: then it has read all that was there before, and
 * half a ring may follow without overtaking it. */
static bool readers_keep_up(const struct capture *c)
{
	for (int fd = FD_READERS; fd < WORKER_FD_OWN + c->worker.fd_count; fd++) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (poll(&p, 1, 0) > 0)
			return false;
	}
	return true;
}

static void tell_publish(struct capture *c, enum input_state state)
{
	struct msg_input m = { .at_ns = clock_monotonic_ns(),
			       .input = (uint16_t)c->worker.index,
			       .state = (uint8_t)state,
			       .rate_hz = c->format.rate_hz,
			       .channels = c->format.channels };

	c->state = (uint8_t)state;
	int rc = channel_send_input(FD_PUBLISH, &m);
	if (rc < 0 && rc != -EPIPE)
		LOG_WARN("publish is not told that the input is %s: %s",
			 state == INPUT_ONLINE ? "there" : "gone", strerror(-rc));
}

static void end_input(struct capture *c)
{
	struct ring_block end = { .index = c->index,
				  .flags = RING_END,
				  .time_ns = c->start_ns + (int64_t)((double)c->index /
								     c->format.rate_hz * 1e9) };

	ring_write(c->ring, &end, c->samples);
	wake_readers(c);
	tell_publish(c, INPUT_ENDED);
	LOG_INFO("%s has ended after %.1f s", c->settings->path,
		 (double)c->index / c->format.rate_hz);
	c->worker.loop.stopped = true;
}

/* Frames read, 0 at the end; a repeated file begins again, with a gap. */
static int64_t read_block(struct capture *c, struct fault *f)
{
	int64_t got = sound_file_read(c->file, c->samples, c->format.block_frames, f);

	if (got != 0 || !c->settings->repeat)
		return got;
	int rc = sound_file_seek(c->file, 0, f);
	if (rc < 0)
		return rc;
	c->gap = true;
	return sound_file_read(c->file, c->samples, c->format.block_frames, f);
}

/* One block into the ring; false where the input has ended. */
static bool capture_block(struct capture *c)
{
	struct fault f = { 0 };
	int64_t got = read_block(c, &f);

	if (got < 0)
		LOG_ERR("%s", f.text);
	if (got <= 0) {
		end_input(c);
		return false;
	}
	struct ring_block b = {
		.index = c->index,
		.frames = (uint32_t)got,
		.flags = c->gap ? RING_GAP : 0,
		.time_ns = c->start_ns + (int64_t)((double)c->index / c->format.rate_hz * 1e9),
	};
	ring_write(c->ring, &b, c->samples);
	c->index += (uint64_t)got;
	c->gap = false;
	return true;
}

/* As a microphone would: a block is there when its last sample has been. */
static void on_real_time_tick(void *context, uint32_t events)
{
	struct capture *c = context;
	double elapsed = (double)(clock_monotonic_ns() - c->start_ns) / 1e9 * c->format.rate_hz;
	bool more = true, any = false;

	(void)events;
	loop_timer_clear(c->timer);
	while (more && (double)(c->index + c->format.block_frames) <= elapsed) {
		more = capture_block(c);
		any = true;
	}
	if (any && more)
		wake_readers(c);
}

static void on_fast_tick(void *context, uint32_t events)
{
	struct capture *c = context;
	bool more = true;

	(void)events;
	loop_timer_clear(c->timer);
	if (!readers_keep_up(c))
		return;
	for (size_t i = 0; more && i < ring_slots(c->ring) / 2; i++)
		more = capture_block(c);
	if (more)
		wake_readers(c);
}

/* A former capture of this input got so far: go on behind it, without what was missed meanwhile. */
static int resume(struct capture *c, struct fault *f)
{
	struct ring_block last;

	c->start_ns = clock_monotonic_ns();
	if (!ring_last(c->ring, &last))
		return 0;
	c->index = last.index + last.frames;
	c->start_ns -= (int64_t)((double)c->index / c->format.rate_hz * 1e9);
	c->gap = true;
	LOG_INFO("goes on at %.1f s of %s", (double)c->index / c->format.rate_hz,
		 c->settings->path);
	return sound_file_seek(c->file, c->index % (c->file->frames + 1), f);
}

static int capture_open(struct capture *c, struct fault *f)
{
	const struct schema_item *item =
		schema_find(&c->worker.config->settings.inputs, c->worker.name);
	bool fast;
	int rc;

	if (item == NULL || item->schema != &file_schema)
		return fault_set(f, -EINVAL, "no input is named '%s'", c->worker.name);
	c->settings = item->settings;
	fast = c->settings->pace == PACE_FAST;
	rc = ring_open_writer(FD_RING, &c->ring);
	if (rc < 0)
		return fault_set(f, rc, "ring: %s", strerror(-rc));
	rc = sound_file_open(c->settings->path, &c->file, f);
	if (rc < 0)
		return rc;
	rc = ring_set_format(c->ring, c->file->rate_hz, c->file->channels);
	if (rc < 0 || !ring_get_format(c->ring, &c->format))
		return fault_set(f, -EBADMSG, "%s: %u channels at %g Hz are too much for the ring",
				 c->settings->path, c->file->channels, c->file->rate_hz);
	c->samples = calloc((size_t)c->format.block_frames * c->format.channels, sizeof(float));
	c->timer = loop_timer_create();
	if (c->samples == NULL || c->timer < 0)
		return fault_set(f, -ENOMEM, "no memory");
	rc = resume(c, f);
	if (rc < 0)
		return rc;
	rc = loop_add(&c->worker.loop, &c->tick, c->timer, EPOLLIN,
		      fast ? on_fast_tick : on_real_time_tick, c);
	if (rc < 0)
		return fault_set(f, rc, "timer: %s", strerror(-rc));
	int64_t every = (fast ? FAST_TICK_MS : PACE_TICK_MS) * MILLISECOND;
	loop_timer_set(c->timer, every, every);
	return 0;
}

static void on_message(void *context, const struct message *m)
{
	struct capture *c = context;

	if (m->type == MSG_REFRESH)
		tell_publish(c, c->state);
}

static void capture_close(struct capture *c)
{
	sound_file_free(c->file);
	ring_free(c->ring);
	free(c->samples);
	if (c->timer > 0)
		close(c->timer);
	worker_end(&c->worker);
}

static void on_stop(void *context)
{
	((struct capture *)context)->worker.loop.stopped = true;
}

int role_capture(int argc, char **argv)
{
	struct capture c = { .state = INPUT_OFFLINE };
	struct fault f = { 0 };
	enum exit_code code = worker_start(&c.worker, ROLE_CAPTURE, argc, argv);

	if (code != EXIT_DONE)
		return code;
	c.worker.on_stop = on_stop;
	c.worker.on_message = on_message;
	c.worker.context = &c;
	if (capture_open(&c, &f) < 0) {
		tell_publish(&c, INPUT_OFFLINE);
		code = worker_failed(&c.worker, &f);
	} else {
		LOG_INFO("%s: %g Hz, %u channel%s", c.settings->path, c.format.rate_hz,
			 c.format.channels, c.format.channels == 1 ? "" : "s");
		tell_publish(&c, INPUT_ONLINE);
		wake_readers(&c);
		worker_ready(&c.worker);
		code = worker_run(&c.worker);
	}
	capture_close(&c);
	return code;
}
