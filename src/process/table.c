/* table.c - verdicts as lines for a person on a terminal. */
#include "process/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/unit.h"
#include "process/top.h"

static bool in_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && (no == NULL || no[0] == '\0');
}

void table_head(const struct chain *c, const char *file, double rate_hz, unsigned channels,
		double seconds)
{
	char rate[40];

	unit_write(UNIT_RATE, rate_hz, rate, sizeof(rate));
	printf("%s: %.2f s, %s, %u channel%s; model %s %lld\n", file, seconds, rate, channels,
	       channels == 1 ? "" : "s", chain_card(c)->model, (long long)chain_card(c)->version);
	printf("  %15s  %-16s %6s  %-7s  %s\n", "window", "label", "score", "verdict", "why");
}

const char *table_reason(const struct chain *c, const struct verdict *v, char *out, size_t size)
{
	const struct gate_result *g = &v->block->gate;
	const struct decide_settings *d = chain_decide(c);
	const struct schema_strings *labels = &chain_card(c)->labels;
	double score = (double)v->block->scores[g->best];
	double lead = g->second == GATE_NONE ? score : score - (double)v->block->scores[g->second];
	const char *second = g->second == GATE_NONE ? "none" : labels->items[g->second];

	switch (g->reason) {
	case GATE_BACKGROUND:
		snprintf(out, size, "%s never decides", labels->items[g->best]);
		break;
	case GATE_BELOW_THRESHOLD:
		snprintf(out, size, "%.2f < threshold %.2f", score, d->threshold);
		break;
	case GATE_WITHIN_MARGIN:
		snprintf(out, size, "lead %.2f < margin %.2f over %s", lead, d->margin, second);
		break;
	case GATE_TOO_FEW:
		snprintf(out, size, "%.2f >= %.2f, but %u of %lld windows in a row", score,
			 d->threshold, g->agreeing, (long long)d->at_least);
		break;
	default:
		snprintf(out, size, "%.2f >= %.2f, lead %.2f >= %.2f over %s, %u of %lld in a row",
			 score, d->threshold, lead, d->margin, second, g->agreeing,
			 (long long)d->at_least);
		break;
	}
	return out;
}

static const char *verdict_word(const struct gate_result *g)
{
	return g->verdict == GATE_ON ? "ON" : gate_verdict_name(g->verdict);
}

void table_row(const struct chain *c, const struct verdict *v)
{
	const struct gate_result *g = &v->block->gate;
	double start = (double)v->start_offset_ns / 1e9;
	double end = start + (double)(v->end_ns - v->start_ns) / 1e9;
	bool bold = in_colour() && g->verdict == GATE_ON;
	char reason[200];

	printf("%s  %6.2f-%6.2f s  %-16s %6.2f  %-7s  %s%s\n", bold ? "\033[1m" : "", start, end,
	       chain_card(c)->labels.items[g->best], (double)v->block->scores[g->best],
	       verdict_word(g), table_reason(c, v, reason, sizeof(reason)), bold ? "\033[0m" : "");
}

void table_picture(const struct chain *c, const char *file, const struct image *i,
		   const struct verdict *v)
{
	const struct card *card = chain_card(c);
	const struct gate_result *g = &v->block->gate;
	bool bold = in_colour() && g->verdict == GATE_ON;
	size_t best[5];
	size_t count = top_labels(v->block->scores, card->labels.count, 5, best);
	char reason[200];

	printf("%s: %dx%d %s, %s; model %s %lld\n", file, i->width, i->height,
	       image_kind_name(i->kind, NULL, 0), i->channels == 1 ? "grey" : "RGB", card->model,
	       (long long)card->version);
	printf("  %-40s %6s  %-7s  %s\n", "label", "score", "verdict", "why");
	printf("%s  %-40.60s %6.2f  %-7s  %s%s\n", bold ? "\033[1m" : "",
	       card->labels.items[g->best], (double)v->block->scores[g->best], verdict_word(g),
	       table_reason(c, v, reason, sizeof(reason)), bold ? "\033[0m" : "");
	for (size_t k = 0; k < count; k++)
		if ((int)best[k] != g->best)
			printf("  %-40.60s %6.2f\n", card->labels.items[best[k]],
			       (double)v->block->scores[best[k]]);
}
