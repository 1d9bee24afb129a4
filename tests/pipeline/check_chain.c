/* check_chain.c - a pipeline is a pure function of its samples: however they are cut, the same
 * bits. */
#include "pipeline/chain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/test.h"

static const char yaml[] =
	"gateway: test\n"
	"inputs: {tape: {file: x.wav}}\n"
	"models: {keywords: share/models/keywords.tflite}\n"
	"pipelines:\n"
	"  wake: {from: tape, stages: [{window: {hop: 200 ms}}, {model: keywords}, {smooth: 600 ms},\n"
	"    {decide: {threshold: 0.3, at_least: 2, hold: 1 s}}]}\n";

enum { MOST_VERDICTS = 200, LABELS = 12 };

struct seen {
	uint64_t window;
	int64_t start_ns;
	struct gate_result gate;
	float raw[LABELS], scores[LABELS];
	unsigned flags;
};

struct record {
	struct seen list[MOST_VERDICTS];
	size_t count, ends;
	enum gate_reason end_reason;
};

static struct config *config;
static float *sound; /* of the rate and channels at hand */
static size_t frames;

static void on_verdict(void *context, const struct verdict *v)
{
	struct record *r = context;

	if (v->ended != GATE_NONE) {
		r->ends++;
		r->end_reason = v->end_reason;
	}
	if (v->block == NULL)
		return;
	struct seen *s = &r->list[r->count++];
	ck_assert_uint_lt(r->count, MOST_VERDICTS);
	*s = (struct seen){ .window = v->window,
			    .start_ns = v->start_ns,
			    .gate = v->block->gate,
			    .flags = v->block->flags & BLOCK_PADDED };
	memcpy(s->raw, v->block->raw, sizeof(s->raw));
	memcpy(s->scores, v->block->scores, sizeof(s->scores));
}

/* Chirps and noise in words of their own, so that scores move; a second channel that differs. */
static void make_sound(double rate_hz, unsigned channels, double seconds)
{
	unsigned random = 1;

	frames = (size_t)(rate_hz * seconds);
	sound = realloc(sound, frames * channels * sizeof(float));
	for (size_t i = 0; i < frames; i++)
		for (unsigned c = 0; c < channels; c++) {
			double t = (double)i / rate_hz,
			       gate = sin(2 * M_PI * 0.7 * t) > 0 ? 0.3 : 0.001;
			random = random * 1103515245 + 12345;
			double noise = (double)(random >> 16 & 0x7fff) / 32768 - 0.5;
			sound[i * channels + c] =
				(float)(gate * (sin(2 * M_PI * (300 + 200 * t) * t) + 0.5 * noise) *
					(c == 0 ? 1 : 0.7));
		}
}

static struct chain *open_chain(double rate_hz, unsigned channels, struct record *r)
{
	struct chain *c = NULL;
	struct fault f = { 0 };

	memset(r, 0, sizeof(*r));
	if (config == NULL)
		config = config_parse(yaml, sizeof(yaml) - 1, "test.yaml");
	struct format input = format_sound(rate_hz, channels);
	int rc = chain_open(&config->settings, "wake", &input, on_verdict, r, &c, &f);
	ck_assert_msg(rc == 0, "%s", f.text);
	return c;
}

/* The sound from frame `first` on, in pieces of 1 to `most` frames. */
static void push(struct chain *c, double rate_hz, unsigned channels, size_t first, size_t most)
{
	for (size_t i = first, n; i < frames; i += n) {
		n = 1 + (size_t)rand() % most;
		n = n > frames - i ? frames - i : n;
		chain_push(c, i, (int64_t)((double)i / rate_hz * 1e9), false, sound + i * channels,
			   n);
	}
}

static void compare(const struct record *a, const struct record *b)
{
	ck_assert_uint_eq(a->count, b->count);
	for (size_t i = 0; i < a->count; i++)
		ck_assert_mem_eq(&a->list[i], &b->list[i], sizeof(a->list[i]));
}

START_TEST(pieces_of_any_size_give_the_same_bits)
{
	static const struct {
		double rate_hz;
		unsigned channels;
	} inputs[] = { { 16000, 1 }, { 44100, 2 }, { 48000, 1 }, { 8000, 1 }, { 11025, 2 } };
	static struct record whole, pieces;

	for (size_t k = 0; k < sizeof(inputs) / sizeof(inputs[0]); k++) {
		double rate = inputs[k].rate_hz;
		unsigned channels = inputs[k].channels;
		make_sound(rate, channels, 4.3);
		struct chain *c = open_chain(rate, channels, &whole);
		chain_push(c, 0, 0, false, sound, frames);
		chain_flush(c, GATE_INPUT_ENDED);
		chain_free(c);
		ck_assert_uint_ge(whole.count, 15);
		for (size_t most = 1; most <= 5000; most = most * 7 + 30) {
			c = open_chain(rate, channels, &pieces);
			push(c, rate, channels, 0, most);
			chain_flush(c, GATE_INPUT_ENDED);
			chain_free(c);
			compare(&whole, &pieces);
		}
	}
}
END_TEST

