/* file_source.c - a sound file in the place of a microphone. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "input/sound_file.h"
#include "input/source.h"
#include "settings/input.h"

enum { PACE_TICK_MS = 20, FAST_TICK_MS = 1 };

struct source {
	const struct file_settings *settings;
	struct loop *loop;
	const struct source_sink *sink;
	struct sound_file *file;
	struct source_stream stream;
	float *samples; /* one block */
	int timer;
	struct watch tick;
	uint64_t index;	  /* of the next frame, repetitions counted on */
	int64_t start_ns; /* when frame 0 was, or would have been, taken */
	bool gap;	  /* the next block does not go on from the one before */
};

static int64_t time_of(const struct source *s, uint64_t index)
{
	return s->start_ns + (int64_t)((double)index / s->file->rate_hz * 1e9);
}

static void end(struct source *s)
{
	char line[4200];

	loop_timer_set(s->timer, 0, 0);
	snprintf(line, sizeof(line), "%s has ended after %.1f s", s->settings->path,
		 (double)s->index / s->file->rate_hz);
	s->sink->note(s->sink->context, LOG_LEVEL_INFO, line);
	s->sink->state(s->sink->context, INPUT_ENDED, "");
}

/* Frames read, 0 at the end; a repeated file begins again, with a gap. */
static int64_t read_block(struct source *s, struct fault *f)
{
	int64_t got = sound_file_read(s->file, s->samples, s->stream.block_frames, f);

	if (got != 0 || !s->settings->repeat)
		return got;
	int rc = sound_file_seek(s->file, 0, f);
	if (rc < 0)
		return rc;
	s->gap = true;
	return sound_file_read(s->file, s->samples, s->stream.block_frames, f);
}

/* One block to the stream; false where the file has ended. */
static bool give_block(struct source *s)
{
	struct fault f = { 0 };
	int64_t got = read_block(s, &f);

	if (got < 0)
		s->sink->note(s->sink->context, LOG_LEVEL_ERR, f.text);
	if (got <= 0) {
		end(s);
		return false;
	}
	s->sink->block(s->sink->context, &(struct source_block){ .samples = s->samples,
								 .frames = (unsigned)got,
								 .time_ns = time_of(s, s->index),
								 .gap = s->gap });
	s->index += (uint64_t)got;
	s->gap = false;
	return true;
}

/* As a microphone would: a block is there when its last sample has been. */
static void on_real_time_tick(void *context, uint32_t events)
{
	struct source *s = context;
	double elapsed = (double)(clock_monotonic_ns() - s->start_ns) / 1e9 * s->file->rate_hz;
	bool more = true, any = false;

	(void)events;
	loop_timer_clear(s->timer);
	while (more && (double)(s->index + s->stream.block_frames) <= elapsed) {
		more = give_block(s);
		any = true;
	}
	if (any && more)
		s->sink->flush(s->sink->context);
}

static void on_fast_tick(void *context, uint32_t events)
{
	struct source *s = context;
	bool more = true;

	(void)events;
	loop_timer_clear(s->timer);
	if (!s->sink->readers_keep_up(s->sink->context))
		return;
	for (size_t i = 0; more && i < s->stream.burst_blocks; i++)
		more = give_block(s);
	if (more)
		s->sink->flush(s->sink->context);
}

/* A former capture of this input got so far: go on behind it, without what was missed meanwhile. */
static int resume(struct source *s, struct fault *f)
{
	char line[4200];

	s->start_ns = clock_monotonic_ns();
	if (s->stream.frames == 0)
		return 0;
	s->index = s->stream.frames;
	s->start_ns -= (int64_t)((double)s->index / s->file->rate_hz * 1e9);
	s->gap = true;
	snprintf(line, sizeof(line), "goes on at %.1f s of %s", (double)s->index / s->file->rate_hz,
		 s->settings->path);
	s->sink->note(s->sink->context, LOG_LEVEL_INFO, line);
	return sound_file_seek(s->file, s->index % (s->file->frames + 1), f);
}

static void file_close(struct source *s)
{
	if (s == NULL)
		return;
	loop_remove(s->loop, &s->tick);
	if (s->timer >= 0)
		close(s->timer);
	sound_file_free(s->file);
	free(s->samples);
	free(s);
}

static int start_timer(struct source *s, struct fault *f)
{
	bool fast = s->settings->pace == PACE_FAST;
	int64_t every = (fast ? FAST_TICK_MS : PACE_TICK_MS) * MILLISECOND;
	int rc = s->timer = loop_timer_create();

	if (rc >= 0)
		rc = loop_add(s->loop, &s->tick, s->timer, EPOLLIN,
			      fast ? on_fast_tick : on_real_time_tick, s);
	if (rc < 0)
		return fault_set(f, rc, "timer: %s", strerror(-rc));
	loop_timer_set(s->timer, every, every);
	return 0;
}

static int begin(struct source *s, struct fault *f)
{
	int rc = sound_file_open(s->settings->path, &s->file, f);

	if (rc < 0)
		return rc;
	struct source_format format = { .from = s->settings->path,
					.rate_hz = s->file->rate_hz,
					.channels = s->file->channels };
	rc = s->sink->format(s->sink->context, &format, &s->stream, f);
	if (rc < 0)
		return rc;
	s->samples = calloc((size_t)s->stream.block_frames * s->file->channels, sizeof(float));
	if (s->samples == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	rc = resume(s, f);
	return rc < 0 ? rc : start_timer(s, f);
}

static int file_open(const struct source_start *start, struct source **out, struct fault *f)
{
	struct source *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	*s = (struct source){ .settings = start->settings,
			      .loop = start->loop,
			      .sink = start->sink,
			      .timer = -1,
			      .tick.fd = -1 };
	int rc = begin(s, f);
	if (rc < 0) {
		file_close(s);
		return rc;
	}
	s->sink->state(s->sink->context, INPUT_ONLINE, "");
	*out = s;
	return 0;
}

const struct source_ops source_file = {
	.schema = &file_schema,
	.open = file_open,
	.close = file_close,
};
