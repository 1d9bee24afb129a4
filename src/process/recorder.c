/* recorder.c - one pipeline's trace on its way from memory to its file. */
#include "process/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"

enum { BLOCK_RECORDS = 256 };

int recorder_open(struct recorder *r, const char *pipeline, const char *folder, size_t file_bytes,
		  int fd)
{
	*r = (struct recorder){ .pipeline = pipeline, .folder = folder, .file_bytes = file_bytes };
	int rc = trace_ring_open_reader(fd, &r->ring);

	r->meta = calloc(1, sizeof(*r->meta));
	return rc == 0 && r->meta == NULL ? -ENOMEM : rc;
}

void recorder_fini(struct recorder *r)
{
	trace_file_free(r->file);
	trace_ring_free(r->ring);
	free(r->meta);
}

/* ---- the two clocks ---- */

static void read_boot_id(char *out, size_t size)
{
	AUTO_CLOSE int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, out, size - 1);

	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

static struct trace_anchor anchor_now(void)
{
	struct trace_anchor a = { 0 };
	int64_t before = clock_monotonic_ns();

	a.wall_ns = clock_wall_ns();
	a.monotonic_ns = before + (clock_monotonic_ns() - before) / 2;
	a.synchronised = clock_is_synchronised();
	read_boot_id(a.boot, sizeof(a.boot));
	return a;
}

/* ---- the file ---- */

/* Where a former process stopped; of another start of the service, or another file, all that is
 * there and belongs to the meta. */
static void find_place(struct recorder *r)
{
	struct trace_source s = trace_file_source(r->file);
	bool same = s.life == trace_ring_life(r->ring);

	if (same && s.next > r->next && s.next <= trace_ring_next(r->ring))
		r->next = s.next;
	if (r->next < r->meta_first)
		r->next = r->meta_first;
}

static int open_file(struct recorder *r, struct fault *f)
{
	char path[4096];
	struct fault aside = { 0 };
	int rc = 0;

	if (mkdir(r->folder, 0750) < 0 && errno != EEXIST)
		return fault_errno(f, "%s", r->folder);
	snprintf(path, sizeof(path), "%s/%s.trace", r->folder, r->pipeline);
	rc = trace_file_open(path, r->meta, r->file_bytes, true, &r->file, &aside, f);
	if (aside.rc < 0)
		LOG_WARN("%s; kept as %s.bad, a new one is begun", aside.text, path);
	if (rc == 0)
		find_place(r);
	return rc;
}

/* The next records before `until`; *next is moved behind them and *lost counts those between that were
 * overwritten. */
static size_t read_block(struct recorder *r, uint64_t until, struct trace_record *block,
			 uint64_t *next, uint64_t *lost)
{
	uint64_t passed = 0;
	size_t n = 0;

	while (n < BLOCK_RECORDS && *next < until &&
	       trace_ring_read(r->ring, next, &block[n], lost)) {
		if (*next > until) { /* all before it were overwritten: it is the next meta's */
			*next = until;
			break;
		}
		if (r->fresh_due || *lost > passed) /* nobody knows what the gates saw before it */
			block[n].flags |= TRACE_FRESH;
		r->fresh_due = false;
		passed = *lost;
		n++;
	}
	r->fresh_due |= *lost > passed;
	return n;
}

/* Writes the records before `until`. What could not be written is tried again with the next call:
 * r->next moves only once the file says that it has them. */
static int write_until(struct recorder *r, uint64_t until)
{
	struct trace_record block[BLOCK_RECORDS];
	const struct trace_anchor now = anchor_now();

	while (r->next < until) {
		uint64_t next = r->next, lost = 0;
		bool fresh_due = r->fresh_due;
		size_t n = read_block(r, until, block, &next, &lost);
		struct trace_source source = { trace_ring_life(r->ring), next };
		int rc = trace_file_append(r->file, block, n);
		if (rc == 0)
			rc = trace_file_commit(r->file, &source, &now);
		if (rc < 0) {
			r->fresh_due = fresh_due;
			return rc;
		}
		if (next == r->next)
			break;
		r->next = next;
		r->lost += lost;
	}
	return 0;
}

static int save_until(struct recorder *r, uint64_t until, struct fault *f)
{
	int rc;

	if (r->file != NULL && trace_file_is_gone(r->file)) {
		trace_file_free(r->file);
		r->file = NULL;
	}
	if (r->next >= until)
		return 0;
	rc = r->file != NULL ? 0 : open_file(r, f);
	if (rc < 0)
		return rc;
	rc = write_until(r, until);
	return rc < 0 ? fault_set(f, rc, "%s/%s.trace: %s", r->folder, r->pipeline, strerror(-rc))
		      : 0;
}

/* The pipeline has opened anew. Its former records go to the former file first. */
static int take_meta(struct recorder *r, struct fault *f)
{
	uint64_t generation = trace_ring_generation(r->ring), first;
	AUTO_FREE struct trace_meta *meta = calloc(1, sizeof(*meta));

	if (generation == r->generation || meta == NULL || !trace_ring_meta(r->ring, meta, &first))
		return 0;
	int rc = r->generation == 0 ? 0 : save_until(r, first, f);
	if (rc < 0)
		return rc;
	trace_file_free(r->file);
	r->file = NULL;
	memcpy(r->meta, meta, sizeof(*meta));
	r->meta_first = first;
	r->generation = generation;
	return 0;
}

static void report(struct recorder *r, int64_t now_ns, const struct fault *f)
{
	if (f->rc < 0 && log_gate(&r->failed_gate, now_ns, 60))
		LOG_WARN(
			"%s; windows are not kept on disk, only the last %d in memory; tried again",
			f->text, TRACE_RING_RECORDS);
	if (f->rc == 0 && r->failing)
		LOG_INFO("the trace of %s is written again", r->pipeline);
	r->failing = f->rc < 0;
	if (r->lost == 0 || !log_gate(&r->lost_gate, now_ns, 60))
		return;
	LOG_WARN("the trace of %s lacks %" PRIu64 " windows: they could not be written in time",
		 r->pipeline, r->lost);
	r->lost = 0;
}

int recorder_save(struct recorder *r, int64_t now_ns)
{
	struct fault f = { 0 };

	if (take_meta(r, &f) == 0 && r->generation != 0)
		save_until(r, trace_ring_next(r->ring), &f);
	report(r, now_ns, &f);
	return f.rc;
}

bool recorder_is_pressed(const struct recorder *r)
{
	return !r->failing && trace_ring_next(r->ring) - r->next > TRACE_RING_RECORDS / 2;
}

void recorder_sync(struct recorder *r)
{
	if (r->file != NULL)
		trace_file_sync(r->file);
}
