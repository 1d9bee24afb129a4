/* gate.c - from scores to a decision: threshold, margin, count and hold. */
#include "decide/gate.h"

void gate_init(struct gate *g, const struct gate_settings *settings)
{
	*g = (struct gate){ .settings = *settings, .candidate = GATE_NONE, .active = GATE_NONE };
}

/* The two highest scores; of equal ones the label that comes first. A NaN is never best. */
static void find_best(const float *scores, size_t labels, struct gate_result *out)
{
	out->best = out->second = GATE_NONE;
	for (size_t i = 0; i < labels; i++) {
		if (out->best == GATE_NONE || scores[i] > scores[out->best]) {
			out->second = out->best;
			out->best = (int)i;
		} else if (out->second == GATE_NONE || scores[i] > scores[out->second]) {
			out->second = (int)i;
		}
	}
}

static enum gate_reason judge(const struct gate *g, const float *scores, const bool *deciding,
			      const struct gate_result *r)
{
	float best = scores[r->best];

	if (deciding != NULL && !deciding[r->best])
		return GATE_BACKGROUND;
	if (!(best >= g->settings.threshold))
		return GATE_BELOW_THRESHOLD;
	if (r->second != GATE_NONE && !(best - scores[r->second] >= g->settings.margin))
		return GATE_WITHIN_MARGIN;
	return GATE_CONFIRMED;
}

static void end_active(struct gate *g, struct gate_result *out, enum gate_reason reason)
{
	out->ended = g->active;
	out->end_reason = reason;
	g->active = GATE_NONE;
}

/* The window passed threshold and margin: does it agree with enough others? */
static void count_window(struct gate *g, int64_t at_ns, struct gate_result *out)
{
	if (g->candidate != out->best)
		g->agreeing = 0;
	g->candidate = out->best;
	g->agreeing += g->agreeing < UINT32_MAX;
	if (g->agreeing < g->settings.at_least) {
		out->verdict = GATE_WAIT;
		out->reason = GATE_TOO_FEW;
		return;
	}
	out->verdict = g->active == out->best ? GATE_HELD : GATE_ON;
	if (g->active != GATE_NONE && g->active != out->best)
		end_active(g, out, GATE_REPLACED);
	g->active = out->best;
	g->until_ns = at_ns + g->settings.hold_ns;
}

void gate_push(struct gate *g, const float *scores, size_t labels, const bool *deciding,
	       int64_t at_ns, struct gate_result *out)
{
	*out = (struct gate_result){ .verdict = GATE_OFF, .ended = GATE_NONE };
	find_best(scores, labels, out);
	out->reason = judge(g, scores, deciding, out);

	if (out->reason == GATE_CONFIRMED) {
		count_window(g, at_ns, out);
	} else {
		g->candidate = GATE_NONE;
		g->agreeing = 0;
	}
	bool confirmed = out->verdict == GATE_ON || out->verdict == GATE_HELD;
	if (g->active != GATE_NONE && !confirmed && at_ns >= g->until_ns)
		end_active(g, out, GATE_HOLD_ELAPSED);
	out->agreeing = g->agreeing;
}

int gate_reset(struct gate *g)
{
	int was = g->active;

	gate_init(g, &(struct gate_settings){ g->settings.threshold, g->settings.margin,
					      g->settings.at_least, g->settings.hold_ns });
	return was;
}

const char *gate_verdict_name(enum gate_verdict v)
{
	static const char *const names[] = {
		[GATE_OFF] = "off", [GATE_WAIT] = "wait", [GATE_ON] = "on", [GATE_HELD] = "held"
	};
	return (unsigned)v < sizeof(names) / sizeof(names[0]) ? names[v] : "?";
}

const char *gate_reason_name(enum gate_reason r)
{
	static const char *const names[] = {
		[GATE_CONFIRMED] = "confirmed",
		[GATE_BELOW_THRESHOLD] = "below threshold",
		[GATE_WITHIN_MARGIN] = "within margin",
		[GATE_TOO_FEW] = "too few in a row",
		[GATE_BACKGROUND] = "background",
		[GATE_HOLD_ELAPSED] = "hold elapsed",
		[GATE_REPLACED] = "replaced by another",
		[GATE_GAP] = "gap in the input",
		[GATE_INPUT_ENDED] = "input ended",
		[GATE_WORKER_LOST] = "worker lost",
		[GATE_STOPPED] = "stopped",
	};
	return (unsigned)r < sizeof(names) / sizeof(names[0]) ? names[r] : "?";
}
