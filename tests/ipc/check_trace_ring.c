/* check_trace_ring.c - windows' records in shared memory: a writer that never waits. */
#include "ipc/trace_ring.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "ipc/ring.h"
#include "tests/test.h"

static struct trace_ring *writer, *reader;
static struct trace_meta meta, found;
static int kept_fd;

static void open_pair(void)
{
	int fd = trace_ring_create_fd();

	ck_assert_int_ge(fd, 0);
	kept_fd = dup(fd);
	ck_assert_int_eq(trace_ring_open_reader(ring_reader_fd(fd), &reader), 0);
	ck_assert_int_eq(trace_ring_open_writer(fd, &writer), 0);
	memset(&meta, 0, sizeof(meta));
	meta.at_least = 2;
	trace_add_label(&meta, "yes", true);
}

static void close_pair(void)
{
	trace_ring_free(writer);
	trace_ring_free(reader);
	close(kept_fd);
}

/* All of a record says the same number: one that is torn shows. */
static struct trace_record numbered(uint64_t n)
{
	struct trace_record r = { .stream = n, .window = n, .end_ns = (int64_t)n };

	r.inference_us = r.latency_us = (uint32_t)n;
	return r;
}

START_TEST(records_come_in_their_order)
{
	struct trace_record r;
	uint64_t next = 0, lost = 0;

	open_pair();
	ck_assert(!trace_ring_read(reader, &next, &r, &lost));
	for (uint64_t i = 0; i < 100; i++)
		trace_ring_write(writer, &(struct trace_record){ .window = i });
	for (uint64_t i = 0; i < 100; i++) {
		ck_assert(trace_ring_read(reader, &next, &r, &lost));
		ck_assert_uint_eq(r.window, i);
	}
	ck_assert(!trace_ring_read(reader, &next, &r, &lost));
	ck_assert_uint_eq(lost, 0);
	close_pair();
}
END_TEST

START_TEST(what_was_overwritten_is_counted)
{
	struct trace_record r;
	uint64_t next = 0, lost = 0;

	open_pair();
	for (uint64_t i = 0; i < TRACE_RING_RECORDS + 10; i++)
		trace_ring_write(writer, &(struct trace_record){ .window = i });
	ck_assert(trace_ring_read(reader, &next, &r, &lost));
	ck_assert_uint_eq(lost, 10);
	ck_assert_uint_eq(r.window, 10);
	close_pair();
}
END_TEST

START_TEST(a_writer_that_starts_again_goes_on)
{
	struct trace_record r;
	uint64_t next = 0, lost = 0, first;

	open_pair();
	trace_ring_set_meta(writer, &meta);
	trace_ring_write(writer, &(struct trace_record){ .window = 1 });
	uint64_t life = trace_ring_life(writer), generation = trace_ring_generation(writer);
	trace_ring_free(writer);
	ck_assert_int_eq(trace_ring_open_writer(dup(kept_fd), &writer), 0);
	ck_assert_uint_eq(trace_ring_life(writer), life);
	trace_ring_set_meta(writer, &meta); /* the same: nothing changes */
	ck_assert_uint_eq(trace_ring_generation(reader), generation);
	trace_ring_write(writer, &(struct trace_record){ .window = 2 });
	ck_assert(trace_ring_read(reader, &next, &r, &lost) && r.window == 1);
	ck_assert(trace_ring_read(reader, &next, &r, &lost) && r.window == 2);
	ck_assert(trace_ring_meta(reader, &found, &first));
	ck_assert_uint_eq(first, 0);
	close_pair();
}
END_TEST

START_TEST(another_meta_says_from_where_it_holds)
{
	uint64_t first;

	open_pair();
	ck_assert(!trace_ring_meta(reader, &found, &first));
	for (int i = 0; i < 500; i++)
		trace_add_label(&meta, "a label of some length", true);
	trace_ring_set_meta(writer, &meta);
	ck_assert(trace_ring_meta(reader, &found, &first));
	ck_assert_mem_eq(&found, &meta, sizeof(meta));
	trace_ring_write(writer, &(struct trace_record){ .window = 1 });
	memset(&meta, 0, sizeof(meta));
	meta.at_least = 3;
	trace_add_label(&meta, "no", true); /* shorter: nothing of the former labels stays */
	trace_ring_set_meta(writer, &meta);
	ck_assert(trace_ring_meta(reader, &found, &first));
	ck_assert_uint_eq(first, 1);
	ck_assert_mem_eq(&found, &meta, sizeof(meta));
	close_pair();
}
END_TEST

static _Atomic bool done;

static void *write_many(void *unused)
{
	(void)unused;
	for (uint64_t i = 0; i < 2000000; i++) {
		struct trace_record r = numbered(i);
		trace_ring_write(writer, &r);
	}
	atomic_store(&done, true);
	return NULL;
}

START_TEST(a_slow_reader_never_sees_a_torn_record)
{
	uint64_t next = 0, lost = 0, got = 0;
	struct trace_record r;
	pthread_t thread;

	open_pair();
	atomic_store(&done, false);
	pthread_create(&thread, NULL, write_many, NULL);
	for (bool last = false; !last;) {
		last = atomic_load(&done);
		while (trace_ring_read(reader, &next, &r, &lost)) {
			struct trace_record whole = numbered(r.window);
			ck_assert_mem_eq(&r, &whole, sizeof(r));
			ck_assert_uint_eq(r.window, next - 1);
			got++;
		}
	}
	pthread_join(thread, NULL);
	ck_assert_uint_eq(got + lost, 2000000);
	close_pair();
}
END_TEST

START_TEST(a_reader_cannot_write)
{
	open_pair();
	int fd = ring_reader_fd(kept_fd);
	ck_assert_ptr_eq(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	ck_assert_int_lt(ftruncate(kept_fd, 0), 0);
	close(fd);
	close_pair();
}
END_TEST

START_TEST(other_memory_is_refused)
{
	struct trace_ring *r;
	int fd = memfd_create("other", MFD_CLOEXEC);

	ck_assert_int_eq(ftruncate(fd, 4096), 0);
	ck_assert_int_eq(trace_ring_open_writer(fd, &r), -EINVAL);
}
END_TEST

TEST_MAIN("trace_ring", records_come_in_their_order, what_was_overwritten_is_counted,
	  a_writer_that_starts_again_goes_on, another_meta_says_from_where_it_holds,
	  a_slow_reader_never_sees_a_torn_record, a_reader_cannot_write, other_memory_is_refused)
