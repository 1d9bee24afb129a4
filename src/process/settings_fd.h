/* settings_fd.h - a role's part of the configuration on its way to the role's program. */
#ifndef EDGED_PROCESS_SETTINGS_FD_H
#define EDGED_PROCESS_SETTINGS_FD_H
#include "base/fault.h"
#include "settings/settings.h"

/* A sealed memfd with that part as YAML, close-on-exec; or -errno. */
int settings_fd_create(const struct config *c, const struct config_part *part);

/* Reads it back by the same tables; fd stays open. The fault says what a broken one holds. */
int settings_fd_read(int fd, struct config **out, struct fault *f);
#endif
