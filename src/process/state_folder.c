/* state_folder.c - the folder for what has to survive a restart. */
#include "process/state_folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void state_folder_of_service(char *out, size_t size)
{
	snprintf(out, size, "%s", LOCALSTATEDIR "/lib/edged");
}

void state_folder_name(char *out, size_t size)
{
	const char *given = getenv("STATE_DIRECTORY"), *xdg = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	if (given != NULL && given[0] != '\0')
		snprintf(out, size, "%.*s", (int)strcspn(given, ":"), given);
	else if (geteuid() == 0 || home == NULL)
		state_folder_of_service(out, size);
	else if (xdg != NULL && xdg[0] == '/')
		snprintf(out, size, "%s/edged", xdg);
	else
		snprintf(out, size, "%s/.local/state/edged", home);
}

int state_folder(char *out, size_t size)
{
	state_folder_name(out, size);
	for (char *p = out + 1; *p != '\0'; p++) /* with its parents */
		if (*p == '/') {
			*p = '\0';
			mkdir(out, 0755);
			*p = '/';
		}
	return mkdir(out, 0750) < 0 && errno != EEXIST ? -errno : 0;
}
