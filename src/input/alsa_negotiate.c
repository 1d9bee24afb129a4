/* alsa_negotiate.c - what a PCM and edged agree on. */
#include "input/alsa_negotiate.h"

#include <errno.h>

#include "base/cleanup.h"
#include "input/sound_file.h" /* SOUND_MOST_CHANNELS */

enum { PERIODS_A_SECOND = 50 };

static int agree_on_access(snd_pcm_t *pcm, snd_pcm_hw_params_t *p, struct alsa_agreed *out,
			   struct fault *f)
{
	if (snd_pcm_hw_params_set_access(pcm, p, SND_PCM_ACCESS_MMAP_INTERLEAVED) == 0) {
		out->mapped = true;
		return 0;
	}
	int rc = snd_pcm_hw_params_set_access(pcm, p, SND_PCM_ACCESS_RW_INTERLEAVED);
	return rc < 0 ? fault_set(f, rc, "no interleaved access") : 0;
}

static int agree_on_format(snd_pcm_t *pcm, snd_pcm_hw_params_t *p, struct alsa_agreed *out,
			   struct fault *f)
{
	const struct alsa_format *format = alsa_formats;

	while (format->convert != NULL && snd_pcm_hw_params_test_format(pcm, p, format->format) < 0)
		format++;
	if (format->convert == NULL)
		return fault_set(f, -EINVAL,
				 "none of the formats S16_LE, S32_LE, S24_3LE, FLOAT_LE");
	out->format = format;
	return snd_pcm_hw_params_set_format(pcm, p, format->format);
}

static int agree_on_channels(snd_pcm_t *pcm, snd_pcm_hw_params_t *p, unsigned wanted,
			     struct fault *f)
{
	unsigned channels = wanted;
	int rc = 0;

	if (wanted == 0 || snd_pcm_hw_params_test_channels(pcm, p, wanted) < 0)
		rc = snd_pcm_hw_params_get_channels_min(p, &channels);
	if (rc == 0 && channels > SOUND_MOST_CHANNELS)
		return fault_set(f, -EINVAL, "at least %u channels (up to %d are taken)", channels,
				 SOUND_MOST_CHANNELS);
	if (rc == 0)
		rc = snd_pcm_hw_params_set_channels(pcm, p, channels);
	return rc < 0 ? fault_set(f, rc, "channels: %s", snd_strerror(rc)) : 0;
}

static int agree_on_rate(snd_pcm_t *pcm, snd_pcm_hw_params_t *p, double wanted, struct fault *f)
{
	const unsigned rates[] = { (unsigned)wanted, 16000, 48000, 44100 };
	unsigned rate = 0;

	for (size_t i = wanted > 0 ? 0 : 1; i < ARRAY_SIZE(rates) && rate == 0; i++)
		if (snd_pcm_hw_params_test_rate(pcm, p, rates[i], 0) == 0)
			rate = rates[i];
	if (rate == 0)
		rate = rates[1];
	int rc = snd_pcm_hw_params_set_rate_near(pcm, p, &rate, NULL);
	return rc < 0 ? fault_set(f, rc, "rate: %s", snd_strerror(rc)) : 0;
}

static int agree_on_sizes(snd_pcm_t *pcm, snd_pcm_hw_params_t *p, struct fault *f)
{
	unsigned rate = 0;
	int rc = snd_pcm_hw_params_get_rate(p, &rate, NULL);
	snd_pcm_uframes_t period = rate / PERIODS_A_SECOND, buffer = rate;

	if (rc == 0)
		rc = snd_pcm_hw_params_set_period_size_near(pcm, p, &period, NULL);
	if (rc == 0)
		rc = snd_pcm_hw_params_set_buffer_size_near(pcm, p, &buffer);
	return rc < 0 ? fault_set(f, rc, "period and buffer: %s", snd_strerror(rc)) : 0;
}

static int read_back(const snd_pcm_hw_params_t *p, struct alsa_agreed *out, struct fault *f)
{
	unsigned numerator = 0, denominator = 0;
	int rc = snd_pcm_hw_params_get_channels(p, &out->channels);

	if (rc == 0)
		rc = snd_pcm_hw_params_get_rate_numden(p, &numerator, &denominator);
	if (rc == 0)
		rc = snd_pcm_hw_params_get_period_size(p, &out->period, NULL);
	if (rc == 0)
		rc = snd_pcm_hw_params_get_buffer_size(p, &out->buffer);
	if (rc < 0 || denominator == 0)
		return fault_set(f, -EIO, "it does not say what it delivers");
	int bits = snd_pcm_hw_params_get_sbits(p);
	out->bits = bits > 0 ? (unsigned)bits : (unsigned)snd_pcm_format_width(out->format->format);
	out->rate_hz = (double)numerator / denominator;
	if (out->rate_hz < SOUND_LEAST_HZ || out->rate_hz > SOUND_MOST_HZ)
		return fault_set(f, -EINVAL, "%g Hz (%d to %d)", out->rate_hz, SOUND_LEAST_HZ,
				 SOUND_MOST_HZ);
	return 0;
}

int alsa_negotiate(snd_pcm_t *pcm, const struct alsa_settings *wanted, struct alsa_agreed *out,
		   struct fault *f)
{
	struct alsa_agreed agreed = { 0 };
	snd_pcm_hw_params_t *p;

	snd_pcm_hw_params_alloca(&p);
	int rc = snd_pcm_hw_params_any(pcm, p);
	if (rc < 0)
		return fault_set(f, rc, "it has no set of parameters: %s", snd_strerror(rc));
	/* plug would hide a resampler of unknown quality; ours is known */
	snd_pcm_hw_params_set_rate_resample(pcm, p, 0);
	rc = agree_on_access(pcm, p, &agreed, f);
	if (rc == 0)
		rc = agree_on_format(pcm, p, &agreed, f);
	if (rc == 0)
		rc = agree_on_channels(pcm, p, (unsigned)wanted->channels, f);
	if (rc == 0)
		rc = agree_on_rate(pcm, p, wanted->rate_hz, f);
	if (rc == 0)
		rc = agree_on_sizes(pcm, p, f);
	if (rc < 0)
		return rc;
	rc = snd_pcm_hw_params(pcm, p);
	if (rc < 0)
		return fault_set(f, rc, "it refuses what it offered: %s", snd_strerror(rc));
	rc = read_back(p, &agreed, f);
	if (rc == 0)
		*out = agreed;
	return rc;
}

int alsa_set_wake(snd_pcm_t *pcm, snd_pcm_uframes_t wake_frames, struct fault *f)
{
	snd_pcm_sw_params_t *p;

	snd_pcm_sw_params_alloca(&p);
	int rc = snd_pcm_sw_params_current(pcm, p);
	if (rc == 0)
		rc = snd_pcm_sw_params_set_start_threshold(pcm, p, 1);
	if (rc == 0)
		rc = snd_pcm_sw_params_set_avail_min(pcm, p, wake_frames);
	if (rc == 0) { /* without them, the time of waking up is taken */
		snd_pcm_sw_params_set_tstamp_mode(pcm, p, SND_PCM_TSTAMP_ENABLE);
		snd_pcm_sw_params_set_tstamp_type(pcm, p, SND_PCM_TSTAMP_TYPE_MONOTONIC);
		rc = snd_pcm_sw_params(pcm, p);
	}
	return rc < 0 ? fault_set(f, rc, "waking up: %s", snd_strerror(rc)) : 0;
}
