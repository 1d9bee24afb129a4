/* describe.c - the program behind `edged --check-config`: opens each pipeline and says what it
 * takes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "input/sound_file.h"
#include "pipeline/chain.h"
#include "process/settings_fd.h"
#include "process/worker.h"

static void ignore_verdict(void *context, const struct verdict *v)
{
	(void)context;
	(void)v;
}

/* What the input delivers: a file tells, a device will. */
static int input_format(const struct settings *s, const char *name, double *rate_hz,
			unsigned *channels, struct fault *f)
{
	const struct schema_item *item = schema_find(&s->inputs, name);
	AUTO(sound_file) struct sound_file *file = NULL;
	int rc = sound_file_open(((const struct file_settings *)item->settings)->path, &file, f);

	if (rc < 0)
		return fault_prefix(f, "inputs.%s.file.path", name);
	*rate_hz = file->rate_hz;
	*channels = file->channels;
	return 0;
}

static int describe(const struct settings *s, const struct schema_item *item, struct fault *f)
{
	const struct pipeline_settings *p = item->settings;
	AUTO(chain) struct chain *c = NULL;
	AUTO_BUF struct buf text = { 0 };
	double rate_hz = 0;
	unsigned channels = 0;
	int rc = input_format(s, p->from, &rate_hz, &channels, f);

	if (rc == 0)
		rc = chain_open(s, item->name, rate_hz, channels, ignore_verdict, NULL, &c, f);
	if (rc < 0)
		return rc;
	chain_describe(c, &text);
	fputs(buf_text(&text), stdout);
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
