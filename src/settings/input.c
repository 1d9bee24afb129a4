/* input.c - tables of the inputs. */
#include "settings/input.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define FIELD(name) offsetof(struct file_settings, name)

static const char *const paces[] = { "real-time", "fast", NULL };

static const struct schema_key file_keys[] = {
	{ .key = "path", .type = T_PATH, .at = FIELD(path), .required = true,
	  .help = "Sound file: WAV, FLAC, Ogg or another format that libsndfile reads." },
	{ .key = "pace", .type = T_ENUM, .at = FIELD(pace), .values = paces, .fallback = "real-time",
	  .help = "As a microphone would deliver it, or as fast as the pipelines take it." },
	{ .key = "repeat", .type = T_BOOL, .at = FIELD(repeat), .fallback = "false",
	  .help = "Begin again at the end of the file; otherwise the input ends there." },
	{ 0 },
};

const struct schema file_schema = {
	.name = "file", .size = sizeof(struct file_settings), .keys = file_keys, .shorthand = "path",
	.help = "A sound file in the place of a microphone.",
};

#define MIXER(name) offsetof(struct alsa_mixer_settings, name)
static const char *const switches[] = { "leave", "on", "off", NULL };

static const struct schema_key mixer_keys[] = {
	{ .key = "card", .type = T_STRING, .at = MIXER(card),
	  .help = "The control device whose mixer is meant; the one of the card if left out." },
	{ .key = "capture", .type = T_ENUM, .at = MIXER(capture), .values = switches, .fallback = "leave",
	  .help = "The switch that lets sound into the card." },
	{ .key = "volume", .type = T_PERCENT, .at = MIXER(volume_percent), .min = 1, .max = 100,
	  .help = "Of capture, in percent of the card's range; as it is if left out." },
	{ .key = "automatic_gain", .type = T_ENUM, .at = MIXER(automatic_gain), .values = switches,
	  .fallback = "leave", .help = "The card's own gain control." },
	{ 0 },
};
static const struct schema mixer_schema = {
	.name = "mixer", .size = sizeof(struct alsa_mixer_settings), .keys = mixer_keys,
	.help = "What the card's mixer is set to whenever it is opened.",
};

#undef FIELD
#define FIELD(name) offsetof(struct alsa_settings, name)
static const struct schema_key alsa_keys[] = {
	{ .key = "device", .type = T_STRING, .at = FIELD(device),
	  .help = "ALSA's name of it; `edgectl devices` lists them." },
	{ .key = "usb", .type = T_STRING, .at = FIELD(usb),
	  .help = "The USB port that the card is plugged into, in place of device." },
	{ .key = "rate", .type = T_RATE, .at = FIELD(rate_hz), .min = 8000, .max = 192000,
	  .help = "Asked of the card; the first that it has of 16 kHz, 48 kHz, 44.1 kHz if left out." },
	{ .key = "channels", .type = T_INT, .at = FIELD(channels), .min = 1, .max = 32,
	  .help = "Asked of the card; as few as it has if left out." },
	{ .key = "mixer", .type = T_TABLE, .at = FIELD(mixer), .schema = &mixer_schema,
	  .help = "What the card's mixer is set to whenever it is opened." },
	{ 0 },
};

/* "1-1.3": bus, then ports. */
static bool is_usb_port(const char *text)
{
	size_t bus = strspn(text, "0123456789");

	return bus > 0 && text[bus] == '-' && isdigit((unsigned char)text[bus + 1]) &&
	       strspn(text + bus + 1, "0123456789.") == strlen(text + bus + 1);
}

static void check_alsa(const void *settings, const struct schema_check *where)
{
	const struct alsa_settings *a = settings;

	if (a->device == NULL && a->usb == NULL)
		schema_finding(where, NULL, "neither device nor usb is given (edgectl devices lists both)");
	if (a->device != NULL && a->usb != NULL)
		schema_finding(where, "usb", "device is given, too (one of them)");
	if (a->usb != NULL && !is_usb_port(a->usb))
		schema_finding(where, "usb", "'%.60s' is no port (as in 1-1.3; edgectl devices lists them)",
			       a->usb);
	if (!HAVE_ALSA)
		schema_finding(where, NULL, "this edged was built without alsa-lib (libasound2-dev)");
}

const struct schema alsa_schema = {
	.name = "alsa", .size = sizeof(struct alsa_settings), .keys = alsa_keys, .shorthand = "device",
	.check = check_alsa, .help = "A microphone.",
};

bool alsa_device_is_numbered(const char *device)
{
	const char *card = strchr(device, ':');

	if (card == NULL)
		return false;
	card += strncmp(card, ":CARD=", 6) == 0 ? 6 : 1;
	size_t digits = strspn(card, "0123456789");
	return digits > 0 && (card[digits] == '\0' || card[digits] == ',');
}

const struct schema *const input_kinds[] = { &file_schema, &alsa_schema, NULL };
