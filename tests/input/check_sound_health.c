/* check_sound_health.c - tests of input/sound_health.c. */
#include "input/sound_health.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "tests/test.h"

enum { RATE = 16000, BLOCK = RATE / 50 };

/* A microphone that gives `make(frame, channel)`, at `rate` frames a second of real time. */
typedef float make_fn(uint64_t frame, unsigned channel);

struct microphone {
	struct sound_health health;
	unsigned channels;
	double rate;
	uint64_t frame;
	unsigned changes;
};

static void start_bits(struct microphone *m, unsigned channels, unsigned wanted, unsigned bits)
{
	*m = (struct microphone){ .channels = channels, .rate = RATE };
	sound_health_init(&m->health, RATE, channels, wanted, bits);
}

static void start(struct microphone *m, unsigned channels, unsigned wanted)
{
	start_bits(m, channels, wanted, 16);
}

static enum sound_fault hear(struct microphone *m, make_fn *make, double seconds)
{
	float samples[BLOCK * 2];

	for (int blocks = (int)lround(seconds * 50); blocks > 0; blocks--) {
		for (unsigned i = 0; i < BLOCK; i++)
			for (unsigned k = 0; k < m->channels; k++)
				samples[i * m->channels + k] = make(m->frame + i, k);
		m->changes += sound_health_push(&m->health, samples, BLOCK,
						(int64_t)((double)m->frame / m->rate * 1e9), false);
		m->frame += BLOCK;
	}
	return m->health.verdict;
}

static float steps(int n)
{
	return (float)n / 32768;
}

static float speech(uint64_t frame, unsigned channel)
{
	return 0.3F * sinf((float)(frame % RATE) * 0.1F * (float)(channel + 1));
}

/* A good converter in a quiet room: -1, 0 and 1, rarely. */
static float quiet_room(uint64_t frame, unsigned channel)
{
	uint32_t x = (uint32_t)(frame * 2654435761U + channel * 97U) >> 24;

	return steps(x < 4 ? -1 : x > 252 ? 1 : 0);
}

static float zeros(uint64_t frame, unsigned channel)
{
	(void)frame;
	(void)channel;
	return 0;
}

static float stuck(uint64_t frame, unsigned channel)
{
	(void)frame;
	(void)channel;
	return 0.5F;
}

static float flicker(uint64_t frame, unsigned channel)
{
	(void)channel;
	return steps((int)(frame / 7 % 2));
}

static float left_only(uint64_t frame, unsigned channel)
{
	return channel == 0 ? speech(frame, 0) : 0;
}

static float beside_zero(uint64_t frame, unsigned channel)
{
	return 0.1F + 0.1F * speech(frame, channel);
}

static float overdriven(uint64_t frame, unsigned channel)
{
	return fmaxf(-1, fminf(steps(32767), 20 * speech(frame, channel)));
}

/* Peaks that touch full scale in single samples are loud, not clipped. */
static float loud(uint64_t frame, unsigned channel)
{
	return frame % 20 == 0 ? steps(32767) : -speech(frame, channel);
}

static float after_a_word(uint64_t frame, unsigned channel)
{
	return frame % RATE < RATE / 4 ? speech(frame, channel) : quiet_room(frame, channel);
}

START_TEST(speech_and_a_quiet_room_are_good)
{
	struct microphone m;

	start(&m, 1, 1);
	ck_assert_int_eq(hear(&m, speech, 10), SOUND_GOOD);
	ck_assert_int_eq(hear(&m, quiet_room, 60), SOUND_GOOD);
	ck_assert_int_eq(hear(&m, after_a_word, 20), SOUND_GOOD);
	ck_assert_int_eq(hear(&m, loud, 20), SOUND_GOOD);
	ck_assert_int_eq(m.changes, 0);
	ck_assert_str_eq(m.health.reason, "");
}
END_TEST

