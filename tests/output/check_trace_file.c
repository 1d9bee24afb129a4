/* check_trace_file.c - records of windows in a file of bounded size. */
#include "output/trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "output/trace_layout.h"
#include "tests/test.h"

enum { SLOTS = (TRACE_FILE_LEAST_BYTES - TRACE_RECORDS_AT) / 64 };

static char path[80], old[84], bad[84];
static struct trace_meta meta;
static struct trace_file *file;
static struct trace *trace;
static struct fault aside, f;

static void start(void)
{
	snprintf(path, sizeof(path), "check_trace_file.%d.trace", (int)getpid());
	snprintf(old, sizeof(old), "%s.1", path);
	snprintf(bad, sizeof(bad), "%s.bad", path);
	unlink(path);
	unlink(old);
	unlink(bad);
	memset(&meta, 0, sizeof(meta));
	meta.at_least = 2;
	trace_add_label(&meta, "yes", true);
}

static int open_file(void)
{
	aside = f = (struct fault){ 0 };
	return trace_file_open(path, &meta, TRACE_FILE_LEAST_BYTES, true, &file, &aside, &f);
}

static void end(void)
{
	trace_file_free(file);
	trace_free(trace);
	file = NULL;
	trace = NULL;
	unlink(path);
	unlink(old);
	unlink(bad);
}

static struct trace_anchor anchor(int64_t monotonic, int64_t wall, const char *boot, bool sure)
{
	struct trace_anchor a = { .monotonic_ns = monotonic * SECOND,
				  .wall_ns = wall * SECOND,
				  .synchronised = sure };

	snprintf(a.boot, sizeof(a.boot), "%s", boot);
	return a;
}

/* Records number..number+count-1, one a second. */
static int write_records(uint64_t number, uint64_t count, const struct trace_anchor *a)
{
	const struct trace_anchor none = { 0 };

	for (uint64_t i = number; i < number + count; i++) {
		struct trace_record r = { .window = i,
					  .end_ns = (int64_t)i * SECOND,
					  .label = { 0, TRACE_NO_LABEL, TRACE_NO_LABEL },
					  .ended = TRACE_NO_LABEL };
		int rc = trace_file_append(file, &r, 1);
		if (rc < 0)
			return rc;
	}
	return trace_file_commit(file, &(struct trace_source){ 7, number + count },
				 a == NULL ? &none : a);
}

static void load(void)
{
	trace_free(trace);
	trace = NULL;
	f = (struct fault){ 0 };
	ck_assert_msg(trace_load(path, &trace, &f) == 0, "%s", f.text);
}

START_TEST(what_was_committed_is_read)
{
	start();
	ck_assert_int_eq(open_file(), 0);
	ck_assert_int_eq(write_records(0, 100, NULL), 0);
	load();
	ck_assert_uint_eq(trace->count, 100);
	ck_assert_uint_eq(trace->records[99].window, 99);
	ck_assert_mem_eq(&trace->meta, &meta, sizeof(meta));
	end();
}
END_TEST

START_TEST(the_newest_replace_the_oldest_and_the_size_stays)
{
	struct stat st;

	start();
	ck_assert_int_eq(open_file(), 0);
	for (uint64_t i = 0; i < 3 * SLOTS; i += 50)
		ck_assert_int_eq(write_records(i, 50, NULL), 0);
	load();
	ck_assert_uint_eq(trace->count, SLOTS);
	for (size_t i = 1; i < trace->count; i++)
		ck_assert_uint_eq(trace->records[i].window, trace->records[i - 1].window + 1);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, TRACE_FILE_LEAST_BYTES);
	end();
}
END_TEST

START_TEST(a_file_goes_on_after_a_restart)
{
	start();
	ck_assert_int_eq(open_file(), 0);
	ck_assert_int_eq(write_records(0, 10, NULL), 0);
	trace_file_free(file);
	ck_assert_int_eq(open_file(), 0);
	ck_assert_uint_eq(trace_file_source(file).life, 7);
	ck_assert_uint_eq(trace_file_source(file).next, 10);
	ck_assert_int_eq(write_records(10, 10, NULL), 0);
	load();
	ck_assert_uint_eq(trace->count, 20);
	ck_assert_int_ne(access(old, F_OK), 0);
	end();
}
END_TEST

START_TEST(other_settings_begin_another_file)
{
	start();
	ck_assert_int_eq(open_file(), 0);
	ck_assert_int_eq(write_records(0, 10, NULL), 0);
	trace_file_free(file);
	meta.threshold = 0.5;
	ck_assert_int_eq(open_file(), 0);
	ck_assert_int_eq(aside.rc, 0);
	load();
	ck_assert_uint_eq(trace->count, 0);
	ck_assert_int_eq(access(old, F_OK), 0);
	end();
}
END_TEST

static void damage(long at, const char *bytes)
{
	int fd = open(path, O_WRONLY);

	ck_assert_int_eq(pwrite(fd, bytes, strlen(bytes), at), (ssize_t)strlen(bytes));
	close(fd);
}

START_TEST(a_damaged_file_is_set_aside_with_a_word)
{
	static const long places[] = { 0, 8, 20, TRACE_STATE_AT + 4, TRACE_META_AT + 3 };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		start();
		ck_assert_int_eq(open_file(), 0);
		ck_assert_int_eq(write_records(0, 10, NULL), 0);
		trace_file_free(file);
		file = NULL;
		damage(places[i], "#!");
		ck_assert_int_lt(trace_load(path, &trace, &f), 0);
		ck_assert_int_eq(open_file(), 0);
		ck_assert_int_lt(aside.rc, 0);
		ck_assert_ptr_nonnull(strstr(aside.text, path));
		ck_assert_int_eq(access(bad, F_OK), 0);
		ck_assert_int_eq(write_records(0, 10, NULL), 0);
		end();
	}
}
END_TEST

