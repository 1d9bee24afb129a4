/* why_text.c - the answer to a "why?" for people. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "config/unit.h"
#include "process/why.h"

static const char *label_of(const struct answer *a, unsigned label, char text[TRACE_NAME_BYTES])
{
	return trace_label(&a->trace->meta, label, NULL, text);
}

/* ---- what was asked, and with what it was judged ---- */

static void print_event_head(const struct answer *a)
{
	const struct trace *t = a->trace;
	const struct trace_record *r = &t->records[a->event];
	char time[WHY_TIME_BYTES], id[TRACE_ID_BYTES], text[TRACE_NAME_BYTES];

	why_time(t, a->event, true, time);
	why_id(t, a->event, id);
	printf("%s: '%s' was decided at %s\n", t->meta.pipeline,
	       label_of(a, (unsigned)a->label, text), time);
	printf("  id %s; judged %.1f ms after its last sample, %.1f ms of them front end and model\n",
	       id, r->latency_us / 1e3, r->inference_us / 1e3);
	if (!why_has_ended(a))
		return;
	why_time(t, a->ended, true, time);
	printf("  ended at %s: %s\n", time, gate_reason_name(t->records[a->ended].end_reason));
}

static void print_not_head(const struct answer *a)
{
	const struct trace *t = a->trace;
	char from[WHY_TIME_BYTES], to[WHY_TIME_BYTES], text[TRACE_NAME_BYTES];

	why_time(t, a->first, true, from);
	why_time(t, a->end - 1, true, to);
	printf("%s: '%s' was %sdecided in the windows that end from %s to %s\n", t->meta.pipeline,
	       label_of(a, (unsigned)a->label, text), a->decided ? "" : "not ", from, to);
}

static void print_meta(const struct answer *a)
{
	const struct trace_meta *m = &a->trace->meta;
	AUTO_BUF struct buf line = { 0 };
	char smooth[40];
	bool sure;

	printf("  model %s %lld, SHA-256 %.12s...; gateway %s, input %s\n", m->model,
	       (long long)m->model_version, m->sha256, m->gateway,
	       m->recording[0] != '\0' ? m->recording : m->input);
	why_yaml(&(struct answer){ .trace = a->trace, .label = GATE_NONE, .may_decide = true },
		 NULL, &line);
	printf("  %s", buf_text(&line));
	unit_write(UNIT_DURATION, (double)m->smooth_ns, smooth, sizeof(smooth));
	if (m->smooth_ns > 0)
		printf("; scores smoothed over %s, %s", smooth, why_smooth_by(m));
	printf("\n");
	trace_time_ns(a->trace, a->first, &sure);
	if (!sure)
		printf("  the clock was not known to be right: times may be off\n");
}

/* ---- the table ---- */

static void cell(char *out, size_t size, float value, const char *mark)
{
	snprintf(out, size, "%.3f %s", (double)value, mark);
}

static const char *mark(bool passed)
{
	return passed ? "ok" : "no";
}

static void print_row(const struct answer *a, size_t i)
{
	const struct trace *t = a->trace;
	const struct trace_meta *m = &t->meta;
	const struct trace_record *r = &t->records[i];
	bool two = r->label[1] != TRACE_NO_LABEL;
	float lead = two ? r->smoothed[0] - r->smoothed[1] : r->smoothed[0];
	char time[WHY_TIME_BYTES], best[TRACE_NAME_BYTES], second[TRACE_NAME_BYTES];
	char score_cell[32], lead_cell[32], second_cell[TRACE_NAME_BYTES + 16], row_cell[32];

	why_time(t, i, false, time);
	cell(score_cell, sizeof(score_cell), r->smoothed[0],
	     mark(r->smoothed[0] >= (float)m->threshold));
	cell(lead_cell, sizeof(lead_cell), lead, mark(!two || lead >= (float)m->margin));
	snprintf(row_cell, sizeof(row_cell), "%u %s", r->agreeing,
		 mark(r->agreeing >= m->at_least));
	snprintf(second_cell, sizeof(second_cell), "%.20s %.3f", label_of(a, r->label[1], second),
		 two ? (double)r->smoothed[1] : 0.0);
	printf("%c%7llu%c %13s  %-14.20s %6.3f  %13s  %-18s %12s  %10s  %s%s%s\n",
	       i == a->event ? '>' : ' ', (unsigned long long)r->window,
	       r->flags & TRACE_FRESH ? '*' : ' ', time, label_of(a, r->label[0], best),
	       (double)r->raw, score_cell, two ? second_cell : "-", lead_cell, row_cell,
	       gate_verdict_name(r->verdict), r->reason == GATE_CONFIRMED ? "" : ": ",
	       r->reason == GATE_CONFIRMED ? "" : gate_reason_name(r->reason));
}

