/* edged.c - the command line of the service. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "process/check.h"
#include "process/program.h"
#include "process/settings_fd.h"
#include "process/state_folder.h"
#include "process/supervisor.h"
#include "process/worker.h"

#define DEFAULT_CONFIG SYSCONFDIR "/edged/edged.yaml"

struct command_line {
	const char *config; /* NULL: not given */
	const char *pipeline, *trace_file;
	bool once, check, trace, json, text;
	char **files;
	int file_count;
};

static void print_help(void)
{
	puts("Usage: edged [--config FILE]\n"
	     "       edged --check-config [--config FILE]\n"
	     "       edged --once FILE... [--config FILE] [--pipeline NAME] [--trace]\n"
	     "                       [--trace-file OUT] [--json | --text]\n"
	     "Turns what a gateway hears and sees into decisions on MQTT.\n"
	     "\n"
	     "  --config FILE     configuration; " DEFAULT_CONFIG " if left out\n"
	     "  --check-config    say everything that is wrong; else formats, memory and cost\n"
	     "  --once FILE...    judge sound files or pictures, with the shipped keyword model\n"
	     "                    if there is no --config, and say what was decided and why\n"
	     "  --pipeline NAME   the pipeline that judges; the only one if left out\n"
	     "  --trace           every window, not only decisions\n"
	     "  --trace-file OUT  keep every window of the one file for edgectl why --trace-file OUT\n"
	     "  --json, --text    JSON lines, or a table; JSON if the output is no terminal\n"
	     "  --version         version and features\n"
	     "  --help            this text\n"
	     "\n"
	     "Exit codes: 0 done, 64 usage, 65 bad data, 66 no input, 69 unavailable, 70 internal,\n"
	     "75 temporary, 78 configuration. See edged(8) and edged.yaml(5).");
}

static void print_version(void)
{
	printf("edged " PACKAGE_VERSION "\n"
	       "inputs: file (WAV, FLAC, Ogg)%s; --once also JPEG, PNG, BMP, PNM\n"
	       "models: TensorFlow Lite, float32 and int8\n"
	       "kernels: portable C; OpenBLAS for float convolutions\n"
	       "output: MQTT 3.1.1\n",
	       HAVE_ALSA ? ", alsa" : " (built without alsa)");
}

static int usage(const char *format, const char *what)
{
	fprintf(stderr, "edged: ");
	fprintf(stderr, format, what);
	fprintf(stderr, "; edged --help lists the options\n");
	return EXIT_USAGE;
}

/* What goes together, and what does not. */
static int check_options(const struct command_line *c)
{
	if (c->once && c->file_count == 0)
		return usage("--once wants files%s", "");
	if (!c->once && c->file_count > 0)
		return usage("'%s' is no option (a file stands behind --once)", c->files[0]);
	if (!c->once &&
	    (c->pipeline != NULL || c->trace || c->trace_file != NULL || c->json || c->text))
		return usage(
			"--pipeline, --trace, --trace-file, --json and --text go with --once%s",
			"");
	if (c->trace_file != NULL && c->file_count != 1)
		return usage("--trace-file %s keeps one file's windows: give one file",
			     c->trace_file);
	if (c->once && c->check)
		return usage("--once and --check-config do not go together%s", "");
	return EXIT_DONE;
}

static int read_options(int argc, char **argv, struct command_line *out)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check-config", no_argument, NULL, 'C' },
		{ "once", no_argument, NULL, 'o' },
		{ "pipeline", required_argument, NULL, 'p' },
		{ "trace", no_argument, NULL, 't' },
		{ "trace-file", required_argument, NULL, 'f' },
		{ "json", no_argument, NULL, 'j' },
		{ "text", no_argument, NULL, 'T' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (option) {
		case 'c': out->config = optarg; break;
		case 'C': out->check = true; break;
		case 'o': out->once = true; break;
		case 'p': out->pipeline = optarg; break;
		case 't': out->trace = true; break;
		case 'f': out->trace_file = optarg; break;
		case 'j': out->json = true; break;
		case 'T': out->text = true; break;
		case 'v': print_version(); exit(EXIT_DONE);
		case 'h': print_help(); exit(EXIT_DONE);
		default: return usage("'%s' is no option, or lacks its value", argv[optind - 1]);
		}
	}
	out->files = argv + optind;
	out->file_count = argc - optind;
	return check_options(out);
}

static int print_findings(const struct config *c)
{
	size_t listed = c->findings.count < FINDINGS_MOST ? c->findings.count : FINDINGS_MOST;
	char line[800];

	for (size_t i = 0; i < listed; i++)
		fprintf(stderr, "%s\n", finding_line(&c->findings.list[i], line, sizeof(line)));
	if (c->findings.count > listed)
		fprintf(stderr, "and %zu more\n", c->findings.count - listed);
	return EXIT_CONFIGURATION;
}

/* The configuration; with findings they are printed and *code says what to exit with. */
static struct config *load(const char *file, int *code)
{
	struct config *c = config_load(file);

	*code = EXIT_DONE;
	if (c == NULL) {
		fprintf(stderr, "edged: no memory\n");
		*code = EXIT_TEMPORARY;
	} else if (c->findings.count > 0) {
		*code = print_findings(c);
		/* a file that is not there is no input, one that is wrong is a wrong
		 * configuration */
		if (c->root == NULL && access(file, R_OK) != 0)
			*code = EXIT_NO_INPUT;
		config_free(c);
		c = NULL;
	}
	return c;
}

