/* alsa_run.c - a running PCM: its samples, and the way back from every error. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "input/alsa_source.h"

enum {
	RESUME_TRIES = 8,    /* of a suspended card, one an alarm */
	MOST_RECOVERIES = 4, /* without a sample between them */
};

/* ---- the table of what can go wrong (alsa-lib's own snd_pcm_recover() waits without end, and does
 * not start a capture again) ---- */

static void start_again(struct source *s)
{
	int rc = snd_pcm_prepare(s->pcm.handle);

	if (rc == 0)
		rc = snd_pcm_start(s->pcm.handle);
	alsa_unwatch(s); /* plugins may have other descriptors now */
	if (rc == 0)
		rc = alsa_watch(s, NULL);
	s->heard_ns = clock_monotonic_ns();
	if (rc == -ENODEV || rc == -EBADFD)
		alsa_lost(s, -ENODEV);
	else if (rc < 0)
		alsa_reopen(s, "it cannot be started again");
}

static void on_overrun(struct source *s)
{
	s->overruns++;
	if (log_gate(&s->overrun_gate, clock_monotonic_ns(), 60))
		alsa_note(s, LOG_LEVEL_WARN,
			  "overrun, %llu so far: nobody read for %.1f s; is the board too busy?",
			  (unsigned long long)s->overruns,
			  (double)s->pcm.agreed.buffer / s->pcm.agreed.rate_hz);
	start_again(s);
}

/* A suspended card may need a while: one try an alarm, then as after an overrun. Unwatched, for its
 * descriptors report an error all the time. */
void alsa_try_resume(struct source *s)
{
	int rc = snd_pcm_resume(s->pcm.handle);
	snd_pcm_state_t state = snd_pcm_state(s->pcm.handle);

	s->heard_ns = clock_monotonic_ns();
	if ((rc == -EAGAIN || (rc == 0 && state == SND_PCM_STATE_SUSPENDED)) &&
	    s->resumes++ < RESUME_TRIES)
		return;
	s->resumes = 0;
	if (rc < 0 || state != SND_PCM_STATE_RUNNING || alsa_watch(s, NULL) < 0)
		start_again(s);
}

/* The driver stopped delivering. */
static void on_io_error(struct source *s)
{
	int64_t now = clock_monotonic_ns();
	bool again = s->io_error_ns != 0 && now - s->io_error_ns < 60 * SECOND;

	s->io_error_ns = now;
	if (again) {
		alsa_reopen(s, "its driver stops again and again (input/output error)");
		return;
	}
	snd_pcm_drop(s->pcm.handle);
	start_again(s);
	if (s->pcm.handle != NULL) /* otherwise it was an unplugging */
		alsa_note(s, LOG_LEVEL_WARN,
			  "its driver stopped delivering (input/output error); started again");
}

static void recover(struct source *s, int rc)
{
	if (rc == -EAGAIN)
		return;
	if (snd_pcm_state(s->pcm.handle) == SND_PCM_STATE_DISCONNECTED)
		rc = -ENODEV; /* an unplugged card shows as this and that */
	s->gap = true;
	if (rc != -ENODEV && s->recoveries++ >= MOST_RECOVERIES) {
		alsa_reopen(s, "it was started again and again and gives nothing");
		return;
	}
	switch (rc) {
	case -EPIPE: on_overrun(s); break;
	case -ESTRPIPE:
		s->resumes = 1;
		alsa_unwatch(s);
		alsa_try_resume(s);
		break;
	case -EIO: on_io_error(s); break;
	case -EBADFD: alsa_lost(s, -ENODEV); break;
	default: alsa_lost(s, rc); break;
	}
}

/* ---- reading ---- */

/* When the first frame that waits was taken: the driver's time stamp is of its last one. */
static int64_t first_frame_ns(const struct source *s, snd_pcm_uframes_t waiting)
{
	int64_t now = clock_monotonic_ns(), at = now;
	snd_pcm_uframes_t then = waiting;
	snd_htimestamp_t stamp;

	if (snd_pcm_htimestamp(s->pcm.handle, &then, &stamp) == 0) {
		int64_t stamp_ns = stamp.tv_sec * SECOND + stamp.tv_nsec;
		/* plugins give none, or that of another clock */
		if (stamp_ns > now - 2 * SECOND && stamp_ns <= clock_monotonic_ns())
			at = stamp_ns;
	}
	return at - (int64_t)((double)then / s->pcm.agreed.rate_hz * 1e9);
}

