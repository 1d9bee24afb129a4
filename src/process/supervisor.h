/* supervisor.h - starts the workers that a configuration needs and keeps them alive. */
#ifndef EDGED_PROCESS_SUPERVISOR_H
#define EDGED_PROCESS_SUPERVISOR_H
#include "settings/settings.h"

/* Runs the service until SIGTERM or SIGINT, or until every input has ended and was judged. The
 * configuration has no findings and is borrowed. Gives the exit code of the program. */
int supervisor_run(const struct config *config);
#endif
