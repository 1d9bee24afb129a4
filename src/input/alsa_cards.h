/* alsa_cards.h - what this board can record from, in the words of edged.yaml. */
#ifndef EDGED_INPUT_ALSA_CARDS_H
#define EDGED_INPUT_ALSA_CARDS_H
#include "base/fault.h"
#include "input/usb_port.h"

struct alsa_card {
	char device[80];	  /* "hw:CARD=Mic,DEV=0" */
	char usb[USB_PORT_BYTES]; /* "" if it is not by USB, or not the first PCM of its card */
	char name[160];
	int rc;	       /* 0, or why it could not be opened (-EBUSY: in use): then all below is 0 */
	char why[160]; /* that in words */
	char formats[80]; /* "S16_LE S32_LE": of those that edged takes; "": none */
	unsigned channels_least, channels_most, rate_least_hz, rate_most_hz;
};

typedef void alsa_card_fn(void *context, const struct alsa_card *card);

/* Calls visit for every capture PCM of every card. How many there are, or a fault. */
int alsa_cards_visit(alsa_card_fn *visit, void *context, struct fault *f);
#endif
