/* usb_port.c - which sound card is plugged into which USB port, as sysfs tells. */
#include "input/usb_port.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CARDS = 32 };

/* A card's device is the USB interface "1-1.3:1.0" below the USB device "1-1.3". */
bool usb_port_of_card(const char *sysfs, int card, char out[USB_PORT_BYTES])
{
	char link[PATH_MAX], path[PATH_MAX];

	snprintf(link, sizeof(link), "%s/class/sound/card%d/device", sysfs, card);
	if (realpath(link, path) == NULL)
		return false;
	const char *interface = strrchr(path, '/') + 1;
	const char *colon = strchr(interface, ':');
	size_t length = colon == NULL ? 0 : (size_t)(colon - interface);
	/* "1-1.3:1.0", not the "0000:00:1f.3" of PCI */
	if (length == 0 || length >= USB_PORT_BYTES || !isdigit((unsigned char)interface[0]) ||
	    memchr(interface, '-', length) == NULL)
		return false;
	memcpy(out, interface, length);
	out[length] = '\0';
	return true;
}

int usb_port_card(const char *sysfs, const char *port)
{
	char own[USB_PORT_BYTES];

	for (int card = 0; card < MOST_CARDS; card++)
		if (usb_port_of_card(sysfs, card, own) && strcmp(own, port) == 0)
			return card;
	return -ENODEV;
}
