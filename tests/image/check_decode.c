/* check_decode.c - pictures are read as Pillow reads them, and damaged ones refused. */
#include "image/decode.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/image/vectors.h"
#include "tests/test.h"

typedef void file_fn(const char *name, uint8_t *bytes, size_t count, const struct vector *v);

static void each_file(file_fn *visit)
{
	struct vectors *file = vectors_open();
	struct vector v;
	unsigned files = 0;

	while (vectors_next(file, &v))
		if (strcmp(v.words[0], "decode") == 0) {
			size_t count;
			AUTO_FREE uint8_t *bytes = vector_bytes(v.words[5], &count);
			visit(v.words[1], bytes, count, &v);
			files++;
		}
	ck_assert_uint_ge(files, 20);
	vectors_free(file);
}

static void check_pixels(const char *name, uint8_t *bytes, size_t count, const struct vector *v)
{
	AUTO(image) struct image *i = NULL;
	struct fault f = { 0 };
	size_t wanted_count;
	AUTO_FREE uint8_t *wanted = vector_bytes(v->words[6], &wanted_count);

	ck_assert_msg(image_decode(bytes, count, &i, &f) == 0, "%s: %s", name, f.text);
	ck_assert_msg(i->channels == atoi(v->words[2]), "%s: %d channels", name, i->channels);
	ck_assert_int_eq(i->width, atoi(v->words[3]));
	ck_assert_int_eq(i->height, atoi(v->words[4]));
	ck_assert_uint_eq(wanted_count, (size_t)(i->width * i->height * i->channels));
	for (size_t k = 0; k < wanted_count; k++)
		ck_assert_msg(i->pixels[k] == wanted[k], "%s: value %zu is %d, not %d", name, k,
			      i->pixels[k], wanted[k]);
}

START_TEST(files_are_read_as_other_programs_read_them)
{
	each_file(check_pixels);
}
END_TEST

/* A copy of exactly that many bytes, so that a read beyond them is seen by sanitizers. */
static int decode_copy(const uint8_t *bytes, size_t count, struct fault *f)
{
	AUTO_FREE uint8_t *copy = malloc(count + (count == 0));
	AUTO(image) struct image *i = NULL;

	memcpy(copy, bytes, count);
	return image_decode(copy, count, &i, f);
}

static void cut_everywhere(const char *name, uint8_t *bytes, size_t count, const struct vector *v)
{
	size_t good = 0;

	(void)v;
	for (size_t length = 0; length < count; length++) {
		struct fault f = { 0 };
		int rc = decode_copy(bytes, length, &f);
		good += rc == 0;
		ck_assert_msg(rc == 0 || (rc == -EBADMSG && f.text[0] != '\0'), "%s cut at %zu: %d",
			      name, length, rc);
	}
	/* Padding and a trailer hold no pixels. */
	ck_assert_msg(good <= 16, "%s: %zu of its beginnings are taken for all of it", name, good);
}

START_TEST(what_is_cut_off_is_refused)
{
	each_file(cut_everywhere);
}
END_TEST

/* One change in the good file, then one more in that, up to eight. */
static void change_bytes(const char *name, uint8_t *bytes, size_t count, const struct vector *v)
{
	static unsigned random = 7;
	AUTO_FREE uint8_t *changed = malloc(count);

	(void)v;
	for (int round = 0; round < 3000; round++) {
		struct fault f = { 0 };
		if (round % 8 == 0)
			memcpy(changed, bytes, count);
		random = random * 1103515245 + 12345;
		changed[(random >> 8) % count] = (uint8_t)(random >> 24 ^ (unsigned)round);
		int rc = decode_copy(changed, count, &f);
		ck_assert_msg(rc == 0 || rc == -EBADMSG, "%s: %d %s", name, rc, f.text);
	}
}

START_TEST(hostile_bytes_are_refused_or_read)
{
	each_file(change_bytes);
}
END_TEST

static void refused(const char *bytes, size_t count, const char *words)
{
	struct fault f = { 0 };

	ck_assert_int_eq(decode_copy((const uint8_t *)bytes, count, &f), -EBADMSG);
	ck_assert_msg(strstr(f.text, words) != NULL, "'%s' does not say '%s'", f.text, words);
}

#define REFUSED(bytes, words) refused(bytes, sizeof(bytes) - 1, words)

START_TEST(a_refusal_says_why)
{
	REFUSED("", "no picture");
	REFUSED("hello, world, this is text", "no picture");
	REFUSED("GIF89a..............", "a GIF picture");
	REFUSED("RIFF....WEBPVP8 ........", "a WebP picture");
	REFUSED("P3 1 1 255 1 2 3", "PPM as text");
	REFUSED("P5 0 7 255\n", "0x7 pixels: holds no picture");
	REFUSED("P5 70000 7 255\n", "too many (65535 a side, 64 million in all)");
	REFUSED("P6 8001 8000 255\n", "8001x8000 pixels are too many");
	REFUSED("P5 99999999999999999999 7 255\n", "too many");
	REFUSED("P5 2 2 0\n....", "greatest value 0");
	REFUSED("P5 2 2 65536\n....", "greatest value 65536");
	REFUSED("P5 2 2 255\n...", "cut off: 4 bytes of pixels, 3 are there");
	REFUSED("P5 2 2", "greatest value");
	REFUSED("\x89PNG\r\n\x1a\n....", "cut off");
	REFUSED("\xff\xd8\xff\xd9", "JPEG: damaged");
}
END_TEST

START_TEST(a_png_bomb_is_refused_before_memory_is_taken)
{
	static const char bomb[] =
		"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff\x8\2\0\0\0"
		"\xab\xa9\x3f\x9d";
	struct fault f = { 0 };

	/* its checksum may be right or not: both are said */
	ck_assert_int_eq(decode_copy((const uint8_t *)bomb, sizeof(bomb) - 1, &f), -EBADMSG);
}
END_TEST

TEST_MAIN("decode", files_are_read_as_other_programs_read_them, what_is_cut_off_is_refused,
	  hostile_bytes_are_refused_or_read, a_refusal_says_why,
	  a_png_bomb_is_refused_before_memory_is_taken)
