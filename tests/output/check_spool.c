/* check_spool.c - events are kept until the broker has confirmed them, in order, on a real disk. */
#include "output/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/test.h"

static char folder[64];
static const struct spool_limits limits = { 8 << 20, INT64_C(86400) * SECOND };

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/check-spool-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static struct spool *open_spool(const struct spool_limits *l)
{
	struct fault f = { 0 };
	struct spool *s = NULL;

	ck_assert_msg(spool_open(folder, l, &s, &f) == 0, "%s", f.text);
	return s;
}

static void put(struct spool *s, const char *body, bool online)
{
	spool_put(s, "t", body, clock_monotonic_ns(), online);
}

/* Takes the next, which has to be this, as sent with that id. */
static void take(struct spool *s, const char *body, int message_id, bool sent_before)
{
	struct spool_item item;

	ck_assert(spool_next(s, &item));
	ck_assert_str_eq(item.body, body);
	ck_assert_int_eq(item.sent_before, sent_before);
	spool_sent(s, item.number, message_id);
}

static bool is_empty(struct spool *s)
{
	struct spool_item item;

	return !spool_next(s, &item);
}

START_TEST(an_event_is_kept_until_it_is_confirmed)
{
	struct spool *s = open_spool(&limits);

	put(s, "1", true);
	take(s, "1", 11, false);
	put(s, "2", true);
	take(s, "2", 12, false);
	ck_assert(is_empty(s));
	ck_assert_uint_eq(spool_under_way(s), 2);
	spool_confirmed(s, 12); /* out of order */
	ck_assert_uint_eq(spool_count(s), 1);
	spool_confirmed(s, 12); /* twice, or of somebody else */
	spool_confirmed(s, 77);
	ck_assert_uint_eq(spool_count(s), 1);
	spool_free(s);
	s = open_spool(&limits);
	take(s, "1", 21, true);
	ck_assert(is_empty(s));
	spool_free(s);
}
END_TEST

START_TEST(what_was_under_way_is_sent_again_and_marked)
{
	struct spool *s = open_spool(&limits);

	put(s, "1", true);
	take(s, "1", 5, false);
	put(s, "2", false);
	put(s, "3", false);
	spool_rewind(s);
	take(s, "1", 6, true);
	take(s, "2", 7, false);
	spool_rewind(s);
	take(s, "1", 8, true);
	take(s, "2", 9, true);
	take(s, "3", 10, false);
	spool_free(s);
}
END_TEST

START_TEST(what_was_refused_comes_first_again)
{
	struct spool *s = open_spool(&limits);

	put(s, "1", false);
	put(s, "2", false);
	put(s, "3", false);
	take(s, "1", 1, false);
	take(s, "2", 2, false);
	spool_unsent(s, spool_number(s, 1));
	ck_assert_int_eq(spool_number(s, 1), -1);
	take(s, "1", 3, true);
	take(s, "3", 4, false);
	ck_assert(is_empty(s));
	spool_free(s);
}
END_TEST

START_TEST(no_more_than_so_many_are_under_way)
{
	struct spool *s = open_spool(&limits);
	struct spool_item item;

	for (int i = 0; i < SPOOL_MOST_UNDER_WAY + 5; i++)
		put(s, "x", false);
	for (int i = 0; i < SPOOL_MOST_UNDER_WAY; i++)
		take(s, "x", 100 + i, false);
	ck_assert(!spool_next(s, &item));
	spool_confirmed(s, 103);
	take(s, "x", 200, false);
	ck_assert(!spool_next(s, &item));
	spool_free(s);
}
END_TEST

/* The process is killed between a put and everything else. */
START_TEST(a_killed_process_loses_nothing)
{
	pid_t child = fork();

	if (child == 0) {
		struct spool *s = open_spool(&limits);
		put(s, "1", true);
		put(s, "2", false);
		raise(SIGKILL);
	}
	int status;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status));
	struct spool *s = open_spool(&limits);
	ck_assert_uint_eq(spool_count(s), 2);
	take(s, "1", 1, true); /* it may have been sent */
	take(s, "2", 2, false);
	spool_free(s);
}
END_TEST

START_TEST(two_processes_do_not_share_it)
{
	struct spool *s = open_spool(&limits), *other = NULL;
	struct fault f = { 0 };

	ck_assert_int_eq(spool_open(folder, &limits, &other, &f), -EBUSY);
	spool_free(s);
}
END_TEST

