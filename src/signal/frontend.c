/* frontend.c - from a window of samples to what a sound model was trained on. */
#include "signal/frontend.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "signal/mel.h"
#include "signal/micro.h"

enum { WINDOW_MOST = 1 << 24 };

struct kind {
	int (*open)(struct frontend *e, const struct frontend_settings *s, struct arena *a,
		    struct fault *f);
	void (*run)(struct frontend *e, const float *samples, float *out);
	void (*reset)(struct frontend *e); /* NULL: nothing is kept */
};

struct frontend {
	const struct kind *kind;
	size_t samples, hop, rows, columns, inputs;
	union {
		struct mel *mel;
		struct micro *micro;
	};
};

/* ---- none: the model takes the samples ---- */

static int open_none(struct frontend *e, const struct frontend_settings *s, struct arena *a,
		     struct fault *f)
{
	double samples = __builtin_floor(s->rate_hz * (double)s->length_ns / 1e9 + 0.5);

	(void)a;
	if (!(samples >= 1.0 && samples <= WINDOW_MOST))
		return fault_set(f, -EINVAL, "front_end.length: %.0f samples are not 1 to %d",
				 samples, WINDOW_MOST);
	e->samples = e->columns = (size_t)samples;
	e->rows = 1;
	return 0;
}

static void run_none(struct frontend *e, const float *samples, float *out)
{
	memcpy(out, samples, e->samples * sizeof(float));
}

/* ---- mel ---- */

static int open_mel(struct frontend *e, const struct frontend_settings *s, struct arena *a,
		    struct fault *f)
{
	int rc = mel_open(s, a, &e->mel, f);
	if (rc < 0)
		return rc;

	bool mel_first = s->layout == LAYOUT_MEL_FIRST;
	e->samples = mel_samples(e->mel);
	e->rows = mel_first ? mel_width(e->mel) : mel_frames(e->mel);
	e->columns = mel_first ? mel_frames(e->mel) : mel_width(e->mel);
	return 0;
}

static void run_mel(struct frontend *e, const float *samples, float *out)
{
	mel_run(e->mel, samples, out);
}

/* ---- micro ---- */

static int open_micro(struct frontend *e, const struct frontend_settings *s, struct arena *a,
		      struct fault *f)
{
	int rc = micro_open(s, a, &e->micro, f);
	if (rc < 0)
		return rc;

	e->samples = micro_samples(e->micro);
	e->hop = micro_hop(e->micro);
	e->rows = micro_rows(e->micro);
	e->columns = micro_width(e->micro);
	return 0;
}

static void run_micro(struct frontend *e, const float *samples, float *out)
{
	micro_run(e->micro, samples, out);
}

static void reset_micro(struct frontend *e)
{
	micro_reset(e->micro);
}

static const struct kind kinds[] = {
	[FRONTEND_NONE] = { .open = open_none, .run = run_none },
	[FRONTEND_MEL] = { .open = open_mel, .run = run_mel },
	[FRONTEND_MICRO] = { .open = open_micro, .run = run_micro, .reset = reset_micro },
};

static int plan_join(struct frontend *e, const struct frontend_settings *s, struct fault *f)
{
	e->inputs = 1;
	if (s->join == 0)
		return 0;
	if (s->layout == LAYOUT_MEL_FIRST)
		return fault_set(f, -EINVAL, "front_end.join: needs layout: time-first");
	if (s->join < 0 || (size_t)s->join > e->rows)
		return fault_set(f, -EINVAL, "front_end.join: %" PRId64 " frames of a window's %zu",
				 s->join, e->rows);
	e->inputs = e->rows - (size_t)s->join + 1;
	return 0;
}

int frontend_open(const struct frontend_settings *s, struct arena *a, struct frontend **out,
		  struct fault *f)
{
	if ((size_t)s->kind >= ARRAY_SIZE(kinds))
		return fault_set(f, -EINVAL, "front_end.kind: %d is none", (int)s->kind);
	if (!(s->rate_hz > 0.0 && s->rate_hz <= 1e9))
		return fault_set(f, -EINVAL, "front_end.rate: %g Hz is no rate", s->rate_hz);

	struct frontend *e = arena_alloc(a, 1, sizeof(*e));
	if (e == NULL)
		return fault_set(f, -ENOMEM, "front_end: no memory");
	e->kind = &kinds[s->kind];
	int rc = e->kind->open(e, s, a, f);
	if (rc == 0)
		rc = plan_join(e, s, f);
	if (rc < 0)
		return rc;
	*out = e;
	return 0;
}

size_t frontend_window_samples(const struct frontend *e)
{
	return e->samples;
}

size_t frontend_hop_samples(const struct frontend *e)
{
	return e->hop;
}

size_t frontend_rows(const struct frontend *e)
{
	return e->rows;
}

size_t frontend_columns(const struct frontend *e)
{
	return e->columns;
}

size_t frontend_inputs(const struct frontend *e)
{
	return e->inputs;
}

void frontend_reset(struct frontend *e)
{
	if (e->kind->reset != NULL)
		e->kind->reset(e);
}

void frontend_run(struct frontend *e, const float *samples, float *out)
{
	e->kind->run(e, samples, out);
}