static void give(struct source *s, size_t frames, int64_t time_ns)
{
	const struct alsa_agreed *a = &s->pcm.agreed;

	a->format->convert(s->raw, frames * a->channels, s->samples);
	if (!s->heard)
		s->sink->state(s->sink->context, INPUT_ONLINE, "");
	s->heard = true;
	s->recoveries = 0;
	s->sink->block(s->sink->context, &(struct source_block){ .samples = s->samples,
								 .frames = (unsigned)frames,
								 .time_ns = time_ns,
								 .gap = s->gap });
	s->gap = false;
}

/* Whole blocks, where the buffer holds some: the rest waits for the next wake-up. */
static void read_all(struct source *s)
{
	const struct alsa_agreed *a = &s->pcm.agreed;
	snd_pcm_sframes_t waiting = snd_pcm_avail_update(s->pcm.handle), got = waiting;
	int64_t time_ns = waiting < 0 ? 0 : first_frame_ns(s, (snd_pcm_uframes_t)waiting);
	snd_pcm_uframes_t given = 0;

	while (got > 0 && (snd_pcm_uframes_t)waiting >= given + s->least) {
		snd_pcm_uframes_t most = s->stream.block_frames,
				  rest = (snd_pcm_uframes_t)waiting - given;
		got = (a->mapped ? snd_pcm_mmap_readi : snd_pcm_readi)(s->pcm.handle, s->raw,
								       rest < most ? rest : most);
		if (got <= 0)
			break;
		give(s, (size_t)got, time_ns + (int64_t)((double)given / a->rate_hz * 1e9));
		given += (snd_pcm_uframes_t)got;
	}
	if (given > 0) {
		s->heard_ns = clock_monotonic_ns();
		s->sink->flush(s->sink->context);
	}
	if (got < 0)
		recover(s, (int)got);
	else if (s->renew)
		alsa_renew(s);
}

static int error_of_state(const struct source *s)
{
	switch (snd_pcm_state(s->pcm.handle)) {
	case SND_PCM_STATE_XRUN: return -EPIPE;
	case SND_PCM_STATE_SUSPENDED: return -ESTRPIPE;
	case SND_PCM_STATE_DISCONNECTED: return -ENODEV;
	default: return -EIO;
	}
}

/* What epoll saw is only a hint: plugins translate what their descriptors say. */
static void on_ready(void *context, uint32_t events)
{
	struct source *s = context;
	unsigned short translated = 0;

	(void)events;
	poll(s->fds, s->fd_count, 0);
	int rc = snd_pcm_poll_descriptors_revents(s->pcm.handle, s->fds, s->fd_count, &translated);
	if (rc < 0 || (translated & (POLLERR | POLLHUP | POLLNVAL)))
		recover(s, error_of_state(s));
	else if (translated & POLLIN)
		read_all(s);
}

int alsa_watch(struct source *s, struct fault *f)
{
	int count = snd_pcm_poll_descriptors_count(s->pcm.handle);

	if (count < 1 || count > ALSA_MOST_FDS)
		return fault_set(f, -EMFILE, "%s: %d poll descriptors (1 to %d)", s->pcm.device,
				 count, ALSA_MOST_FDS);
	count = snd_pcm_poll_descriptors(s->pcm.handle, s->fds, (unsigned)count);
	for (int i = 0; i < count; i++, s->fd_count++) {
		int rc = loop_add(s->loop, &s->watches[i], s->fds[i].fd, (uint32_t)s->fds[i].events,
				  on_ready, s);
		if (rc < 0)
			return fault_set(f, rc, "%s: poll: %s", s->pcm.device, strerror(-rc));
	}
	return 0;
}

void alsa_unwatch(struct source *s)
{
	for (unsigned i = 0; i < s->fd_count; i++)
		loop_remove(s->loop, &s->watches[i]);
	s->fd_count = 0;
}
