/* smooth.h - scores of several windows taken together, label by label. */
#ifndef EDGED_DECIDE_SMOOTH_H
#define EDGED_DECIDE_SMOOTH_H
#include <stddef.h>

#include "base/arena.h"
#include "settings/pipeline.h"

struct smooth; /* layout private to smooth.c */

/* Over the last `windows` windows (at least 1) of `labels` scores; NULL: no memory. */
struct smooth *smooth_open(struct arena *memory, enum smooth_by by, size_t windows, size_t labels);

/* One window's scores in, the smoothed ones out. As long as fewer windows have come than are taken
 * together, those that have come count: the first window is its own mean. */
void smooth_push(struct smooth *s, const float *scores, float *out);
void smooth_reset(struct smooth *s);
#endif
