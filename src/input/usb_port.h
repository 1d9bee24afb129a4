/* usb_port.h - which sound card is plugged into which USB port, as sysfs tells. */
#ifndef EDGED_INPUT_USB_PORT_H
#define EDGED_INPUT_USB_PORT_H
#include <stdbool.h>
#include <stddef.h>

enum { USB_PORT_BYTES = 40 };

/* "1-1.3" of card 0, 1, …; `sysfs` is "/sys". False: the card is not there, or not by USB. */
bool usb_port_of_card(const char *sysfs, int card, char out[USB_PORT_BYTES]);

/* The number of the card in that port, or -ENODEV. */
int usb_port_card(const char *sysfs, const char *port);
#endif
