/* check_card.c - a card is about sound or pictures, with labels in it or in a file. */
#include "settings/card.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/test.h"

#define SOUND	"front_end: {kind: mel, length: 1 s}\n"
#define PICTURE "picture: {size: 96x64, colour: grey, mean: 127.5, std: [128]}\n"

static char folder[] = "/tmp/check_card.XXXXXX";
static struct arena *memory;
static struct card card;
static struct fault fault;

static void write_file(const char *name, const char *text)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static int load(const char *text)
{
	char path[200];

	write_file("card.yaml", text);
	snprintf(path, sizeof(path), "%s/card.yaml", folder);
	fault = (struct fault){ 0 };
	card = (struct card){ 0 };
	return card_load(path, memory, &card, &fault);
}

static void refused(const char *text, const char *words)
{
	ck_assert_int_lt(load(text), 0);
	ck_assert_msg(strstr(fault.text, words) != NULL, "'%s' does not say '%s'", fault.text,
		      words);
}

static void set_up(void)
{
	strcpy(folder, "/tmp/check_card.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	memory = arena_create();
}

static void tear_down(void)
{
	static const char *const names[] = { "card.yaml", "labels.txt" };
	char path[200];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
	arena_free(memory);
}

START_TEST(sound_or_pictures)
{
	set_up();
	ck_assert_int_eq(load("model: a\nlabels: [x]\n" SOUND), 0);
	ck_assert(!card_takes_pictures(&card));
	ck_assert_int_eq(load("model: a\nlabels: [x]\n" PICTURE), 0);
	ck_assert(card_takes_pictures(&card));
	ck_assert_int_eq(card.picture.shape.size.width, 96);
	ck_assert_int_eq(card.picture.shape.size.height, 64);
	ck_assert_int_eq(card.picture.shape.resize, RESIZE_PILLOW_BILINEAR);
	ck_assert_int_eq(card.picture.colour, COLOUR_GREY);
	ck_assert_double_eq(card.picture.mean.items[0], 127.5);
	ck_assert_double_eq(card.picture.std.items[0], 128);
	ck_assert_double_eq(card.picture.shape.crop, 1);
	refused("model: a\nlabels: [x]\n", "front_end: missing (front_end for sound, or picture)");
	refused("model: a\nlabels: [x]\n" SOUND PICTURE, "picture: front_end stands in the card");
	tear_down();
}
END_TEST

#define WITH(keys) "model: a\nlabels: [x]\npicture: {" keys "}\n"

START_TEST(what_a_picture_accepts)
{
	set_up();
	ck_assert_int_eq(load(WITH("size: 1x4096, mean: [1, 2.5, -3], std: 0.5, fill: [1, 2, 3]")),
			 0);
	ck_assert_uint_eq(card.picture.mean.count, 3);
	ck_assert_double_eq(card.picture.mean.items[2], -3);
	refused(WITH("colour: rgb"), "picture.size: missing");
	refused(WITH("size: 224"),
		"'224' is no size (WIDTHxHEIGHT, as in 224x224, each 1 to 4096)");
	refused(WITH("size: 96 x 96"), "is no size");
	refused(WITH("size: 96x"), "is no size");
	refused(WITH("size: -96x96"), "is no size");
	refused(WITH("size: 96x96x3"), "is no size");
	refused(WITH("size: 0x96"), "0 is too low");
	refused(WITH("size: 96x4097"), "4097 is too high");
	refused(WITH("size: 8x8, mean: [1, 2]"), "2 numbers for 3 channels");
	refused(WITH("size: 8x8, colour: grey, std: [1, 2, 3]"), "3 numbers for 1 channel");
	refused(WITH("size: 8x8, mean: [1, 2, 3, 4]"), "more than three stand here");
	refused(WITH("size: 8x8, mean: []"), "no number stands here");
	refused(WITH("size: 8x8, mean: [a]"), "'a' is no number");
	refused(WITH("size: 8x8, mean: {a: 1}"), "a mapping stands here");
	refused(WITH("size: 8x8, std: 0"), "0 is too low");
	refused(WITH("size: 8x8, fill: [0, 0, 256]"), "256 is too high");
	refused(WITH("size: 8x8, crop: 1.1"), "1.1 is too high");
	refused(WITH("size: 8x8, resize: bilinaer"), "did you mean 'bilinear'?");
	tear_down();
}
END_TEST

static const char with_file[] = "model: a\nlabels_file: labels.txt\n" PICTURE;

static void check_file(const char *text, size_t count, const char *first, const char *last)
{
	write_file("labels.txt", text);
	ck_assert_msg(load(with_file) == 0, "%s", fault.text);
	ck_assert_uint_eq(card.labels.count, count);
	ck_assert_str_eq(card.labels.items[0], first);
	ck_assert_str_eq(card.labels.items[count - 1], last);
}

static void check_refused(const char *text, const char *words)
{
	write_file("labels.txt", text);
	refused(with_file, words);
}

START_TEST(labels_from_a_file)
{
	set_up();
	check_file("cat\ndog\nbig bird", 3, "cat", "big bird");
	check_file("\xef\xbb\xbf"
		   "cat\r\ndog\r\n\r\n\n",
		   2, "cat", "dog");
	check_file("0 cat\n1 dog\n", 2, "cat", "dog");
	check_file("0: cat\n1:dog\n2:\tcow", 3, "cat", "cow");
	check_file("1 cat\n2 dog\n", 2, "cat", "dog");
	check_file("0  person\n2  car\n", 3, "person", "car"); /* COCO leaves numbers out */
	ck_assert_str_eq(card.labels.items[1], "1");
	check_file("0\n180\n", 2, "0", "180");
	check_file("7 up\n8 bit\n", 2, "7 up", "8 bit");
	check_file("0 cat\n0 dog\n", 2, "0 cat", "0 dog");
	check_file("0 cat\ndog\n", 2, "0 cat", "dog");
	check_file("crane\nox\ncrane\n", 3, "crane", "crane (2)");
	check_refused("", "0 labels (1 to 20000)");
	check_refused("cat\n\ndog\n", "labels.txt:2: an empty line");
	unlink("labels.txt");
	refused("model: a\nlabels_file: none.txt\n" PICTURE, "none.txt (the model's labels)");
	refused("model: a\nlabels: [x]\nlabels_file: labels.txt\n" PICTURE,
		"labels stand in the card");
	refused("model: a\n" PICTURE, "labels: no label (at least one, or a labels_file)");
	tear_down();
}
END_TEST

START_TEST(background_must_be_a_label)
{
	set_up();
	write_file("labels.txt", "cat\ndog\n");
	refused("model: a\nlabels_file: labels.txt\nbackground: [cow]\n" PICTURE,
		"'cow' is no label of");
	refused("model: a\nlabels: [x]\nbackground: [cow]\n" PICTURE,
		"'cow' is no label of this card");
	ck_assert_int_eq(load("model: a\nlabels_file: labels.txt\nbackground: [dog]\n" PICTURE), 0);
	ck_assert_int_eq(card_label(&card, "dog"), 1);
	tear_down();
}
END_TEST

TEST_MAIN("card", sound_or_pictures, what_a_picture_accepts, labels_from_a_file,
	  background_must_be_a_label)
