/* alsa_source.h - what the two files of an `alsa` input share: alsa.c opens it and gives it up,
 * alsa_run.c reads it and recovers it. */
#ifndef EDGED_INPUT_ALSA_SOURCE_H
#define EDGED_INPUT_ALSA_SOURCE_H
#include <poll.h>

#include "input/alsa_pcm.h"
#include "input/source.h"

enum { ALSA_MOST_FDS = 8 };

struct source {
	const struct alsa_settings *settings;
	struct loop *loop;
	const struct source_sink *sink;
	struct alsa_pcm pcm; /* handle NULL: closed, the timer opens it again */
	struct source_stream stream;
	snd_pcm_uframes_t least; /* frames worth reading: a block, unless the buffer is tiny */
	void *raw;		 /* one block */
	float *samples;

	struct pollfd fds[ALSA_MOST_FDS];
	struct watch watches[ALSA_MOST_FDS];
	unsigned fd_count;
	int timer, inotify;
	struct watch alarm, hint;

	int64_t opened_ns, heard_ns; /* heard: when samples came, or it was started */
	bool heard, gap, renew;
	unsigned recoveries;	  /* since samples came */
	unsigned resumes;	  /* tries to wake it from a suspension; 0: not suspended */
	unsigned failed_openings; /* in a row that did not last */
	int64_t retry_ms, io_error_ns;
	uint64_t overruns;
	struct log_gate overrun_gate, reopen_gate;
};

void alsa_note(struct source *s, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* alsa.c: it misbehaves, and a new opening may help; or the device is gone; or all it gives is zeros. All
 * of them close it. */
void alsa_reopen(struct source *s, const char *why);
void alsa_lost(struct source *s, int rc);
void alsa_renew(struct source *s);

/* alsa_run.c: serves the PCM from the loop, or no longer. */
int alsa_watch(struct source *s, struct fault *f);
void alsa_unwatch(struct source *s);
void alsa_try_resume(struct source *s); /* where s->resumes > 0, now and then */
#endif
