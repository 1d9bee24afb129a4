/* whatif.c - the smallest change of a setting that would have turned a verdict. */
#include "decide/whatif.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum { MOST_IN_A_ROW = 1000 }; /* at_least's limit in the YAML */

/* A lower value of any of the three never takes a decision away: for each there is a greatest value
 * at which the label is decided, and it is one that some window gives. */
struct search {
	const struct whatif *w;
	bool decided;			 /* as things are: then a change takes the decision away */
	double *values[WHATIF_SETTINGS]; /* that windows give, ascending */
	size_t counts[WHATIF_SETTINGS];
	const enum whatif_setting *chosen;
	size_t chosen_count;
	struct whatif_change best; /* count 0: none so far */
};

const char *whatif_setting_name(enum whatif_setting s)
{
	static const char *const names[] = { [WHATIF_THRESHOLD] = "threshold",
					     [WHATIF_MARGIN] = "margin",
					     [WHATIF_AT_LEAST] = "at_least" };
	return names[s];
}

/* ---- the replay ---- */

static void put_scores(const struct whatif *w, const struct trace_record *r, bool in)
{
	for (size_t i = 0; i < TRACE_TOP; i++)
		if (r->label[i] != TRACE_NO_LABEL)
			w->scores[r->label[i]] = in ? r->smoothed[i] : -INFINITY;
}

/* The hold plays no part: it only tells a new decision from one that is confirmed again. */
bool whatif_decides(const struct whatif *w, const double settings[WHATIF_SETTINGS])
{
	struct gate_result result;
	struct gate g;

	gate_init(&g, &(struct gate_settings){ .threshold = (float)settings[WHATIF_THRESHOLD],
					       .margin = (float)settings[WHATIF_MARGIN],
					       .at_least = (unsigned)settings[WHATIF_AT_LEAST] });
	for (size_t i = 0; i < w->count; i++) {
		const struct trace_record *r = &w->records[i];
		if (r->flags & TRACE_NO_WINDOW)
			continue;
		if (r->flags & TRACE_FRESH)
			gate_reset(&g);
		put_scores(w, r, true);
		gate_push(&g, w->scores, w->labels, w->deciding, r->end_ns, &result);
		put_scores(w, r, false);
		if (i >= w->first && result.best == w->label &&
		    (result.verdict == GATE_ON || result.verdict == GATE_HELD))
			return true;
	}
	return false;
}

/* ---- values at which an answer may turn ---- */

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* What a window gives for a setting, as the gate computes it: in float. */
static bool value_of(const struct trace_record *r, enum whatif_setting s, double *out)
{
	if (s == WHATIF_MARGIN && r->label[1] == TRACE_NO_LABEL)
		return false; /* one label: nothing to lead over */
	*out = s == WHATIF_MARGIN ? (double)(float)(r->smoothed[0] - r->smoothed[1])
				  : (double)r->smoothed[0];
	return *out >= 0 && isfinite(*out);
}

static int collect(struct search *q, enum whatif_setting s)
{
	const struct whatif *w = q->w;
	size_t count = 0, most = s == WHATIF_AT_LEAST ? MOST_IN_A_ROW : w->count;
	double *values = calloc(most + 1, sizeof(*values));

	if (values == NULL)
		return -ENOMEM;
	if (s == WHATIF_AT_LEAST) {
		for (; count < most && count < w->count; count++)
			values[count] = (double)(count + 1);
	} else {
		for (size_t i = 0; i < w->count; i++)
			count += w->records[i].label[0] == w->label &&
				 !(w->records[i].flags & TRACE_NO_WINDOW) &&
				 value_of(&w->records[i], s, &values[count]);
		qsort(values, count, sizeof(*values), ascending);
	}
	q->values[s] = values;
	q->counts[s] = count;
	return 0;
}

/* The greatest value at which the label is decided, the other settings as given. */
static bool find_boundary(const struct search *q, enum whatif_setting s,
			  const double settings[WHATIF_SETTINGS], double *out)
{
	double tried[WHATIF_SETTINGS];
	size_t low = 0, high = q->counts[s]; /* values below `low` decide, from `high` on do not */

	memcpy(tried, settings, sizeof(tried));
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		tried[s] = q->values[s][middle];
		if (whatif_decides(q->w, tried))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return false;
	*out = q->values[s][low - 1];
	return true;
}

/* ---- a boundary as a number that people write ---- */

static double shortest(double value, int decimals, bool up)
{
	double scale = pow(10, decimals);
	char text[64];

	snprintf(text, sizeof(text), "%.*f", decimals,
		 (up ? ceil(value * scale) : floor(value * scale)) / scale);
	return strtod(text, NULL);
}

/* Of the values beyond the boundary the one with the fewest digits that goes at most a tenth too
 * far: it turns the verdict, and half of the change does not. */
static double write_value(double from, double boundary, bool up)
{
	float edge = (float)boundary;

	for (int decimals = 1; decimals <= 9; decimals++) {
		double value = shortest(boundary, decimals, up);
		float half = (float)((from + value) / 2);
		bool beyond = up ? (float)value > edge : (float)value <= edge;
		bool half_is_not = up ? half <= edge : half > edge;
		if (beyond && half_is_not && fabs(value - boundary) <= fabs(from - boundary) / 10)
			return value;
	}
	return up ? (double)nextafterf(edge, INFINITY) : boundary;
}

