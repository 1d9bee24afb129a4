/* trace_file.c - writes records of windows to a file of bounded size: the newest replace the oldest. */
#include "output/trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "output/trace_layout.h"

struct trace_file {
	int fd;
	struct trace_head head;
	struct trace_state state; /* as committed */
	uint64_t appended;	  /* next record, with those that are not committed */
	struct trace_anchor anchor;
};

static int write_at(int fd, const void *data, size_t bytes, uint64_t at)
{
	const char *p = data;

	while (bytes > 0) {
		ssize_t n = pwrite(fd, p, bytes, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		p += n;
		at += (uint64_t)n;
		bytes -= (size_t)n;
	}
	return 0;
}

static int write_state(int fd, struct trace_state *s)
{
	s->check = trace_check(s, offsetof(struct trace_state, check), 0);
	return write_at(fd, s, sizeof(*s), TRACE_STATE_AT);
}

/* ---- opening ---- */

static int fill_new(struct trace_file *t, const struct trace_meta *m, size_t bytes, bool reserve)
{
	t->head = (struct trace_head){ .magic = TRACE_MAGIC,
				       .version = TRACE_VERSION,
				       .record_bytes = sizeof(struct trace_record),
				       .slots = (bytes - TRACE_RECORDS_AT) /
						sizeof(struct trace_record),
				       .meta_check = trace_check(m, sizeof(*m), 0) };
	t->head.check = trace_check(&t->head, offsetof(struct trace_head, check), 0);
	int rc = reserve ? -posix_fallocate(t->fd, 0, (off_t)bytes) : 0;
	if (rc == -EOPNOTSUPP ||
	    rc == -EINVAL) /* this file system cannot: it grows as it is filled */
		rc = 0;
	if (rc == 0 && ftruncate(t->fd, reserve ? (off_t)bytes : TRACE_RECORDS_AT) < 0)
		rc = -errno;
	if (rc == 0)
		rc = write_at(t->fd, m, sizeof(*m), TRACE_META_AT);
	if (rc == 0)
		rc = write_state(t->fd, &t->state);
	if (rc == 0)
		rc = write_at(t->fd, &t->head, sizeof(t->head), 0);
	/* Before it gets its name: a power failure leaves no empty file in the place of a whole one. */
	if (rc == 0 && reserve && fdatasync(t->fd) < 0)
		rc = -errno;
	return rc;
}

/* Under another name until it is whole: a full disk leaves no half of a file behind. */
static int make_new(struct trace_file *t, const char *path, const struct trace_meta *m,
		    size_t bytes, bool reserve, struct fault *f)
{
	char name[4096];

	if ((size_t)snprintf(name, sizeof(name), "%s.new", path) >= sizeof(name))
		return fault_set(f, -ENAMETOOLONG, "%s: %s", path, strerror(ENAMETOOLONG));
	unlink(name);
	t->fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (t->fd < 0)
		return fault_errno(f, "%s", path);
	int rc = fill_new(t, m, bytes, reserve);
	if (rc == 0 && rename(name, path) < 0)
		rc = -errno;
	if (rc < 0) {
		unlink(name);
		return fault_set(f, rc, "%s: %s", path, strerror(-rc));
	}
	return 0;
}

static bool read_last_anchor(struct trace_file *t)
{
	uint32_t last = (t->state.anchor_count - 1) % TRACE_ANCHORS;
	struct trace_anchor *a = &t->anchor;

	return t->state.anchor_count == 0 ||
	       (pread(t->fd, a, sizeof(*a), TRACE_ANCHORS_AT + last * sizeof(*a)) == sizeof(*a) &&
		a->check == trace_check(a, offsetof(struct trace_anchor, check), 0));
}

/* 1: goes on with the file that is there. 0: there is none, or it holds something else and is kept
 * as PATH.1; or it cannot be read and is kept as PATH.bad. */
static int take_old(struct trace_file *t, const char *path, const struct trace_meta *m,
		    size_t bytes, struct fault *aside, struct fault *f)
{
	char old[4096];
	AUTO_FREE struct trace_meta *was = calloc(1, sizeof(*was));

	if (was == NULL)
		return fault_set(f, -ENOMEM, "%s: no memory", path);
	t->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (t->fd < 0)
		return errno == ENOENT ? 0 : fault_errno(f, "%s", path);
	int rc = trace_read_head(t->fd, path, &t->head, &t->state, was, aside);
	if (rc == 0 && !read_last_anchor(t))
		rc = fault_set(aside, -EBADMSG, "%s: damaged trace file", path);
	bool same = rc == 0 && memcmp(was, m, sizeof(*m)) == 0 &&
		    t->head.slots == (bytes - TRACE_RECORDS_AT) / sizeof(struct trace_record);
	if (same)
		return 1;
	close(TAKE_FD(t->fd));
	t->state = (struct trace_state){ 0 };
	t->anchor = (struct trace_anchor){ 0 };
	snprintf(old, sizeof(old), "%.*s%s", (int)sizeof(old) - 5, path, rc < 0 ? ".bad" : ".1");
	return rename(path, old) < 0 ? fault_errno(f, "%s", old) : 0;
}

int trace_file_open(const char *path, const struct trace_meta *m, size_t bytes, bool reserve,
		    struct trace_file **out, struct fault *aside, struct fault *f)
{
	AUTO(trace_file) struct trace_file *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return fault_set(f, -ENOMEM, "%s: no memory", path);
	t->fd = -1;
	bytes = bytes < TRACE_FILE_LEAST_BYTES ? TRACE_FILE_LEAST_BYTES : bytes;
	int rc = take_old(t, path, m, bytes, aside, f);
	if (rc == 0)
		rc = make_new(t, path, m, bytes, reserve, f);
	if (rc < 0)
		return rc;
	t->appended = t->state.next;
	*out = TAKE(t);
	return 0;
}

int trace_file_remove(const char *path, struct fault *f)
{
	AUTO_FREE struct trace_meta *meta = calloc(1, sizeof(*meta));
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct trace_head head;
	struct trace_state state;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? 0 : fault_errno(f, "%s", path);
	if (meta == NULL)
		return fault_set(f, -ENOMEM, "%s: no memory", path);
	if (fstat(fd, &st) < 0 || st.st_size > 0 || !S_ISREG(st.st_mode)) {
		int rc = trace_read_head(fd, path, &head, &state, meta, f);
		if (rc == -EILSEQ)
			return fault_set(f, rc, "%s: is there, and no trace file; not overwritten",
					 path);
	}
	return unlink(path) < 0 ? fault_errno(f, "%s", path) : 0;
}

void trace_file_free(struct trace_file *t)
{
	if (t == NULL)
		return;
	if (t->fd >= 0)
		close(t->fd);
	free(t);
}

struct trace_source trace_file_source(const struct trace_file *t)
{
	return t->state.source;
}

bool trace_file_is_gone(const struct trace_file *t)
{
	struct stat st;

	return fstat(t->fd, &st) == 0 && st.st_nlink == 0;
}

void trace_file_sync(struct trace_file *t)
{
	fdatasync(t->fd);
}

/* ---- records ---- */

int trace_file_append(struct trace_file *t, const struct trace_record *records, size_t count)
{
	struct trace_record block[64];

	while (count > 0) {
		uint64_t slot = t->appended % t->head.slots;
		size_t n = count < ARRAY_SIZE(block) ? count : ARRAY_SIZE(block);
		n = n < t->head.slots - slot ? n : (size_t)(t->head.slots - slot);
		for (size_t i = 0; i < n; i++) {
			block[i] = records[i];
			block[i].check = trace_record_check(&records[i], t->appended + i);
		}
		int rc = write_at(t->fd, block, n * sizeof(*block),
				  TRACE_RECORDS_AT + slot * sizeof(*block));
		if (rc < 0) {
			t->appended = t->state.next;
			return rc;
		}
		t->appended += n;
		records += n;
		count -= n;
	}
	return 0;
}

/* Another boot, or a wall clock that was set: the records from here on have other dates. Steps below
 * 20 ms are what reading two clocks one after the other may give. */
static bool is_new_anchor(const struct trace_file *t, const struct trace_anchor *now)
{
	const struct trace_anchor *a = &t->anchor;
	int64_t step = (now->wall_ns - now->monotonic_ns) - (a->wall_ns - a->monotonic_ns);

	return t->state.anchor_count == 0 || memcmp(a->boot, now->boot, sizeof(a->boot)) != 0 ||
	       step > 20 * MILLISECOND || step < -20 * MILLISECOND;
}

int trace_file_commit(struct trace_file *t, const struct trace_source *source,
		      const struct trace_anchor *now)
{
	struct trace_state state = t->state;
	struct trace_anchor a = *now;
	bool new_one = is_new_anchor(t, now);

	a.first = new_one ? t->state.next : t->anchor.first;
	a.synchronised |= !new_one && t->anchor.synchronised;
	a.check = trace_check(&a, offsetof(struct trace_anchor, check), 0);
	state.next = t->appended;
	state.source = *source;
	state.anchor_count += new_one;
	uint32_t place = (state.anchor_count - 1) % TRACE_ANCHORS;
	int rc = write_at(t->fd, &a, sizeof(a), TRACE_ANCHORS_AT + place * sizeof(a));
	if (rc == 0)
		rc = write_state(t->fd, &state);
	if (rc < 0) {
		t->appended = t->state.next;
		return rc;
	}
	t->state = state;
	t->anchor = a;
	return 0;
}
