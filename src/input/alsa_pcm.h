/* alsa_pcm.h - opens what an `alsa` input names, and says in words why it cannot. */
#ifndef EDGED_INPUT_ALSA_PCM_H
#define EDGED_INPUT_ALSA_PCM_H
#include "input/alsa_mixer.h"
#include "input/alsa_negotiate.h"

struct alsa_pcm {
	snd_pcm_t *handle;
	char device[120]; /* "hw:CARD=Mic,DEV=0": what was opened */
	struct alsa_agreed agreed;
	char silent[120]; /* why it would be silent, as its mixer says, or "" */
};

/* Non-blocking and prepared. Faults: -ENODEV and others: try again later. */
int alsa_pcm_open(const struct alsa_settings *settings, alsa_warn_fn *warn, void *context,
		  struct alsa_pcm *out, struct fault *f);
void alsa_pcm_close(struct alsa_pcm *p); /* closed already is fine */

/* "another program holds it …": what an error of opening or reading means for people. */
const char *alsa_why(int rc);
#endif
