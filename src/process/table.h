/* table.h - verdicts as lines for a person on a terminal. */
#ifndef EDGED_PROCESS_TABLE_H
#define EDGED_PROCESS_TABLE_H
#include <stddef.h>

#include "image/decode.h"
#include "pipeline/chain.h"

void table_head(const struct chain *c, const char *file, double rate_hz, unsigned channels,
		double seconds);
/* A picture: its best labels, with the verdict about the first. */
void table_picture(const struct chain *c, const char *file, const struct image *i,
		   const struct verdict *v);
void table_row(const struct chain *c, const struct verdict *v);

/* "0.97 >= 0.80, lead 0.91 >= 0.20 over 'no', 2 of 2 in a row": the gates in one line. */
const char *table_reason(const struct chain *c, const struct verdict *v, char *out, size_t size);
#endif
