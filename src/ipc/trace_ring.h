/* trace_ring.h - the last windows' records in shared memory: one writer that never waits, a reader. */
#ifndef EDGED_IPC_TRACE_RING_H
#define EDGED_IPC_TRACE_RING_H
#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "decide/trace.h"

struct trace_ring; /* a mapping of it; layout private to trace_ring.c */

/* 128 KiB of memory: a minute at 34 windows a second. */
enum { TRACE_RING_RECORDS = 2048 };

/* A sealed memfd, empty, or -errno. ring_reader_fd() gives the same memory for readers. */
int trace_ring_create_fd(void);

/* Both map the descriptor and own it from here on, also on failure. 0 or -errno. */
int trace_ring_open_writer(int fd, struct trace_ring **out);
int trace_ring_open_reader(int fd, struct trace_ring **out);
void trace_ring_free(struct trace_ring *r); /* NULL is fine */
AUTO_DEFINE(trace_ring)

/* Writer: what the records from now on have in common. Nothing happens where it is as before. */
void trace_ring_set_meta(struct trace_ring *r, const struct trace_meta *m);
void trace_ring_write(struct trace_ring *r, const struct trace_record *record);

/* Names this memory: another number after every start of the service. */
uint64_t trace_ring_life(const struct trace_ring *r);
uint64_t trace_ring_next(const struct trace_ring *r); /* sequence number of the next record */

/* Reader: the meta, and in *first the first record that it holds for. False: none was set yet, or
 * it is being changed right now, or it makes no sense. */
bool trace_ring_meta(const struct trace_ring *r, struct trace_meta *out, uint64_t *first);
uint64_t trace_ring_generation(const struct trace_ring *r); /* another one: read the meta again */

/* Reader: copies record *sequence and counts *sequence up. False: it is not there yet. Records that
 * were overwritten are skipped and added to *lost. */
bool trace_ring_read(const struct trace_ring *r, uint64_t *sequence, struct trace_record *out,
		     uint64_t *lost);
#endif
