/* sound_health.c - tells the sound of a working microphone from that of a broken one. */
#include "input/sound_health.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* Spans of half a second: a fault needs six of them in a row, its end two. */
enum { SPANS_A_SECOND = 2, SPANS_BAD = 6, SPANS_GOOD = 2, RATE_SPAN_S = 4, CLIPPED_RUN = 3 };
static const float full_scale = 1 - 1.5F / 32768; /* also the largest sample of 16 bits */
static const double most_offset = 0.05, most_clipped = 0.01, most_rate_error = 0.01;

static void begin_span(struct sound_health *h)
{
	for (unsigned k = 0; k < h->channels; k++)
		h->channel[k] = (struct sound_channel){ .low = INFINITY,
							.high = -INFINITY,
							.run = h->channel[k].run };
	h->frames = 0;
}

void sound_health_init(struct sound_health *h, double rate_hz, unsigned channels, unsigned wanted,
		       unsigned bits)
{
	*h = (struct sound_health){
		.rate_hz = rate_hz,
		.channels = channels < SOUND_MOST_CHANNELS ? channels : SOUND_MOST_CHANNELS,
		.wanted = wanted,
		/* floats have 24 bits of their own */
		.step = (float)ldexp(1, 1 - (int)(bits < 24 ? bits : 24)),
		.span_frames = (unsigned)(rate_hz / SPANS_A_SECOND),
	};
	begin_span(h);
}

static void take_sample(struct sound_channel *c, float x)
{
	c->low = x < c->low ? x : c->low;
	c->high = x > c->high ? x : c->high;
	c->sum += (double)x;
	c->run = fabsf(x) >= full_scale ? c->run + 1 : 0;
	if (c->run == CLIPPED_RUN)
		c->clipped += CLIPPED_RUN;
	else if (c->run > CLIPPED_RUN)
		c->clipped++;
}

static bool is_dead(const struct sound_health *h, unsigned channel)
{
	return h->channel[channel].high - h->channel[channel].low < 2 * h->step;
}

/* ---- what a span shows, and its sentence ---- */

static enum sound_fault judge_life(const struct sound_health *h, char *reason, size_t size)
{
	unsigned dead = 0, first = 0;

	for (unsigned k = h->channels; k-- > 0;)
		if (is_dead(h, k)) {
			dead++;
			first = k;
		}
	if (h->channels - dead >= h->wanted && dead < h->channels)
		return SOUND_GOOD;
	if (dead < h->channels) {
		snprintf(reason, size, "channel %u of %u is dead: its samples do not change",
			 first + 1, h->channels);
		return SOUND_DEAD_CHANNEL;
	}
	if (h->channel[0].high == h->channel[0].low)
		snprintf(reason, size,
			 "digital silence: every sample is %g; the microphone is muted or hangs",
			 (double)h->channel[0].low);
	else
		snprintf(reason, size,
			 "digital silence: the samples move by one step of the converter only");
	return SOUND_SILENT;
}

static enum sound_fault judge_rate(const struct sound_health *h, char *reason, size_t size)
{
	if (h->measured_hz == 0)
		return SOUND_GOOD;
	snprintf(reason, size, "%.0f samples a second come instead of %.0f", h->measured_hz,
		 h->rate_hz);
	return SOUND_WRONG_RATE;
}

static enum sound_fault judge_level(const struct sound_health *h, char *reason, size_t size)
{
	double offset = 0, clipped = 0;

	for (unsigned k = 0; k < h->channels; k++) {
		double mean = h->channel[k].sum / h->frames;
		if (is_dead(h, k))
			continue; /* and not wanted */
		offset = fabs(mean) > fabs(offset) ? mean : offset;
		clipped = fmax(clipped, (double)h->channel[k].clipped / h->frames);
	}
	if (fabs(offset) > most_offset) {
		snprintf(reason, size, "the samples lie %.0f %% of full scale beside zero",
			 offset * 100);
		return SOUND_OFFSET;
	}
	if (clipped > most_clipped) {
		snprintf(reason, size, "%.1f %% of the samples are clipped: the gain is too high",
			 clipped * 100);
		return SOUND_CLIPPED;
	}
	return SOUND_GOOD;
}

static enum sound_fault judge_span(const struct sound_health *h, char *reason, size_t size)
{
	enum sound_fault fault = judge_life(h, reason, size);

	if (fault == SOUND_GOOD)
		fault = judge_rate(h, reason, size);
	return fault != SOUND_GOOD ? fault : judge_level(h, reason, size);
}

/* Any faults in a row make one verdict, the latest; from one to the other it takes as long again. */
static bool end_span(struct sound_health *h)
{
	char reason[sizeof(h->reason)] = "";
	enum sound_fault fault = judge_span(h, reason, sizeof(reason));

	begin_span(h);
	h->spans = fault == h->verdict ? 0 : h->spans + 1;
	/* the rate was measured for long enough already */
	if (fault == h->verdict || (h->spans < (fault == SOUND_GOOD ? SPANS_GOOD : SPANS_BAD) &&
				    fault != SOUND_WRONG_RATE))
		return false;
	h->verdict = fault;
	h->spans = 0;
	memcpy(h->reason, reason, sizeof(reason));
	return true;
}

/* ---- what comes ---- */

static void measure_rate(struct sound_health *h, size_t frames, int64_t time_ns, bool gap)
{
	int64_t span_ns = time_ns - h->rate_from_ns;

	if (!h->rate_begun || gap) {
		h->rate_begun = true;
		h->rate_from_ns = time_ns;
		h->rate_frames = 0;
	} else if (span_ns >= RATE_SPAN_S * SECOND) {
		double hz = (double)h->rate_frames * 1e9 / (double)span_ns;
		bool off = fabs(hz / h->rate_hz - 1) > most_rate_error;
		h->measured_hz = off ? hz : 0;
		h->rate_from_ns = time_ns;
		h->rate_frames = 0;
	}
	h->rate_frames += frames;
}

bool sound_health_push(struct sound_health *h, const float *samples, size_t frames, int64_t time_ns,
		       bool gap)
{
	bool changed = false;

	measure_rate(h, frames, time_ns, gap);
	for (size_t i = 0; i < frames; i++) {
		for (unsigned k = 0; k < h->channels; k++)
			take_sample(&h->channel[k], samples[i * h->channels + k]);
		if (++h->frames >= h->span_frames)
			changed |= end_span(h);
	}
	return changed;
}
