/* alsa_negotiate.h - what a PCM and edged agree on. */
#ifndef EDGED_INPUT_ALSA_NEGOTIATE_H
#define EDGED_INPUT_ALSA_NEGOTIATE_H
#include <stdbool.h>

#include "base/fault.h"
#include "input/alsa_format.h"
#include "settings/input.h"

/* All as read back from the device. */
struct alsa_agreed {
	const struct alsa_format *format;
	bool mapped; /* read by snd_pcm_mmap_readi() */
	unsigned channels, bits;
	double rate_hz;
	snd_pcm_uframes_t period, buffer;
};

/* Asks in this order for access, format, channels, rate, period and buffer, and sets them. */
int alsa_negotiate(snd_pcm_t *pcm, const struct alsa_settings *wanted, struct alsa_agreed *out,
		   struct fault *f);

/* Wakes at `wake_frames` at the earliest, with monotonic time stamps. */
int alsa_set_wake(snd_pcm_t *pcm, snd_pcm_uframes_t wake_frames, struct fault *f);
#endif
