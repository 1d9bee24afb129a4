/* alsa.c - an input of the kind alsa: opens its PCM, and opens it again whenever it has to. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

#include "base/clock.h"
#include "input/alsa_source.h"

enum {
	ALARM_MS = 250,	      /* how often a running PCM is looked after */
	RETRY_FIRST_MS = 250, /* of a PCM that is not there */
	RETRY_MOST_MS = 5000,
	HINT_MS = 100, /* udev sets the rights of a node after it appeared */
	STEADY_S = 5,  /* after so long it was not the opening that failed */
};

void alsa_note(struct source *s, enum log_level level, const char *format, ...)
{
	char line[400];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	s->sink->note(s->sink->context, level, line);
}

static void on_warning(void *context, const char *sentence)
{
	const struct source *s = context;

	if (s->failed_openings <= 1) /* once, not at every try */
		alsa_note(context, LOG_LEVEL_WARN, "%s", sentence);
}

static void open_pcm(struct source *s);

/* ---- closing, and what comes after it ---- */

static void close_pcm(struct source *s)
{
	alsa_unwatch(s);
	s->resumes = 0;
	s->gap = true;
	alsa_pcm_close(&s->pcm);
}

/* Any event is a hint only. The folder is not there as long as no card is. */
static void watch_folders(const struct source *s)
{
	if (s->inotify < 0)
		return;
	inotify_add_watch(s->inotify, "/dev", IN_CREATE);
	inotify_add_watch(s->inotify, "/dev/snd", IN_CREATE | IN_ATTRIB);
}

/* Nothing comes until the device can be opened again: by and by, or when /dev/snd changes. */
static void go_offline(struct source *s, const char *reason)
{
	close_pcm(s);
	watch_folders(s);
	s->sink->state(s->sink->context, INPUT_OFFLINE, reason);
	loop_timer_set(s->timer, s->retry_ms * MILLISECOND, 0);
	s->retry_ms = s->retry_ms * 2 < RETRY_MOST_MS ? s->retry_ms * 2 : RETRY_MOST_MS;
}

static void forget_failures(struct source *s, int64_t now)
{
	if (!s->heard || now - s->opened_ns < STEADY_S * SECOND)
		return;
	s->failed_openings = 0;
	s->retry_ms = RETRY_FIRST_MS;
}

/* It misbehaves, and a new opening may help: at once where the last one helped for a while. */
void alsa_reopen(struct source *s, const char *why)
{
	int64_t now = clock_monotonic_ns();

	forget_failures(s, now);
	if (s->failed_openings++ > 0) {
		go_offline(s, why);
		return;
	}
	close_pcm(s);
	if (log_gate(&s->reopen_gate, now, 60))
		alsa_note(s, LOG_LEVEL_WARN, "%s; it is opened again", why);
	open_pcm(s);
}

void alsa_lost(struct source *s, int rc)
{
	char reason[160];

	snprintf(reason, sizeof(reason), "%.60s: %s", s->pcm.device, alsa_why(rc));
	forget_failures(s, clock_monotonic_ns());
	go_offline(s, reason);
}

/* Some microphones give zeros until they are opened again, others until they are plugged in again. */
void alsa_renew(struct source *s)
{
	close_pcm(s);
	alsa_note(s, LOG_LEVEL_INFO, "it is opened again, which wakes some microphones");
	open_pcm(s);
}

/* ---- opening ---- */

static int take_format(struct source *s, struct fault *f)
{
	const struct alsa_agreed *a = &s->pcm.agreed;
	double wanted_hz = s->settings->rate_hz;
	char details[160], asked[40] = "";

	if (wanted_hz > 0 && wanted_hz != a->rate_hz)
		snprintf(asked, sizeof(asked), " (it does not have %g Hz)", wanted_hz);
	snprintf(details, sizeof(details), "%s, period %.0f ms, buffer %.0f ms%s",
		 snd_pcm_format_name(a->format->format), (double)a->period / a->rate_hz * 1e3,
		 (double)a->buffer / a->rate_hz * 1e3, asked);
	struct source_format format = {
		.from = s->pcm.device,
		.rate_hz = a->rate_hz,
		.channels = a->channels,
		.details = details,
		.wanted_channels = s->settings->channels > 0 ? (unsigned)s->settings->channels : 1,
		.bits = a->bits,
		.silent_because = s->pcm.silent[0] != '\0' ? s->pcm.silent : NULL,
	};
	int rc = s->sink->format(s->sink->context, &format, &s->stream, f);
	if (rc < 0)
		return rc;
	size_t samples = (size_t)s->stream.block_frames * a->channels;
	free(s->raw);
	free(s->samples);
	s->raw = malloc(samples * a->format->bytes);
	s->samples = malloc(samples * sizeof(float));
	return s->raw == NULL || s->samples == NULL ? fault_set(f, -ENOMEM, "no memory") : 0;
}

