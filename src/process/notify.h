/* notify.h - words to systemd (sd_notify(3)'s protocol: datagrams to the socket in
 * NOTIFY_SOCKET). */
#ifndef EDGED_PROCESS_NOTIFY_H
#define EDGED_PROCESS_NOTIFY_H
#include <stdbool.h>
#include <stdint.h>

/* Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID and takes them out of the environment, so
 * that no child speaks for the service. Without systemd all below do nothing. */
void notify_open(void);

/* "READY=1", "STATUS=…"; several lines in one message. */
void notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Half of what systemd waits for a sign of life, in ns; 0: it does not. */
int64_t notify_watchdog_ns(void);
#endif
