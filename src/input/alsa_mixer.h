/* alsa_mixer.h - what lets sound into a card, by the simple elements of its mixer. */
#ifndef EDGED_INPUT_ALSA_MIXER_H
#define EDGED_INPUT_ALSA_MIXER_H
#include <stddef.h>

#include "settings/input.h"

typedef void alsa_warn_fn(void *context, const char *sentence);

/* Sets the mixer of `card` ("hw:1"). What cannot be set is told to warn; `silent` gets why the
 * card will be silent ("the capture switch of 'Mic' is off"), or "". */
void alsa_mixer_set(const char *card, const struct alsa_mixer_settings *m, alsa_warn_fn *warn,
		    void *context, char *silent, size_t size);
#endif
