/* program.c - where edged's programs and data files are. */
#include "process/program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

/* The folder of the running program, without the slash. */
static bool own_folder(char out[PATH_BYTES])
{
	ssize_t length = readlink("/proc/self/exe", out, PATH_BYTES - 1);

	if (length <= 0)
		return false;
	out[length] = '\0';
	char *slash = strrchr(out, '/');
	if (slash == NULL)
		return false;
	*slash = '\0';
	return true;
}

/* The first of the places below that holds the file; `%s` is this program's folder. */
static int find(const char *const places[], const char *name, int mode, char *out, size_t size,
		struct fault *f)
{
	char folder[PATH_BYTES];

	if (!own_folder(folder))
		return fault_errno(f, "/proc/self/exe");
	for (size_t i = 0; places[i] != NULL; i++) {
		bool absolute = places[i][0] == '/';
		int length = snprintf(out, size, "%s%s%s/%s", absolute ? "" : folder,
				      absolute ? "" : "/", places[i], name);
		if (length > 0 && (size_t)length < size && access(out, mode) == 0)
			return 0;
	}
	return fault_set(f, -ENOENT, "%s is not installed: looked for beside %s and in %s", name,
			 folder, places[0][0] == '/' ? places[0] : places[1]);
}

int program_path(const char *name, char *out, size_t size, struct fault *f)
{
	/* build tree from src/edged; installed; a role program's own neighbours */
	static const char *const places[] = { "process", PKGLIBEXECDIR, ".", NULL };

	return find(places, name, X_OK, out, size, f);
}

int program_data_path(const char *name, char *out, size_t size, struct fault *f)
{
	/* build tree from src/edged and from src/process/…; installed */
	static const char *const places[] = { "../share", PKGDATADIR, "../../share", NULL };

	return find(places, name, R_OK, out, size, f);
}