/* ---- the service ---- */

/* One instance a state folder: two would write over each other. The lock lasts as long as we do. */
static int lock_state(void)
{
	char path[4096];
	int rc = state_folder(path, sizeof(path) - 8);

	if (rc < 0) {
		LOG_ERR("state folder %s: %s", path, strerror(-rc));
		return EXIT_UNAVAILABLE;
	}
	strcat(path, "/lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0) {
		LOG_ERR("%s: %s", path,
			errno == EWOULDBLOCK
				? "another edged uses this state folder; give each its own STATE_DIRECTORY"
				: strerror(errno));
		return EXIT_UNAVAILABLE;
	}
	return EXIT_DONE;
}

static int serve(const struct command_line *c)
{
	int code;
	AUTO(config)
	struct config *config = load(c->config != NULL ? c->config : DEFAULT_CONFIG, &code);

	log_open("edged");
	if (config == NULL)
		return code;
	code = lock_state();
	return code != EXIT_DONE ? code : supervisor_run(config);
}

/* ---- --once ---- */

/* Without a configuration the one that ships with the keyword model. */
static struct config *load_for_once(const struct command_line *c, int *code)
{
	char path[4096];
	struct fault f = { 0 };

	if (c->config != NULL)
		return load(c->config, code);
	if (program_data_path("keywords-once.yaml", path, sizeof(path), &f) < 0) {
		fprintf(stderr, "edged: %s\n", f.text);
		*code = EXIT_UNAVAILABLE;
		return NULL;
	}
	return load(path, code);
}

static const char *choose_pipeline(const struct command_line *c, const struct settings *s)
{
	struct nearest nearest = { 0 };

	if (c->pipeline != NULL && settings_pipeline(s, c->pipeline) != NULL)
		return c->pipeline;
	if (c->pipeline == NULL && s->pipelines.count == 1)
		return s->pipelines.items[0].name;
	fprintf(stderr, "edged: %s%s%s; there %s:",
		c->pipeline != NULL ? "no pipeline is named '" : "which",
		c->pipeline != NULL ? c->pipeline : " pipeline? Say --pipeline NAME",
		c->pipeline != NULL ? "'" : "", s->pipelines.count == 1 ? "is" : "are");
	for (size_t i = 0; i < s->pipelines.count; i++) {
		fprintf(stderr, "%s %s", i > 0 ? "," : "", s->pipelines.items[i].name);
		nearest_offer(&nearest, c->pipeline != NULL ? c->pipeline : "",
			      s->pipelines.items[i].name);
	}
	if (nearest.name != NULL)
		fprintf(stderr, "; did you mean '%s'?", nearest.name);
	fputc('\n', stderr);
	return NULL;
}

/* Becomes the program that judges, with the pipeline's settings as its descriptor 3. */
static int become_once(const struct command_line *c, int settings, const char *pipeline)
{
	char path[4096];
	struct fault f = { 0 };
	int count = 0;
	AUTO_FREE char **arguments = calloc((size_t)c->file_count + 9, sizeof(char *));

	if (arguments == NULL || program_path("once", path, sizeof(path), &f) < 0) {
		fprintf(stderr, "edged: %s\n", f.text);
		return EXIT_UNAVAILABLE;
	}
	arguments[count++] = (char *)"edged --once";
	arguments[count++] = (char *)PACKAGE_VERSION;
	arguments[count++] = (char *)pipeline;
	if (c->trace)
		arguments[count++] = (char *)"--trace";
	if (c->trace_file != NULL) {
		arguments[count++] = (char *)"--trace-file";
		arguments[count++] = (char *)c->trace_file;
	}
	if (c->json || (!c->text && !isatty(STDOUT_FILENO)))
		arguments[count++] = (char *)"--json";
	arguments[count++] = (char *)"--";
	memcpy(&arguments[count], c->files, (size_t)c->file_count * sizeof(char *));
	if (settings != WORKER_FD_CONTROL)
		dup2(settings, WORKER_FD_CONTROL);
	else
		fcntl(settings, F_SETFD, 0);
	execv(path, arguments);
	fprintf(stderr, "edged: %s: %s\n", path, strerror(errno));
	return EXIT_UNAVAILABLE;
}

static int once(const struct command_line *c)
{
	int code;
	AUTO(config) struct config *config = load_for_once(c, &code);

	if (config == NULL)
		return code;
	const char *pipeline = choose_pipeline(c, &config->settings);
	if (pipeline == NULL)
		return EXIT_USAGE;
	int settings = settings_fd_create(config, &(struct config_part){ .pipeline = pipeline });
	if (settings < 0) {
		fprintf(stderr, "edged: settings: %s\n", strerror(-settings));
		return EXIT_INTERNAL;
	}
	return become_once(c, settings, pipeline);
}

static int check(const struct command_line *c)
{
	int code;
	AUTO(config)
	struct config *config = load(c->config != NULL ? c->config : DEFAULT_CONFIG, &code);

	return config == NULL ? code : check_config(config);
}

int main(int argc, char **argv)
{
	struct command_line c = { 0 };

	setlocale(LC_ALL, "C");
	setenv("LC_ALL", "C", 1);
	int code = read_options(argc, argv, &c);
	if (code != EXIT_DONE)
		return code;
	if (c.once)
		return once(&c);
	return c.check ? check(&c) : serve(&c);
}
