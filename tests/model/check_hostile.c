/* check_hostile.c - damaged model files: an error or a graph that runs, never a crash. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/model.h"
#include "nn/net.h"
#include "tests/test.h"

static unsigned char good[1 << 20], bad[1 << 20];
static size_t good_size;
static char path[] = "/tmp/edged-hostile-XXXXXX";

static void load(void)
{
	int fd = open("share/models/keywords.tflite", O_RDONLY);

	ck_assert_int_ge(fd, 0);
	good_size = (size_t)read(fd, good, sizeof(good));
	close(fd);
	close(mkstemp(path));
}

/* Opens what stands in `bad`, and runs it where that works. True: it was refused, with a
 * sentence. */
static bool is_refused(size_t size)
{
	AUTO(model) struct model *m = NULL;
	AUTO(arena) struct arena *memory = arena_create();
	struct net *net = NULL;
	struct fault f = { 0 };
	int fd = open(path, O_WRONLY | O_TRUNC);

	ck_assert_int_eq(write(fd, bad, size), (ssize_t)size);
	close(fd);
	if (model_open(path, &m, &f) < 0 || net_open(model_graph(m), memory, &net, &f) < 0) {
		ck_assert_int_ne(f.text[0], 0);
		return true;
	}
	if (net_macs(net) < 100000000) /* what is damaged may have become slow */
		net_run(net);
	return false;
}

START_TEST(the_model_itself_runs)
{
	load();
	memcpy(bad, good, good_size);
	ck_assert(!is_refused(good_size));
	unlink(path);
}
END_TEST

START_TEST(a_file_that_was_cut_off_is_refused)
{
	load();
	memcpy(bad, good, good_size);
	for (size_t size = 0; size < good_size; size += size < 4096 ? 37 : 1511)
		ck_assert(is_refused(size));
	unlink(path);
}
END_TEST

/* The structure is at the head and behind the weights; each byte there, turned over. */
START_TEST(a_turned_byte_does_no_harm)
{
	size_t refused = 0;

	load();
	for (size_t i = 0; i < good_size; i += i < 2048 || i + 16384 > good_size ? 29 : 997) {
		memcpy(bad, good, good_size);
		bad[i] ^= 0xff;
		refused += is_refused(good_size);
	}
	ck_assert_uint_gt(refused, 25);
	unlink(path);
}
END_TEST

START_TEST(random_damage_does_no_harm)
{
	load();
	srand(1);
	for (int round = 0; round < 300; round++) {
		memcpy(bad, good, good_size);
		for (int k = 0; k < 1 + round % 8; k++) {
			size_t tail = (size_t)rand() % 20000,
			       at = round % 2 ? good_size - 1 - tail : tail % 4096;
			bad[at] = (unsigned char)(rand() % 3 == 0 ? 0xff : rand());
		}
		is_refused(good_size);
	}
	unlink(path);
}
END_TEST

TEST_MAIN("hostile", the_model_itself_runs, a_file_that_was_cut_off_is_refused,
	  a_turned_byte_does_no_harm, random_damage_does_no_harm)
