/* check.c - what --check-config does once the file itself is good: the pipelines are opened. */
#include "process/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/ring.h"
#include "config/unit.h"
#include "ipc/trace_ring.h"
#include "process/program.h"
#include "process/settings_fd.h"
#include "process/worker.h"

static const struct yaml_node *element(const struct yaml_node *n, size_t index)
{
	const struct yaml_node *c = n->kind == YAML_SEQUENCE ? n->children : NULL;

	while (c != NULL && index-- > 0)
		c = c->next;
	return c;
}

/* One step down: a key up to '.', '[' or ':', or an index in brackets. */
static const struct yaml_node *step(const struct yaml_node *n, const char **path)
{
	char key[80];
	size_t length;

	if (**path == '[') {
		size_t index = strtoul(*path + 1, NULL, 10);
		*path += strcspn(*path, "]");
		*path += **path == ']';
		return element(n, index);
	}
	*path += **path == '.';
	length = strcspn(*path, ".[:");
	if (length == 0 || length >= sizeof(key))
		return NULL;
	memcpy(key, *path, length);
	key[length] = '\0';
	*path += length;
	return yaml_get(n, key);
}

struct mark check_locate(const struct config *c, const char *path)
{
	const struct yaml_node *n = c->root;
	struct mark at = n->at;

	while (*path != '\0' && *path != ':' && (n = step(n, &path)) != NULL)
		at = n->at;
	return at;
}

static void print_fault(const struct config *c, char *line)
{
	struct mark at = check_locate(c, line);

	fprintf(stderr, "%s:%u:%u: %s\n", at.file, at.line, at.column, line);
}

/* The child: its descriptor 3 are the settings, its stderr goes to us line by line. */
static void become_describe(const char *path, int settings, int faults)
{
	char *arguments[] = { (char *)"edged --check-config", (char *)PACKAGE_VERSION, NULL };

	dup2(faults, STDERR_FILENO);
	if (settings != WORKER_FD_CONTROL)
		dup2(settings, WORKER_FD_CONTROL);
	else
		fcntl(settings, F_SETFD, 0);
	execv(path, arguments);
	_exit(EXIT_UNAVAILABLE);
}

static int run_describe(const struct config *c, const char *path, int settings)
{
	char *line = NULL;
	size_t size = 0;
	int pipe_fds[2], status = 0;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return EXIT_INTERNAL;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0)
		become_describe(path, settings, pipe_fds[1]);
	close(pipe_fds[1]);
	FILE *faults = fdopen(pipe_fds[0], "r");
	while (faults != NULL && getline(&line, &size, faults) > 0) {
		line[strcspn(line, "\n")] = '\0';
		print_fault(c, line);
	}
	free(line);
	if (faults != NULL)
		fclose(faults);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return EXIT_INTERNAL;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_INTERNAL;
}

static void print_processes(const struct settings *s)
{
	size_t inputs = s->inputs.count, pipelines = s->pipelines.count;
	char disk[40], memory[40];

	unit_write(UNIT_SIZE, (double)s->trace.size_bytes, disk, sizeof(disk));
	unit_write(UNIT_SIZE, (double)TRACE_RING_RECORDS * sizeof(struct trace_record), memory,
		   sizeof(memory));
	printf("trace: %s of memory and %s on disk for each pipeline\n", memory, disk);
	printf("processes: edged%s, record, %zu input%s, %zu pipeline%s\n",
	       s->mqtt.broker != NULL ? ", publish" : "", inputs, inputs == 1 ? "" : "s", pipelines,
	       pipelines == 1 ? "" : "s");
}

int check_config(const struct config *c)
{
	char path[4096];
	struct fault f = { 0 };

	if (program_path("describe", path, sizeof(path), &f) < 0) {
		fprintf(stderr, "edged: %s\n", f.text);
		return EXIT_UNAVAILABLE;
	}
	AUTO_CLOSE int settings = settings_fd_create(
		c, &(struct config_part){ .input = "*", .pipeline = "*", .mqtt = true });
	if (settings < 0)
		return EXIT_INTERNAL;
	int code = run_describe(c, path, settings);
	if (code == EXIT_DONE)
		print_processes(&c->settings);
	return code;
}
