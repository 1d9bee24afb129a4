/* tflite_facts.c - TFLITE_METADATA and signatures. Field numbers: tensorflow/lite/support's
 * metadata_schema.fbs and tensorflow/compiler/mlir/lite/schema/schema.fbs. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "model/facts.h"

enum { CONTENT_IMAGE = 2, CONTENT_AUDIO = 4, UNIT_NORMALIZATION = 1, UNIT_CALIBRATION = 2 };
enum { FILE_AXIS_LABELS = 2, FILE_CALIBRATION = 4 };

static const char *text_or_null(struct flat *f, size_t table, unsigned field)
{
	const char *text = flat_string(f, table, field);

	return text[0] != '\0' ? text : NULL;
}

static size_t first_of(struct flat *f, size_t table, unsigned field)
{
	size_t count, vector = flat_vector(f, table, field, 4, &count);

	return count > 0 ? flat_vector_table(f, vector, 0) : 0;
}

static void read_floats(struct flat *f, size_t table, unsigned field, float *out, size_t count)
{
	size_t given, vector = flat_vector(f, table, field, 4, &given);

	for (size_t i = 0; i < count && given > 0; i++) /* one for all, or one a channel */
		memcpy(&out[i], f->data + vector + 4 * (i < given ? i : 0), 4);
}

static void read_normalization(struct flat *f, size_t options, struct model_facts *out)
{
	size_t means, stds;

	flat_vector(f, options, 0, 4, &means);
	flat_vector(f, options, 1, 4, &stds);
	size_t count = means > stds ? means : stds;
	if (means == 0 || stds == 0 || count > FACTS_MOST_CHANNELS)
		return;
	out->channels = count;
	read_floats(f, options, 0, out->mean, count);
	read_floats(f, options, 1, out->std, count);
	for (size_t i = 0; i < count; i++)
		if (!(out->std[i] > 0))
			out->channels = 0;
}

static void read_input(struct flat *f, size_t tensor, struct model_facts *out)
{
	size_t content = flat_table(f, tensor, 3), properties = flat_table(f, content, 1);
	size_t count, units = flat_vector(f, tensor, 4, 4, &count);
	uint8_t kind = flat_u8(f, content, 0, 0);

	if (kind == CONTENT_IMAGE) {
		uint8_t colour = flat_u8(f, properties, 0, 0);
		out->input = FACTS_PICTURE;
		out->colour = colour == 1 ? FACTS_RGB : colour == 2 ? FACTS_GREY : FACTS_NO_COLOUR;
	} else if (kind == CONTENT_AUDIO) {
		out->input = FACTS_SOUND;
		out->rate_hz = (uint32_t)flat_i32(f, properties, 0, 0);
	}
	for (size_t i = 0; i < count; i++) {
		size_t unit = flat_vector_table(f, units, i);
		if (flat_u8(f, unit, 0, 0) == UNIT_NORMALIZATION)
			read_normalization(f, flat_table(f, unit, 1), out);
	}
}

static void read_output(struct flat *f, size_t tensor, struct model_facts *out)
{
	size_t count, files = flat_vector(f, tensor, 6, 4, &count);

	for (size_t i = 0; i < count; i++) {
		size_t file = flat_vector_table(f, files, i);
		uint8_t type = flat_u8(f, file, 2, 0);
		if (type == FILE_AXIS_LABELS && out->labels_from == NULL)
			out->labels_from = text_or_null(f, file, 0);
		else if (type == FILE_CALIBRATION)
			out->calibration = text_or_null(f, file, 0);
	}
}

static void read_metadata(struct flat f, struct model_facts *out)
{
	size_t root = f.size >= 8 && memcmp(f.data + 4, "M001", 4) == 0 ? flat_root(&f) : 0;
	size_t subgraph = first_of(&f, root, 3);
	size_t input = first_of(&f, subgraph, 2);

	out->name = text_or_null(&f, root, 0);
	out->description = text_or_null(&f, root, 1);
	out->author = text_or_null(&f, root, 4);
	out->licence = text_or_null(&f, root, 5);
	if (input != 0)
		read_input(&f, input, out);
	size_t count, outputs = flat_vector(&f, subgraph, 3, 4, &count);
	for (size_t i = 0; i < count; i++) /* detectors: labels belong to their second output */
		read_output(&f, flat_vector_table(&f, outputs, i), out);
	if (f.broken)
		*out = (struct model_facts){ 0 };
}

/* "serving_default(image, mask), other(image)": their inputs' names, as the signatures list them. */
static const char *read_signatures(struct flat *f, size_t root, struct arena *memory)
{
	size_t count, signatures = flat_vector(f, root, 7, 4, &count);
	AUTO_BUF struct buf text = { 0 };

	for (size_t i = 0; i < count && i < 16; i++) {
		size_t signature = flat_vector_table(f, signatures, i), input_count;
		size_t inputs = flat_vector(f, signature, 0, 4, &input_count);
		buf_printf(&text, "%s%s(", i > 0 ? ", " : "", flat_string(f, signature, 2));
		for (size_t k = 0; k < input_count; k++)
			buf_printf(&text, "%s%s", k > 0 ? ", " : "",
				   flat_string(f, flat_vector_table(f, inputs, k), 0));
		buf_puts(&text, ")");
	}
	return count == 0 ? NULL : arena_strdup(memory, buf_text(&text));
}

void tflite_read_facts(const uint8_t *data, size_t size, struct arena *memory,
		       struct model_facts *out)
{
	struct flat f = { data, size, false };
	size_t root = flat_root(&f), count, buffer_count, bytes;
	size_t metadata = flat_vector(&f, root, 6, 4, &count);
	size_t buffers = flat_vector(&f, root, 4, 4, &buffer_count);

	for (size_t i = 0; i < count; i++) {
		size_t entry = flat_vector_table(&f, metadata, i);
		size_t number = (uint32_t)flat_i32(&f, entry, 1, 0);
		if (strcmp(flat_string(&f, entry, 0), "TFLITE_METADATA") != 0 ||
		    number >= buffer_count)
			continue;
		size_t place =
			flat_vector(&f, flat_vector_table(&f, buffers, number), 0, 1, &bytes);
		if (place != 0)
			read_metadata((struct flat){ data + place, bytes, false }, out);
	}
	out->signatures = read_signatures(&f, root, memory);
}
