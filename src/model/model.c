/* model.c - a model file, checked and turned into a graph. */
#include "model/model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/sha256.h"
#include "model/onnx.h"
#include "model/tflite.h"

enum { LARGEST_FILE = 0x7fffffff };

/* A mapped file. */
struct mapping {
	char *name; /* beside the model; NULL: the model itself */
	void *data;
	size_t size;
};

enum { MOST_MAPPINGS = 64 };

struct model {
	struct mapping mappings[MOST_MAPPINGS]; /* the first is the model */
	size_t mapping_count;
	int folder;	      /* where it lies */
	struct arena *memory; /* the graph's */
	struct graph graph;
	struct onnx_file onnx;
	bool is_onnx;
	char sha256[SHA256_HEX_BYTES];
};

static int map_file(struct model *m, int folder, const char *path, int flags, size_t least,
		    struct fault *f)
{
	AUTO_CLOSE int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags);
	struct mapping *map = &m->mappings[m->mapping_count];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fault_errno(f, "%s", path);
	if (S_ISDIR(st.st_mode))
		return fault_set(f, -EISDIR, "%s: a folder (a model file)", path);
	if (!S_ISREG(st.st_mode) || st.st_size < (off_t)least)
		return fault_set(f, -EBADMSG, "%s: no model (too short, or no file)", path);
	if (st.st_size > LARGEST_FILE)
		return fault_set(f, -EFBIG, "%s: larger than 2 GiB", path);
	map->data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map->data == MAP_FAILED) {
		map->data = NULL;
		return fault_errno(f, "%s", path);
	}
	map->size = (size_t)st.st_size;
	m->mapping_count++;
	return 0;
}

/* A name that stays beside the model: one that leads elsewhere is an attack, or a mistake. */
static bool stays_beside(const char *location)
{
	return location[0] != '\0' && location[0] != '/' && strcmp(location, "..") != 0 &&
	       strncmp(location, "../", 3) != 0 && strstr(location, "/../") == NULL &&
	       (strlen(location) < 3 || strcmp(location + strlen(location) - 3, "/..") != 0);
}

static int open_beside(void *context, const char *location, const uint8_t **data, size_t *size,
		       struct fault *f)
{
	struct model *m = context;

	for (size_t i = 1; i < m->mapping_count; i++)
		if (strcmp(m->mappings[i].name, location) == 0) {
			*data = m->mappings[i].data;
			*size = m->mappings[i].size;
			return 0;
		}
	if (!stays_beside(location))
		return fault_set(f, -EPERM, "external data in '%.80s' (a file beside the model)",
				 location);
	if (m->mapping_count == MOST_MAPPINGS)
		return fault_set(f, -EOPNOTSUPP, "external data in more than %d files",
				 MOST_MAPPINGS - 1);
	int rc = map_file(m, m->folder, location, O_NOFOLLOW, 1, f);
	if (rc < 0)
		return rc;
	struct mapping *map = &m->mappings[m->mapping_count - 1];
	map->name = arena_strdup(m->memory, location);
	if (map->name == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	*data = map->data;
	*size = map->size;
	return 0;
}

static int open_folder(struct model *m, const char *path, struct fault *f)
{
	const char *slash = strrchr(path, '/');
	const char *folder = slash == NULL ? "."
			     : slash == path
				     ? "/"
				     : arena_printf(m->memory, "%.*s", (int)(slash - path), path);

	if (folder == NULL)
		return fault_set(f, -ENOMEM, "%s: no memory", path);
	m->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return m->folder < 0 ? fault_errno(f, "%s", folder) : 0;
}

/* A FlatBuffer names itself; an ONNX file begins with one of its first fields. */
static int read_graph(struct model *m, const struct graph_wish *wish, struct fault *f)
{
	const struct mapping *file = &m->mappings[0];
	const char *bytes = file->data;

	if (memcmp(bytes + 4, "TFL3", 4) == 0)
		return tflite_read(file->data, file->size, wish, m->memory, &m->graph, f);
	if (bytes[0] != 0x08 && bytes[0] != 0x12 && bytes[0] != 0x3a && bytes[0] != 0x42)
		return fault_set(
			f, -EBADMSG,
			"neither a TensorFlow Lite model (TFL3 at byte 4) nor an ONNX one");
	m->is_onnx = true;
	return onnx_read(file->data, file->size, wish, open_beside, m, m->memory, &m->graph,
			 &m->onnx, f);
}

int model_open(const char *path, struct model **out, struct fault *f)
{
	struct graph_wish none = { 0 };

	return model_open_as(path, &none, out, f);
}

int model_open_as(const char *path, const struct graph_wish *wish, struct model **out,
		  struct fault *f)
{
	AUTO(model) struct model *m = calloc(1, sizeof(*m));

	if (m != NULL) {
		m->folder = -1;
		m->memory = arena_create();
	}
	if (m == NULL || m->memory == NULL)
		return fault_set(f, -ENOMEM, "%s: no memory", path);
	int rc = map_file(m, AT_FDCWD, path, 0, 16, f);
	if (rc == 0)
		rc = open_folder(m, path, f);
	if (rc < 0)
		return rc;
	const char *slash = strrchr(path, '/');
	m->graph.name = arena_strdup(m->memory, slash != NULL ? slash + 1 : path);
	if (m->graph.name == NULL)
		return fault_set(f, -ENOMEM, "%s: no memory", path);
	sha256_hex(m->mappings[0].data, m->mappings[0].size, m->sha256);
	rc = read_graph(m, wish, f);
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
	for (size_t i = 0; i < m->mapping_count; i++)
		munmap(m->mappings[i].data, m->mappings[i].size);
	if (m->folder >= 0)
		close(m->folder);
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
	return m->mappings[0].size;
}

const char *model_format(const struct model *m)
{
	return m->is_onnx ? "ONNX" : "TensorFlow Lite";
}

const uint8_t *model_bytes(const struct model *m, size_t *size)
{
	*size = m->mappings[0].size;
	return m->mappings[0].data;
}

const struct onnx_file *model_onnx(const struct model *m)
{
	return m->is_onnx ? &m->onnx : NULL;
}
