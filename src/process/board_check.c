/* board_check.c - what is wrong on this board, each with what to do: `edgectl check`. */
#include "process/board_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "process/state_folder.h"
#include "process/worker.h"

enum { LEAST_DISK_MB = 64, LEAST_MEMORY_MB = 64 };

/* ---- saying it ---- */

void board_say(struct board_report *r, enum finding_grade grade, const char *subject,
	       const char *what, const char *remedy)
{
	static const char *const words[] = { "ok", "warning", "problem" };
	struct json j = { .out = &r->text };

	r->warnings += grade == GRADE_WARNING;
	r->problems += grade == GRADE_PROBLEM;
	if (!r->json) {
		printf("%-8s %-12s %s\n", words[grade], subject, what);
		if (remedy != NULL)
			printf("%-21s do: %s\n", "", remedy);
		return;
	}
	buf_clear(&r->text);
	json_object(&j, NULL);
	json_string(&j, "grade", words[grade]);
	json_string(&j, "subject", subject);
	json_string(&j, "what", what);
	json_string(&j, "do", remedy);
	json_end_object(&j);
	puts(buf_text(&r->text));
}

void board_sayf(struct board_report *r, enum finding_grade grade, const char *subject,
		const char *remedy, const char *format, ...)
{
	char what[600];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	board_say(r, grade, subject, what, remedy);
}

/* ---- the board ---- */

void board_check_clock(struct board_report *r)
{
	char now[CLOCK_TEXT_BYTES];

	clock_rfc3339(clock_wall_ns(), now);
	if (clock_is_synchronised())
		board_sayf(r, GRADE_FINE, "clock", NULL, "it is %s", now);
	else
		board_sayf(r, GRADE_WARNING, "clock",
			   "install systemd-timesyncd or chrony and let it reach a time server; "
			   "decisions say 'clock: unsynchronised' until then",
			   "nobody has set it, it says %s", now);
}

/* A value in kB of /proc/meminfo; -1: not there. */
static long meminfo(const char *key)
{
	char line[128];
	long value = -1;
	FILE *file = fopen("/proc/meminfo", "re");

	while (file != NULL && value < 0 && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtol(line + strlen(key), NULL, 10);
	if (file != NULL)
		fclose(file);
	return value;
}

void board_check_memory(struct board_report *r)
{
	long available = meminfo("MemAvailable:"), swap = meminfo("SwapTotal:");

	if (available < 0)
		board_say(r, GRADE_WARNING, "memory", "/proc/meminfo does not say how much is free",
			  "mount /proc");
	else if (available < LEAST_MEMORY_MB * 1024)
		board_sayf(
			r, GRADE_PROBLEM, "memory",
			"end other programs, or give the board more; edged needs some 10 MB, and "
			"what `edged --check-config` says",
			"%ld MB are available, %ld MB of swap", available / 1024, swap / 1024);
	else
		board_sayf(r, GRADE_FINE, "memory", NULL, "%ld MB are available", available / 1024);
}

/* Whether the service runs tells the lock that it holds. */
static void check_service(struct board_report *r, const char *folder)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/lock", folder);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		board_sayf(r, GRADE_FINE, "service", NULL, "it runs, with its state in %s", folder);
	else
		board_sayf(r, GRADE_WARNING, "service",
			   "systemctl start edged; then journalctl -u edged says how it went",
			   "it does not run (with its state in %s)", folder);
}

void board_check_state_folder(struct board_report *r)
{
	char folder[4096];
	struct statvfs disk;
	int rc = state_folder(folder, sizeof(folder));

	if (rc < 0 || access(folder, W_OK) < 0) {
		board_sayf(r, GRADE_PROBLEM, "state",
			   "run this as root or as user edged, or make the folder theirs", "%s: %s",
			   folder, strerror(rc < 0 ? -rc : errno));
		return;
	}
	if (statvfs(folder, &disk) == 0) {
		unsigned long long free_mb =
			(unsigned long long)disk.f_bavail * disk.f_frsize / 1000000;
		board_sayf(r, free_mb < LEAST_DISK_MB ? GRADE_PROBLEM : GRADE_FINE, "state",
			   free_mb < LEAST_DISK_MB
				   ? "make room: decisions for a broker that is away are kept there"
				   : NULL,
			   "%s, %llu MB free", folder, free_mb);
	}
	check_service(r, folder);
}

static void check_file(struct board_report *r, const char *key, const char *path)
{
	if (path == NULL)
		return;
	if (access(path, R_OK) < 0)
		board_sayf(r, GRADE_PROBLEM, "file",
			   errno == ENOENT ? "put it there, or mend the path in the configuration"
					   : "let the user that edged runs as read it",
			   "%s: %s: %s", key, path, strerror(errno));
}

void board_check_files(struct board_report *r, const struct settings *s)
{
	char key[200];

	for (size_t i = 0; i < s->models.count; i++) {
		const struct model_settings *m = s->models.items[i].settings;
		snprintf(key, sizeof(key), "models.%s.file", s->models.items[i].name);
		check_file(r, key, m->file);
	}
	check_file(r, "mqtt.password_file", s->mqtt.password_file);
	check_file(r, "mqtt.ca", s->mqtt.ca);
	check_file(r, "mqtt.certificate", s->mqtt.certificate);
	check_file(r, "mqtt.key", s->mqtt.key);
}

/* ---- the command ---- */

/* The configuration's own findings, each with its line. False: it cannot be gone by. */
static bool check_config(struct board_report *r, const struct config *c)
{
	char line[700];
	size_t count = c->findings.count < FINDINGS_MOST ? c->findings.count : FINDINGS_MOST;

	for (size_t i = 0; i < count; i++)
		board_say(r, GRADE_PROBLEM, "config",
			  finding_line(&c->findings.list[i], line, sizeof(line)),
			  "mend that line; edged.yaml(5) explains every key");
	return count == 0;
}

static void check_all(struct board_report *r, const char *path)
{
	AUTO(config) struct config *c = config_load(path);

	if (c != NULL && check_config(r, c)) {
		board_sayf(r, GRADE_FINE, "config", NULL, "%s: %zu input%s, %zu pipeline%s", path,
			   c->settings.inputs.count, c->settings.inputs.count == 1 ? "" : "s",
			   c->settings.pipelines.count,
			   c->settings.pipelines.count == 1 ? "" : "s");
		board_check_files(r, &c->settings);
		board_check_broker(r, &c->settings);
	}
	board_check_state_folder(r);
	board_check_clock(r);
	board_check_memory(r);
}

static int usage(void)
{
	fputs("Usage: edgectl check [--config FILE] [--json | --text]\n", stderr);
	return EXIT_USAGE;
}

int role_board_check(int argc, char **argv)
{
	struct board_report r = { .json = !isatty(STDOUT_FILENO) };
	const char *path = SYSCONFDIR "/edged/edged.yaml";

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
			path = argv[++i];
		else if (strcmp(argv[i], "--json") == 0 || strcmp(argv[i], "--text") == 0)
			r.json = argv[i][2] == 'j';
		else
			return usage();
	}
	check_all(&r, path);
	buf_fini(&r.text);
	if (fflush(stdout) != 0)
		return EXIT_INTERNAL;
	return r.problems > 0 ? EXIT_UNAVAILABLE : EXIT_DONE;
}