static int start_pcm(struct source *s, struct fault *f)
{
	const struct alsa_agreed *a = &s->pcm.agreed;
	int rc = take_format(s, f);

	if (rc < 0)
		return rc;
	s->least = s->stream.block_frames < a->buffer / 2 ? s->stream.block_frames : a->buffer / 2;
	/* a rest that is not worth reading must not wake */
	rc = alsa_set_wake(s->pcm.handle, a->period > s->least ? a->period : s->least, f);
	if (rc == 0)
		rc = alsa_watch(s, f);
	if (rc < 0)
		return rc;
	rc = snd_pcm_start(s->pcm.handle); /* poll alone starts no capture */
	return rc < 0 ? fault_set(f, rc, "%s: start: %s", s->pcm.device, alsa_why(rc)) : 0;
}

static void open_pcm(struct source *s)
{
	struct fault f = { 0 };
	char reason[160];
	int rc = alsa_pcm_open(s->settings, on_warning, s, &s->pcm, &f);

	if (rc == 0)
		rc = start_pcm(s, &f);
	if (rc < 0) {
		snprintf(reason, sizeof(reason), "%.150s", f.text);
		go_offline(s, reason);
		return;
	}
	s->heard = s->renew = false;
	s->recoveries = 0;
	s->opened_ns = s->heard_ns = clock_monotonic_ns();
	loop_timer_set(s->timer, ALARM_MS * MILLISECOND, ALARM_MS * MILLISECOND);
}

static bool is_deaf(const struct source *s)
{
	double periods_s = 3 * (double)s->pcm.agreed.period / s->pcm.agreed.rate_hz;

	return clock_monotonic_ns() - s->heard_ns > SECOND + (int64_t)(periods_s * 1e9);
}

static void on_alarm(void *context, uint32_t events)
{
	struct source *s = context;

	(void)events;
	loop_timer_clear(s->timer);
	if (s->pcm.handle == NULL)
		open_pcm(s);
	else if (s->resumes > 0)
		alsa_try_resume(s);
	else if (is_deaf(s))
		alsa_reopen(s, "it is deaf: open, but no samples come; plug it in again");
}

/* Something under /dev/snd appeared, or got its rights: try soon, whatever it was. */
static void on_hint(void *context, uint32_t events)
{
	struct source *s = context;
	char ignored[4096];

	(void)events;
	while (read(s->inotify, ignored, sizeof(ignored)) > 0)
		continue;
	if (s->pcm.handle == NULL)
		loop_timer_set(s->timer, HINT_MS * MILLISECOND, 0);
}

/* Without hints the timer does it. */
static void watch_for_hints(struct source *s)
{
	s->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (s->inotify >= 0)
		loop_add(s->loop, &s->hint, s->inotify, EPOLLIN, on_hint, s);
}

/* alsa-lib prints what it also returns: a card that is tried for a day would fill the journal. */
static void say_nothing(const char *file, int line, const char *function, int err,
			const char *format, ...)
{
	(void)file;
	(void)line;
	(void)function;
	(void)err;
	(void)format;
}

static void source_close(struct source *s)
{
	if (s == NULL)
		return;
	close_pcm(s);
	loop_remove(s->loop, &s->alarm);
	loop_remove(s->loop, &s->hint);
	if (s->timer >= 0)
		close(s->timer);
	if (s->inotify >= 0)
		close(s->inotify);
	free(s->raw);
	free(s->samples);
	free(s);
	snd_config_update_free_global();
}

static int source_open(const struct source_start *start, struct source **out, struct fault *f)
{
	struct source *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	*s = (struct source){ .settings = start->settings,
			      .loop = start->loop,
			      .sink = start->sink,
			      .timer = loop_timer_create(),
			      .inotify = -1,
			      .alarm.fd = -1,
			      .hint.fd = -1,
			      .retry_ms = RETRY_FIRST_MS };
	int rc = s->timer < 0 ? s->timer
			      : loop_add(s->loop, &s->alarm, s->timer, EPOLLIN, on_alarm, s);
	if (rc < 0) {
		source_close(s);
		return fault_set(f, rc, "timer: %s", strerror(-rc));
	}
	snd_lib_error_set_handler(say_nothing);
	watch_for_hints(s);
	if (s->settings->device != NULL && alsa_device_is_numbered(s->settings->device))
		alsa_note(
			s, LOG_LEVEL_WARN,
			"%s: a card's number depends on what is plugged in first; edgectl devices "
			"lists names",
			s->settings->device);
	open_pcm(s);
	*out = s;
	return 0;
}

static void source_renew(struct source *s)
{
	s->renew = true;
}

const struct source_ops source_alsa = {
	.schema = &alsa_schema,
	.live = true,
	.open = source_open,
	.renew = source_renew,
	.close = source_close,
};
