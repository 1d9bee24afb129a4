/* check_settings.c - edged.yaml as structs, and a role's part of it on its way. */
#include "settings/settings.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/test.h"

static const char good[] = "gateway: kitchen\n"
			   "mqtt: \"mqtts://broker.lan\"\n"
			   "inputs:\n"
			   "  tape: {file: tape.wav}\n"
			   "  other: {file: {path: /x/other.flac, repeat: YES, pace: fast}}\n"
			   "models: {keywords: models/keywords.tflite}\n"
			   "pipelines:\n"
			   "  wake:\n"
			   "    from: tape\n"
			   "    stages:\n"
			   "      - mix\n"
			   "      - window: {hop: 250 ms}\n"
			   "      - model: keywords\n"
			   "      - decide: {threshold: 0.8, hold: 2 s, labels: [\"no\", on]}\n";

static struct config *parse(const char *text)
{
	struct config *c = config_parse(text, strlen(text), "/etc/edged/edged.yaml");

	ck_assert_ptr_nonnull(c);
	for (size_t i = 0; i < c->findings.count; i++)
		fprintf(stderr, "%s: %s\n", c->findings.list[i].path, c->findings.list[i].text);
	return c;
}

static void check_wake(const struct settings *s)
{
	const struct pipeline_settings *p = settings_pipeline(s, "wake");

	ck_assert_str_eq(p->from, "tape");
	ck_assert_uint_eq(p->stages.count, 4);
	ck_assert_ptr_eq(p->stages.items[0].schema, &mix_schema);
	const struct window_settings *w = p->stages.items[1].settings;
	ck_assert_int_eq(w->hop_ns, 250000000);
	ck_assert_int_eq(w->length_ns, 0);
	const struct decide_settings *d = p->stages.items[3].settings;
	ck_assert_double_eq(d->threshold, 0.8);
	ck_assert_int_eq(d->at_least, 1);
	ck_assert_uint_eq(d->labels.count, 2);
	ck_assert_str_eq(d->labels.items[0], "no");
	ck_assert_str_eq(d->labels.items[1], "on"); /* a label, no truth value */
}

START_TEST(settings_are_read_with_fallbacks_shorthands_and_units)
{
	struct config *c = parse(good);

	ck_assert_uint_eq(c->findings.count, 0);
	ck_assert_str_eq(c->settings.gateway, "kitchen");
	ck_assert_str_eq(c->settings.mqtt.broker, "mqtts://broker.lan");
	ck_assert_str_eq(c->settings.mqtt.prefix, "edged");
	ck_assert_int_eq(c->settings.mqtt.keep_alive_ns, 30000000000);
	check_wake(&c->settings);
	const struct file_settings *other = c->settings.inputs.items[1].settings;
	ck_assert(other->repeat);
	ck_assert_int_eq(other->pace, PACE_FAST);
	config_free(c);
}
END_TEST

START_TEST(relative_paths_start_from_the_file_that_names_them)
{
	struct config *c = parse(good);

	ck_assert_str_eq(((const struct file_settings *)c->settings.inputs.items[0].settings)->path,
			 "/etc/edged/tape.wav");
	ck_assert_str_eq(((const struct file_settings *)c->settings.inputs.items[1].settings)->path,
			 "/x/other.flac");
	ck_assert_str_eq(settings_model(&c->settings, "keywords")->file,
			 "/etc/edged/models/keywords.tflite");
	config_free(c);
}
END_TEST

START_TEST(a_part_means_the_same_elsewhere_and_holds_no_more_than_it_should)
{
	struct config *c = parse(good);
	struct buf text = { 0 };

	config_write_part(c, &(struct config_part){ .pipeline = "wake" }, &text);
	struct config *part = config_parse(buf_text(&text), text.length, "settings");
	ck_assert_uint_eq(part->findings.count, 0);
	check_wake(&part->settings);
	ck_assert_uint_eq(part->settings.inputs.count, 1);
	ck_assert_ptr_null(part->settings.mqtt.broker);
	ck_assert_str_eq(settings_model(&part->settings, "keywords")->file,
			 "/etc/edged/models/keywords.tflite");
	config_free(part);
	buf_clear(&text);
	config_write_part(c, &(struct config_part){ .input = "other" }, &text);
	ck_assert_ptr_null(strstr(buf_text(&text), "keywords"));
	ck_assert_ptr_null(strstr(buf_text(&text), "mqtts"));
	buf_fini(&text);
	config_free(c);
}
END_TEST

