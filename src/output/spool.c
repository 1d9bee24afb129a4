/* spool.c - events on their way to the broker: on disk until it has confirmed them. */
#include "output/spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "output/database.h"

enum { MOST_CONFIRMED = 64, DISK_AGAIN_S = 60, EVICT_AT_ONCE = 64, BOOT_BYTES = 40 };

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS message(number INTEGER PRIMARY KEY, topic TEXT NOT NULL,"
	" body TEXT NOT NULL, boot TEXT NOT NULL, at_ns INTEGER NOT NULL, wall_ns INTEGER NOT NULL,"
	" synchronised INTEGER NOT NULL, sent INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS note(key TEXT PRIMARY KEY, text TEXT NOT NULL);";

struct under_way {
	int64_t number; /* 0: free */
	int message_id; /* 0: not yet known */
};

struct spool {
	sqlite3 *db;
	char *path; /* NULL: in memory for good */
	bool in_memory, synchronised;
	struct spool_limits limits;
	char boot[BOOT_BYTES];
	int64_t next_number, last_taken; /* of spool_next() */
	int64_t fresh; /* marked as sent already, and sent for the first time now; 0: none */
	struct under_way under_way[SPOOL_MOST_UNDER_WAY];
	int64_t confirmed[MOST_CONFIRMED]; /* still to be deleted */
	size_t confirmed_count, count;
	uint64_t lost;
	int64_t disk_again_ns;
	sqlite3_stmt *row; /* what spool_next() lent */
};

/* ---- opening, and where the disk does not take it ---- */

/* So that times on CLOCK_MONOTONIC are only compared within one run of the machine. */
static void read_boot(char out[BOOT_BYTES])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (file == NULL || fgets(out, BOOT_BYTES, file) == NULL)
		snprintf(out, BOOT_BYTES, "unknown");
	out[strcspn(out, "\n")] = '\0';
	if (file != NULL)
		fclose(file);
}

static void give_row_back(struct spool *s)
{
	sqlite3_finalize(s->row); /* an open statement would keep the log from being emptied */
	s->row = NULL;
}

static void count_rows(struct spool *s)
{
	s->count = (size_t)database_number(s->db, "SELECT count(*) FROM message", 0);
	s->next_number = database_number(s->db, "SELECT max(number) FROM message", 0) + 1;
}

int spool_open(const char *folder, const struct spool_limits *limits, struct spool **out,
	       struct fault *f)
{
	struct spool *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL || (folder != NULL && asprintf(&s->path, "%s/spool.sqlite", folder) < 0)) {
		free(s);
		return fault_set(f, -ENOMEM, "spool: no memory");
	}
	s->limits = *limits;
	s->synchronised = clock_is_synchronised();
	read_boot(s->boot);
	rc = folder == NULL ? -ENOENT : database_open(s->path, schema, &s->db, f);
	if (rc < 0 && rc != -EBUSY) {
		if (folder != NULL)
			LOG_ERR("%s; events are kept in memory only", f->text);
		s->in_memory = true;
		s->disk_again_ns = clock_monotonic_ns() + DISK_AGAIN_S * SECOND;
		rc = database_open(":memory:", schema, &s->db, f);
	}
	if (rc < 0) {
		spool_free(s);
		return rc;
	}
	count_rows(s);
	*out = s;
	return 0;
}

void spool_free(struct spool *s)
{
	if (s == NULL)
		return;
	if (s->db != NULL)
		spool_turn(s, clock_monotonic_ns());
	give_row_back(s);
	sqlite3_close(s->db);
	free(s->path);
	free(s);
}

/* All rows of one file into another. */
static int copy_rows(sqlite3 *from, sqlite3 *to, struct fault *f)
{
	sqlite3_stmt *row;
	int rc = 0;

	if (sqlite3_prepare_v2(
		    from,
		    "SELECT number, topic, body, boot, at_ns, wall_ns, synchronised, sent"
		    " FROM message",
		    -1, &row, NULL) != SQLITE_OK)
		return fault_set(f, -EIO, "spool: %s", sqlite3_errmsg(from));
	while (rc == 0 && sqlite3_step(row) == SQLITE_ROW)
		rc = database_run(to, f, "INSERT INTO message VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
				  "itttiiii", sqlite3_column_int64(row, 0),
				  sqlite3_column_text(row, 1), sqlite3_column_text(row, 2),
				  sqlite3_column_text(row, 3), sqlite3_column_int64(row, 4),
				  sqlite3_column_int64(row, 5), sqlite3_column_int64(row, 6),
				  sqlite3_column_int64(row, 7));
	sqlite3_finalize(row);
	return rc;
}

