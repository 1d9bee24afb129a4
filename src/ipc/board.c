/* board.c - the board of heartbeats: one counter a worker, in memory shared with the supervisor. */
#include "ipc/board.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"

/* A cache line each: workers do not slow each other down. */
struct board {
	struct {
		_Alignas(64) _Atomic uint64_t beats;
	} places[BOARD_PLACES];
};

int board_create_fd(void)
{
	AUTO_CLOSE int fd = memfd_create("edged-board", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, sizeof(struct board)) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int board_open(int fd, struct board **out)
{
	void *p = mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	int rc = p == MAP_FAILED ? -errno : 0;

	close(fd);
	if (rc == 0)
		*out = p;
	return rc;
}

void board_free(struct board *b)
{
	if (b != NULL)
		munmap(b, sizeof(*b));
}

void board_beat(struct board *b, unsigned place)
{
	atomic_fetch_add_explicit(&b->places[place % BOARD_PLACES].beats, 1, memory_order_relaxed);
}

uint64_t board_beats(const struct board *b, unsigned place)
{
	return atomic_load_explicit(&b->places[place % BOARD_PLACES].beats, memory_order_relaxed);
}
