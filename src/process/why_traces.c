/* why_traces.c - the trace files that may hold an answer. */
#include "process/why_traces.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process/record_socket.h"
#include "process/state_folder.h"

void why_traces_fini(struct why_traces *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->paths[i]);
	t->count = 0;
}

static void folder_below(const char *state, const char *instance, char out[STATE_FOLDER_BYTES])
{
	snprintf(out, STATE_FOLDER_BYTES, "%.3000s%s%.500s/trace", state,
		 instance == NULL ? "" : "/", instance == NULL ? "" : instance);
}

/* The folder of whoever asks; where that holds no trace, the service's. */
static int find_folder(const char *instance, char out[STATE_FOLDER_BYTES], struct fault *f)
{
	char own[STATE_FOLDER_BYTES], service[STATE_FOLDER_BYTES], state[STATE_FOLDER_BYTES];

	state_folder_name(state, sizeof(state));
	folder_below(state, instance, own);
	state_folder_of_service(state, sizeof(state));
	folder_below(state, instance, service);
	strcpy(out, access(own, R_OK | X_OK) == 0 ? own : service);
	if (access(out, R_OK | X_OK) == 0)
		return 0;
	if (errno == EACCES || strcmp(own, service) == 0 || getenv("STATE_DIRECTORY") != NULL)
		return fault_errno(f, "%s", errno == EACCES ? service : own);
	return fault_set(f, -ENOENT, "no trace: neither %s nor %s is there", own, service);
}

/* "wake.trace" and "wake.trace.1" are those of pipeline wake. */
static bool is_trace(const char *file, const char *pipeline)
{
	size_t length = strlen(file);

	if (length > 2 && strcmp(file + length - 2, ".1") == 0)
		length -= 2;
	if (length <= 6 || strncmp(file + length - 6, ".trace", 6) != 0)
		return false;
	return pipeline == NULL ||
	       (strlen(pipeline) == length - 6 && strncmp(file, pipeline, length - 6) == 0);
}

static int is_named(const struct dirent *d)
{
	return is_trace(d->d_name, NULL);
}

/* In the order of their names "wake.trace" stands before "wake.trace.1". */
static int list_files(const char *folder, const char *pipeline, struct why_traces *out,
		      struct fault *f)
{
	struct dirent **names;
	int count = scandir(folder, &names, is_named, alphasort);

	if (count < 0)
		return fault_errno(f, "%s", folder);
	for (int i = 0; i < count; i++) {
		char *path = NULL;
		if (out->count < WHY_MOST_TRACES && is_trace(names[i]->d_name, pipeline) &&
		    asprintf(&path, "%s/%s", folder, names[i]->d_name) > 0)
			out->paths[out->count++] = path;
		free(names[i]);
	}
	free(names);
	if (out->count > 0)
		return 0;
	if (pipeline == NULL)
		return fault_set(f, -ENOENT, "%s: no trace of any pipeline", folder);
	return fault_set(f, -ENOENT, "%s: no trace of a pipeline named '%s'", folder, pipeline);
}

int why_traces_find(const char *instance, const char *pipeline, struct why_traces *out,
		    struct fault *f)
{
	char folder[STATE_FOLDER_BYTES];
	struct fault asked = { 0 };
	int rc = find_folder(instance, folder, f);

	if (rc < 0)
		return rc;
	/* One that does not run has written all it had when it ended. */
	rc = record_socket_ask(folder, &asked);
	if (rc < 0 && rc != -ECONNREFUSED && rc != -ENOENT)
		fprintf(stderr, "edgectl: %s; the last seconds may be missing\n", asked.text);
	return list_files(folder, pipeline, out, f);
}