static void adopt(struct spool *s, sqlite3 *db, bool in_memory)
{
	give_row_back(s);
	sqlite3_close(s->db);
	s->db = db;
	s->in_memory = in_memory;
}

/* The disk does not take it: what is there is copied, so that memory alone says what is to do. */
static bool leave_disk(struct spool *s, const char *why)
{
	struct fault f = { 0 };
	sqlite3 *memory;

	if (s->in_memory || database_open(":memory:", schema, &memory, &f) < 0)
		return false;
	LOG_ERR("%s; events are kept in memory until it is mended, tried again in %d s", why,
		DISK_AGAIN_S);
	copy_rows(s->db, memory, &f);
	adopt(s, memory, true);
	s->disk_again_ns = clock_monotonic_ns() + DISK_AGAIN_S * SECOND;
	return true;
}

static int replace_rows(sqlite3 *disk, sqlite3 *memory, struct fault *f)
{
	int rc = database_run(disk, f, "BEGIN IMMEDIATE", "");

	if (rc == 0)
		rc = database_run(disk, f, "DELETE FROM message", "");
	if (rc == 0)
		rc = copy_rows(memory, disk, f);
	if (rc == 0)
		rc = database_run(disk, f, "COMMIT", "");
	return rc;
}

static void try_disk(struct spool *s, int64_t now_ns)
{
	struct fault f = { 0 };
	sqlite3 *disk = NULL;

	if (s->path == NULL || !s->in_memory || now_ns < s->disk_again_ns)
		return;
	s->disk_again_ns = now_ns + DISK_AGAIN_S * SECOND;
	if (database_open(s->path, schema, &disk, &f) < 0 || replace_rows(disk, s->db, &f) < 0) {
		sqlite3_close(disk);
		return;
	}
	adopt(s, disk, false);
	LOG_INFO("the disk takes events again; %zu were kept in memory", s->count);
}

/* ---- what was confirmed ---- */

