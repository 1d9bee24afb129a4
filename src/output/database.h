/* database.h - one SQLite file that a single process owns: opened, checked, set aside if damaged. */
#ifndef EDGED_OUTPUT_DATABASE_H
#define EDGED_OUTPUT_DATABASE_H
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"

/* Opens or makes `path` (":memory:" too) with that schema, which says IF NOT EXISTS everywhere.
 * Write-ahead log, a sync for each commit. A file that is damaged or of something else is renamed
 * to <path>.corrupt-<time>, with a word in the log, and a new one made. -EBUSY: another process
 * has it; -EIO with the reason for everything else. */
int database_open(const char *path, const char *schema, sqlite3 **out, struct fault *f);

/* One statement without results. `types` says what follows: i int64_t, t const char *. A NULL text
 * is NULL. 0, or -ENOSPC, -EIO … with the reason in the log's words in *f. */
int database_run(sqlite3 *db, struct fault *f, const char *sql, const char *types, ...);
/* The first column of the first row, or the fallback. */
int64_t database_number(sqlite3 *db, const char *sql, int64_t fallback);
#endif
