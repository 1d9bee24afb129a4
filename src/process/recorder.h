/* recorder.h - one pipeline's trace on its way from memory to its file. */
#ifndef EDGED_PROCESS_RECORDER_H
#define EDGED_PROCESS_RECORDER_H
#include "base/log.h"
#include "ipc/trace_ring.h"
#include "output/trace_file.h"

struct recorder {
	const char *pipeline, *folder; /* borrowed */
	size_t file_bytes;
	struct trace_ring *ring;
	struct trace_file *file;
	struct trace_meta *meta; /* of the records from meta_first on */
	uint64_t generation, meta_first;
	uint64_t next; /* record of the memory that is to be written */
	uint64_t lost; /* overwritten before they could be written, since the last word about it */
	bool fresh_due, failing;
	struct log_gate failed_gate, lost_gate;
};

/* Takes the descriptor of the memory, also on failure. 0 or -errno. */
int recorder_open(struct recorder *r, const char *pipeline, const char *folder, size_t file_bytes,
		  int fd);
void recorder_fini(struct recorder *r);

/* Writes what is in memory and not in the file. Whatever the disk says to that, what is in memory
 * stays there for the next time. 0, or the -errno that was logged, at most once a minute. */
int recorder_save(struct recorder *r, int64_t now_ns);
/* More than half of the memory is not written. */
bool recorder_is_pressed(const struct recorder *r);
void recorder_sync(struct recorder *r); /* to the disk itself, at the end */
#endif
