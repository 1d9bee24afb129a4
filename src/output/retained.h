/* retained.h - retained topics: what is said, and what a former configuration said and this one
 * does not, which is taken off the broker. */
#ifndef EDGED_OUTPUT_RETAINED_H
#define EDGED_OUTPUT_RETAINED_H
#include "output/mqtt.h"
#include "output/spool.h"

struct retained; /* layout private to retained.c */

int retained_open(struct spool *notes, struct mqtt *mqtt, struct retained **out, struct fault *f);
void retained_free(struct retained *r); /* NULL is fine */

/* The message's id; 0: not now. The topic is noted on disk the first time. */
int retained_say(struct retained *r, const char *topic, const char *payload);
/* Once everything was said: clears the topics that were not. */
void retained_clear_rest(struct retained *r);
#endif
