/* top.h - the few best of many scores. */
#ifndef EDGED_PROCESS_TOP_H
#define EDGED_PROCESS_TOP_H
#include <stddef.h>

/* Up to `most` labels, best first; of equal scores the first label. How many were written. */
size_t top_labels(const float *scores, size_t labels, size_t most, size_t *out);
#endif
