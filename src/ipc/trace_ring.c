/* trace_ring.c - the last windows' records in shared memory: one writer that never waits, a reader. */
#include "ipc/trace_ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

enum { WORDS = sizeof(struct trace_record) / sizeof(uint64_t) };

/* Pages that nobody wrote to take no memory: the room for labels costs what they fill. */
struct shared {
	uint64_t life;
	_Alignas(64) _Atomic uint64_t next;	  /* sequence number of the next record */
	_Atomic uint64_t begun;			  /* one more while that one is being written */
	_Alignas(64) _Atomic uint64_t generation; /* odd while the meta below is changed */
	_Atomic uint64_t meta_first;
	_Alignas(4096) _Atomic uint64_t meta[TRACE_META_BYTES / sizeof(uint64_t)];
	_Alignas(4096) _Atomic uint64_t records[TRACE_RING_RECORDS][WORDS];
};

struct trace_ring {
	struct shared *shared;
};

int trace_ring_create_fd(void)
{
	AUTO_CLOSE int fd = memfd_create("edged-trace", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	uint64_t life;

	if (fd < 0 || ftruncate(fd, sizeof(struct shared)) < 0 ||
	    getrandom(&life, sizeof(life), 0) != (ssize_t)sizeof(life) ||
	    pwrite(fd, &life, sizeof(life), offsetof(struct shared, life)) < 0)
		return -errno;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	return TAKE_FD(fd);
}

static int open_ring(int fd, int protection, struct trace_ring **out)
{
	AUTO_CLOSE int owned = fd;
	struct stat st;
	int seals = fcntl(owned, F_GET_SEALS);

	if (fstat(owned, &st) < 0)
		return -errno;
	if (seals < 0 || !(seals & F_SEAL_SHRINK) || st.st_size != sizeof(struct shared))
		return -EINVAL;
	struct trace_ring *r = calloc(1, sizeof(*r));
	if (r == NULL)
		return -ENOMEM;
	r->shared = mmap(NULL, sizeof(struct shared), protection, MAP_SHARED, owned, 0);
	if (r->shared == MAP_FAILED) {
		free(r);
		return -errno;
	}
	*out = r;
	return 0;
}

int trace_ring_open_writer(int fd, struct trace_ring **out)
{
	return open_ring(fd, PROT_READ | PROT_WRITE, out);
}

int trace_ring_open_reader(int fd, struct trace_ring **out)
{
	return open_ring(fd, PROT_READ, out);
}

void trace_ring_free(struct trace_ring *r)
{
	if (r == NULL)
		return;
	munmap(r->shared, sizeof(struct shared));
	free(r);
}

static void store_words(_Atomic uint64_t *to, const void *from, size_t bytes)
{
	for (size_t i = 0; i < bytes / sizeof(uint64_t); i++) {
		uint64_t word;
		memcpy(&word, (const char *)from + i * sizeof(word), sizeof(word));
		atomic_store_explicit(&to[i], word, memory_order_relaxed);
	}
}

static void load_words(const _Atomic uint64_t *from, void *to, size_t bytes)
{
	for (size_t i = 0; i < bytes / sizeof(uint64_t); i++) {
		uint64_t word = atomic_load_explicit(&from[i], memory_order_relaxed);
		memcpy((char *)to + i * sizeof(word), &word, sizeof(word));
	}
}

/* What stands behind the labels is zeros on both sides: it is neither written nor read. */
static size_t meta_bytes(const struct trace_meta *m)
{
	size_t labels = m->label_bytes < sizeof(m->labels) ? m->label_bytes : sizeof(m->labels);
	size_t bytes = offsetof(struct trace_meta, labels) + labels;

	return (bytes + sizeof(uint64_t) - 1) / sizeof(uint64_t) * sizeof(uint64_t);
}

static bool same_meta(const struct shared *s, const struct trace_meta *m)
{
	return atomic_load_explicit(&s->generation, memory_order_relaxed) % 2 == 0 &&
	       memcmp((const void *)s->meta, m, sizeof(*m)) == 0;
}

void trace_ring_set_meta(struct trace_ring *r, const struct trace_meta *m)
{
	struct shared *s = r->shared;
	uint64_t next = atomic_load_explicit(&s->next, memory_order_relaxed);

	if (same_meta(s, m))
		return;
	/* odd before and after a writer that died in here, too */
	atomic_fetch_or_explicit(&s->generation, 1, memory_order_acq_rel);
	atomic_thread_fence(memory_order_release);
	for (size_t i = meta_bytes(m) / sizeof(uint64_t); i < ARRAY_SIZE(s->meta); i++)
		if (atomic_load_explicit(&s->meta[i], memory_order_relaxed) != 0)
			atomic_store_explicit(&s->meta[i], 0, memory_order_relaxed);
	store_words(s->meta, m, meta_bytes(m));
	atomic_store_explicit(&s->meta_first, next, memory_order_relaxed);
	atomic_fetch_add_explicit(&s->generation, 1, memory_order_release);
}

void trace_ring_write(struct trace_ring *r, const struct trace_record *record)
{
	struct shared *s = r->shared;
	uint64_t sequence = atomic_load_explicit(&s->next, memory_order_relaxed);

	atomic_store_explicit(&s->begun, sequence + 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	store_words(s->records[sequence % TRACE_RING_RECORDS], record, sizeof(*record));
	atomic_store_explicit(&s->next, sequence + 1, memory_order_release);
}

uint64_t trace_ring_life(const struct trace_ring *r)
{
	return r->shared->life;
}

uint64_t trace_ring_next(const struct trace_ring *r)
{
	return atomic_load_explicit(&r->shared->next, memory_order_acquire);
}

uint64_t trace_ring_generation(const struct trace_ring *r)
{
	return atomic_load_explicit(&r->shared->generation, memory_order_acquire);
}

bool trace_ring_meta(const struct trace_ring *r, struct trace_meta *out, uint64_t *first)
{
	const struct shared *s = r->shared;
	uint64_t generation = trace_ring_generation(r);

	if (generation == 0 || generation % 2 == 1)
		return false;
	memset(out, 0, sizeof(*out));
	load_words(s->meta, out, offsetof(struct trace_meta, labels));
	load_words(s->meta, out, meta_bytes(out));
	*first = atomic_load_explicit(&s->meta_first, memory_order_relaxed);
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(&s->generation, memory_order_relaxed) == generation &&
	       trace_meta_sound(out);
}

bool trace_ring_read(const struct trace_ring *r, uint64_t *sequence, struct trace_record *out,
		     uint64_t *lost)
{
	const struct shared *s = r->shared;

	for (;;) {
		uint64_t next = trace_ring_next(r);
		if (*sequence >= next)
			return false;
		if (next - *sequence > TRACE_RING_RECORDS) {
			*lost += next - *sequence - TRACE_RING_RECORDS;
			*sequence = next - TRACE_RING_RECORDS;
		}
		load_words(s->records[*sequence % TRACE_RING_RECORDS], out, sizeof(*out));
		atomic_thread_fence(memory_order_acquire);
		uint64_t begun = atomic_load_explicit(&s->begun, memory_order_relaxed);
		bool whole = begun <= *sequence + TRACE_RING_RECORDS;
		(*sequence)++;
		if (whole)
			return true;
		(*lost)++;
	}
}