static void make_step(const struct search *q, enum whatif_setting s, double boundary,
		      struct whatif_step *out)
{
	double from = q->w->now[s], to;

	if (s == WHATIF_AT_LEAST)
		to = boundary + (q->decided ? 1 : 0);
	else
		to = write_value(from, boundary, q->decided);
	*out = (struct whatif_step){ s, from, to, boundary };
}

static double size_of(const struct whatif_step *s)
{
	double larger = s->from > s->to ? s->from : s->to;

	return larger > 0 ? fabs(s->to - s->from) / larger : 0;
}

/* ---- the search ---- */

static void search(struct search *q, size_t depth, double settings[WHATIF_SETTINGS],
		   struct whatif_change *so_far);

static void try_value(struct search *q, size_t depth, double boundary,
		      double settings[WHATIF_SETTINGS], struct whatif_change *so_far)
{
	enum whatif_setting s = q->chosen[depth];
	struct whatif_step *step = &so_far->steps[depth];
	double before = settings[s], size = so_far->size;

	make_step(q, s, boundary, step);
	so_far->size += size_of(step);
	so_far->count = depth + 1;
	settings[s] = step->to;
	if (q->best.count == 0 || so_far->size < q->best.size) {
		if (depth + 1 == q->chosen_count)
			q->best = *so_far;
		else
			search(q, depth + 1, settings, so_far);
	}
	settings[s] = before;
	so_far->size = size;
}

/* As the gates compare: in float. The YAML's limit is one that nothing may be raised above. */
static bool is_a_change(const struct search *q, enum whatif_setting s, double boundary)
{
	if (q->decided)
		return boundary < (s == WHATIF_AT_LEAST ? MOST_IN_A_ROW : 1e6);
	return (float)boundary < (float)q->w->now[s];
}

/* The last of the chosen settings gives its boundary, those before it are tried value by value, from
 * the smallest change on. */
static void search(struct search *q, size_t depth, double settings[WHATIF_SETTINGS],
		   struct whatif_change *so_far)
{
	enum whatif_setting s = q->chosen[depth];
	double boundary;

	if (depth + 1 == q->chosen_count) {
		if (find_boundary(q, s, settings, &boundary) && is_a_change(q, s, boundary))
			try_value(q, depth, boundary, settings, so_far);
		return;
	}
	for (size_t i = q->counts[s]; i-- > 0;)
		if ((float)q->values[s][i] < (float)q->w->now[s] &&
		    (i == 0 || q->values[s][i] != q->values[s][i - 1]))
			try_value(q, depth, q->values[s][i], settings, so_far);
}

static bool find_change(struct search *q, const enum whatif_setting *chosen, size_t count,
			struct whatif_change *out)
{
	double settings[WHATIF_SETTINGS];
	struct whatif_change so_far = { 0 };

	memcpy(settings, q->w->now, sizeof(settings));
	q->chosen = chosen;
	q->chosen_count = count;
	q->best = (struct whatif_change){ 0 };
	search(q, 0, settings, &so_far);
	if (q->best.count == 0)
		return false;
	*out = q->best;
	return true;
}

static int smaller_first(const void *a, const void *b)
{
	double x = ((const struct whatif_change *)a)->size;
	double y = ((const struct whatif_change *)b)->size;

	return (x > y) - (x < y);
}

/* at_least stands first in a pair, for it has the fewest values. */
static int find_all(struct search *q, struct whatif_change out[WHATIF_SETTINGS])
{
	static const enum whatif_setting sets[][WHATIF_SETTINGS] = {
		{ WHATIF_AT_LEAST, WHATIF_THRESHOLD },
		{ WHATIF_AT_LEAST, WHATIF_MARGIN },
		{ WHATIF_MARGIN, WHATIF_THRESHOLD },
		{ WHATIF_AT_LEAST, WHATIF_MARGIN, WHATIF_THRESHOLD },
	};
	struct whatif_change pair;
	int count = 0;

	for (enum whatif_setting s = 0; s < WHATIF_SETTINGS; s++)
		count += find_change(q, &s, 1, &out[count]);
	qsort(out, (size_t)count, sizeof(*out), smaller_first);
	for (size_t i = 0; i < 3 && !q->decided && (count == 0 || out[0].count == 2); i++)
		if (find_change(q, sets[i], 2, &pair) && (count == 0 || pair.size < out[0].size)) {
			out[0] = pair;
			count = 1;
		}
	if (count == 0 && !q->decided && find_change(q, sets[3], 3, &out[0]))
		count = 1;
	return count;
}

int whatif_turn(const struct whatif *w, struct whatif_change out[WHATIF_SETTINGS])
{
	struct search q = { .w = w, .decided = whatif_decides(w, w->now) };
	int rc = 0;

	for (enum whatif_setting s = 0; rc == 0 && s < WHATIF_SETTINGS; s++)
		rc = collect(&q, s);
	if (rc == 0)
		rc = find_all(&q, out);
	for (enum whatif_setting s = 0; s < WHATIF_SETTINGS; s++)
		free(q.values[s]);
	return rc;
}
