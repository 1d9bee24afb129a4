/* trace_layout.c - where things stand in a trace file, and whether they are whole. */
#include "output/trace_layout.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

uint32_t trace_check(const void *data, size_t bytes, uint64_t seed)
{
	const unsigned char *p = data;
	uint32_t hash = 2166136261u ^ (uint32_t)(seed ^ seed >> 32);

	for (size_t i = 0; i < bytes; i++)
		hash = (hash ^ p[i]) * 16777619u;
	return hash;
}

uint16_t trace_record_check(const struct trace_record *r, uint64_t sequence)
{
	uint32_t hash = trace_check(r, offsetof(struct trace_record, check), sequence + 1);

	return (uint16_t)(hash ^ hash >> 16);
}

static bool read_at(int fd, void *out, size_t bytes, off_t at)
{
	return pread(fd, out, bytes, at) == (ssize_t)bytes;
}

static bool head_whole(const struct trace_head *h, const struct stat *st)
{
	return h->check == trace_check(h, offsetof(struct trace_head, check), 0) &&
	       h->record_bytes == sizeof(struct trace_record) && h->slots >= 1 &&
	       h->slots <= TRACE_MOST_SLOTS && st->st_size >= TRACE_RECORDS_AT;
}

int trace_read_head(int fd, const char *path, struct trace_head *head, struct trace_state *state,
		    struct trace_meta *meta, struct fault *f)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fault_errno(f, "%s", path);
	if (!S_ISREG(st.st_mode) || !read_at(fd, head, sizeof(*head), 0) ||
	    memcmp(head->magic, TRACE_MAGIC, sizeof(head->magic)) != 0)
		return fault_set(f, -EILSEQ, "%s: no trace file", path);
	if (head->version != TRACE_VERSION)
		return fault_set(f, -EOPNOTSUPP,
				 "%s: trace file of version %u (this edged knows %d)", path,
				 head->version, TRACE_VERSION);
	if (!head_whole(head, &st) || !read_at(fd, state, sizeof(*state), TRACE_STATE_AT) ||
	    state->check != trace_check(state, offsetof(struct trace_state, check), 0) ||
	    !read_at(fd, meta, sizeof(*meta), TRACE_META_AT) ||
	    head->meta_check != trace_check(meta, sizeof(*meta), 0) || !trace_meta_sound(meta))
		return fault_set(f, -EBADMSG, "%s: damaged trace file", path);
	return 0;
}
