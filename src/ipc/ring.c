/* ring.c - blocks of samples in shared memory: one writer that never waits, any readers. */
#include "ipc/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum {
	RING_BYTES = 32 << 20, /* two seconds of 7 channels at 384 kHz */
	RING_HEAD = 4096,
	RING_MOST_SLOTS = 256,
	RING_BLOCKS_A_SECOND = 50,
};

/* The first page. Readers map it read-only and take every value once, then check the copy. */
struct head {
	_Atomic uint64_t next;			  /* sequence number of the next block */
	_Alignas(64) _Atomic uint64_t generation; /* odd while the geometry below is changed */
	_Atomic uint64_t rate_bits;		  /* a double's bits */
	_Atomic uint32_t channels, block_frames, slots, stride;
	uint64_t stream;
};

/* Before the samples of each slot; 64 bytes, so that samples begin on a cache line. */
struct slot {
	_Alignas(64) _Atomic uint64_t sequence; /* of the block plus one; 0 while it is written */
	_Atomic uint64_t index;
	_Atomic int64_t time_ns;
	_Atomic uint32_t frames, flags;
	_Atomic uint32_t words[]; /* the samples' bits, read and written with relaxed order */
};

struct ring {
	struct head *head;
	uint32_t slots, stride, channels, block_frames; /* checked copies */
	double rate_hz;
};

_Static_assert(sizeof(struct head) <= RING_HEAD, "the head fills one page");
_Static_assert(sizeof(struct slot) == 64, "samples begin on a cache line");