static void print_table(const struct answer *a)
{
	const struct trace_meta *m = &a->trace->meta;
	char score[32], lead[32], row[32];
	bool fresh = false;

	snprintf(score, sizeof(score), "score>=%.4g", m->threshold);
	snprintf(lead, sizeof(lead), "lead>=%.4g", m->margin);
	snprintf(row, sizeof(row), "row>=%lld", (long long)m->at_least);
	printf("\n %7s  %13s  %-14s %6s  %13s  %-18s %12s  %10s  %s\n", "window", "end", "best",
	       "raw", score, "second", lead, row, "verdict");
	for (size_t i = a->row; i < a->row_end; i++) {
		if (a->trace->records[i].flags & TRACE_NO_WINDOW)
			continue;
		print_row(a, i);
		fresh |= (a->trace->records[i].flags & TRACE_FRESH) != 0;
	}
	if (fresh)
		printf("  * the gates started afresh: the input had begun, or samples were missing\n");
	printf("\n");
}

/* ---- why ---- */

static void print_decided_by(const struct answer *a)
{
	const struct trace_meta *m = &a->trace->meta;
	const char *by = why_decided_by(a);

	if (a->event < a->row)
		return;
	if (strcmp(by, "at_least") == 0)
		printf("What it waited for last: at_least, %lld windows in a row.\n",
		       (long long)m->at_least);
	else if (strcmp(by, "best") == 0)
		printf("It was decided as soon as it was the best label.\n");
	else
		printf("What it waited for last: the %s.\n", by);
}

static void print_obstacles(const struct answer *a)
{
	static const char *const words[] = { [GATE_BELOW_THRESHOLD] = "below the threshold",
					     [GATE_WITHIN_MARGIN] = "within the margin",
					     [GATE_TOO_FEW] = "too few in a row",
					     [GATE_BACKGROUND] = "of a label that never decides" };
	char text[TRACE_NAME_BYTES];
	const char *label = label_of(a, (unsigned)a->label, text), *comma = ": ";

	printf("What stood against it: '%s' was the best label in %zu of %zu windows", label,
	       a->best, a->end - a->first);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i] != NULL && a->by_reason[i] > 0) {
			printf("%s%zu %s", comma, a->by_reason[i], words[i]);
			comma = ", ";
		}
	if (a->best == 0 && isnan(a->highest))
		printf(", and never among the best three");
	else if (a->best == 0)
		printf("; its highest score was %.3f", (double)a->highest);
	printf(".\n");
	if (!a->may_decide)
		printf("'%s' never decides here: %s.\n", label,
		       a->trace->meta.labels_named ? "`labels` of decide does not name it"
						   : "it is of the model's background");
}

/* ---- what would have turned it ---- */

static void print_steps(const struct whatif_change *c)
{
	for (size_t i = 0; i < c->count; i++)
		printf("%s%s %.9g in the place of %.9g", i > 0 ? " and " : "",
		       whatif_setting_name(c->steps[i].setting), c->steps[i].to, c->steps[i].from);
}

static void print_changes(const struct answer *a)
{
	AUTO_BUF struct buf line = { 0 };
	bool labels = !a->may_decide && a->best > 0;

	if (a->change_count == 0 && !labels) {
		printf("No change of threshold, margin or at_least would have turned that.\n");
		return;
	}
	printf("The smallest change that would have %s it: ", a->not ? "decided" : "prevented");
	if (labels)
		printf("labels with it%s", a->change_count > 0 ? ", and " : "");
	if (a->change_count > 0)
		print_steps(&a->changes[0]);
	why_yaml(a, a->change_count > 0 ? &a->changes[0] : NULL, &line);
	printf("\n      %s\n", buf_text(&line));
	for (int i = 1; i < a->change_count; i++) {
		printf("%s", i == 1 ? "Or: " : "; or: ");
		print_steps(&a->changes[i]);
	}
	printf("%s", a->change_count > 1 ? ".\n" : "");
}

void why_print_text(const struct answer *a)
{
	if (a->not )
		print_not_head(a);
	if (a->event != a->end)
		print_event_head(a);
	print_meta(a);
	print_table(a);
	if (a->decided && a->event != a->end)
		print_decided_by(a);
	if (a->not &&a->decided)
		return;
	if (a->not )
		print_obstacles(a);
	print_changes(a);
}
