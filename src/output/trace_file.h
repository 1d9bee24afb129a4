/* trace_file.h - records of windows in a file of bounded size: the newest replace the oldest. */
#ifndef EDGED_OUTPUT_TRACE_FILE_H
#define EDGED_OUTPUT_TRACE_FILE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/fault.h"
#include "decide/trace.h"

enum { TRACE_FILE_LEAST_BYTES = 256 << 10 };

/* The two clocks side by side, so that a record's monotonic time has a date afterwards. */
struct trace_anchor {
	uint64_t first; /* holds for the records from this one on */
	int64_t monotonic_ns, wall_ns;
	char boot[40];	       /* the kernel's boot id; "": an input without a date */
	uint32_t synchronised; /* 1: the wall clock is known to be right */
	uint32_t check;
};

/* Where the memory stands that the file is filled from, as of what the file holds. */
struct trace_source {
	uint64_t life; /* of the memory: trace_ring_life() */
	uint64_t next; /* its next record that is not in the file */
};

/* ---- writing: one process a file ---- */

struct trace_file; /* layout private to trace_file.c */

/* Goes on with the file where it is whole and holds for the same meta; otherwise that is kept as
 * PATH.1 and a new one is made, of at most so many bytes, all of them reserved if `reserve`. One that
 * cannot be read is kept as PATH.bad, and *aside (NULL is fine) says what is wrong with it. */
int trace_file_open(const char *path, const struct trace_meta *m, size_t bytes, bool reserve,
		    struct trace_file **out, struct fault *aside, struct fault *f);
/* Removes a trace file, or an empty one; anything else is an error, nothing there is none. */
int trace_file_remove(const char *path, struct fault *f);
void trace_file_free(struct trace_file *t); /* NULL is fine */
AUTO_DEFINE(trace_file)

struct trace_source trace_file_source(const struct trace_file *t);
/* Both in this order: what was not committed is not in the file. On failure nothing is lost: the same
 * call may be made again. */
int trace_file_append(struct trace_file *t, const struct trace_record *records, size_t count);
int trace_file_commit(struct trace_file *t, const struct trace_source *source,
		      const struct trace_anchor *now);

bool trace_file_is_gone(const struct trace_file *t); /* somebody removed it */
void trace_file_sync(struct trace_file *t);	     /* from the kernel's memory to the disk */

/* ---- reading, while it is written or not ---- */

struct trace {
	struct trace_meta meta;
	size_t count;
	struct trace_record *records; /* oldest first */
	uint64_t *sequences;	      /* of each in the file */
	struct trace_anchor *anchors;
	size_t anchor_count;
};

int trace_load(const char *path, struct trace **out, struct fault *f);
void trace_free(struct trace *t); /* NULL is fine */
AUTO_DEFINE(trace)

/* The date of record i's end by the best anchor of its boot: nanoseconds since 1970; of a file's
 * record its place in the file. *sure (NULL is fine): the clock was known to be right. */
int64_t trace_time_ns(const struct trace *t, size_t i, bool *sure);
bool trace_is_recording(const struct trace *t);
#endif