int ring_create_fd(uint64_t stream)
{
	AUTO_CLOSE int fd = memfd_create("edged-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, RING_BYTES) < 0)
		return -errno;
	struct head *h = mmap(NULL, RING_HEAD, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (h == MAP_FAILED)
		return -errno;
	h->stream = stream;
	munmap(h, RING_HEAD);
	/* Nobody can shrink it under a reader. Not FUTURE_WRITE: a writer may have to start
	 * again. */
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int ring_reader_fd(int fd)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int reader = open(path, O_RDONLY | O_CLOEXEC);
	return reader < 0 ? -errno : reader;
}

static int ring_open(int fd, int protection, struct ring **out)
{
	AUTO_CLOSE int owned = fd;
	struct stat st;
	int seals = fcntl(owned, F_GET_SEALS);

	if (fstat(owned, &st) < 0)
		return -errno;
	if (seals < 0 || !(seals & F_SEAL_SHRINK) || st.st_size != RING_BYTES)
		return -EINVAL;
	struct ring *r = calloc(1, sizeof(*r));
	if (r == NULL)
		return -ENOMEM;
	r->head = mmap(NULL, RING_BYTES, protection, MAP_SHARED, owned, 0);
	if (r->head == MAP_FAILED) {
		free(r);
		return -errno;
	}
	*out = r;
	return 0;
}

int ring_open_writer(int fd, struct ring **out)
{
	return ring_open(fd, PROT_READ | PROT_WRITE, out);
}

int ring_open_reader(int fd, struct ring **out)
{
	return ring_open(fd, PROT_READ, out);
}

void ring_free(struct ring *r)
{
	if (r == NULL)
		return;
	munmap(r->head, RING_BYTES);
	free(r);
}

static double double_of(uint64_t bits)
{
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

static uint64_t bits_of(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

static struct slot *slot_at(const struct ring *r, uint64_t sequence)
{
	size_t place = (size_t)(sequence & (r->slots - 1)) * r->stride;

	return (struct slot *)((char *)r->head + RING_HEAD + place);
}

/* Writer and reader derive the same geometry from rate and channels; the reader checks it. */
static bool geometry(double rate_hz, unsigned channels, struct ring *out)
{
	if (!(rate_hz >= 1 && rate_hz <= 1e6) || channels < 1 || channels > 64)
		return false;
	uint32_t frames = (uint32_t)(rate_hz / RING_BLOCKS_A_SECOND);
	frames = frames < 1 ? 1 : frames;
	uint64_t stride = sizeof(struct slot) + (uint64_t)frames * channels * sizeof(float);
	stride = (stride + 63) / 64 * 64;
	uint32_t slots = RING_MOST_SLOTS;
	while (slots * stride > RING_BYTES - RING_HEAD)
		slots /= 2;
	if (slots < 4)
		return false;
	*out = (struct ring){ out->head, slots, (uint32_t)stride, channels, frames, rate_hz };
	return true;
}

int ring_set_format(struct ring *r, double rate_hz, unsigned channels)
{
	struct head *h = r->head;
	struct ring_format before;
	bool same = ring_get_format(r, &before) && before.rate_hz == rate_hz &&
		    before.channels == channels;

	if (!geometry(rate_hz, channels, r))
		return -EINVAL;
	if (same)
		return 0;
	atomic_fetch_or_explicit(&h->generation, 1, memory_order_acq_rel);
	for (uint32_t i = 0; i < r->slots; i++)
		atomic_store_explicit(&slot_at(r, i)->sequence, 0, memory_order_relaxed);
	atomic_store_explicit(&h->rate_bits, bits_of(rate_hz), memory_order_relaxed);
	atomic_store_explicit(&h->channels, channels, memory_order_relaxed);
	atomic_store_explicit(&h->block_frames, r->block_frames, memory_order_relaxed);
	atomic_store_explicit(&h->slots, r->slots, memory_order_relaxed);
	atomic_store_explicit(&h->stride, r->stride, memory_order_relaxed);
	atomic_fetch_add_explicit(&h->generation, 1, memory_order_release);
	return 0;
}

bool ring_get_format(const struct ring *r, struct ring_format *out)
{
	const struct head *h = r->head;
	uint64_t generation = atomic_load_explicit(&h->generation, memory_order_acquire);
	double rate = double_of(atomic_load_explicit(&h->rate_bits, memory_order_relaxed));
	unsigned channels = atomic_load_explicit(&h->channels, memory_order_relaxed);
	uint32_t slots = atomic_load_explicit(&h->slots, memory_order_relaxed);
	uint32_t stride = atomic_load_explicit(&h->stride, memory_order_relaxed);
	struct ring checked = { .head = r->head };

	if (generation == 0 || generation % 2 == 1 || !geometry(rate, channels, &checked) ||
	    slots != checked.slots || stride != checked.stride)
		return false;
	*(struct ring *)r = checked; /* what ring_read() goes by */
	*out = (struct ring_format){ rate, channels, checked.block_frames, h->stream };
	return true;
}

uint64_t ring_head(const struct ring *r)
{
	return atomic_load_explicit(&r->head->next, memory_order_acquire);
}

size_t ring_slots(const struct ring *r)
{
	return r->slots;
}

void ring_write(struct ring *r, const struct ring_block *b, const float *samples)
{
	uint64_t sequence = atomic_load_explicit(&r->head->next, memory_order_relaxed);
	struct slot *s = slot_at(r, sequence);
	size_t words = (size_t)b->frames * r->channels;

	atomic_store_explicit(&s->sequence, 0, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	atomic_store_explicit(&s->index, b->index, memory_order_relaxed);
	atomic_store_explicit(&s->time_ns, b->time_ns, memory_order_relaxed);
	atomic_store_explicit(&s->frames, b->frames, memory_order_relaxed);
	atomic_store_explicit(&s->flags, b->flags, memory_order_relaxed);
	for (size_t i = 0; i < words; i++) {
		uint32_t bits;
		memcpy(&bits, &samples[i], sizeof(bits));
		atomic_store_explicit(&s->words[i], bits, memory_order_relaxed);
	}
	atomic_store_explicit(&s->sequence, sequence + 1, memory_order_release);
	atomic_store_explicit(&r->head->next, sequence + 1, memory_order_release);
}

/* False where the slot holds another block, or was written to meanwhile. */
static bool copy_slot(const struct ring *r, uint64_t sequence, struct ring_block *out,
		      float *samples)
{
	const struct slot *s = slot_at(r, sequence);

	if (atomic_load_explicit(&s->sequence, memory_order_acquire) != sequence + 1)
		return false;
	struct ring_block b = {
		.index = atomic_load_explicit(&s->index, memory_order_relaxed),
		.time_ns = atomic_load_explicit(&s->time_ns, memory_order_relaxed),
		.frames = atomic_load_explicit(&s->frames, memory_order_relaxed),
		.flags = atomic_load_explicit(&s->flags, memory_order_relaxed),
	};
	if (b.frames > r->block_frames)
		return false;
	for (size_t i = 0; samples != NULL && i < (size_t)b.frames * r->channels; i++) {
		uint32_t bits = atomic_load_explicit(&s->words[i], memory_order_relaxed);
		memcpy(&samples[i], &bits, sizeof(bits));
	}
	atomic_thread_fence(memory_order_acquire);
	if (atomic_load_explicit(&s->sequence, memory_order_relaxed) != sequence + 1)
		return false;
	*out = b;
	return true;
}

bool ring_last(const struct ring *r, struct ring_block *out)
{
	uint64_t next = ring_head(r);

	return r->slots > 0 && next > 0 && copy_slot(r, next - 1, out, NULL);
}

bool ring_read(const struct ring *r, uint64_t *sequence, struct ring_block *out, float *samples,
	       uint64_t *lost)
{
	for (;;) {
		uint64_t next = ring_head(r);
		if (r->slots == 0 || *sequence >= next)
			return false;
		if (next - *sequence > r->slots) {
			*lost += next - *sequence - r->slots;
			*sequence = next - r->slots;
		}
		bool copied = copy_slot(r, *sequence, out, samples);
		(*sequence)++;
		if (copied)
			return true;
		(*lost)++;
	}
}
