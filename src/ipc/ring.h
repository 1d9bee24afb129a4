/* ring.h - blocks of samples in shared memory: one writer that never waits, any readers. */
#ifndef EDGED_IPC_RING_H
#define EDGED_IPC_RING_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/fault.h"

struct ring; /* a mapping of it; layout private to ring.c */

/* What the blocks of a ring hold. Set by the writer, checked by each reader. */
struct ring_format {
	double rate_hz;
	uint32_t channels;
	uint32_t block_frames; /* most frames of a block */
	uint64_t stream; /* names the stream in event ids; the same as long as the ring lives */
};

enum ring_flags {
	RING_GAP = 1, /* samples are missing before this block */
	RING_END = 2, /* the input ended; this block has no frames */
};

struct ring_block {
	uint64_t index;	 /* of its first frame, counted from the stream's start */
	int64_t time_ns; /* CLOCK_MONOTONIC of its first frame */
	uint32_t frames;
	uint32_t flags;
};

/* A sealed memfd for a ring, empty, or -errno. Memory counts only where blocks were written. */
int ring_create_fd(uint64_t stream);
/* The same memory for readers: a descriptor that cannot be mapped writable, or -errno. */
int ring_reader_fd(int fd);

/* Both map the descriptor and own it from here on, also on failure. */
int ring_open_writer(int fd, struct ring **out);
int ring_open_reader(int fd, struct ring **out);
void ring_free(struct ring *r); /* NULL is fine */
AUTO_DEFINE(ring)

/* Writer: says what is coming; blocks of 20 ms, for at least two seconds. What a former writer left
 * stays readable where the format is the same. -EINVAL: too much for the ring. */
int ring_set_format(struct ring *r, double rate_hz, unsigned channels);
/* Writer: samples are interleaved, b->frames of them at most block_frames. Never waits. */
void ring_write(struct ring *r, const struct ring_block *b, const float *samples);

/* Both sides: false as long as no writer has said it, or where it makes no sense. */
bool ring_get_format(const struct ring *r, struct ring_format *out);
uint64_t ring_head(const struct ring *r); /* sequence number of the next block */
bool ring_last(const struct ring *r, struct ring_block *out); /* false: none was written yet */
size_t ring_slots(const struct ring *r);

/* Reader: copies block *sequence and counts *sequence up. False: it is not there yet. Blocks that
 * were overwritten are skipped and added to *lost. `samples` has room for block_frames. */
bool ring_read(const struct ring *r, uint64_t *sequence, struct ring_block *out, float *samples,
	       uint64_t *lost);
#endif
