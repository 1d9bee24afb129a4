/* check_ring.c - blocks in shared memory: one writer, readers that may be late. */
#include "ipc/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "tests/test.h"

static struct ring *writer, *reader;

static void open_pair(double rate_hz, unsigned channels)
{
	int fd = ring_create_fd(7);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ring_open_reader(ring_reader_fd(fd), &reader), 0);
	ck_assert_int_eq(ring_open_writer(fd, &writer), 0);
	ck_assert_int_eq(ring_set_format(writer, rate_hz, channels), 0);
}

static void close_pair(void)
{
	ring_free(writer);
	ring_free(reader);
}

static void write_block(uint64_t number, uint32_t frames)
{
	float samples[4096];

	for (uint32_t i = 0; i < frames; i++)
		samples[i] = (float)(number * 10 + i % 10);
	ring_write(writer,
		   &(struct ring_block){
			   .index = number * frames, .time_ns = (int64_t)number, .frames = frames },
		   samples);
}

START_TEST(a_reader_gets_what_was_written)
{
	struct ring_format format;
	struct ring_block b;
	float samples[4096];
	uint64_t next = 0, lost = 0;

	open_pair(16000, 1);
	ck_assert(ring_get_format(reader, &format));
	ck_assert_uint_eq(format.block_frames, 320);
	ck_assert_uint_eq(format.stream, 7);
	ck_assert(!ring_read(reader, &next, &b, samples, &lost));
	write_block(0, 320);
	write_block(1, 320);
	ck_assert(ring_read(reader, &next, &b, samples, &lost));
	ck_assert_uint_eq(b.index, 0);
	ck_assert(ring_read(reader, &next, &b, samples, &lost));
	ck_assert_uint_eq(b.index, 320);
	ck_assert_float_eq(samples[3], 13);
	ck_assert(!ring_read(reader, &next, &b, samples, &lost));
	ck_assert_uint_eq(lost, 0);
	close_pair();
}
END_TEST

START_TEST(a_late_reader_learns_how_many_blocks_it_lost)
{
	struct ring_format format;
	struct ring_block b;
	float samples[4096];
	uint64_t next = 0, lost = 0;

	open_pair(16000, 1);
	ck_assert(ring_get_format(reader, &format));
	size_t slots = ring_slots(reader);
	for (uint64_t i = 0; i < slots + 10; i++)
		write_block(i, 320);
	ck_assert(ring_read(reader, &next, &b, samples, &lost));
	ck_assert_uint_eq(lost, 10);
	ck_assert_uint_eq(b.index, 10 * 320);
	close_pair();
}
END_TEST

START_TEST(a_reader_cannot_write)
{
	int fd = ring_create_fd(1);
	int read_only = ring_reader_fd(fd);

	ck_assert_ptr_eq(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, read_only, 0),
			 MAP_FAILED);
	ck_assert_int_eq(ftruncate(fd, 0), -1); /* and nobody can cut it off */
	close(fd);
	close(read_only);
}
END_TEST

START_TEST(another_memfd_is_no_ring)
{
	struct ring *r = NULL;
	int fd = memfd_create("other", MFD_CLOEXEC);

	ck_assert_int_eq(ring_open_reader(fd, &r), -EINVAL);
	ck_assert_ptr_null(r);
}
END_TEST

START_TEST(two_seconds_of_seven_channels_at_192_khz_fit)
{
	struct ring_format format;

	open_pair(192000, 7);
	ck_assert(ring_get_format(reader, &format));
	ck_assert_double_ge((double)ring_slots(reader) * format.block_frames / 192000, 2);
	ck_assert_int_eq(ring_set_format(writer, 192000, 65), -EINVAL);
	close_pair();
}
END_TEST

static void *write_many(void *unused)
{
	for (uint64_t i = 0; i < 200000; i++)
		write_block(i, 320);
	return unused;
}

/* A torn block would hold samples of two numbers. */
START_TEST(a_block_is_never_torn)
{
	struct ring_format format;
	struct ring_block b;
	float samples[4096];
	uint64_t next = 0, lost = 0, seen = 0, last = 0;
	pthread_t thread;

	open_pair(16000, 1);
	ck_assert(ring_get_format(reader, &format));
	pthread_create(&thread, NULL, write_many, NULL);
	while (last < 199999) {
		if (!ring_read(reader, &next, &b, samples, &lost))
			continue;
		uint64_t number = b.index / 320;
		ck_assert_int_eq(b.time_ns, (int64_t)number);
		ck_assert_float_eq(samples[0], (float)(number * 10));
		ck_assert_float_eq(samples[319], (float)(number * 10 + 9));
		ck_assert(seen == 0 || number > last);
		last = number;
		seen++;
	}
	pthread_join(thread, NULL);
	ck_assert_uint_eq(seen + lost, 200000);
	close_pair();
}
END_TEST

START_TEST(a_new_writer_goes_on_behind_the_old_one)
{
	struct ring_block last;
	int fd = ring_create_fd(3);
	int again = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	ck_assert_int_eq(ring_open_writer(fd, &writer), 0);
	ck_assert_int_eq(ring_set_format(writer, 16000, 1), 0);
	write_block(0, 320);
	write_block(1, 320);
	ring_free(writer);
	ck_assert_int_eq(ring_open_writer(again, &writer), 0);
	ck_assert_int_eq(ring_set_format(writer, 16000, 1), 0);
	ck_assert(ring_last(writer, &last));
	ck_assert_uint_eq(last.index + last.frames, 640);
	ck_assert_uint_eq(ring_head(writer), 2);
	ring_free(writer);
}
END_TEST

TEST_MAIN("ring", a_reader_gets_what_was_written, a_late_reader_learns_how_many_blocks_it_lost,
	  a_reader_cannot_write, another_memfd_is_no_ring,
	  two_seconds_of_seven_channels_at_192_khz_fit, a_block_is_never_torn,
	  a_new_writer_goes_on_behind_the_old_one)
