/* devices.c - the program behind `edgectl devices`: what the inputs of edged.yaml could name. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "input/alsa_cards.h"
#include "process/worker.h"

static void print_json(void *context, const struct alsa_card *c)
{
	AUTO_BUF struct buf text = { 0 };
	struct json j = { .out = &text };

	(void)context;
	json_object(&j, NULL);
	json_string(&j, "kind", "alsa");
	json_string(&j, "device", c->device);
	json_string(&j, "usb", c->usb[0] != '\0' ? c->usb : NULL);
	json_string(&j, "name", c->name);
	json_string(&j, "cannot_open", c->rc < 0 ? c->why : NULL);
	if (c->rc == 0) {
		json_string(&j, "formats", c->formats);
		json_int(&j, "channels_least", c->channels_least);
		json_int(&j, "channels_most", c->channels_most);
		json_int(&j, "rate_least_hz", c->rate_least_hz);
		json_int(&j, "rate_most_hz", c->rate_most_hz);
	}
	json_end_object(&j);
	puts(buf_text(&text));
}

static void print_range(const char *what, unsigned least, unsigned most)
{
	if (least == most)
		printf(", %u %s", least, what);
	else
		printf(", %u to %u %s", least, most, what);
}

static void print_text(void *context, const struct alsa_card *c)
{
	(void)context;
	printf("{alsa: {device: \"%s\"}}", c->device);
	if (c->usb[0] != '\0')
		printf("  or  {alsa: {usb: %s}}", c->usb);
	printf("\n  %s\n  ", c->name);
	if (c->rc < 0) {
		puts(c->why);
		return;
	}
	printf("%s", c->formats[0] != '\0' ? c->formats : "no format that edged takes");
	print_range("channels", c->channels_least, c->channels_most);
	print_range("Hz", c->rate_least_hz, c->rate_most_hz);
	putchar('\n');
}

int role_devices(int argc, char **argv)
{
	struct fault f = { 0 };
	bool json = !isatty(STDOUT_FILENO);

	setlocale(LC_ALL, "C");
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") != 0 && strcmp(argv[i], "--text") != 0) {
			fprintf(stderr, "edgectl devices: '%s' is no option (--json, --text)\n",
				argv[i]);
			return EXIT_USAGE;
		}
		json = strcmp(argv[i], "--json") == 0;
	}
	int count = alsa_cards_visit(json ? print_json : print_text, NULL, &f);
	if (count < 0) {
		fprintf(stderr, "edgectl devices: %s\n", f.text);
		return EXIT_UNAVAILABLE;
	}
	if (count == 0)
		fprintf(stderr, "edgectl devices: no card of this board records sound%s\n",
			access("/dev/snd", F_OK) != 0 ? " (there is no /dev/snd)" : "");
	return EXIT_DONE;
}
