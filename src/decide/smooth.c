/* smooth.c - scores of several windows taken together, label by label. */
#include "decide/smooth.h"

#include <string.h>

typedef float combine_fn(float *values, size_t count);

struct smooth {
	combine_fn *combine;
	size_t windows, labels;
	size_t filled, next; /* windows held, and where the next goes */
	float *history;	     /* [windows][labels] */
	float *column;	     /* [windows]: one label's scores, from the oldest */
};

/* From the oldest to the newest, in double: the same sum however the ring is turned. */
static float mean(float *values, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += (double)values[i];
	return (float)(sum / (double)count);
}

static float maximum(float *values, size_t count)
{
	float most = values[0];

	for (size_t i = 1; i < count; i++)
		most = values[i] > most ? values[i] : most;
	return most;
}

/* Of an even number the lower middle: a score that was really given. */
static float median(float *values, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		float value = values[i];
		size_t j = i;
		for (; j > 0 && values[j - 1] > value; j--)
			values[j] = values[j - 1];
		values[j] = value;
	}
	return values[(count - 1) / 2];
}

struct smooth *smooth_open(struct arena *memory, enum smooth_by by, size_t windows, size_t labels)
{
	static combine_fn *const combines[] = {
		[SMOOTH_MEAN] = mean, [SMOOTH_MEDIAN] = median, [SMOOTH_MAXIMUM] = maximum
	};
	struct smooth *s = arena_alloc(memory, 1, sizeof(*s));

	if (s == NULL)
		return NULL;
	*s = (struct smooth){ .combine = combines[by], .windows = windows, .labels = labels };
	s->history = arena_alloc(memory, windows * labels, sizeof(float));
	s->column = arena_alloc(memory, windows, sizeof(float));
	return s->history == NULL || s->column == NULL ? NULL : s;
}

void smooth_push(struct smooth *s, const float *scores, float *out)
{
	memcpy(s->history + s->next * s->labels, scores, s->labels * sizeof(float));
	s->next = (s->next + 1) % s->windows;
	s->filled += s->filled < s->windows;

	size_t oldest = (s->next + s->windows - s->filled) % s->windows;
	for (size_t label = 0; label < s->labels; label++) {
		for (size_t i = 0; i < s->filled; i++)
			s->column[i] = s->history[(oldest + i) % s->windows * s->labels + label];
		out[label] = s->combine(s->column, s->filled);
	}
}

void smooth_reset(struct smooth *s)
{
	s->filled = 0;
	s->next = 0;
}
