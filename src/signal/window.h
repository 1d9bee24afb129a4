/* window.h - cuts a stream of samples into windows that overlap, touch or leave gaps. */
#ifndef EDGED_SIGNAL_WINDOW_H
#define EDGED_SIGNAL_WINDOW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct window; /* layout private to window.c */

/* One window. `samples` is borrowed and holds until the next call on this window. */
struct window_cut {
	const float *samples; /* `length` of them */
	int64_t first;	      /* absolute index of samples[0] in the stream */
	size_t valid;	      /* samples that came from the stream; `length` unless padded */
	bool padded;	      /* zeros follow behind the valid ones: a flush only */
};

/* Windows of `length` samples, one every `hop`, each starting at an absolute index that is a
 * multiple of hop; hop > length leaves gaps. 0, -EINVAL (one of them is 0), -ENOMEM. */
int window_open(struct arena *a, size_t length, size_t hop, struct window **out);

/* A new stream, or one that goes on behind a gap, at absolute index `first` (>= 0) of its next
 * sample. Windows start at the next multiple of hop: a reader that starts in the middle cuts the
 * same ones. */
void window_reset(struct window *w, int64_t first);

/* Takes samples until a window is full (true) or none are left (false), moving both on:
 *	while (window_push(w, &samples, &count, &cut))
 *		run(cut.samples);
 * gives the same windows however the stream is cut into calls. */
bool window_push(struct window *w, const float **samples, size_t *count, struct window_cut *out);

/* The end of the stream: true and one window padded with zeros where the stream held something,
 * but no whole window since the reset; else false, and an unfinished rest is dropped. Only a reset
 * may follow. */
bool window_flush(struct window *w, struct window_cut *out);
#endif
