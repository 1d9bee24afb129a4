/* database.c - one SQLite file that a single process owns: opened, checked, set aside if damaged. */
#include "output/database.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

/* Exclusive locking before the write-ahead log saves the file for its shared index. Few pages are
 * kept in memory: what is read again is the oldest row, and that is in the first ones. */
static const char pragmas[] = "PRAGMA locking_mode=EXCLUSIVE;"
			      "PRAGMA auto_vacuum=INCREMENTAL;"
			      "PRAGMA journal_mode=WAL;"
			      "PRAGMA synchronous=FULL;"
			      "PRAGMA wal_autocheckpoint=256;"
			      "PRAGMA journal_size_limit=1048576;"
			      "PRAGMA temp_store=MEMORY;"
			      "PRAGMA cache_size=-256;";

static int fault_of(sqlite3 *db, const char *what, struct fault *f)
{
	switch (sqlite3_errcode(db)) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return fault_set(f, -EBUSY, "%s: another process has it", what);
	case SQLITE_FULL: return fault_set(f, -ENOSPC, "%s: the disk is full", what);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return fault_set(f, -EBADMSG, "%s: %s", what, sqlite3_errmsg(db));
	default: return fault_set(f, -EIO, "%s: %s", what, sqlite3_errmsg(db));
	}
}

static int try_open(const char *path, const char *schema, sqlite3 **out, struct fault *f)
{
	sqlite3 *db = NULL;
	int rc = 0;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
		    SQLITE_OK ||
	    sqlite3_exec(db, pragmas, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(db, "BEGIN EXCLUSIVE; COMMIT; PRAGMA quick_check", NULL, NULL, NULL) !=
		    SQLITE_OK ||
	    sqlite3_exec(db, schema, NULL, NULL, NULL) != SQLITE_OK)
		rc = fault_of(db, path, f);
	if (rc < 0) {
		sqlite3_close(db);
		return rc;
	}
	*out = db;
	return 0;
}

/* What is in it cannot be read, but an expert may save it. */
static bool set_aside(const char *path, const char *why)
{
	static const char *const ends[] = { "-wal", "-shm", "-journal" };
	char aside[4096], file[4096];
	int64_t now = clock_wall_ns() / SECOND;

	snprintf(aside, sizeof(aside), "%s.corrupt-%lld", path, (long long)now);
	if (rename(path, aside) < 0)
		return false;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(file, sizeof(file), "%s%s", path, ends[i]);
		remove(file);
	}
	LOG_ERR("%s; kept as %s, a new one is begun", why, aside);
	return true;
}

int database_open(const char *path, const char *schema, sqlite3 **out, struct fault *f)
{
	int rc = try_open(path, schema, out, f);

	if (rc == -EBADMSG && set_aside(path, f->text))
		rc = try_open(path, schema, out, f);
	return rc;
}

static void bind_all(sqlite3_stmt *statement, const char *types, va_list arguments)
{
	for (int i = 0; types[i] != '\0'; i++)
		if (types[i] == 'i')
			sqlite3_bind_int64(statement, i + 1, va_arg(arguments, int64_t));
		else
			sqlite3_bind_text(statement, i + 1, va_arg(arguments, const char *), -1,
					  SQLITE_STATIC);
}

int database_run(sqlite3 *db, struct fault *f, const char *sql, const char *types, ...)
{
	sqlite3_stmt *statement;
	va_list arguments;
	int rc = 0;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		return fault_of(db, "spool", f);
	va_start(arguments, types);
	bind_all(statement, types, arguments);
	va_end(arguments);
	if (sqlite3_step(statement) != SQLITE_DONE)
		rc = fault_of(db, "spool", f);
	sqlite3_finalize(statement);
	return rc;
}

int64_t database_number(sqlite3 *db, const char *sql, int64_t fallback)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		return fallback;
	if (sqlite3_step(statement) == SQLITE_ROW)
		fallback = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return fallback;
}
