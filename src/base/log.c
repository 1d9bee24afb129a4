/* log.c - lines for the journal, with the object that speaks before each. */
#include "base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

static const char *log_who = "edged";
static bool log_to_journal;

/* systemd names the journal's socket in JOURNAL_STREAM as device:inode (systemd.exec(5)). */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;

	return stream != NULL && sscanf(stream, "%ju:%ju", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void log_open(const char *who)
{
	log_who = who;
	log_to_journal = stderr_is_journal();
}

/* One write a line: lines of several processes do not mix in the journal or a terminal. */
void log_line(enum log_level level, const char *format, ...)
{
	static const char *const words[] = { [LOG_LEVEL_ERR] = "error: ",
					     [LOG_LEVEL_WARN] = "warning: ",
					     [LOG_LEVEL_INFO] = "",
					     [LOG_LEVEL_DEBUG] = "" };
	char line[1024];
	va_list args;
	int used = 0;

	if (log_to_journal)
		used = snprintf(line, sizeof(line), "<%d>%s: ", (int)level, log_who);
	else
		used = snprintf(line, sizeof(line), "%s: %s", log_who, words[level]);
	if (used < 0 || (size_t)used >= sizeof(line))
		return;
	va_start(args, format);
	int more = vsnprintf(line + used, sizeof(line) - (size_t)used, format, args);
	va_end(args);
	if (more < 0)
		return;
	size_t length = (size_t)used + (size_t)more;
	if (length > sizeof(line) - 2)
		length = sizeof(line) - 2;
	line[length++] = '\n';
	if (write(STDERR_FILENO, line, length) < 0)
		return; /* nobody is left who could be told */
}

bool log_gate(struct log_gate *g, int64_t now_ns, unsigned seconds)
{
	if (now_ns < g->next_ns) {
		g->held_back++;
		return false;
	}
	g->next_ns = now_ns + (int64_t)seconds * SECOND;
	g->held_back = 0;
	return true;
}
