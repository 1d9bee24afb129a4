/* describe.c - the program behind `edged --check-config`: opens each pipeline and says what it
 * takes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "input/picture_file.h"
#include "input/sound_file.h"
#include "pipeline/chain.h"
#include "process/settings_fd.h"
#include "process/worker.h"

static void ignore_verdict(void *context, const struct verdict *v)
{
	(void)context;
	(void)v;
}

static int file_format(const struct file_settings *settings, const char *name, struct format *out,
		       struct fault *f)
{
	const char *path = settings->path;
	AUTO(sound_file) struct sound_file *sound = NULL;
	AUTO(image) struct image *picture = NULL;
	bool is_picture = picture_file_kind(path) != IMAGE_NONE;
	int rc = is_picture ? picture_file_read(path, &picture, f)
			    : sound_file_open(path, &sound, f);

	if (rc < 0)
		return fault_prefix(f, "inputs.%s.file.path", name);
	*out = is_picture ? format_still(picture->width, picture->height, picture->channels)
			  : format_sound(sound->rate_hz, sound->channels);
	return 0;
}

/* A card may not be there yet, or not here: what is asked of it is what it will most likely give. */
static int card_format(const struct alsa_settings *a, const char *name, struct format *out)
{
	double rate_hz = a->rate_hz > 0 ? a->rate_hz : 16000;
	unsigned channels = a->channels > 0 ? (unsigned)a->channels : 1;

	if (a->device != NULL && alsa_device_is_numbered(a->device))
		LOG_WARN("inputs.%s.alsa.device: %s: a card's number depends on what is plugged in "
			 "first; edgectl devices lists names",
			 name, a->device);
	printf("%s: %g Hz, %u channel%s, if the card has that (edgectl devices)\n", name, rate_hz,
	       channels, channels == 1 ? "" : "s");
	*out = format_sound(rate_hz, channels);
	return 0;
}

/* What the input delivers: a file tells, a device will. */
static int input_format(const struct settings *s, const char *name, struct format *out,
			struct fault *f)
{
	const struct schema_item *item = schema_find(&s->inputs, name);

	return item->schema == &alsa_schema ? card_format(item->settings, name, out)
					    : file_format(item->settings, name, out, f);
}

static int describe(const struct settings *s, const struct schema_item *item, struct fault *f)
{
	const struct pipeline_settings *p = item->settings;
	AUTO(chain) struct chain *c = NULL;
	AUTO_BUF struct buf text = { 0 };
	struct format input = { 0 };
	int rc = input_format(s, p->from, &input, f);

	if (rc == 0)
		rc = chain_open(s, item->name, &input, ignore_verdict, NULL, &c, f);
	if (rc < 0)
		return rc;
	chain_describe(c, &text);
	fputs(buf_text(&text), stdout);
	if (input.kind == FORMAT_IMAGE)
		puts("  by --once only: the service takes no pictures yet");
	return 0;
}

/* Descriptions go to stdout, one fault a line to stderr, where edged puts file and line before
 * it. */
int role_describe(int argc, char **argv)
{
	struct config *config = NULL;
	struct fault f = { 0 };
	int code = EXIT_DONE;

	log_open("edged");
	if (argc < 2 || strcmp(argv[1], PACKAGE_VERSION) != 0) {
		fprintf(stderr, "%s is started by edged %s --check-config, not by hand\n", argv[0],
			PACKAGE_VERSION);
		return EXIT_USAGE;
	}
	if (settings_fd_read(WORKER_FD_CONTROL, &config, &f) < 0) {
		fprintf(stderr, "%s\n", f.text);
		return EXIT_INTERNAL;
	}
	for (size_t i = 0; i < config->settings.pipelines.count; i++) {
		if (describe(&config->settings, &config->settings.pipelines.items[i], &f) == 0)
			continue;
		fprintf(stderr, "%s\n", f.text);
		code = EXIT_CONFIGURATION;
	}
	config_free(config);
	return code;
}
