/* check_frontend.c - shapes, refusals and state of front ends, and the way from samples to rows. */
#include "signal/frontend.h"

#include <errno.h>
#include <string.h>

#include "signal/window.h"
#include "tests/signal/presets.h"
#include "tests/signal/support.h"
#include "tests/test.h"

static struct frontend *open_frontend(struct arena *a, const struct frontend_settings *s)
{
	struct frontend *e = NULL;
	struct fault f = { 0 };

	ck_assert_msg(frontend_open(s, a, &e, &f) == 0, "%s", f.text);
	return e;
}

static void expect_shape(const struct frontend_settings *s, size_t samples, size_t rows,
			 size_t columns, size_t inputs)
{
	AUTO(arena) struct arena *a = arena_create();
	struct frontend *e = open_frontend(a, s);

	ck_assert_uint_eq(frontend_window_samples(e), samples);
	ck_assert_uint_eq(frontend_rows(e), rows);
	ck_assert_uint_eq(frontend_columns(e), columns);
	ck_assert_uint_eq(frontend_inputs(e), inputs);
}

START_TEST(shapes_are_what_the_models_take)
{
	expect_shape(&preset_kws, 16000, 49, 10, 1);
	expect_shape(&preset_wake, 15872, 30, 40, 1);
	expect_shape(&preset_anomaly, 160000, 200, 128, 196);
	expect_shape(&preset_yamnet, 15600, 96, 64, 1);
	expect_shape(&preset_yamnet_st, 15600, 64, 96, 1);
	expect_shape(&preset_keywords, 16000, 49, 40, 1);
	expect_shape(&preset_micro, 480, 1, 40, 1);
}
END_TEST

START_TEST(no_front_end_gives_the_samples)
{
	AUTO(arena) struct arena *a = arena_create();
	const struct frontend_settings s = { .rate_hz = 16000, .length_ns = 975000000 };
	struct frontend *e = open_frontend(a, &s);
	static float x[15600], out[15600];

	expect_shape(&s, 15600, 1, 15600, 1);
	support_noise(x, 15600, 1.0f, 4);
	frontend_run(e, x, out);
	ck_assert_mem_eq(x, out, sizeof(x));
}
END_TEST

START_TEST(only_a_kind_with_state_asks_for_a_hop)
{
	AUTO(arena) struct arena *a = arena_create();

	for (const struct preset *p = presets; p->name != NULL; p++) {
		size_t hop = frontend_hop_samples(open_frontend(a, p->settings));

		ck_assert_uint_eq(hop, p->settings == &preset_micro ? 160 : 0);
	}
}
END_TEST

START_TEST(after_opening_nothing_is_taken_from_the_arena)
{
	static float x[160000], out[200 * 128];

	support_noise(x, 160000, 0.5f, 4);
	for (const struct preset *p = presets; p->name != NULL; p++) {
		AUTO(arena) struct arena *a = arena_create();
		struct frontend *e = open_frontend(a, p->settings);
		size_t before = arena_bytes(a);

		frontend_run(e, x, out);
		frontend_reset(e);
		frontend_run(e, x, out);
		ck_assert_uint_eq(arena_bytes(a), before);
	}
}
END_TEST

/* All rows of a stream that is pushed in cuts of at most `most` samples. */
static size_t rows_of(const struct frontend_settings *s, const float *x, size_t count, size_t most,
		      float *out)
{
	AUTO(arena) struct arena *a = arena_create();
	struct frontend *e = open_frontend(a, s);
	size_t hop = frontend_hop_samples(e), values = frontend_rows(e) * frontend_columns(e),
	       made = 0;
	uint32_t random = (uint32_t)most;
	struct window *w;
	struct window_cut cut;

	ck_assert_int_eq(window_open(a, frontend_window_samples(e), hop > 0 ? hop : 4000, &w), 0);
	window_reset(w, 0);
	for (size_t now; count > 0; count -= now) {
		now = 1 + support_random(&random) % most;
		now = now < count ? now : count;
		size_t left = now;

		while (window_push(w, &x, &left, &cut)) {
			frontend_run(e, cut.samples, out + made);
			made += values;
		}
	}
	return made;
}

START_TEST(any_cut_of_a_stream_gives_the_same_features)
{
	static float x[50000], whole[30000], parts[30000];
	const struct frontend_settings *kinds[] = { &preset_kws, &preset_keywords, &preset_micro };

	support_noise(x, ARRAY_SIZE(x), 0.5f, 8);
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		size_t values = rows_of(kinds[k], x, ARRAY_SIZE(x), ARRAY_SIZE(x), whole);

		ck_assert_uint_gt(values, 1000);
		for (size_t most = 1; most < 40000; most = most * 7 + 3) {
			ck_assert_uint_eq(rows_of(kinds[k], x, ARRAY_SIZE(x), most, parts), values);
			ck_assert_mem_eq(whole, parts, values * sizeof(float));
		}
	}
}
END_TEST

START_TEST(wrong_settings_are_refused_by_name)
{
	AUTO(arena) struct arena *a = arena_create();
	struct frontend_settings s = preset_anomaly;
	struct frontend *e = NULL;
	struct fault f = { 0 };

	s.join = 201;
	ck_assert_int_eq(frontend_open(&s, a, &e, &f), -EINVAL);
	ck_assert_str_eq(f.text, "front_end.join: 201 frames of a window's 200");
	s.join = 5;
	s.layout = LAYOUT_MEL_FIRST;
	ck_assert_int_eq(frontend_open(&s, a, &e, &f), -EINVAL);
	ck_assert_str_eq(f.text, "front_end.join: needs layout: time-first");
	s.rate_hz = 0;
	ck_assert_int_eq(frontend_open(&s, a, &e, &f), -EINVAL);
	ck_assert_str_eq(f.text, "front_end.rate: 0 Hz is no rate");
	ck_assert_ptr_null(e);
}
END_TEST

TEST_MAIN("frontend", shapes_are_what_the_models_take, no_front_end_gives_the_samples,
	  only_a_kind_with_state_asks_for_a_hop, after_opening_nothing_is_taken_from_the_arena,
	  any_cut_of_a_stream_gives_the_same_features, wrong_settings_are_refused_by_name)
