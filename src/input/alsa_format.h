/* alsa_format.h - the sample formats that edged takes from ALSA. */
#ifndef EDGED_INPUT_ALSA_FORMAT_H
#define EDGED_INPUT_ALSA_FORMAT_H
#include <alsa/asoundlib.h>
#include <stddef.h>

/* `samples` of them to floats in -1..1; what is no number becomes 0. */
typedef void alsa_convert_fn(const void *from, size_t samples, float *to);

struct alsa_format {
	snd_pcm_format_t format;
	unsigned bytes;
	alsa_convert_fn *convert;
};

/* Best first; ends with a convert of NULL. */
extern const struct alsa_format alsa_formats[];
#endif
