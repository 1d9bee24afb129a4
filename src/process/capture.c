/* capture.c - the role that owns one input and writes its samples into the ring. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "input/sound_health.h"
#include "input/source.h"
#include "ipc/ring.h"
#include "process/worker.h"

/* Behind the common descriptors: the channel to publish, the ring, then one eventfd a reader. */
enum { FD_PUBLISH = WORKER_FD_OWN, FD_RING, FD_READERS };
#define MOST_DRIFT_NS SECOND

struct capture {
	struct worker worker;
	const struct source_ops *kind;
	struct source *source;
	struct source_sink sink;
	struct ring *ring;
	struct ring_format format;
	uint64_t index;	   /* of the next frame */
	uint64_t anchor;   /* the first frame behind the last gap, */
	int64_t anchor_ns; /* and when it was taken: times count on from here */
	bool anchored;
	struct log_gate drift_gate;
	struct msg_input said;	    /* what publish knows */
	struct sound_health health; /* of a live source */
	char silent_because[120];
	char coming[400]; /* for the log: what will come */
};

static void wake_readers(void *context)
{
	const struct capture *c = context;
	const uint64_t one = 1;

	for (int fd = FD_READERS; fd < WORKER_FD_OWN + c->worker.fd_count; fd++)
		if (write(fd, &one, sizeof(one)) < 0)
			continue; /* full: that reader has enough reasons to wake */
}

static bool readers_keep_up(void *context)
{
	const struct capture *c = context;

	for (int fd = FD_READERS; fd < WORKER_FD_OWN + c->worker.fd_count; fd++) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (poll(&p, 1, 0) > 0)
			return false;
	}
	return true;
}

/* ---- how the input is ---- */

static void tell_publish(struct capture *c)
{
	struct msg_input *m = &c->said;

	m->at_ns = clock_monotonic_ns();
	m->input = (uint16_t)c->worker.index;
	m->rate_hz = c->format.rate_hz;
	m->channels = c->format.channels;
	int rc = channel_send_input(FD_PUBLISH, m);
	if (rc < 0 && rc != -EPIPE)
		LOG_WARN("publish is not told how the input is: %s", strerror(-rc));
}

/* True where that is news. */
static bool set_state(struct capture *c, enum input_state state, const char *reason)
{
	if (c->said.state == state && strcmp(c->said.reason, reason) == 0)
		return false;
	c->said.state = (uint8_t)state;
	snprintf(c->said.reason, sizeof(c->said.reason), "%.*s", (int)sizeof(c->said.reason) - 1,
		 reason);
	tell_publish(c);
	return true;
}

/* When a frame was taken; only gaps set the count anew, so that windows follow each other evenly. */
static int64_t time_of(const struct capture *c, uint64_t index)
{
	return c->anchor_ns + (int64_t)((double)(index - c->anchor) / c->format.rate_hz * 1e9);
}

/* What the opening of the device found explains silence better than silence itself. */
static void judge_sound(struct capture *c, const struct source_block *b)
{
	struct sound_health *h = &c->health;
	char reason[sizeof(c->said.reason)];

	bool changed = sound_health_push(h, b->samples, b->frames, b->time_ns, b->gap);
	bool explained = h->verdict == SOUND_SILENT && c->silent_because[0] != '\0';
	snprintf(reason, sizeof(reason), "%s%.120s", explained ? "digital silence: " : "",
		 explained ? c->silent_because : h->reason);
	bool news = h->verdict == SOUND_GOOD ? set_state(c, INPUT_ONLINE, "")
					     : set_state(c, INPUT_IMPAIRED, reason);
	if (news && h->verdict == SOUND_GOOD)
		LOG_INFO("sounds as it should again");
	else if (news)
		LOG_WARN("impaired: %s", reason);
	if (changed && h->verdict == SOUND_SILENT && !explained && c->kind->renew != NULL)
		c->kind->renew(c->source);
}

/* Readers finish what they began: a decision does not stay on while nothing is heard. */
static void end_stream(struct capture *c)
{
	if (!c->anchored)
		return;
	ring_write(c->ring,
		   &(struct ring_block){
			   .index = c->index, .flags = RING_END, .time_ns = time_of(c, c->index) },
		   NULL);
	wake_readers(c);
	c->anchored = false;
}

static void on_online(struct capture *c)
{
	if (c->said.state == INPUT_IMPAIRED || !set_state(c, INPUT_ONLINE, ""))
		return;
	LOG_INFO("%s", c->coming);
	wake_readers(c);
	worker_ready(&c->worker);
}

/* The supervisor hears of it, too: a service is ready with an input that is known to be down. */
static void on_offline(struct capture *c, const char *reason)
{
	struct msg_failed m = { 0 };

	if (!set_state(c, INPUT_OFFLINE, reason))
		return;
	LOG_WARN("offline: %s", reason);
	end_stream(c);
	snprintf(m.text, sizeof(m.text), "%s", reason);
	channel_send_failed(WORKER_FD_CONTROL, &m);
}

static void on_state(void *context, enum input_state state, const char *reason)
{
	struct capture *c = context;

	switch (state) {
	case INPUT_ONLINE: on_online(c); break;
	case INPUT_IMPAIRED: set_state(c, state, reason); break;
	case INPUT_OFFLINE: on_offline(c, reason); break;
	case INPUT_ENDED:
		end_stream(c);
		set_state(c, state, reason);
		c->worker.loop.stopped = true;
		break;
	}
}

/* ---- what it delivers ---- */

