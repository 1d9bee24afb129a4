/* input.h - settings of the inputs: where samples come from. */
#ifndef EDGED_SETTINGS_INPUT_H
#define EDGED_SETTINGS_INPUT_H
#include "config/schema.h"

enum input_pace { PACE_REAL_TIME, PACE_FAST };

/* A sound file in place of a device. */
struct file_settings {
	const char *path;
	int pace;			/* enum input_pace */
	bool repeat;			/* from the start again at its end */
};

enum alsa_switch { SWITCH_LEAVE, SWITCH_ON, SWITCH_OFF };

/* What the card's mixer is set to at each opening. */
struct alsa_mixer_settings {
	const char *card;		/* its control device; NULL: the device's own */
	int capture, automatic_gain;	/* enum alsa_switch */
	double volume_percent;		/* 0: as it is */
};

/* A microphone, or what else ALSA records from. */
struct alsa_settings {
	const char *device;		/* "hw:CARD=Mic,DEV=0"; NULL: */
	const char *usb;		/* the card in this port, "1-1.3" */
	double rate_hz;			/* 0: the first that the card has of 16000, 48000, 44100 */
	int64_t channels;		/* 0: as few as it has */
	struct alsa_mixer_settings mixer;
};

/* True where the device names its card by a number, which depends on what is plugged in first. */
bool alsa_device_is_numbered(const char *device);

extern const struct schema file_schema, alsa_schema;
extern const struct schema *const input_kinds[];	/* NULL at the end */
#endif