START_TEST(zeros_are_told_after_three_seconds_and_once)
{
	struct microphone m;

	start(&m, 1, 1);
	hear(&m, speech, 2);
	ck_assert_int_eq(hear(&m, zeros, 2.9), SOUND_GOOD);
	ck_assert_int_eq(hear(&m, zeros, 0.7), SOUND_SILENT);
	ck_assert(strstr(m.health.reason, "digital silence: every sample is 0") != NULL);
	hear(&m, zeros, 100);
	ck_assert_int_eq(m.changes, 1);
}
END_TEST

START_TEST(a_second_of_good_sound_ends_it)
{
	struct microphone m;

	start(&m, 1, 1);
	hear(&m, zeros, 5);
	ck_assert_int_eq(hear(&m, speech, 0.9), SOUND_SILENT);
	ck_assert_int_eq(hear(&m, speech, 0.6), SOUND_GOOD);
	ck_assert_str_eq(m.health.reason, "");
	ck_assert_int_eq(m.changes, 2);
}
END_TEST

START_TEST(a_short_fault_is_no_fault)
{
	struct microphone m;

	start(&m, 1, 1);
	for (int i = 0; i < 10; i++) {
		hear(&m, zeros, 2);
		hear(&m, overdriven, 0.4);
		hear(&m, speech, 1.1);
	}
	ck_assert_int_eq(m.changes, 0);
}
END_TEST

START_TEST(a_stuck_or_flickering_converter_is_silent)
{
	struct microphone m;

	start(&m, 1, 1);
	ck_assert_int_eq(hear(&m, stuck, 4), SOUND_SILENT);
	ck_assert(strstr(m.health.reason, "every sample is 0.5") != NULL);
	start(&m, 1, 1);
	ck_assert_int_eq(hear(&m, flicker, 4), SOUND_SILENT);
	ck_assert(strstr(m.health.reason, "one step") != NULL);
	start_bits(&m, 1, 1, 24); /* the same of a finer converter are 256 steps */
	ck_assert_int_eq(hear(&m, flicker, 4), SOUND_GOOD);
}
END_TEST

START_TEST(a_dead_channel_counts_if_it_was_asked_for)
{
	struct microphone m;

	start(&m, 2, 2);
	ck_assert_int_eq(hear(&m, left_only, 4), SOUND_DEAD_CHANNEL);
	ck_assert_str_eq(m.health.reason, "channel 2 of 2 is dead: its samples do not change");
	start(&m, 2, 1);
	ck_assert_int_eq(hear(&m, left_only, 4), SOUND_GOOD);
	ck_assert_int_eq(hear(&m, zeros, 4), SOUND_SILENT);
}
END_TEST

START_TEST(an_offset_and_clipping_have_their_sentences)
{
	struct microphone m;

	start(&m, 1, 1);
	ck_assert_int_eq(hear(&m, beside_zero, 4), SOUND_OFFSET);
	ck_assert_str_eq(m.health.reason, "the samples lie 10 % of full scale beside zero");
	ck_assert_int_eq(hear(&m, overdriven, 4), SOUND_CLIPPED);
	ck_assert(strstr(m.health.reason, "clipped: the gain is too high") != NULL);
	ck_assert_int_eq(m.changes, 2);
}
END_TEST

START_TEST(a_rate_that_is_off_is_measured)
{
	struct microphone m;

	start(&m, 1, 1);
	m.rate = RATE * 1.005;
	ck_assert_int_eq(hear(&m, speech, 20), SOUND_GOOD);
	start(&m, 1, 1);
	m.rate = RATE * 1.02;
	ck_assert_int_eq(hear(&m, speech, 6), SOUND_WRONG_RATE);
	ck_assert_str_eq(m.health.reason, "16320 samples a second come instead of 16000");
	start(&m, 1, 1);
	m.rate = RATE / 2.0;
	ck_assert_int_eq(hear(&m, speech, 4), SOUND_WRONG_RATE);
}
END_TEST

TEST_MAIN("sound_health", speech_and_a_quiet_room_are_good,
	  zeros_are_told_after_three_seconds_and_once, a_second_of_good_sound_ends_it,
	  a_short_fault_is_no_fault, a_stuck_or_flickering_converter_is_silent,
	  a_dead_channel_counts_if_it_was_asked_for, an_offset_and_clipping_have_their_sentences,
	  a_rate_that_is_off_is_measured)