START_TEST(a_damaged_file_is_set_aside)
{
	char path[100], command[200];
	struct spool *s = open_spool(&limits);

	put(s, "1", false);
	spool_free(s);
	snprintf(path, sizeof(path), "%s/spool.sqlite", folder);
	int fd = open(path, O_WRONLY | O_TRUNC);
	ck_assert_int_eq(write(fd, "this is no database, by no means one", 36), 36);
	close(fd);
	s = open_spool(&limits);
	ck_assert(!spool_in_memory(s));
	ck_assert_uint_eq(spool_count(s), 0);
	put(s, "2", false);
	take(s, "2", 1, false);
	spool_free(s);
	snprintf(command, sizeof(command), "ls %s/spool.sqlite.corrupt-* >/dev/null", folder);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(what_is_too_much_or_too_old_goes)
{
	struct spool_limits little = { 1 << 20, INT64_C(86400) * SECOND };
	struct spool *s = open_spool(&little);
	char *body = calloc(1, 10001);

	memset(body, 'x', 10000);
	for (int i = 0; i < 200; i++)
		put(s, body, false);
	put(s, "last", false);
	for (int i = 0; i < 10; i++)
		spool_turn(s, clock_monotonic_ns());
	ck_assert_uint_gt(spool_lost(s), 90);
	ck_assert_uint_eq(spool_count(s) + spool_lost(s), 201);
	ck_assert_uint_gt(spool_count(s), 10); /* not more than it had to */
	spool_free(s);
	free(body);
}
END_TEST

/* A limit on the size of files stands for a full disk. */
START_TEST(a_full_disk_loses_nothing)
{
	struct rlimit small = { 200000, RLIM_INFINITY }, before;
	struct spool *s = open_spool(&limits);
	char *body = calloc(1, 5001);
	struct spool_item item;
	int seen = 0;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	memset(body, 'x', 5000);
	put(s, "first", true);
	take(s, "first", 1, false);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (int i = 0; i < 100; i++)
		put(s, body, false);
	ck_assert(spool_in_memory(s));
	ck_assert_uint_eq(spool_count(s), 101);
	spool_confirmed(s, 1);
	take(s, body, 2, false);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	spool_turn(s, clock_monotonic_ns() + 3600 * SECOND);
	ck_assert(!spool_in_memory(s));
	spool_free(s);
	s = open_spool(&limits); /* on disk again: all that was not confirmed */
	ck_assert_uint_eq(spool_count(s), 100);
	for (; spool_next(s, &item); seen++) {
		ck_assert_int_eq(item.sent_before, seen == 0);
		spool_sent(s, item.number, 100 + seen);
		spool_confirmed(s, 100 + seen);
	}
	ck_assert_int_eq(seen, 100);
	spool_free(s);
	free(body);
}
END_TEST

START_TEST(without_a_folder_it_is_kept_in_memory)
{
	struct fault f = { 0 };
	struct spool *s = NULL;

	ck_assert_int_eq(spool_open("/nonexistent", &limits, &s, &f), 0);
	ck_assert(spool_in_memory(s));
	put(s, "1", true);
	take(s, "1", 1, false);
	spool_turn(s, clock_monotonic_ns() + 3600 * SECOND);
	spool_confirmed(s, 1);
	ck_assert_uint_eq(spool_count(s), 0);
	spool_free(s);
}
END_TEST

static void count_note(void *context, const char *key, const char *text)
{
	ck_assert_str_eq(key, "a b");
	ck_assert_str_eq(text, "2");
	(*(int *)context)++;
}

START_TEST(notes_survive)
{
	struct spool *s = open_spool(&limits);
	int count = 0;

	spool_note_set(s, "a b", "1");
	spool_note_set(s, "a b", "2");
	spool_note_set(s, "a c", "3");
	spool_note_set(s, "a c", NULL);
	spool_note_set(s, "b", "4");
	spool_free(s);
	s = open_spool(&limits);
	spool_notes(s, "a ", count_note, &count);
	ck_assert_int_eq(count, 1);
	spool_free(s);
}
END_TEST

TEST_MAIN_WITH("spool", make_folder, remove_folder, an_event_is_kept_until_it_is_confirmed,
	       what_was_under_way_is_sent_again_and_marked, what_was_refused_comes_first_again,
	       no_more_than_so_many_are_under_way, a_killed_process_loses_nothing,
	       two_processes_do_not_share_it, a_damaged_file_is_set_aside,
	       what_is_too_much_or_too_old_goes, a_full_disk_loses_nothing,
	       without_a_folder_it_is_kept_in_memory, notes_survive)
