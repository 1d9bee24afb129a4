/* model.c - a model file, checked and turned into a graph. */
#include "model/model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/sha256.h"
#include "model/tflite.h"

enum { LARGEST_FILE = 0x7fffffff };

struct model {
	void *data;
	size_t size;
	struct arena *memory; /* the graph's */
	struct graph graph;
	char sha256[SHA256_HEX_BYTES];
};

static int map_file(struct model *m, const char *path, struct fault *f)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fault_errno(f, "%s", path);
	if (S_ISDIR(st.st_mode))
		return fault_set(f, -EISDIR, "%s: a folder (a model file)", path);
	if (!S_ISREG(st.st_mode) || st.st_size < 16)
		return fault_set(f, -EBADMSG, "%s: no model (too short, or no file)", path);
	if (st.st_size > LARGEST_FILE)
		return fault_set(f, -EFBIG, "%s: larger than 2 GiB", path);
	m->data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (m->data == MAP_FAILED) {
		m->data = NULL;
		return fault_errno(f, "%s", path);
	}
	m->size = (size_t)st.st_size;
	return 0;
}

int model_open(const char *path, struct model **out, struct fault *f)
{
	AUTO(model) struct model *m = calloc(1, sizeof(*m));

	if (m != NULL)
		m->memory = arena_create();
	if (m == NULL || m->memory == NULL)
		return fault_set(f, -ENOMEM, "%s: no memory", path);
	int rc = map_file(m, path, f);
	if (rc < 0)
		return rc;
	const char *slash = strrchr(path, '/');
	m->graph.name = arena_strdup(m->memory, slash != NULL ? slash + 1 : path);
	if (m->graph.name == NULL)
		return fault_set(f, -ENOMEM, "%s: no memory", path);
	sha256_hex(m->data, m->size, m->sha256);
	rc = tflite_read(m->data, m->size, m->memory, &m->graph, f);
	if (rc < 0) {
		fault_prefix(f, "%s", path);
		return rc;
	}
	*out = TAKE(m);
	return 0;
}

void model_free(struct model *m)
{
	if (m == NULL)
		return;
	if (m->data != NULL)
		munmap(m->data, m->size);
	arena_free(m->memory);
	free(m);
}

const struct graph *model_graph(const struct model *m)
{
	return &m->graph;
}

const char *model_sha256(const struct model *m)
{
	return m->sha256;
}

size_t model_file_bytes(const struct model *m)
{
	return m->size;
}