START_TEST(a_shortened_file_is_no_fault)
{
	start();
	ck_assert_int_eq(open_file(), 0);
	ck_assert_int_eq(write_records(0, 10, NULL), 0);
	trace_file_free(file);
	file = NULL;
	ck_assert_int_eq(truncate(path, TRACE_RECORDS_AT + 3 * 64), 0);
	load();
	ck_assert_uint_eq(trace->count, 3);
	ck_assert_int_eq(truncate(path, 100), 0);
	ck_assert_int_eq(open_file(), 0);
	ck_assert_int_lt(aside.rc, 0);
	end();
}
END_TEST

START_TEST(a_torn_record_is_left_out)
{
	start();
	ck_assert_int_eq(open_file(), 0);
	ck_assert_int_eq(write_records(0, 10, NULL), 0);
	damage(TRACE_RECORDS_AT + 4 * 64 + 10, "#!");
	load();
	ck_assert_uint_eq(trace->count, 9);
	ck_assert_uint_eq(trace->records[4].window, 5);
	end();
}
END_TEST

/* Boot "a" learns the time late, the clock of boot "b" is set later on. */
START_TEST(dates_come_from_the_best_clock_of_the_boot)
{
	bool sure;

	start();
	ck_assert_int_eq(open_file(), 0);
	struct trace_anchor one = anchor(10, 1000, "a", false), two = anchor(20, 5020, "a", true);
	struct trace_anchor three = anchor(30, 9030, "b", false);
	ck_assert_int_eq(write_records(0, 10, &one), 0);
	ck_assert_int_eq(write_records(10, 10, &two), 0);
	ck_assert_int_eq(write_records(20, 10, &three), 0);
	load();
	ck_assert_uint_eq(trace->anchor_count, 3);
	ck_assert_int_eq(trace_time_ns(trace, 0, &sure), 5000 * SECOND);
	ck_assert(sure);
	ck_assert_int_eq(trace_time_ns(trace, 19, &sure), 5019 * SECOND);
	ck_assert_int_eq(trace_time_ns(trace, 25, &sure), 9025 * SECOND);
	ck_assert(!sure);
	end();
}
END_TEST

START_TEST(more_clock_steps_than_room_keep_the_newest)
{
	start();
	ck_assert_int_eq(open_file(), 0);
	for (int i = 0; i < 2 * TRACE_ANCHORS; i++) {
		struct trace_anchor a = anchor(i, 1000 * (i + 1), "a", true);
		ck_assert_int_eq(write_records((uint64_t)i, 1, &a), 0);
	}
	load();
	ck_assert_uint_eq(trace->anchor_count, TRACE_ANCHORS);
	ck_assert_int_eq(trace_time_ns(trace, 2 * TRACE_ANCHORS - 1, NULL),
			 2 * TRACE_ANCHORS * 1000 * SECOND);
	end();
}
END_TEST

START_TEST(a_full_disk_loses_nothing_that_is_written_later)
{
	struct rlimit limit = { TRACE_RECORDS_AT + 20 * 64, RLIM_INFINITY },
		      none = { RLIM_INFINITY, RLIM_INFINITY };

	start();
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	ck_assert_int_eq(open_file(), -EFBIG);
	ck_assert_ptr_nonnull(strstr(f.text, path));
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert_int_eq(
		trace_file_open(path, &meta, TRACE_FILE_LEAST_BYTES, false, &file, NULL, &f), 0);
	ck_assert_int_eq(write_records(0, 15, NULL), 0);
	ck_assert_int_eq(write_records(15, 10, NULL), -EFBIG);
	load();
	ck_assert_uint_eq(trace->count, 15);
	setrlimit(RLIMIT_FSIZE, &none);
	ck_assert_int_eq(write_records(15, 10, NULL), 0);
	load();
	ck_assert_uint_eq(trace->count, 25);
	ck_assert_uint_eq(trace->records[24].window, 24);
	end();
}
END_TEST

START_TEST(only_trace_files_are_removed)
{
	start();
	ck_assert_int_eq(trace_file_remove(path, &f), 0); /* nothing is there */
	ck_assert_int_eq(open_file(), 0);
	ck_assert_int_eq(trace_file_remove(path, &f), 0);
	ck_assert(trace_file_is_gone(file));
	FILE *other = fopen(path, "w");
	fputs("a letter", other);
	fclose(other);
	ck_assert_int_lt(trace_file_remove(path, &f), 0);
	ck_assert_ptr_nonnull(strstr(f.text, "no trace file"));
	ck_assert_int_eq(access(path, F_OK), 0);
	end();
}
END_TEST

TEST_MAIN("trace_file", what_was_committed_is_read,
	  the_newest_replace_the_oldest_and_the_size_stays, a_file_goes_on_after_a_restart,
	  other_settings_begin_another_file, a_damaged_file_is_set_aside_with_a_word,
	  a_shortened_file_is_no_fault, a_torn_record_is_left_out,
	  dates_come_from_the_best_clock_of_the_boot, more_clock_steps_than_room_keep_the_newest,
	  a_full_disk_loses_nothing_that_is_written_later, only_trace_files_are_removed)
