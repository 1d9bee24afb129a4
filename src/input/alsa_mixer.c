/* alsa_mixer.c - what lets sound into a card, by the simple elements of its mixer. */
#include "input/alsa_mixer.h"

#include <alsa/asoundlib.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One pass over a mixer. */
struct pass {
	const char *card;
	const struct alsa_mixer_settings *settings;
	alsa_warn_fn *warn;
	void *context;
	unsigned switches, open_switches, volumes, open_volumes,
		gains; /* elements that were seen */
	const char *first_switch, *first_volume;
};

static void warn(const struct pass *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void warn(const struct pass *p, const char *format, ...)
{
	char text[200], line[300];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(line, sizeof(line), "mixer of %s: %s", p->card, text);
	p->warn(p->context, line);
}

static void check_set(const struct pass *p, const char *element, const char *what, int rc)
{
	if (rc < 0)
		warn(p, "%s of '%s' cannot be set: %s", what, element, snd_strerror(rc));
}

static void set_gain_control(struct pass *p, snd_mixer_elem_t *e)
{
	int on = p->settings->automatic_gain == SWITCH_ON;
	int rc = -ENOENT;

	p->gains++;
	if (p->settings->automatic_gain == SWITCH_LEAVE)
		return;
	if (snd_mixer_selem_has_capture_switch(e))
		rc = snd_mixer_selem_set_capture_switch_all(e, on);
	else if (snd_mixer_selem_has_playback_switch(e)) /* drivers say so of what is of both */
		rc = snd_mixer_selem_set_playback_switch_all(e, on);
	check_set(p, snd_mixer_selem_get_name(e), "the switch", rc);
}

/* True where one of its channels is let through. */
static bool switch_is_on(snd_mixer_elem_t *e)
{
	for (int k = 0; k <= SND_MIXER_SCHN_LAST; k++) {
		int on = 0;
		if (snd_mixer_selem_has_capture_channel(e, k) &&
		    snd_mixer_selem_get_capture_switch(e, k, &on) == 0 && on)
			return true;
	}
	return false;
}

static void set_switch(struct pass *p, snd_mixer_elem_t *e)
{
	const char *name = snd_mixer_selem_get_name(e);

	if (p->settings->capture != SWITCH_LEAVE)
		check_set(p, name, "the capture switch",
			  snd_mixer_selem_set_capture_switch_all(e, p->settings->capture ==
									    SWITCH_ON));
	if (p->switches++ == 0)
		p->first_switch = name;
	p->open_switches += switch_is_on(e);
}

static bool volume_is_up(snd_mixer_elem_t *e, long low)
{
	for (int k = 0; k <= SND_MIXER_SCHN_LAST; k++) {
		long volume = low;
		if (snd_mixer_selem_has_capture_channel(e, k) &&
		    snd_mixer_selem_get_capture_volume(e, k, &volume) == 0 && volume > low)
			return true;
	}
	return false;
}

static void set_volume(struct pass *p, snd_mixer_elem_t *e)
{
	const char *name = snd_mixer_selem_get_name(e);
	double percent = p->settings->volume_percent;
	long low = 0, high = 0;

	snd_mixer_selem_get_capture_volume_range(e, &low, &high);
	if (percent > 0)
		check_set(p, name, "the capture volume",
			  snd_mixer_selem_set_capture_volume_all(
				  e, low + lround((double)(high - low) * percent / 100)));
	if (p->volumes++ == 0)
		p->first_volume = name;
	p->open_volumes += volume_is_up(e, low);
}

static void visit(struct pass *p, snd_mixer_elem_t *e)
{
	const char *name = snd_mixer_selem_get_name(e);

	if (!snd_mixer_selem_is_active(e))
		return;
	if (strstr(name, "Auto Gain Control") != NULL || strstr(name, "AGC") != NULL) {
		set_gain_control(p, e);
		return;
	}
	if (snd_mixer_selem_has_capture_switch(e))
		set_switch(p, e);
	/* a boost is an amplifier before the volume: full of noise where nobody asked for it */
	if (snd_mixer_selem_has_capture_volume(e) && strstr(name, "Boost") == NULL)
		set_volume(p, e);
}

static void warn_of_what_is_missing(const struct pass *p)
{
	const struct alsa_mixer_settings *m = p->settings;

	if (m->capture != SWITCH_LEAVE && p->switches == 0)
		warn(p, "capture is not set: no element has a capture switch");
	if (m->volume_percent > 0 && p->volumes == 0)
		warn(p, "volume is not set: no element has a capture volume");
	if (m->automatic_gain != SWITCH_LEAVE && p->gains == 0)
		warn(p, "automatic_gain is not set: no element is an Auto Gain Control");
}

static void explain_silence(const struct pass *p, char *silent, size_t size)
{
	if (p->switches > 0 && p->open_switches == 0 && p->settings->capture != SWITCH_OFF)
		snprintf(silent, size, "the capture switch of '%.40s' is off", p->first_switch);
	else if (p->volumes > 0 && p->open_volumes == 0)
		snprintf(silent, size, "the capture volume of '%.40s' is 0", p->first_volume);
}

static int load(snd_mixer_t *mixer, const char *card)
{
	int rc = snd_mixer_attach(mixer, card);

	if (rc == 0)
		rc = snd_mixer_selem_register(mixer, NULL, NULL);
	return rc == 0 ? snd_mixer_load(mixer) : rc;
}

void alsa_mixer_set(const char *card, const struct alsa_mixer_settings *m, alsa_warn_fn *warn_fn,
		    void *context, char *silent, size_t size)
{
	struct pass p = { .card = card, .settings = m, .warn = warn_fn, .context = context };
	bool wanted = m->capture != SWITCH_LEAVE || m->automatic_gain != SWITCH_LEAVE ||
		      m->volume_percent > 0;
	snd_mixer_t *mixer;
	int rc = snd_mixer_open(&mixer, 0);

	silent[0] = '\0';
	if (rc < 0)
		return;
	rc = load(mixer, card);
	if (rc < 0 && wanted)
		warn(&p, "cannot be opened: %s", snd_strerror(rc));
	if (rc == 0) {
		for (snd_mixer_elem_t *e = snd_mixer_first_elem(mixer); e != NULL;
		     e = snd_mixer_elem_next(e))
			visit(&p, e);
		warn_of_what_is_missing(&p);
		explain_silence(&p, silent, size);
	}
	snd_mixer_close(mixer);
}
