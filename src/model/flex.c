/* flex.c - FlexBuffers, as custom operators of TensorFlow Lite carry their options.
 * Format: flatbuffers.dev, "FlexBuffers": the root stands at the end, its type and width before it;
 * a map is a vector of values, before it the offset and width of its sorted keys. */
#include "model/flex.h"

#include <errno.h>
#include <string.h>

enum { TYPE_INT = 1, TYPE_UINT = 2, TYPE_FLOAT = 3, TYPE_KEY = 4, TYPE_MAP = 9, TYPE_BOOL = 26 };

struct flex {
	const uint8_t *data;
	size_t size;
};

/* An unsigned number of 1, 2, 4 or 8 bytes; false outside of the buffer. */
static bool read_unsigned(const struct flex *f, size_t at, size_t width, uint64_t *out)
{
	*out = 0;
	if (at > f->size || width > f->size - at || width > 8)
		return false;
	memcpy(out, f->data + at, width); /* little-endian */
	return true;
}

static bool read_value(const struct flex *f, size_t at, size_t width, uint8_t type, double *out)
{
	uint64_t bits;
	float single;

	if (!read_unsigned(f, at, width, &bits))
		return false;
	switch (type >> 2) {
	case TYPE_INT: {
		int unused = (int)(64 - 8 * width);
		*out = (double)((int64_t)(bits << unused) >> unused);
		return true;
	}
	case TYPE_UINT:
	case TYPE_BOOL: *out = (double)bits; return true;
	case TYPE_FLOAT:
		if (width == 8) {
			memcpy(out, &bits, sizeof(*out));
			return true;
		}
		memcpy(&single, &bits, sizeof(single));
		*out = (double)single;
		return width == 4;
	default: return false;
	}
}

/* Where an offset backwards from `at` leads to. */
static bool follow(const struct flex *f, size_t at, size_t width, size_t *out)
{
	uint64_t offset;

	if (!read_unsigned(f, at, width, &offset) || offset > at || offset == 0)
		return false;
	*out = at - (size_t)offset;
	return true;
}

static bool is_key(const struct flex *f, size_t at, const char *key)
{
	size_t length = strlen(key) + 1;

	return at <= f->size && length <= f->size - at && memcmp(f->data + at, key, length) == 0;
}

/* The map at `map` with values of `width` bytes. */
static bool find(const struct flex *f, size_t map, size_t width, const char *key, double *out)
{
	size_t keys, key_at;
	uint64_t count, key_width;

	if (map < 3 * width || !follow(f, map - 3 * width, width, &keys) ||
	    !read_unsigned(f, map - 2 * width, width, &key_width) ||
	    !read_unsigned(f, map - width, width, &count) || key_width < 1 || key_width > 8 ||
	    (key_width & (key_width - 1)) != 0 || count > f->size)
		return false;
	for (size_t i = 0; i < count; i++) {
		uint64_t type;
		if (!follow(f, keys + i * (size_t)key_width, (size_t)key_width, &key_at))
			return false;
		if (is_key(f, key_at, key))
			return read_unsigned(f, map + (size_t)count * width + i, 1, &type) &&
			       read_value(f, map + i * width, width, (uint8_t)type, out);
	}
	return false;
}

double flex_number(const uint8_t *data, size_t size, const char *key, double fallback)
{
	struct flex f = { data, size };
	double value;
	size_t root;

	if (data == NULL || size < 3)
		return fallback;
	size_t width = data[size - 1], type = data[size - 2];
	if ((width != 1 && width != 2 && width != 4 && width != 8) || width + 2 > size ||
	    type >> 2 != TYPE_MAP || !follow(&f, size - 2 - width, width, &root))
		return fallback;
	return find(&f, root, (size_t)1 << (type & 3), key, &value) ? value : fallback;
}

static int32_t whole(double v)
{
	return v >= -1e9 && v <= 1e9 ? (int32_t)v : -1;
}

int flex_read_detection(const uint8_t *data, size_t size, union options *out, struct fault *f)
{
	union options o = { .detection = {
				    .most_detections =
					    whole(flex_number(data, size, "max_detections", -1)),
				    .classes_each = whole(flex_number(
					    data, size, "max_classes_per_detection", 1)),
				    .detections_class = whole(
					    flex_number(data, size, "detections_per_class", 100)),
				    .classes = whole(flex_number(data, size, "num_classes", -1)),
				    .score_threshold = (float)flex_number(data, size,
									  "nms_score_threshold", 0),
				    .overlap_threshold = (float)flex_number(
					    data, size, "nms_iou_threshold", 0.5),
				    .y_scale = (float)flex_number(data, size, "y_scale", 10),
				    .x_scale = (float)flex_number(data, size, "x_scale", 10),
				    .h_scale = (float)flex_number(data, size, "h_scale", 5),
				    .w_scale = (float)flex_number(data, size, "w_scale", 5),
				    .regular = flex_number(data, size, "use_regular_nms", 0) != 0,
			    } };

	if (o.detection.most_detections < 1)
		return fault_set(f, -EBADMSG,
				 "damaged: TFLite_Detection_PostProcess without its options");
	*out = o;
	return 0;
}
