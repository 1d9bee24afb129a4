/* trace_load.c - reads a trace file, which somebody may be writing to. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "output/trace_layout.h"

void trace_free(struct trace *t)
{
	if (t == NULL)
		return;
	free(t->records);
	free(t->sequences);
	free(t->anchors);
	free(t);
}

static bool record_whole(const struct trace *t, const struct trace_record *r, uint64_t sequence)
{
	bool known = true;

	for (size_t i = 0; i < TRACE_TOP; i++)
		known &= r->label[i] == TRACE_NO_LABEL || r->label[i] < t->meta.label_count;
	known &= r->ended == TRACE_NO_LABEL || r->ended < t->meta.label_count;
	return known && r->check == trace_record_check(r, sequence) &&
	       (r->label[0] != TRACE_NO_LABEL ||
		((r->flags & TRACE_NO_WINDOW) && !(r->flags & TRACE_BEGAN)));
}

/* Records that were overwritten meanwhile, or never reached the disk, fail their check. */
static int read_records(int fd, const struct trace_head *h, const struct trace_state *s,
			struct trace *t)
{
	uint64_t first = s->next > h->slots ? s->next - h->slots : 0;
	struct trace_record block[64];

	t->records = calloc(s->next - first + 1, sizeof(*t->records));
	t->sequences = calloc(s->next - first + 1, sizeof(*t->sequences));
	if (t->records == NULL || t->sequences == NULL)
		return -ENOMEM;
	for (uint64_t sequence = first; sequence < s->next;) {
		uint64_t slot = sequence % h->slots, n = s->next - sequence;
		n = n < ARRAY_SIZE(block) ? n : ARRAY_SIZE(block);
		n = n < h->slots - slot ? n : h->slots - slot;
		memset(block, 0, sizeof(block));
		if (pread(fd, block, n * sizeof(*block),
			  (off_t)(TRACE_RECORDS_AT + slot * sizeof(*block))) < 0)
			return -errno;
		for (uint64_t i = 0; i < n; i++)
			if (record_whole(t, &block[i], sequence + i)) {
				t->sequences[t->count] = sequence + i;
				t->records[t->count++] = block[i];
			}
		sequence += n;
	}
	return 0;
}

static int read_anchors(int fd, const struct trace_state *s, struct trace *t)
{
	uint32_t count = s->anchor_count < TRACE_ANCHORS ? s->anchor_count : TRACE_ANCHORS;

	t->anchors = calloc(count + 1, sizeof(*t->anchors));
	if (t->anchors == NULL)
		return -ENOMEM;
	for (uint32_t i = s->anchor_count - count; i < s->anchor_count; i++) {
		struct trace_anchor *a = &t->anchors[t->anchor_count];
		off_t at = TRACE_ANCHORS_AT + i % TRACE_ANCHORS * sizeof(*a);
		if (pread(fd, a, sizeof(*a), at) == sizeof(*a) &&
		    a->check == trace_check(a, offsetof(struct trace_anchor, check), 0))
			t->anchor_count++;
	}
	return 0;
}

int trace_load(const char *path, struct trace **out, struct fault *f)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	AUTO(trace) struct trace *t = calloc(1, sizeof(*t));
	struct trace_head head;
	struct trace_state state;

	if (fd < 0)
		return fault_errno(f, "%s", path);
	if (t == NULL)
		return fault_set(f, -ENOMEM, "%s: no memory", path);
	int rc = trace_read_head(fd, path, &head, &state, &t->meta, f);
	if (rc < 0)
		return rc;
	rc = read_anchors(fd, &state, t);
	if (rc == 0)
		rc = read_records(fd, &head, &state, t);
	if (rc < 0)
		return fault_set(f, rc, "%s: %s", path, strerror(-rc));
	*out = TAKE(t);
	return 0;
}

bool trace_is_recording(const struct trace *t)
{
	return t->meta.recording[0] != '\0';
}

static const struct trace_anchor *own_anchor(const struct trace *t, uint64_t sequence)
{
	const struct trace_anchor *own = NULL;

	for (size_t i = 0; i < t->anchor_count; i++)
		if (own == NULL || t->anchors[i].first <= sequence)
			own = &t->anchors[i];
	return own;
}

/* A clock that is right only later in the same boot dates what came before, too: gateways have no
 * clock of their own and learn the time from the network. */
static const struct trace_anchor *best_anchor(const struct trace *t, uint64_t sequence)
{
	const struct trace_anchor *own = own_anchor(t, sequence), *best = own;

	if (own == NULL || own->synchronised)
		return own;
	for (const struct trace_anchor *a = own; a < t->anchors + t->anchor_count; a++)
		if (!best->synchronised && strncmp(a->boot, own->boot, sizeof(a->boot)) == 0)
			best = a;
	return best;
}

int64_t trace_time_ns(const struct trace *t, size_t i, bool *sure)
{
	const struct trace_anchor *a =
		trace_is_recording(t) ? NULL : best_anchor(t, t->sequences[i]);

	if (sure != NULL)
		*sure = a == NULL || a->synchronised;
	if (a == NULL)
		return t->records[i].end_ns;
	/* unsigned: a hostile file may hold any number */
	return (int64_t)((uint64_t)t->records[i].end_ns + (uint64_t)a->wall_ns -
			 (uint64_t)a->monotonic_ns);
}
