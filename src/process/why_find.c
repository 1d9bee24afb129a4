/* why_find.c - finds in a trace what a question is about. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "process/moment.h"
#include "process/why.h"

enum { MOST_WINDOWS = 100000 }; /* of a span that settings are tried on */

static bool is_window(const struct trace_record *r)
{
	return !(r->flags & TRACE_NO_WINDOW);
}

/* ---- what would have turned it ---- */

/* What the gates remember at the first window: at_least windows before it. */
static size_t reach_back(const struct trace *t, size_t first)
{
	size_t back = (size_t)t->meta.at_least + 1;

	return first > back ? first - back : 0;
}

static bool *deciding_labels(const struct trace_meta *m)
{
	bool *deciding = calloc(m->label_count, sizeof(*deciding));
	char text[TRACE_NAME_BYTES];

	for (unsigned i = 0; deciding != NULL && i < m->label_count; i++)
		trace_label(m, i, &deciding[i], text);
	return deciding;
}

/* With the label allowed to decide: whether it is, the answer says besides. */
static int find_changes(struct answer *a, struct fault *f)
{
	const struct trace *t = a->trace;
	size_t from = reach_back(t, a->first), labels = t->meta.label_count;
	AUTO_FREE bool *deciding = deciding_labels(&t->meta);
	AUTO_FREE float *scores = calloc(labels, sizeof(*scores));
	struct whatif w = { .records = t->records + from,
			    .first = a->first - from,
			    .count = a->end - from,
			    .labels = labels,
			    .deciding = deciding,
			    .scores = scores,
			    .label = a->label,
			    .now = { [WHATIF_THRESHOLD] = t->meta.threshold,
				     [WHATIF_MARGIN] = t->meta.margin,
				     [WHATIF_AT_LEAST] = (double)t->meta.at_least } };

	if (deciding == NULL || scores == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	for (size_t i = 0; i < labels; i++)
		scores[i] = -INFINITY;
	a->may_decide = deciding[a->label];
	deciding[a->label] = true;
	if (!a->may_decide && whatif_decides(&w, w.now))
		return 0; /* then that is all there is to change */
	a->change_count = whatif_turn(&w, a->changes);
	return a->change_count < 0 ? fault_set(f, a->change_count, "no memory") : 0;
}

/* ---- an event ---- */

static size_t end_of_decision(const struct trace *t, size_t event, int label)
{
	size_t i = event + 1;

	while (i < t->count && i - event < MOST_WINDOWS &&
	       !((t->records[i].flags & TRACE_ENDED) && t->records[i].ended == label))
		i++;
	return i;
}

static int explain_event(const struct trace *t, size_t event, struct answer *a, struct fault *f)
{
	a->label = t->records[event].label[0];
	a->decided = true;
	a->first = a->event = event;
	a->ended = a->end = end_of_decision(t, event, a->label);
	a->row_end = event + 1;
	a->row = a->row_end > WHY_ROWS ? a->row_end - WHY_ROWS : 0;
	return find_changes(a, f);
}

static int find_last(const struct trace *t, size_t *out, struct fault *f)
{
	for (size_t i = t->count; i-- > 0;)
		if (t->records[i].flags & TRACE_BEGAN) {
			*out = i;
			return 0;
		}
	return fault_set(f, -ENOENT, "pipeline %s: no decision in the trace", t->meta.pipeline);
}

static int find_id(const struct trace *t, const char *id, size_t *out, struct fault *f)
{
	char pipeline[TRACE_NAME_BYTES];
	uint64_t stream, window;
	const struct trace_record *seen = NULL;

	if (!trace_id_read(id, &stream, pipeline, &window))
		return fault_set(f, -EINVAL, "'%s' is no id of an event (5f0c…-wake-12)", id);
	/* pipelines of one input have the same stream; a long name is cut in an id */
	bool named = strncmp(pipeline, t->meta.pipeline, TRACE_ID_NAME) == 0;
	for (size_t i = t->count; i-- > 0;) {
		const struct trace_record *r = &t->records[i];
		if (r->stream != stream || r->window != window || !named)
			continue;
		*out = i;
		if (r->flags & TRACE_BEGAN)
			return 0;
		seen = is_window(r) ? r : seen;
	}
	if (seen != NULL)
		return fault_set(f, -ENOENT, "%s: that window began no decision: %s (%s)", id,
				 gate_verdict_name(seen->verdict), gate_reason_name(seen->reason));
	return fault_set(f, -ENOENT, "%s is not in the trace of pipeline %s", id, t->meta.pipeline);
}

/* ---- why not ---- */

/* Where the nearest windows are, on both sides. */
static int no_windows(const struct trace *t, int64_t from, int64_t to, struct fault *f)
{
	size_t before = t->count, behind = t->count;
	char text[WHY_TIME_BYTES], first[80] = "nothing", next[80] = "nothing";

	for (size_t i = 0; i < t->count; i++) {
		if (trace_time_ns(t, i, NULL) < from)
			before = i;
		else if (behind == t->count && trace_time_ns(t, i, NULL) > to)
			behind = i;
	}
	if (before < t->count) {
		why_time(t, before, true, text);
		snprintf(first, sizeof(first), "the one that ended at %s", text);
	}
	if (behind < t->count) {
		why_time(t, behind, true, text);
		snprintf(next, sizeof(next), "the one that ended at %s", text);
	}
	return fault_set(
		f, -ENOENT,
		"pipeline %s: no window was judged then, as far as the trace goes: the last "
		"before is %s, the next behind is %s",
		t->meta.pipeline, first, next);
}

/* The windows with something of the time in them. */
static int find_span(const struct trace *t, const struct question *q, int64_t now_ns,
		     struct answer *a, struct fault *f)
{
	int64_t at = 0, from = INT64_MIN, to = INT64_MAX;
	int rc = 0;

	if (q->at != NULL)
		rc = trace_is_recording(t) ? moment_read_offset(q->at, &at, f)
					   : moment_read(q->at, now_ns, &at, f);
	else if (!trace_is_recording(t))
		rc = fault_set(f, -EINVAL, "when? (--at 12:00:02, --at -5min)");
	if (rc < 0)
		return rc;
	if (q->at != NULL) {
		from = at - q->within_ns;
		to = at + q->within_ns + t->meta.length_ns;
	}
	a->first = a->end = t->count;
	for (size_t i = 0; i < t->count; i++) {
		int64_t time = trace_time_ns(t, i, NULL);
		if (time < from || time > to || !is_window(&t->records[i]))
			continue;
		a->first = a->first == t->count ? i : a->first;
		a->end = i + 1;
	}
	if (a->first == t->count)
		return no_windows(t, from, to, f);
	if (a->end - a->first > MOST_WINDOWS)
		a->first = a->end - MOST_WINDOWS;
	return 0;
}

static float score_of(const struct trace_record *r, int label)
{
	for (size_t i = 0; i < TRACE_TOP; i++)
		if (r->label[i] == label)
			return r->smoothed[i];
	return NAN;
}

/* Looks at each window of the span; gives the one nearest to a decision. */
static size_t survey(struct answer *a)
{
	size_t nearest = a->first;
	float nearest_score = -INFINITY;

	a->highest = NAN;
	for (size_t i = a->first; i < a->end; i++) {
		const struct trace_record *r = &a->trace->records[i];
		bool is_best = is_window(r) && r->label[0] == a->label;
		float score = is_window(r) ? score_of(r, a->label) : NAN;
		if (score > a->highest || (isnan(a->highest) && !isnan(score)))
			a->highest = score;
		if (is_best && (r->verdict == GATE_ON || r->verdict == GATE_HELD))
			a->decided = true;
		if (is_best && (r->flags & TRACE_BEGAN) && a->event == a->end)
			a->event = i;
		a->best += is_best;
		a->by_reason[r->reason] += is_best;
		/* the best label counts for more than a high score */
		if (score + (float)is_best > nearest_score) {
			nearest_score = score + (float)is_best;
			nearest = i;
		}
	}
	return nearest;
}

/* A decision that was on before the span began. */
static size_t earlier_event(const struct answer *a)
{
	for (size_t i = a->first; i-- > 0;) {
		const struct trace_record *r = &a->trace->records[i];
		if ((r->flags & TRACE_BEGAN) && r->label[0] == a->label)
			return i;
		if ((r->flags & TRACE_ENDED) && r->ended == a->label)
			break;
	}
	return a->end;
}

static void choose_rows(struct answer *a, size_t around)
{
	size_t before = WHY_ROWS * 2 / 3;

	a->row = around > a->first + before ? around - before : a->first;
	a->row_end = a->row + WHY_ROWS < a->end ? a->row + WHY_ROWS : a->end;
	if (a->row_end - a->row < WHY_ROWS)
		a->row = a->row_end > a->first + WHY_ROWS ? a->row_end - WHY_ROWS : a->first;
}

static int explain_not(const struct trace *t, const struct question *q, int64_t now_ns,
		       struct answer *a, struct fault *f)
{
	a->not = true;
	a->label = trace_find_label(&t->meta, q->label);
	if (a->label == GATE_NONE)
		return fault_set(f, -EINVAL, "pipeline %s: model %s has no label '%s'",
				 t->meta.pipeline, t->meta.model, q->label);
	int rc = find_span(t, q, now_ns, a, f);
	if (rc < 0)
		return rc;
	a->event = a->ended = a->end;
	choose_rows(a, survey(a));
	if (!a->decided)
		return find_changes(a, f);
	if (a->event == a->end)
		a->event = earlier_event(a);
	a->may_decide = true;
	return 0;
}

int why_find(const struct trace *t, const struct question *q, int64_t now_ns, struct answer *out,
	     struct fault *f)
{
	size_t event = 0;
	int rc;

	*out = (struct answer){ .trace = t };
	if (q->label != NULL)
		return explain_not(t, q, now_ns, out, f);
	rc = q->id != NULL ? find_id(t, q->id, &event, f) : find_last(t, &event, f);
	return rc < 0 ? rc : explain_event(t, event, out, f);
}
