/* state_folder.h - the folder for what has to survive a restart. */
#ifndef EDGED_PROCESS_STATE_FOLDER_H
#define EDGED_PROCESS_STATE_FOLDER_H
#include <stddef.h>

enum { STATE_FOLDER_BYTES = 3900 };

/* systemd's STATE_DIRECTORY, else /var/lib/edged, for a user without rights $XDG_STATE_HOME/edged
 * or ~/.local/state/edged; made with its parents. 0 or -errno; `out` names it either way. */
int state_folder(char *out, size_t size);
void state_folder_name(char *out, size_t size);	      /* the same, without making it */
void state_folder_of_service(char *out, size_t size); /* /var/lib/edged, whoever asks */
#endif