/* Without a sync: where power fails before it is on disk, an event comes twice and says so. */
static void delete_confirmed(struct spool *s)
{
	struct fault f = { 0 };
	int rc = 0;

	if (s->confirmed_count == 0)
		return;
	sqlite3_exec(s->db, "PRAGMA synchronous=NORMAL; BEGIN", NULL, NULL, NULL);
	for (size_t i = 0; rc == 0 && i < s->confirmed_count; i++)
		rc = database_run(s->db, &f, "DELETE FROM message WHERE number = ?", "i",
				  s->confirmed[i]);
	if (sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		rc = -EIO;
	sqlite3_exec(s->db, "PRAGMA synchronous=FULL", NULL, NULL, NULL);
	if (rc < 0 &&
	    leave_disk(s, f.text[0] != '\0' ? f.text : "spool: the disk does not take it"))
		for (size_t i = 0; i < s->confirmed_count; i++)
			database_run(s->db, &f, "DELETE FROM message WHERE number = ?", "i",
				     s->confirmed[i]);
	s->confirmed_count = 0;
}

static void forget(struct spool *s, int64_t number)
{
	give_row_back(s);
	if (s->confirmed_count == MOST_CONFIRMED)
		delete_confirmed(s);
	s->confirmed[s->confirmed_count++] = number;
	s->count -= s->count > 0;
}

static struct under_way *find(struct spool *s, int64_t number, int message_id)
{
	for (size_t i = 0; i < SPOOL_MOST_UNDER_WAY; i++) {
		struct under_way *u = &s->under_way[i];
		if (u->number == number || (message_id != 0 && u->message_id == message_id))
			return u;
	}
	return NULL;
}

void spool_confirmed(struct spool *s, int message_id)
{
	struct under_way *u = message_id == 0 ? NULL : find(s, -1, message_id);

	if (u == NULL)
		return;
	forget(s, u->number);
	*u = (struct under_way){ 0 };
}

void spool_dropped(struct spool *s, int64_t number, const char *why)
{
	struct under_way *u = find(s, number, 0);

	LOG_ERR("an event is dropped: %s", why);
	s->lost++;
	forget(s, number);
	if (u != NULL)
		*u = (struct under_way){ 0 };
}

/* ---- the way in and out ---- */

static int insert(struct spool *s, const char *topic, const char *body, int64_t at_ns, bool sent,
		  struct fault *f)
{
	int64_t wall = clock_wall_ns() - (clock_monotonic_ns() - at_ns);

	return database_run(s->db, f, "INSERT INTO message VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
			    "itttiiii", s->next_number, topic, body, s->boot, at_ns, wall,
			    (int64_t)clock_is_synchronised(), (int64_t)sent);
}

void spool_put(struct spool *s, const char *topic, const char *body, int64_t at_ns, bool online)
{
	size_t under_way = spool_under_way(s);
	bool at_once = online && s->count == under_way && under_way < SPOOL_MOST_UNDER_WAY;
	struct fault f = { 0 };

	give_row_back(s);
	delete_confirmed(s);
	int rc = insert(s, topic, body, at_ns, at_once, &f);
	if (rc < 0 && leave_disk(s, f.text))
		rc = insert(s, topic, body, at_ns, at_once, &f);
	if (rc < 0) {
		LOG_ERR("an event is lost: %s", f.text);
		s->lost++;
		return;
	}
	s->fresh = at_once ? s->next_number : 0;
	s->next_number++;
	s->count++;
}

static bool select_next(struct spool *s)
{
	give_row_back(s);
	sqlite3_prepare_v2(s->db,
			   "SELECT number, topic, body, boot, at_ns, wall_ns, synchronised, sent"
			   " FROM message WHERE number > ? ORDER BY number",
			   -1, &s->row, NULL);
	sqlite3_bind_int64(s->row, 1, s->last_taken);
	while (sqlite3_step(s->row) == SQLITE_ROW)
		if (find(s, sqlite3_column_int64(s->row, 0), 0) == NULL)
			return true;
	give_row_back(s);
	return false;
}

/* An event of this run of the machine gets its time from the clock as it is now. */
static void fill(const struct spool *s, struct spool_item *out)
{
	int64_t number = sqlite3_column_int64(s->row, 0), at_ns = sqlite3_column_int64(s->row, 4);
	bool this_boot = strcmp((const char *)sqlite3_column_text(s->row, 3), s->boot) == 0;
	int64_t stored_ns = sqlite3_column_int64(s->row, 5), now = clock_wall_ns();
	int64_t age_ns = this_boot ? clock_monotonic_ns() - at_ns : now - stored_ns;

	*out = (struct spool_item){
		.number = number,
		.topic = (const char *)sqlite3_column_text(s->row, 1),
		.body = (const char *)sqlite3_column_text(s->row, 2),
		.wall_ns = this_boot ? now - age_ns : stored_ns,
		.age_ns = age_ns > 0 ? age_ns : 0, /* the clock may have been put back since */
		.synchronised =
			this_boot ? clock_is_synchronised() : sqlite3_column_int64(s->row, 6) != 0,
		.sent_before = sqlite3_column_int64(s->row, 7) != 0 && number != s->fresh,
	};
}

bool spool_next(struct spool *s, struct spool_item *out)
{
	struct under_way *place = find(s, 0, 0);
	struct fault f = { 0 };

	if (place == NULL || !select_next(s))
		return false;
	fill(s, out);
	if (!out->sent_before && out->number != s->fresh &&
	    database_run(s->db, &f, "UPDATE message SET sent = 1 WHERE number = ?", "i",
			 out->number) < 0)
		LOG_ERR("%s; events may come twice without a word", f.text);
	s->fresh = 0;
	*place = (struct under_way){ out->number, 0 };
	s->last_taken = out->number;
	return true;
}

void spool_sent(struct spool *s, int64_t number, int message_id)
{
	struct under_way *u = find(s, number, 0);

	if (u != NULL)
		u->message_id = message_id;
	give_row_back(s);
}

void spool_unsent(struct spool *s, int64_t number)
{
	struct under_way *u = find(s, number, 0);

	give_row_back(s);
	if (u == NULL)
		return;
	if (number <= s->last_taken)
		s->last_taken = number - 1;
	*u = (struct under_way){ 0 };
}

int64_t spool_number(const struct spool *s, int message_id)
{
	const struct under_way *u =
		message_id == 0 ? NULL : find((struct spool *)s, -1, message_id);

	return u == NULL ? -1 : u->number;
}

void spool_rewind(struct spool *s)
{
	delete_confirmed(s);
	memset(s->under_way, 0, sizeof(s->under_way));
	s->last_taken = 0;
}

/* ---- housekeeping ---- */

static void evict(struct spool *s, const char *which, int64_t value, const char *why)
{
	struct fault f = { 0 };
	char sql[200];

	snprintf(sql, sizeof(sql),
		 "DELETE FROM message WHERE number IN (SELECT number FROM message"
		 " WHERE %s ORDER BY number LIMIT %d)",
		 which, EVICT_AT_ONCE);
	if (database_run(s->db, &f, sql, "i", value) < 0)
		return;
	int gone = sqlite3_changes(s->db);
	if (gone == 0)
		return;
	s->lost += (uint64_t)gone;
	s->count -= (size_t)gone < s->count ? (size_t)gone : s->count;
	LOG_WARN("%d events that the broker never took are dropped: %s", gone, why);
}

static int64_t bytes_in_use(struct spool *s)
{
	return (database_number(s->db, "PRAGMA page_count", 0) -
		database_number(s->db, "PRAGMA freelist_count", 0)) *
	       database_number(s->db, "PRAGMA page_size", 0);
}

/* Those of former runs of the machine cannot be mended: nobody knows how long it was off. */
static void mend_times(struct spool *s)
{
	struct fault f = { 0 };

	if (s->synchronised || !clock_is_synchronised())
		return;
	s->synchronised = true;
	LOG_INFO("the clock is set now");
	database_run(s->db, &f,
		     "UPDATE message SET wall_ns = at_ns + ?, synchronised = 1"
		     " WHERE boot = ? AND synchronised = 0",
		     "it", clock_wall_ns() - clock_monotonic_ns(), s->boot);
}

void spool_turn(struct spool *s, int64_t now_ns)
{
	give_row_back(s);
	delete_confirmed(s);
	try_disk(s, now_ns);
	mend_times(s);
	if (s->count == 0)
		return;
	if (s->synchronised)
		evict(s, "wall_ns < ?", clock_wall_ns() - s->limits.age_ns, "too old");
	if (bytes_in_use(s) > s->limits.bytes)
		evict(s, "number > ?", 0, "the spool is full (mqtt.spool.size)");
}

size_t spool_count(const struct spool *s)
{
	return s->count;
}

size_t spool_under_way(const struct spool *s)
{
	size_t count = 0;

	for (size_t i = 0; i < SPOOL_MOST_UNDER_WAY; i++)
		count += s->under_way[i].number != 0;
	return count;
}

uint64_t spool_lost(const struct spool *s)
{
	return s->lost;
}

bool spool_in_memory(const struct spool *s)
{
	return s->in_memory;
}

/* ---- notes ---- */

bool spool_note_set(struct spool *s, const char *key, const char *text)
{
	struct fault f = { 0 };
	int rc = text == NULL ? database_run(s->db, &f, "DELETE FROM note WHERE key = ?", "t", key)
			      : database_run(s->db, &f, "INSERT OR REPLACE INTO note VALUES(?, ?)",
					     "tt", key, text);

	if (rc < 0)
		LOG_ERR("%s", f.text);
	return rc == 0;
}

void spool_notes(struct spool *s, const char *prefix, spool_note_fn *each, void *context)
{
	sqlite3_stmt *row = NULL;

	if (sqlite3_prepare_v2(s->db,
			       "SELECT key, text FROM note WHERE substr(key, 1, length(?1)) = ?1"
			       " ORDER BY key",
			       -1, &row, NULL) == SQLITE_OK)
		sqlite3_bind_text(row, 1, prefix, -1, SQLITE_STATIC);
	while (row != NULL && sqlite3_step(row) == SQLITE_ROW)
		each(context, (const char *)sqlite3_column_text(row, 0),
		     (const char *)sqlite3_column_text(row, 1));
	sqlite3_finalize(row);
}