START_TEST(anchors_and_merge_keys_are_written_out)
{
	static const char text[] = "gateway: g\n"
				   "inputs: {a: &tape {file: x.wav}, b: *tape}\n"
				   "models: {m: m.tflite}\n"
				   "pipelines:\n"
				   "  one: &one {from: a, stages: [{model: m}, {decide: 0.5}]}\n"
				   "  two: {<<: *one, from: b}\n";
	struct config *c = parse(text);

	ck_assert_uint_eq(c->findings.count, 0);
	ck_assert_str_eq(settings_pipeline(&c->settings, "two")->from, "b");
	ck_assert_uint_eq(settings_pipeline(&c->settings, "two")->stages.count, 2);
	config_free(c);
}
END_TEST

static const char microphones[] =
	"gateway: kitchen\n"
	"inputs:\n"
	"  mic: {alsa: {device: \"hw:CARD=Mic,DEV=0\", rate: 48 kHz, channels: 2,\n"
	"    mixer: {capture: on, volume: 80 %, automatic_gain: off}}}\n"
	"  port: {alsa: {usb: 1-1.3}}\n"
	"  short: {alsa: hw:1}\n"
	"models: {keywords: keywords.tflite}\n"
	"pipelines: {wake: {from: mic, stages: [{model: keywords}, {decide: {threshold: 0.8}}]}}\n";

START_TEST(a_microphone_is_named_by_its_card_or_its_port)
{
	struct config *c = parse(microphones);
	const struct alsa_settings *mic = c->settings.inputs.items[0].settings;
	const struct alsa_settings *port = c->settings.inputs.items[1].settings;
	const struct alsa_settings *one = c->settings.inputs.items[2].settings;

	ck_assert_uint_eq(c->findings.count, HAVE_ALSA ? 0 : 3);
	ck_assert_str_eq(mic->device, "hw:CARD=Mic,DEV=0");
	ck_assert_double_eq(mic->rate_hz, 48000);
	ck_assert_int_eq(mic->channels, 2);
	ck_assert_int_eq(mic->mixer.capture, SWITCH_ON);
	ck_assert_int_eq(mic->mixer.automatic_gain, SWITCH_OFF);
	ck_assert_double_eq(mic->mixer.volume_percent, 80);
	ck_assert_str_eq(port->usb, "1-1.3");
	ck_assert_int_eq(port->mixer.capture, SWITCH_LEAVE);
	ck_assert_double_eq(port->rate_hz, 0);
	ck_assert_str_eq(one->device, "hw:1");
	config_free(c);
}
END_TEST

START_TEST(a_number_of_a_card_is_known_from_its_name)
{
	ck_assert(alsa_device_is_numbered("hw:0"));
	ck_assert(alsa_device_is_numbered("plughw:1,0"));
	ck_assert(alsa_device_is_numbered("hw:CARD=2,DEV=0"));
	ck_assert(!alsa_device_is_numbered("hw:CARD=Mic,DEV=0"));
	ck_assert(!alsa_device_is_numbered("hw:CARD=2nd,DEV=0"));
	ck_assert(!alsa_device_is_numbered("hw:Device_1"));
	ck_assert(!alsa_device_is_numbered("default"));
}
END_TEST

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
}

START_TEST(pieces_in_conf_d_are_added_and_may_not_contradict)
{
	char folder[] = "/tmp/edged-conf-XXXXXX", path[100], piece[100], extra[100];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/edged.yaml", folder);
	snprintf(piece, sizeof(piece), "%s/conf.d", folder);
	mkdir(piece, 0700);
	snprintf(extra, sizeof(extra), "%s/conf.d/20-more.yaml", folder);
	write_file(path, good);
	write_file(extra, "inputs: {third: {file: third.wav}}\n");
	struct config *c = config_load(path);
	ck_assert_uint_eq(c->findings.count, 0);
	ck_assert_uint_eq(c->settings.inputs.count, 3);
	snprintf(piece, sizeof(piece), "%s/conf.d/third.wav", folder);
	ck_assert_str_eq(((const struct file_settings *)c->settings.inputs.items[2].settings)->path,
			 piece);
	config_free(c);
	write_file(extra, "gateway: other\n");
	c = config_load(path);
	ck_assert_uint_eq(c->findings.count, 1);
	ck_assert_str_eq(c->findings.list[0].path, "gateway");
	config_free(c);
	snprintf(path, sizeof(path), "rm -rf %s", folder);
	ck_assert_int_eq(system(path), 0);
}
END_TEST

TEST_MAIN("settings", settings_are_read_with_fallbacks_shorthands_and_units,
	  relative_paths_start_from_the_file_that_names_them,
	  a_part_means_the_same_elsewhere_and_holds_no_more_than_it_should,
	  anchors_and_merge_keys_are_written_out, pieces_in_conf_d_are_added_and_may_not_contradict,
	  a_microphone_is_named_by_its_card_or_its_port, a_number_of_a_card_is_known_from_its_name)