/* Where the stream goes on: behind what a former process of this input, or the same at another
 * rate, has written. Windows and so the ids of events are counted from the stream's start, and no
 * number may come twice. */
static uint64_t next_index(const struct capture *c, double rate_hz)
{
	struct ring_format before;
	struct ring_block last;

	if (!ring_get_format(c->ring, &before) || !ring_last(c->ring, &last))
		return 0;
	uint64_t frames = last.index + last.frames;
	return rate_hz == before.rate_hz
		       ? frames
		       : (uint64_t)ceil((double)frames / before.rate_hz * rate_hz);
}

/* A new opening of the same is no new verdict: that takes its second of good sound. */
static void prepare_health(struct capture *c, const struct source_format *format)
{
	if (c->said.state != INPUT_IMPAIRED || format->rate_hz != c->format.rate_hz ||
	    format->channels != c->format.channels)
		sound_health_init(&c->health, format->rate_hz, format->channels,
				  format->wanted_channels, format->bits);
	snprintf(c->silent_because, sizeof(c->silent_because), "%s",
		 format->silent_because != NULL ? format->silent_because : "");
}

static int on_format(void *context, const struct source_format *format, struct source_stream *out,
		     struct fault *f)
{
	struct capture *c = context;

	prepare_health(c, format);
	end_stream(c);
	c->index = next_index(c, format->rate_hz);
	int rc = ring_set_format(c->ring, format->rate_hz, format->channels);
	if (rc < 0 || !ring_get_format(c->ring, &c->format))
		return fault_set(f, -EBADMSG, "%s: %u channels at %g Hz are too much for the ring",
				 format->from, format->channels, format->rate_hz);
	*out = (struct source_stream){ .block_frames = c->format.block_frames,
				       .burst_blocks = (unsigned)ring_slots(c->ring) / 2,
				       .frames = c->index };
	snprintf(c->coming, sizeof(c->coming), "%.200s: %g Hz, %u channel%s%s%s", format->from,
		 format->rate_hz, format->channels, format->channels == 1 ? "" : "s",
		 format->details != NULL ? ", " : "",
		 format->details != NULL ? format->details : "");
	return 0;
}

/* No card's clock is this machine's: 0.01 % are 9 seconds a day, and times of decisions are for
 * people. So the stream begins anew now and then, rather than to stretch it. */
static bool has_drifted(struct capture *c, const struct source_block *b)
{
	int64_t off_ns = c->anchored ? b->time_ns - time_of(c, c->index) : 0;

	if (llabs(off_ns) < MOST_DRIFT_NS)
		return false;
	if (log_gate(&c->drift_gate, clock_monotonic_ns(), 3600))
		LOG_INFO("the clock of the card is %.1f s %s: the stream begins anew",
			 (double)llabs(off_ns) / 1e9, off_ns > 0 ? "late" : "early");
	return true;
}

static void on_block(void *context, const struct source_block *b)
{
	struct capture *c = context;
	bool gap = b->gap || (!c->anchored && c->index > 0) || has_drifted(c, b);

	if (gap || !c->anchored) {
		c->anchor = c->index;
		c->anchor_ns = b->time_ns;
		c->anchored = true;
	}
	ring_write(c->ring,
		   &(struct ring_block){ .index = c->index,
					 .frames = b->frames,
					 .flags = gap ? RING_GAP : 0,
					 .time_ns = time_of(c, c->index) },
		   b->samples);
	c->index += b->frames;
	if (c->kind->live && c->said.state != INPUT_OFFLINE)
		judge_sound(c, b);
}

static void on_note(void *context, enum log_level level, const char *sentence)
{
	(void)context;
	log_line(level, "%s", sentence);
}

/* ---- the process ---- */

static int capture_open(struct capture *c, struct fault *f)
{
	const struct schema_item *item =
		schema_find(&c->worker.config->settings.inputs, c->worker.name);
	struct source_start start = { .name = c->worker.name,
				      .loop = &c->worker.loop,
				      .sink = &c->sink };

	c->kind = item == NULL ? NULL : source_find(item->schema);
	if (c->kind == NULL)
		return fault_set(f, -EINVAL, "no input is named '%s'", c->worker.name);
	start.settings = item->settings;
	int rc = ring_open_writer(FD_RING, &c->ring);
	if (rc < 0)
		return fault_set(f, rc, "ring: %s", strerror(-rc));
	return c->kind->open(&start, &c->source, f);
}

static void on_message(void *context, const struct message *m)
{
	if (m->type == MSG_REFRESH)
		tell_publish(context);
}

static void on_stop(void *context)
{
	((struct capture *)context)->worker.loop.stopped = true;
}

int role_capture(int argc, char **argv)
{
	struct capture c = { .said.state = INPUT_OFFLINE };
	struct fault f = { 0 };
	enum exit_code code = worker_start(&c.worker, ROLE_CAPTURE, argc, argv);

	if (code != EXIT_DONE)
		return code;
	c.sink = (struct source_sink){ .context = &c,
				       .format = on_format,
				       .block = on_block,
				       .flush = wake_readers,
				       .state = on_state,
				       .readers_keep_up = readers_keep_up,
				       .note = on_note };
	c.worker.on_stop = on_stop;
	c.worker.on_message = on_message;
	c.worker.context = &c;
	if (capture_open(&c, &f) < 0) {
		set_state(&c, INPUT_OFFLINE, f.text);
		code = worker_failed(&c.worker, &f);
	} else {
		code = worker_run(&c.worker);
	}
	if (c.kind != NULL)
		c.kind->close(c.source);
	ring_free(c.ring);
	worker_end(&c.worker);
	return code;
}
