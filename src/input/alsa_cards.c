/* alsa_cards.c - what this board can record from, in the words of edged.yaml. */
#include "input/alsa_cards.h"

#include <stdio.h>
#include <string.h>

#include "input/alsa_format.h"
#include "input/alsa_pcm.h"

/* While its PCMs are gone through. */
struct card {
	int number;
	snd_ctl_t *control;
	char id[40], name[80];
	alsa_card_fn *visit;
	void *context;
	int seen;
};

static void list_formats(snd_pcm_t *pcm, snd_pcm_hw_params_t *p, char *out, size_t size)
{
	size_t used = 0;

	for (const struct alsa_format *f = alsa_formats; f->convert != NULL && used < size; f++)
		if (snd_pcm_hw_params_test_format(pcm, p, f->format) == 0)
			used += (size_t)snprintf(out + used, size - used, "%s%s",
						 used > 0 ? " " : "",
						 snd_pcm_format_name(f->format));
}

static void look_inside(struct alsa_card *out)
{
	snd_pcm_hw_params_t *p;
	snd_pcm_t *pcm;

	out->rc = snd_pcm_open(&pcm, out->device, SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK);
	if (out->rc < 0) {
		snprintf(out->why, sizeof(out->why), "%s", alsa_why(out->rc));
		return;
	}
	snd_pcm_hw_params_alloca(&p);
	if (snd_pcm_hw_params_any(pcm, p) >= 0) {
		list_formats(pcm, p, out->formats, sizeof(out->formats));
		snd_pcm_hw_params_get_channels_min(p, &out->channels_least);
		snd_pcm_hw_params_get_channels_max(p, &out->channels_most);
		snd_pcm_hw_params_get_rate_min(p, &out->rate_least_hz, NULL);
		snd_pcm_hw_params_get_rate_max(p, &out->rate_most_hz, NULL);
	}
	snd_pcm_close(pcm);
}

static void visit_pcm(struct card *c, int device, const snd_pcm_info_t *info)
{
	struct alsa_card out = { 0 };

	snprintf(out.device, sizeof(out.device), "hw:CARD=%s,DEV=%d", c->id, device);
	snprintf(out.name, sizeof(out.name), "%.79s, %.70s", c->name, snd_pcm_info_get_name(info));
	if (device == 0)
		usb_port_of_card("/sys", c->number, out.usb);
	look_inside(&out);
	c->visit(c->context, &out);
	c->seen++;
}

static void visit_card(struct card *c)
{
	snd_ctl_card_info_t *card;
	snd_pcm_info_t *info;
	int device = -1;

	snd_ctl_card_info_alloca(&card);
	snd_pcm_info_alloca(&info);
	if (snd_ctl_card_info(c->control, card) < 0)
		return;
	snprintf(c->id, sizeof(c->id), "%s", snd_ctl_card_info_get_id(card));
	snprintf(c->name, sizeof(c->name), "%s", snd_ctl_card_info_get_name(card));
	while (snd_ctl_pcm_next_device(c->control, &device) == 0 && device >= 0) {
		snd_pcm_info_set_device(info, (unsigned)device);
		snd_pcm_info_set_subdevice(info, 0);
		snd_pcm_info_set_stream(info, SND_PCM_STREAM_CAPTURE);
		if (snd_ctl_pcm_info(c->control, info) == 0)
			visit_pcm(c, device, info);
	}
}

int alsa_cards_visit(alsa_card_fn *visit, void *context, struct fault *f)
{
	struct card c = { .number = -1, .visit = visit, .context = context };
	char name[16];
	int rc;

	while ((rc = snd_card_next(&c.number)) == 0 && c.number >= 0) {
		snprintf(name, sizeof(name), "hw:%d", c.number);
		if (snd_ctl_open(&c.control, name, 0) < 0)
			continue; /* gone meanwhile, or not ours to see */
		visit_card(&c);
		snd_ctl_close(c.control);
	}
	snd_config_update_free_global();
	return rc < 0 ? fault_set(f, rc, "sound cards: %s", snd_strerror(rc)) : c.seen;
}