/* A worker that was started again reads from somewhere: its windows are those of the stream. */
START_TEST(who_starts_in_the_middle_judges_the_same_windows)
{
	static struct record whole, late;

	make_sound(16000, 1, 4);
	struct chain *c = open_chain(16000, 1, &whole);
	push(c, 16000, 1, 0, 320);
	chain_free(c);
	c = open_chain(16000, 1, &late);
	push(c, 16000, 1, 16000 + 1234, 320);
	chain_free(c);
	ck_assert_uint_gt(late.count, 5);
	size_t before = whole.count - late.count;
	for (size_t i = 0; i < late.count; i++) {
		ck_assert_uint_eq(late.list[i].window, whole.list[before + i].window);
		ck_assert_int_eq(late.list[i].start_ns, whole.list[before + i].start_ns);
		ck_assert_mem_eq(late.list[i].raw, whole.list[before + i].raw,
				 sizeof(whole.list[i].raw));
	}
}
END_TEST

START_TEST(a_gap_starts_afresh_and_anchors_time_anew)
{
	static struct record r;

	make_sound(16000, 1, 3);
	struct chain *c = open_chain(16000, 1, &r);
	chain_push(c, 0, 5000, false, sound, 24000);
	size_t before = r.count;
	chain_push(c, 40000, 9000000000, true, sound + 24000, 24000);
	chain_free(c);
	ck_assert_uint_gt(before, 2);
	ck_assert_uint_gt(r.count, before);
	ck_assert_uint_ge(r.list[before].window * 3200, 40000); /* nothing spans the gap */
	ck_assert_int_eq(r.list[before].start_ns,
			 9000000000 + ((int64_t)r.list[before].window * 3200 - 40000) * 62500);
}
END_TEST

START_TEST(a_short_recording_is_padded_to_one_window)
{
	static struct record r;

	make_sound(16000, 1, 0.25);
	struct chain *c = open_chain(16000, 1, &r);
	push(c, 16000, 1, 0, 100);
	ck_assert_uint_eq(r.count, 0);
	chain_flush(c, GATE_INPUT_ENDED);
	chain_free(c);
	ck_assert_uint_eq(r.count, 1);
	ck_assert_uint_eq(r.list[0].flags, BLOCK_PADDED);
}
END_TEST

START_TEST(what_does_not_fit_is_refused_with_its_place)
{
	static const char wrong[] =
		"gateway: test\ninputs: {tape: {file: x.wav}}\n"
		"models: {keywords: share/models/keywords.tflite}\n"
		"pipelines:\n"
		"  a: {from: tape, stages: [{window: {length: 2 s}}, {model: keywords}, {decide: 0.5}]}\n"
		"  b: {from: tape, stages: [{model: keywords}, {decide: {threshold: 0.5, labels: [maybe]}}]}\n"
		"  c: {from: tape, stages: [{decide: 0.5}]}\n";
	static const char *const wanted[] = {
		"pipelines.a: stages[1].model: model keywords takes windows of 16000 samples (1000 ms), not 32000",
		"pipelines.b: stages[1].decide: labels: the model has no label 'maybe'",
		"pipelines.c: stages: no model (a stage '- model: NAME')",
	};
	struct config *w = config_parse(wrong, sizeof(wrong) - 1, "test.yaml");
	static struct record r;

	ck_assert_uint_eq(w->findings.count, 0);
	for (int i = 0; i < 3; i++) {
		struct chain *c = NULL;
		struct fault f = { 0 };
		char name[2] = { (char)('a' + i), '\0' };
		struct format input = format_sound(16000, 1);
		ck_assert_int_lt(chain_open(&w->settings, name, &input, on_verdict, &r, &c, &f), 0);
		ck_assert_str_eq(f.text, wanted[i]);
		ck_assert_ptr_null(c);
	}
	config_free(w);
}
END_TEST

TEST_MAIN("chain", pieces_of_any_size_give_the_same_bits,
	  who_starts_in_the_middle_judges_the_same_windows,
	  a_gap_starts_afresh_and_anchors_time_anew, a_short_recording_is_padded_to_one_window,
	  what_does_not_fit_is_refused_with_its_place)
