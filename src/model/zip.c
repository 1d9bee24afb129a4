/* zip.c - files in a zip archive that hangs behind a model.
 * Format: PKWARE's APPNOTE.TXT. The directory at the end says where the files are; offsets count from
 * the archive's start, or (as the tools that append them write it) from the model's. */
#include "model/zip.h"

#include <stdbool.h>
#include <string.h>
#include <zlib.h>

enum { END_BYTES = 22, ENTRY_BYTES = 46, HEADER_BYTES = 30, MOST_COMMENT = 65535 };

struct zip {
	const uint8_t *data;
	size_t size, directory, entries, base; /* base: what offsets count from */
};

static uint32_t u32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t u16(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static bool open_zip(struct zip *z, const uint8_t *data, size_t size)
{
	size_t least = size > END_BYTES + MOST_COMMENT ? size - END_BYTES - MOST_COMMENT : 0;

	for (size_t at = size < END_BYTES ? 0 : size - END_BYTES; size >= END_BYTES; at--) {
		if (memcmp(data + at, "PK\5\6", 4) == 0) {
			size_t bytes = u32(data + at + 12), offset = u32(data + at + 16);
			if (bytes > at)
				return false;
			*z = (struct zip){ data, size, at - bytes, u16(data + at + 10), 0 };
			z->base = offset == z->directory ? 0 : z->directory - offset;
			return offset <= z->directory;
		}
		if (at == least)
			break;
	}
	return false;
}

static char *unpack(const uint8_t *packed, size_t packed_size, size_t size, bool deflated,
		    struct arena *memory)
{
	char *text = size <= ZIP_MOST_BYTES ? arena_alloc(memory, size + 1, 1) : NULL;
	z_stream stream = { .next_in = (Bytef *)packed,
			    .avail_in = (uInt)packed_size,
			    .next_out = (Bytef *)text,
			    .avail_out = (uInt)size };

	if (text == NULL || packed_size > ZIP_MOST_BYTES || (!deflated && packed_size != size))
		return NULL;
	if (!deflated) {
		memcpy(text, packed, size);
		return text;
	}
	if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
		return NULL;
	int rc = inflate(&stream, Z_FINISH);
	inflateEnd(&stream);
	return rc == Z_STREAM_END && stream.total_out == size ? text : NULL;
}

/* The entry's file, by its own header. */
static char *read_entry(const struct zip *z, const uint8_t *entry, struct arena *memory)
{
	size_t packed = u32(entry + 20), size = u32(entry + 24), at = z->base + u32(entry + 42);
	uint32_t method = u16(entry + 10);

	if (at > z->size || z->size - at < HEADER_BYTES || memcmp(z->data + at, "PK\3\4", 4) != 0 ||
	    (method != 0 && method != 8))
		return NULL;
	at += HEADER_BYTES + u16(z->data + at + 26) + u16(z->data + at + 28);
	if (at > z->size || packed > z->size - at)
		return NULL;
	char *text = unpack(z->data + at, packed, size, method == 8, memory);
	return text != NULL && strlen(text) == size ? text : NULL;
}

static bool matches(const char *name, const char *wanted)
{
	size_t length = strlen(name), ending = strlen(wanted) - 1;

	if (wanted[0] != '*')
		return strcmp(name, wanted) == 0;
	return length >= ending && strcmp(name + length - ending, wanted + 1) == 0;
}

char *zip_text(const uint8_t *data, size_t size, const char *name, struct arena *memory,
	       const char **found)
{
	struct zip z;

	if (!open_zip(&z, data, size))
		return NULL;
	size_t at = z.directory;
	for (size_t i = 0; i < z.entries; i++) {
		if (at > size || size - at < ENTRY_BYTES || memcmp(data + at, "PK\1\2", 4) != 0)
			return NULL;
		const uint8_t *entry = data + at;
		size_t length = u16(entry + 28);
		at += ENTRY_BYTES + length + u16(entry + 30) + u16(entry + 32);
		if (at > size)
			return NULL;
		char *own = arena_printf(memory, "%.*s", (int)length,
					 (const char *)entry + ENTRY_BYTES);
		if (own != NULL && matches(own, name)) {
			*found = own;
			return read_entry(&z, entry, memory);
		}
	}
	return NULL;
}
