/* trace_layout.h - where things stand in a trace file. */
#ifndef EDGED_OUTPUT_TRACE_LAYOUT_H
#define EDGED_OUTPUT_TRACE_LAYOUT_H
#include "output/trace_file.h"

/* Head and state have a sector each: a sector is written whole or not at all. */
enum {
	TRACE_VERSION = 1,
	TRACE_STATE_AT = 512,
	TRACE_ANCHORS_AT = 1024,
	TRACE_ANCHORS = 64,
	TRACE_META_AT = 8192,
	TRACE_RECORDS_AT = 65536,
	TRACE_MOST_SLOTS = 1 << 24, /* 1 GiB */
};
#define TRACE_MAGIC "edgedtr"

struct trace_head {
	char magic[8];
	uint32_t version, record_bytes;
	uint64_t slots;
	uint32_t meta_check; /* of all bytes of the meta */
	uint32_t check;
};

/* Written last: what it does not count is not there. */
struct trace_state {
	uint64_t next; /* sequence number of the next record; its slot is that modulo the slots */
	struct trace_source source;
	uint32_t anchor_count; /* so many ever; the place is that modulo TRACE_ANCHORS */
	uint32_t check;
};

_Static_assert(sizeof(struct trace_anchor) == 72, "the places of a file are fixed");
_Static_assert(TRACE_ANCHORS_AT + TRACE_ANCHORS * sizeof(struct trace_anchor) <= TRACE_META_AT,
	       "the anchors find room");
_Static_assert(TRACE_META_AT + sizeof(struct trace_meta) <= TRACE_RECORDS_AT, "so does the meta");

/* FNV-1a: tells a torn or an old record from a whole one; `seed` is its sequence number. */
uint32_t trace_check(const void *data, size_t bytes, uint64_t seed);
uint16_t trace_record_check(const struct trace_record *r, uint64_t sequence);

/* Head, state and meta of the open file. -EBADMSG: damaged; -EOPNOTSUPP: of another version;
 * -EILSEQ: no trace file. */
int trace_read_head(int fd, const char *path, struct trace_head *head, struct trace_state *state,
		    struct trace_meta *meta, struct fault *f);
#endif
