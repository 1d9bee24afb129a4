/* why_words.c - what the two forms of an answer have in common: times, ids, the line to write. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/unit.h"
#include "process/moment.h"
#include "process/why.h"
#include "settings/pipeline.h"

void why_time(const struct trace *t, size_t i, bool whole, char out[WHY_TIME_BYTES])
{
	int64_t time = trace_time_ns(t, i, NULL);

	if (trace_is_recording(t))
		snprintf(out, WHY_TIME_BYTES, "%.3f s", (double)time / 1e9);
	else
		moment_write(time, whole, out);
}

void why_id(const struct trace *t, size_t i, char out[TRACE_ID_BYTES])
{
	trace_id_write(t->records[i].stream, t->meta.pipeline, t->records[i].window, out);
}

const char *why_smooth_by(const struct trace_meta *m)
{
	static const char *const names[] = {
		[SMOOTH_MEAN] = "mean", [SMOOTH_MEDIAN] = "median", [SMOOTH_MAXIMUM] = "maximum"
	};
	return m->smooth_by < ARRAY_SIZE(names) ? names[m->smooth_by] : "?";
}

bool why_has_ended(const struct answer *a)
{
	const struct trace_record *r = &a->trace->records[a->ended];

	return !a->not &&a->ended < a->trace->count && (r->flags & TRACE_ENDED) &&
	       r->ended == a->label;
}

/* What was missing in the window before it. */
const char *why_decided_by(const struct answer *a)
{
	const struct trace_record *r = &a->trace->records[a->event];
	const struct trace_record *before = a->event > 0 ? r - 1 : NULL;

	if (r->agreeing > 1)
		return "at_least";
	if ((r->flags & TRACE_FRESH) || before == NULL || (before->flags & TRACE_NO_WINDOW) ||
	    before->label[0] != r->label[0])
		return "best";
	return before->reason == GATE_BELOW_THRESHOLD ? "threshold"
	       : before->reason == GATE_WITHIN_MARGIN ? "margin"
						      : "best";
}

static void put_number(struct buf *out, double value)
{
	char text[40];

	snprintf(text, sizeof(text), "%.9g", value);
	if (strtod(text, NULL) != value)
		snprintf(text, sizeof(text), "%.17g", value);
	buf_puts(out, text);
}

/* Plain where YAML takes it for one word; words of letters are text to edged in any case. */
static void put_word(struct buf *out, const char *word)
{
	bool plain = isalpha((unsigned char)word[0]);

	for (const char *p = word; *p != '\0'; p++)
		plain &= isalnum((unsigned char)*p) || *p == '_' || *p == '-';
	if (plain) {
		buf_puts(out, word);
		return;
	}
	buf_putc(out, '"');
	for (const char *p = word; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *p);
	}
	buf_putc(out, '"');
}

static void put_labels(const struct answer *a, struct buf *out)
{
	const struct trace_meta *m = &a->trace->meta;
	char text[TRACE_NAME_BYTES];
	const char *comma = ", labels: [";

	if (!m->labels_named && a->may_decide)
		return;
	for (unsigned i = 0; i < m->label_count; i++) {
		bool decides;
		const char *name = trace_label(m, i, &decides, text);
		if (!decides && (int)i != a->label)
			continue;
		buf_puts(out, comma);
		put_word(out, name);
		comma = ", ";
	}
	buf_putc(out, ']');
}

void why_yaml(const struct answer *a, const struct whatif_change *c, struct buf *out)
{
	const struct trace_meta *m = &a->trace->meta;
	double values[WHATIF_SETTINGS] = { [WHATIF_THRESHOLD] = m->threshold,
					   [WHATIF_MARGIN] = m->margin,
					   [WHATIF_AT_LEAST] = (double)m->at_least };
	char hold[40];

	for (size_t i = 0; c != NULL && i < c->count; i++)
		values[c->steps[i].setting] = c->steps[i].to;
	buf_puts(out, "- decide: {");
	for (enum whatif_setting s = 0; s < WHATIF_SETTINGS; s++) {
		buf_printf(out, "%s%s: ", s > 0 ? ", " : "", whatif_setting_name(s));
		put_number(out, values[s]);
	}
	unit_write(UNIT_DURATION, (double)m->hold_ns, hold, sizeof(hold));
	buf_printf(out, ", hold: %s", m->hold_ns == 0 ? "0 s" : hold);
	put_labels(a, out);
	buf_putc(out, '}');
}
