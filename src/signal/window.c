/* window.c - cuts a stream of samples into windows that overlap, touch or leave gaps. */
#include "signal/window.h"

#include <errno.h>
#include <string.h>

struct window {
	size_t length, hop;
	size_t skip;   /* samples still to be passed over before the window starts */
	size_t filled; /* samples in `data` */
	int64_t first; /* absolute index of data[0] */
	bool full;     /* data was handed out; the next call moves on */
	bool any;      /* a whole window came since the reset */
	float data[];
};

int window_open(struct arena *a, size_t length, size_t hop, struct window **out)
{
	if (length == 0 || hop == 0 || length > SIZE_MAX / (2 * sizeof(float)))
		return -EINVAL;

	struct window *w = arena_alloc(a, 1, sizeof(*w) + length * sizeof(float));
	if (w == NULL)
		return -ENOMEM;
	w->length = length;
	w->hop = hop;
	*out = w;
	return 0;
}

void window_reset(struct window *w, int64_t first)
{
	int64_t past = first % (int64_t)w->hop;

	w->skip = past == 0 ? 0 : w->hop - (size_t)past;
	w->first = first + (int64_t)w->skip;
	w->filled = 0;
	w->full = w->any = false;
}

/* Keeps what the next window shares with the one handed out. */
static void move_on(struct window *w)
{
	size_t shared = w->hop < w->length ? w->length - w->hop : 0;

	memmove(w->data, w->data + (w->length - shared), shared * sizeof(float));
	w->filled = shared;
	w->skip = w->hop > w->length ? w->hop - w->length : 0;
	w->first += (int64_t)w->hop;
	w->full = false;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

bool window_push(struct window *w, const float **samples, size_t *count, struct window_cut *out)
{
	if (w->full)
		move_on(w);

	size_t skipped = least(w->skip, *count);
	size_t taken = least(w->length - w->filled, *count - skipped);

	if (taken > 0)
		memcpy(w->data + w->filled, *samples + skipped, taken * sizeof(float));
	w->skip -= skipped;
	w->filled += taken;
	*samples += skipped + taken;
	*count -= skipped + taken;
	if (w->filled < w->length)
		return false;

	w->full = w->any = true;
	*out = (struct window_cut){ .samples = w->data, .first = w->first, .valid = w->length };
	return true;
}

bool window_flush(struct window *w, struct window_cut *out)
{
	if (w->any || w->filled == 0)
		return false;

	memset(w->data + w->filled, 0, (w->length - w->filled) * sizeof(float));
	w->any = true;
	*out = (struct window_cut){
		.samples = w->data,
		.first = w->first,
		.valid = w->filled,
		.padded = true,
	};
	return true;
}
