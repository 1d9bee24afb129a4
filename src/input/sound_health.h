/* sound_health.h - tells the sound of a working microphone from that of a broken one. */
#ifndef EDGED_INPUT_SOUND_HEALTH_H
#define EDGED_INPUT_SOUND_HEALTH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "input/sound_file.h" /* SOUND_MOST_CHANNELS */

/* In the order in which one hides the next: what is silent is not clipped. */
enum sound_fault {
	SOUND_GOOD,
	SOUND_SILENT,	    /* no channel that was asked for moves by two steps of its converter */
	SOUND_DEAD_CHANNEL, /* some of them do */
	SOUND_WRONG_RATE,   /* frames against time: off by more than 1 % */
	SOUND_OFFSET,	    /* the mean lies more than 5 % of full scale beside zero */
	SOUND_CLIPPED, /* more than 1 % of the samples stand at full scale, three or more in a row */
};

struct sound_channel {
	float low, high;
	double sum;
	uint64_t clipped;
	unsigned run; /* samples at full scale in a row */
};

struct sound_health {
	double rate_hz;
	unsigned channels, wanted; /* so many of them have to live */
	float step;		   /* of the converter: 2^-(bits-1) */
	unsigned span_frames;

	struct sound_channel channel[SOUND_MOST_CHANNELS]; /* of the span under way */
	unsigned frames;
	uint64_t rate_frames; /* since rate_from_ns; the rate needs a longer span */
	int64_t rate_from_ns;
	bool rate_begun;
	double measured_hz; /* 0: not off */

	unsigned spans; /* so many in a row speak against the verdict */
	enum sound_fault verdict;
	char reason[160]; /* a sentence, "" if good */
};

/* bits: of the converter, 1 to 32; channels up to SOUND_MOST_CHANNELS, `wanted` of which must live. */
void sound_health_init(struct sound_health *h, double rate_hz, unsigned channels, unsigned wanted,
		       unsigned bits);

/* Interleaved samples; time of the first, as measured; gap: samples are missing before it. True
 * where the verdict changes: to a fault after 3 s of it, back after 1 s of good sound. */
bool sound_health_push(struct sound_health *h, const float *samples, size_t frames, int64_t time_ns,
		       bool gap);
#endif
