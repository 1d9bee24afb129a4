/* check_home_assistant.c - what is announced, and the three steps by which something is taken away. */
#include "output/home_assistant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/test.h"

static const char head[] = "gateway: g\n"
			   "inputs: {mic: {file: a.wav}, spare: {file: b.wav}}\n"
			   "models: {m: m.tflite}\n";
static const char stages[] = "{from: mic, stages: [{model: m}, {decide: 0.5}]}";
static const char topic[] = "homeassistant/device/edged_g/config";

static char folder[64];
static struct spool *notes;
static struct config *config;
static struct home_assistant *announcer;
static int sent; /* messages in all */
static char last_topic[200], last[8192];

static void setup(void)
{
	struct spool_limits limits = { 1 << 20, SECOND };
	struct fault f = { 0 };

	snprintf(folder, sizeof(folder), "/tmp/check-home-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(spool_open(folder, &limits, &notes, &f), 0);
}

static void close_announcer(void)
{
	home_assistant_free(announcer);
	config_free(config);
	announcer = NULL;
	config = NULL;
}

static void teardown(void)
{
	char command[100];

	close_announcer();
	spool_free(notes);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static bool send(void *context, const char *to, const char *payload)
{
	(void)context;
	sent++;
	snprintf(last_topic, sizeof(last_topic), "%s", to);
	snprintf(last, sizeof(last), "%s", payload);
	return true;
}

/* As after a start with pipelines of these names; "" for none of that name. */
static void open_with(const char *enabled, const char *first, const char *second)
{
	char text[1000];
	struct fault f = { 0 };

	close_announcer();
	snprintf(
		text, sizeof(text),
		"%smqtt: {broker: 'mqtt://x', home_assistant: %s}\npipelines:\n  %s: %s\n  %s%s%s\n",
		head, enabled, first, stages, second, second[0] != '\0' ? ": " : "",
		second[0] != '\0' ? stages : "");
	config = config_parse(text, strlen(text), "/x/edged.yaml");
	ck_assert_uint_eq(config->findings.count, 0);
	ck_assert_int_eq(home_assistant_open(&config->settings, "edged/g", notes, send, NULL,
					     &announcer, &f),
			 0);
	sent = 0;
}

static bool says(const char *text)
{
	return strstr(last, text) != NULL;
}

START_TEST(what_the_yaml_has_is_announced_once)
{
	open_with("true", "wake", "door");
	home_assistant_connected(announcer, 10 * SECOND);
	ck_assert_int_eq(sent, 1);
	ck_assert_str_eq(last_topic, topic);
	ck_assert(says("\"decision_wake\":{\"p\":\"binary_sensor\""));
	ck_assert(says("\"label_door\":{\"p\":\"sensor\""));
	ck_assert(says("\"input_mic\":"));
	ck_assert(!says("\"input_spare\":")); /* no pipeline listens to it */
	ck_assert(says("edged/g/input/mic/availability"));
	for (int64_t t = 10; t < 20; t++)
		home_assistant_turn(announcer, t * SECOND);
	ck_assert_int_eq(sent, 1);
}
END_TEST

static void three_steps(int64_t from_s)
{
	ck_assert(says("\"decision_door\":{\"p\":\"binary_sensor\",\"unique_id\"")); /* in full */
	home_assistant_turn(announcer, from_s * SECOND + SECOND / 2);		     /* too early */
	ck_assert(says("\"unique_id\":\"edged_g_decision_door\""));
	home_assistant_turn(announcer, (from_s + 1) * SECOND);
	ck_assert(says("\"decision_door\":{\"p\":\"binary_sensor\"}")); /* as removed */
	ck_assert(says("\"decision_wake\":{\"p\":\"binary_sensor\",\"unique_id\""));
	home_assistant_turn(announcer, (from_s + 2) * SECOND);
	ck_assert(!says("decision_door"));
	int before = sent;
	home_assistant_turn(announcer, (from_s + 9) * SECOND);
	ck_assert_int_eq(sent, before);
}

START_TEST(what_left_the_yaml_goes_in_three_steps)
{
	open_with("true", "wake", "door");
	home_assistant_connected(announcer, SECOND);
	open_with("true", "wake", "");
	home_assistant_connected(announcer, 10 * SECOND);
	three_steps(10);
	/* Home Assistant may have been down: at its next start the same once more, then never. */
	home_assistant_started(announcer, 100 * SECOND);
	three_steps(100);
	home_assistant_started(announcer, 200 * SECOND);
	ck_assert(!says("decision_door"));
	open_with("true", "wake", "");
	home_assistant_connected(announcer, SECOND);
	ck_assert(!says("decision_door"));
}
END_TEST

START_TEST(without_discovery_the_device_goes)
{
	open_with("true", "wake", "");
	home_assistant_connected(announcer, SECOND);
	open_with("false", "wake", "");
	home_assistant_connected(announcer, 10 * SECOND);
	ck_assert(says("decision_wake"));
	home_assistant_turn(announcer, 11 * SECOND);
	ck_assert_str_eq(last_topic, topic);
	ck_assert_str_eq(last, "");
	home_assistant_turn(announcer, 12 * SECOND);
	ck_assert_int_eq(sent, 2);
}
END_TEST

START_TEST(another_prefix_moves_the_device)
{
	open_with("true", "wake", "");
	home_assistant_connected(announcer, SECOND);
	open_with("{enabled: true, prefix: ha}", "wake", "");
	ck_assert_str_eq(home_assistant_status_topic(announcer), "ha/status");
	home_assistant_connected(announcer, 10 * SECOND);
	ck_assert_int_eq(sent, 2);
	home_assistant_turn(announcer, 11 * SECOND);
	home_assistant_turn(announcer, 12 * SECOND);
	ck_assert_str_eq(last_topic, "ha/device/edged_g/config");
	ck_assert(says("decision_wake"));
}
END_TEST

START_TEST(nothing_is_said_that_was_never_announced)
{
	open_with("false", "wake", "");
	home_assistant_connected(announcer, SECOND);
	home_assistant_started(announcer, 2 * SECOND);
	ck_assert_int_eq(sent, 0);
}
END_TEST

TEST_MAIN_WITH("home assistant", setup, teardown, what_the_yaml_has_is_announced_once,
	       what_left_the_yaml_goes_in_three_steps, without_discovery_the_device_goes,
	       another_prefix_moves_the_device, nothing_is_said_that_was_never_announced)
