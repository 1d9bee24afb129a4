/* alsa_pcm.c - opens what an `alsa` input names, and says in words why it cannot. */
#include "input/alsa_pcm.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "input/usb_port.h"

const char *alsa_why(int rc)
{
	static const struct {
		int rc;
		const char *why;
	} known[] = {
		{ -ENOENT, "there is no such device (edgectl devices lists what there is)" },
		{ -ENODEV, "it is not there (unplugged?)" },
		{ -ENXIO, "it is not there (unplugged?)" },
		{ -EBADFD, "it is not there (unplugged?)" },
		{ -EBUSY, "another program holds it: PipeWire, PulseAudio or another edged "
			  "(fuser -v /dev/snd/* names it)" },
		{ -EACCES, "no permission: the user has to be in the group audio" },
		{ -EPERM, "no permission: the user has to be in the group audio" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].rc == rc)
			return known[i].why;
	return snd_strerror(rc);
}

static int resolve(const struct alsa_settings *s, struct alsa_pcm *p, struct fault *f)
{
	if (s->usb == NULL) {
		snprintf(p->device, sizeof(p->device), "%s", s->device);
		return 0;
	}
	int card = usb_port_card("/sys", s->usb);
	if (card < 0)
		return fault_set(f, -ENODEV, "no sound card is in USB port %s", s->usb);
	snprintf(p->device, sizeof(p->device), "hw:%d,0", card);
	return 0;
}

/* The control device of the card that the PCM belongs to; plugins may belong to none. */
static bool own_card(snd_pcm_t *pcm, char out[16])
{
	snd_pcm_info_t *info;

	snd_pcm_info_alloca(&info);
	if (snd_pcm_info(pcm, info) < 0 || snd_pcm_info_get_card(info) < 0)
		return false;
	snprintf(out, 16, "hw:%d", snd_pcm_info_get_card(info));
	return true;
}

static void set_mixer(const struct alsa_settings *s, alsa_warn_fn *warn, void *context,
		      struct alsa_pcm *p)
{
	const struct alsa_mixer_settings *m = &s->mixer;
	char own[16], line[300];

	p->silent[0] = '\0';
	if (m->card != NULL || own_card(p->handle, own)) {
		alsa_mixer_set(m->card != NULL ? m->card : own, m, warn, context, p->silent,
			       sizeof(p->silent));
	} else if (m->capture != SWITCH_LEAVE || m->volume_percent > 0 ||
		   m->automatic_gain != SWITCH_LEAVE) {
		snprintf(
			line, sizeof(line),
			"%s belongs to no card: its mixer is not set (mixer: {card: ...} names one)",
			p->device);
		warn(context, line);
	}
	if (p->silent[0] != '\0') {
		snprintf(line, sizeof(line), "%s: %s", p->device, p->silent);
		warn(context, line);
	}
}

int alsa_pcm_open(const struct alsa_settings *settings, alsa_warn_fn *warn, void *context,
		  struct alsa_pcm *out, struct fault *f)
{
	struct alsa_pcm p = { 0 };
	int rc = resolve(settings, &p, f);

	if (rc < 0)
		return rc;
	rc = snd_pcm_open(&p.handle, p.device, SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK);
	if (rc < 0)
		return fault_set(f, rc, "%s: %s", p.device, alsa_why(rc));
	rc = alsa_negotiate(p.handle, settings, &p.agreed, f);
	if (rc < 0) {
		fault_prefix(f, "%s", p.device);
		alsa_pcm_close(&p);
		return rc;
	}
	set_mixer(settings, warn, context, &p);
	*out = p;
	return 0;
}

void alsa_pcm_close(struct alsa_pcm *p)
{
	if (p->handle != NULL)
		snd_pcm_close(p->handle);
	p->handle = NULL;
}
