/* mix.c - many channels become one, and no dead microphone hides in the mean. */
#include "signal/mix.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* 16-bit full scale is 32767/32768 above and -1 below; a converter that limits lower than its
 * format's end is not seen. */
#define FULL_SCALE (32767.0f / 32768.0f)
enum { CLIPPED_RUN = 3 };

struct channel {
	float last;
	bool started; /* `last` holds a sample */
	bool lives;
	uint32_t equal; /* samples in a row that equal the one before them */
	uint32_t full;	/* samples in a row at full scale */
};

struct mix {
	struct mix_settings settings;
	uint32_t dead_after; /* samples: one second */
	struct mix_report report;
	struct channel channels[];
};

int mix_open(const struct mix_settings *s, struct arena *a, struct mix **out, struct fault *f)
{
	if (s->channels < 1 || s->channels > MIX_CHANNELS_MOST)
		return fault_set(f, -EINVAL, "mix.channels: %zu is not 1 to %d", s->channels,
				 MIX_CHANNELS_MOST);
	if (s->take != MIX_AVERAGE && (s->take < 0 || (size_t)s->take >= s->channels))
		return fault_set(f, -EINVAL, "mix.take: there is no channel %d, only 0 to %zu",
				 s->take, s->channels - 1);
	if (!(s->rate_hz >= 1.0 && s->rate_hz <= 1e9))
		return fault_set(f, -EINVAL, "mix.rate: %g Hz is no rate", s->rate_hz);

	struct mix *m = arena_alloc(a, 1, sizeof(*m) + s->channels * sizeof(m->channels[0]));
	if (m == NULL)
		return fault_set(f, -ENOMEM, "mix: no memory");
	m->settings = *s;
	m->dead_after = (uint32_t)(s->rate_hz + 0.5);
	mix_reset(m);
	*out = m;
	return 0;
}

void mix_reset(struct mix *m)
{
	memset(m->channels, 0, m->settings.channels * sizeof(m->channels[0]));
	m->report = (struct mix_report){ 0 };
}

/* Full scale twice the same way round is what clipping looks like; once is a loud sample. */
static void watch_clipping(struct mix *m, struct channel *c, size_t index, float x)
{
	bool full = x >= FULL_SCALE || x <= -FULL_SCALE;
	bool same_side = (x > 0.0f) == (c->last > 0.0f);

	if (!full)
		c->full = 0;
	else
		c->full = same_side ? c->full + (c->full < UINT32_MAX) : 1;
	if (c->full < CLIPPED_RUN)
		return;
	m->report.clipped += c->full == CLIPPED_RUN ? CLIPPED_RUN : 1;
	m->report.clipped_channels |= UINT64_C(1) << index;
}

static void watch_life(struct mix *m, struct channel *c, float x)
{
	if (!c->started) {
		c->started = true;
	} else if (x != c->last) {
		c->lives = true;
		c->equal = 0;
	} else if (c->lives && ++c->equal >= m->dead_after) {
		c->lives = false;
		m->report.deaths++;
	}
	c->last = x;
}

/* NaNs of two machines differ in their bits, and one would stay in a model's state for ever. */
static float finite_or_zero(struct mix *m, float x)
{
	if (isfinite(x))
		return x;
	m->report.not_finite++;
	return 0.0f;
}

static float mix_frame(struct mix *m, const float *in)
{
	float all = 0.0f, living = 0.0f, taken = 0.0f;
	size_t alive = 0;

	for (size_t i = 0; i < m->settings.channels; i++) {
		struct channel *c = &m->channels[i];
		float x = finite_or_zero(m, in[i]);

		watch_clipping(m, c, i, x);
		watch_life(m, c, x);
		all += x;
		if (c->lives) {
			living += x;
			alive++;
		}
		if ((int)i == m->settings.take)
			taken = x;
	}
	if (m->settings.take != MIX_AVERAGE)
		return taken;
	if (alive == 0)
		return all / (float)m->settings.channels;
	return living / (float)alive;
}

void mix_run(struct mix *m, const float *in, size_t frames, float *out)
{
	for (size_t i = 0; i < frames; i++)
		out[i] = mix_frame(m, in + i * m->settings.channels);
}

void mix_report(const struct mix *m, struct mix_report *out)
{
	*out = m->report;
	for (size_t i = 0; i < m->settings.channels; i++)
		if (!m->channels[i].lives)
			out->dead |= UINT64_C(1) << i;
}
