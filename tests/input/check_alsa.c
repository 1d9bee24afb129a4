/* check_alsa.c - tests of what stands around a PCM: sample formats, negotiation, the mixer. */
#include <stdio.h>
#include <string.h>

#include "input/alsa_mixer.h"
#include "input/alsa_pcm.h"
#include "tests/test.h"

static char folder[] = "/tmp/edged-alsa-XXXXXX";
static char warnings[2000];

static void on_warning(void *context, const char *sentence)
{
	(void)context;
	strncat(warnings, sentence, sizeof(warnings) - strlen(warnings) - 2);
	strcat(warnings, "\n");
}

static const char *path_of(const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void write_file(const char *name, const char *format, ...)
{
	FILE *f = fopen(path_of(name), "w");
	va_list args;

	ck_assert_ptr_nonnull(f);
	va_start(args, format);
	vfprintf(f, format, args);
	va_end(args);
	fclose(f);
}

/* A card whose only microphone has this and nothing else. */
static void make_card(const char *format, unsigned rate, unsigned channels, bool mapped)
{
	char here[400], path[600];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	write_file("asoundrc",
		   "pcm_type.edgedtest { lib \"%s/tests/input/alsa_plugin.so\" }\n"
		   "ctl_type.edgedtest { lib \"%s/tests/input/alsa_mixer_plugin.so\" }\n"
		   "pcm.mic { type edgedtest control \"%s/control\" format %s rate %u channels %u "
		   "mapped %d }\n"
		   "ctl.mic { type edgedtest file \"%s/mixer\" }\n",
		   here, here, folder, format, rate, channels, mapped, folder);
	snprintf(path, sizeof(path), "/usr/share/alsa/alsa.conf:%s/asoundrc", folder);
	setenv("ALSA_CONFIG_PATH", path, 1);
	warnings[0] = '\0';
}

static void remove_card(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
	snd_config_update_free_global();
}

/* ---- formats ---- */

static void convert(snd_pcm_format_t wanted, const void *from, size_t samples, float *to)
{
	for (const struct alsa_format *f = alsa_formats; f->convert != NULL; f++)
		if (f->format == wanted)
			f->convert(from, samples, to);
}

START_TEST(each_format_becomes_the_same_floats)
{
	const uint8_t s16[] = { 0x00, 0x80, 0xff, 0x7f, 0x00, 0x40, 0xff, 0xff };
	const uint8_t s24[] = { 0x00, 0x00, 0x80, 0x00, 0xff, 0x7f,
				0x00, 0x00, 0x40, 0x00, 0xff, 0xff };
	const uint8_t s32[] = { 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0xff, 0x7f,
				0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0xff, 0xff };
	const float expected[] = { -1, 32767.0F / 32768, 0.5F, -1.0F / 32768 };
	float got[4];

	convert(SND_PCM_FORMAT_S16_LE, s16, 4, got);
	ck_assert_mem_eq(got, expected, sizeof(got));
	convert(SND_PCM_FORMAT_S24_3LE, s24, 4, got);
	ck_assert_mem_eq(got, expected, sizeof(got));
	convert(SND_PCM_FORMAT_S32_LE, s32, 4, got);
	ck_assert_mem_eq(got, expected, sizeof(got));
	convert(SND_PCM_FORMAT_FLOAT_LE, expected, 4, got);
	ck_assert_mem_eq(got, expected, sizeof(got));
	convert(SND_PCM_FORMAT_FLOAT_LE, (const uint8_t[]){ 0, 0, 0xc0, 0x7f }, 1, got);
	ck_assert_float_eq(got[0], 0);
}
END_TEST

/* ---- negotiation ---- */

static struct alsa_agreed agree(const struct alsa_settings *s)
{
	struct fault f = { 0 };
	struct alsa_pcm p;

	ck_assert_msg(alsa_pcm_open(s, on_warning, NULL, &p, &f) == 0, "%s", f.text);
	alsa_pcm_close(&p);
	return p.agreed;
}

START_TEST(what_the_card_has_is_taken_and_read_back)
{
	make_card("S24_3LE", 48000, 2, true);
	struct alsa_agreed a =
		agree(&(struct alsa_settings){ .device = "mic", .rate_hz = 16000, .channels = 1 });
	ck_assert_int_eq(a.format->format, SND_PCM_FORMAT_S24_3LE);
	ck_assert_double_eq(a.rate_hz, 48000);
	ck_assert_uint_eq(a.channels, 2);
	ck_assert_uint_eq(a.bits, 24);
	ck_assert(a.mapped);
	ck_assert_uint_eq(a.period, 960);
	ck_assert_uint_ge(a.buffer, 40000);
	remove_card();
}
END_TEST

START_TEST(a_card_without_mapping_or_with_another_rate_is_taken_too)
{
	make_card("FLOAT_LE", 22050, 1, false);
	struct alsa_agreed a = agree(&(struct alsa_settings){ .device = "mic" });
	ck_assert(!a.mapped);
	ck_assert_int_eq(a.format->format, SND_PCM_FORMAT_FLOAT_LE);
	ck_assert_double_eq(a.rate_hz, 22050);
	remove_card();
}
END_TEST

static void check_refusal(const struct alsa_settings *s, int rc, const char *sentence)
{
	struct fault f = { 0 };
	struct alsa_pcm p;

	ck_assert_int_eq(alsa_pcm_open(s, on_warning, NULL, &p, &f), rc);
	ck_assert_msg(strstr(f.text, sentence) != NULL, "%s", f.text);
}

START_TEST(why_a_card_cannot_be_opened_is_said_in_words)
{
	make_card("MU_LAW", 8000, 1, false);
	check_refusal(&(struct alsa_settings){ .device = "mic" }, -EINVAL,
		      "mic: none of the formats S16_LE, S32_LE");
	check_refusal(&(struct alsa_settings){ .device = "nothing" }, -ENOENT,
		      "nothing: there is no such device (edgectl devices");
	check_refusal(&(struct alsa_settings){ .usb = "9-9.9" }, -ENODEV,
		      "no sound card is in USB port 9-9.9");
	write_file("control", "busy\n");
	check_refusal(&(struct alsa_settings){ .device = "mic" }, -EBUSY,
		      "mic: another program holds it: PipeWire, PulseAudio");
	remove_card();
}
END_TEST

/* ---- mixer: capture switch, capture volume, gain control, boost ---- */

static const char *set(const char *before, const struct alsa_mixer_settings *m)
{
	static char silent[120];

	write_file("mixer", "%s\n", before);
	warnings[0] = '\0';
	alsa_mixer_set("mic", m, on_warning, NULL, silent, sizeof(silent));
	return silent;
}

static void check_mixer(long capture, long volume, long gain, long boost)
{
	long v[4] = { 0 };
	FILE *f = fopen(path_of("mixer"), "r");

	ck_assert_int_eq(fscanf(f, "%ld %ld %ld %ld", &v[0], &v[1], &v[2], &v[3]), 4);
	fclose(f);
	ck_assert_int_eq(v[0], capture);
	ck_assert_int_eq(v[1], volume);
	ck_assert_int_eq(v[2], gain);
	ck_assert_int_eq(v[3], boost);
}

START_TEST(the_mixer_is_set_and_a_boost_is_left_alone)
{
	struct alsa_mixer_settings m = { .capture = SWITCH_ON,
					 .automatic_gain = SWITCH_OFF,
					 .volume_percent = 80 };

	make_card("S16_LE", 16000, 1, true);
	ck_assert_str_eq(set("0 0 1 2", &m), "");
	check_mixer(1, 25, 0, 2);
	ck_assert_str_eq(warnings, "");
	ck_assert_str_eq(set("1 7 1 2", &(struct alsa_mixer_settings){ 0 }), "");
	check_mixer(1, 7, 1, 2);
	remove_card();
}
END_TEST

START_TEST(why_a_card_is_silent_is_known)
{
	make_card("S16_LE", 16000, 1, true);
	ck_assert_str_eq(set("0 7 1 2", &(struct alsa_mixer_settings){ 0 }),
			 "the capture switch of 'Mic' is off");
	ck_assert_str_eq(set("1 0 1 2", &(struct alsa_mixer_settings){ 0 }),
			 "the capture volume of 'Mic' is 0");
	ck_assert_str_eq(set("1 7 1 2", &(struct alsa_mixer_settings){ .capture = SWITCH_OFF }),
			 "");
	check_mixer(0, 7, 1, 2);
	remove_card();
}
END_TEST

START_TEST(what_cannot_be_set_is_a_warning_with_its_name)
{
	struct alsa_mixer_settings m = { .capture = SWITCH_ON };

	make_card("S16_LE", 16000, 1, true);
	ck_assert_str_eq(set("-1 7 1 2", &m), "the capture switch of 'Mic' is off");
	ck_assert_str_eq(warnings, "mixer of mic: the capture switch of 'Mic' cannot be set: "
				   "Operation not permitted\n");
	warnings[0] = '\0';
	char silent[120];
	alsa_mixer_set("nothing", &m, on_warning, NULL, silent, sizeof(silent));
	ck_assert(strstr(warnings, "mixer of nothing: cannot be opened: ") != NULL);
	remove_card();
}
END_TEST

TEST_MAIN("alsa", each_format_becomes_the_same_floats, what_the_card_has_is_taken_and_read_back,
	  a_card_without_mapping_or_with_another_rate_is_taken_too,
	  why_a_card_cannot_be_opened_is_said_in_words, the_mixer_is_set_and_a_boost_is_left_alone,
	  why_a_card_is_silent_is_known, what_cannot_be_set_is_a_warning_with_its_name)
