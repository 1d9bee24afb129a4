/* melbank.c - triangular bands on the mel scale over the bins of a spectrum. */
#include "signal/melbank.h"

#include <errno.h>

#include "base/math.h"

struct band {
	size_t first, count; /* bins with a weight */
	const float *weights;
};

struct melbank {
	size_t bands;
	struct band band[];
};

#define SLANEY_BREAK_HZ	  1000.0
#define SLANEY_MEL_PER_HZ (3.0 / 200.0)
#define SLANEY_BREAK_MEL  15.0
#define SLANEY_STEP	  (math_log(6.4) / 27.0)

double melbank_mel(enum mel_formula formula, double hz)
{
	if (formula == MEL_HTK)
		return 1127.0 * math_log(1.0 + hz / 700.0);
	if (hz < SLANEY_BREAK_HZ)
		return hz * SLANEY_MEL_PER_HZ;
	return SLANEY_BREAK_MEL + math_log(hz / SLANEY_BREAK_HZ) / SLANEY_STEP;
}

double melbank_hz(enum mel_formula formula, double mel)
{
	if (formula == MEL_HTK)
		return 700.0 * (math_exp(mel / 1127.0) - 1.0);
	if (mel < SLANEY_BREAK_MEL)
		return mel / SLANEY_MEL_PER_HZ;
	return SLANEY_BREAK_HZ * math_exp((mel - SLANEY_BREAK_MEL) * SLANEY_STEP);
}

static bool straight_in_mel(const struct frontend_settings *s)
{
	if (s->mel.triangle == TRIANGLE_USUAL)
		return s->mel.formula == MEL_HTK;
	return s->mel.triangle == TRIANGLE_MEL;
}

struct triangle {
	double low, peak, high; /* in mel or in Hz */
	double height;
};

static double height_at(const struct triangle *t, double x)
{
	double rise = (x - t->low) / (t->peak - t->low);
	double fall = (t->high - x) / (t->high - t->peak);
	double least = rise < fall ? rise : fall;

	return least > 0.0 ? least * t->height : 0.0;
}

static struct triangle triangle_of(const struct frontend_settings *s, int64_t band)
{
	double low = melbank_mel(s->mel.formula, s->mel.low_hz);
	double high = melbank_mel(s->mel.formula, s->mel.high_hz);
	double step = (high - low) / (double)(s->mel.bands + 1);
	double corner[3];
	double hz[3];

	for (int i = 0; i < 3; i++) {
		corner[i] = low + step * (double)(band + i);
		hz[i] = melbank_hz(s->mel.formula, corner[i]);
	}
	const double *at = straight_in_mel(s) ? corner : hz;
	double area = s->mel.norm == MEL_NORM_SLANEY ? 2.0 / (hz[2] - hz[0]) : 1.0;

	return (struct triangle){ at[0], at[1], at[2], area };
}

static float weight_of(const struct frontend_settings *s, const struct triangle *t, size_t bin)
{
	double hz = (double)bin * s->rate_hz / (double)s->fft;

	if (!straight_in_mel(s))
		return (float)height_at(t, hz);
	return bin == 0 ? 0.0f : (float)height_at(t, melbank_mel(s->mel.formula, hz));
}

/* A band keeps its run of bins with a weight; a narrow one between two bins keeps none. */
static int open_band(const struct frontend_settings *s, int64_t index, struct arena *a,
		     struct band *out)
{
	struct triangle t = triangle_of(s, index);
	size_t bins = (size_t)s->fft / 2 + 1, first = 0, end;

	while (first < bins && weight_of(s, &t, first) == 0.0f)
		first++;
	for (end = first; end < bins && weight_of(s, &t, end) > 0.0f;)
		end++;

	float *weights = arena_alloc(a, end - first + 1, sizeof(float));
	if (weights == NULL)
		return -ENOMEM;
	for (size_t bin = first; bin < end; bin++)
		weights[bin - first] = weight_of(s, &t, bin);
	*out = (struct band){ .first = first, .count = end - first, .weights = weights };
	return 0;
}

int melbank_open(const struct frontend_settings *s, struct arena *a, struct melbank **out)
{
	size_t bands = (size_t)s->mel.bands;
	struct melbank *b = arena_alloc(a, 1, sizeof(*b) + bands * sizeof(b->band[0]));

	if (b == NULL)
		return -ENOMEM;
	b->bands = bands;
	for (size_t i = 0; i < bands; i++)
		if (open_band(s, (int64_t)i, a, &b->band[i]) < 0)
			return -ENOMEM;
	*out = b;
	return 0;
}

void melbank_run(const struct melbank *b, const float *spectrum, float *out)
{
	for (size_t i = 0; i < b->bands; i++) {
		const struct band *band = &b->band[i];
		const float *x = spectrum + band->first;
		double sum = 0.0;

		for (size_t k = 0; k < band->count; k++)
			sum += (double)band->weights[k] * (double)x[k];
		out[i] = (float)sum;
	}
}
