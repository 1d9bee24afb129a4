/* log.h - lines for the journal, with the object that speaks before each. */
#ifndef EDGED_BASE_LOG_H
#define EDGED_BASE_LOG_H
#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERR = 3, LOG_LEVEL_WARN = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

/* Who speaks: "capture microphone". Once a process, before its first line; borrowed.
 * Lines go to stderr; where that is the journal, each starts with "<priority>". */
void log_open(const char *who);
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define LOG_ERR(...)  log_line(LOG_LEVEL_ERR, __VA_ARGS__)
#define LOG_WARN(...) log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define LOG_INFO(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)

/* A line that could come again and again passes at most once in so many seconds. */
struct log_gate {
	int64_t next_ns;
	unsigned held_back; /* since the last line that passed */
};
bool log_gate(struct log_gate *g, int64_t now_ns, unsigned seconds);
#endif
