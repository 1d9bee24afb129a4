/* facts.h - what a model file tells about itself beside its graph: TFLITE_METADATA, signatures, labels
 * in an appended zip, metadata_props of ONNX, Ultralytics' in both. */
#ifndef EDGED_MODEL_FACTS_H
#define EDGED_MODEL_FACTS_H
#include "base/arena.h"
#include "model/flat.h"
#include "model/model.h"
#include "model/onnx/proto.h"

enum facts_input { FACTS_UNKNOWN, FACTS_PICTURE, FACTS_SOUND };
enum facts_colour { FACTS_NO_COLOUR, FACTS_RGB, FACTS_GREY };

enum { FACTS_MOST_CHANNELS = 4 };

struct model_facts {
	const char *name, *description, *author, *licence, *task; /* NULL: not told */
	enum facts_input input;
	enum facts_colour colour;
	size_t channels; /* of mean and std; 0: not told */
	float mean[FACTS_MOST_CHANNELS], std[FACTS_MOST_CHANNELS];
	uint32_t rate_hz; /* of sound; 0: not told */
	char *labels;	  /* one a line; NULL: not told */
	const char *labels_from;
	const char *calibration; /* file of the scores' calibration */
	const char *signatures;	 /* their names, and those of their inputs */
	bool probabilities;	 /* the graph ends in a softmax or a sigmoid */
};

/* Strings live in the arena or in the model. What is broken counts as not told. */
void model_read_facts(const struct model *m, struct arena *memory, struct model_facts *out);

/* TensorFlow Lite's part of it. */
void tflite_read_facts(const uint8_t *data, size_t size, struct arena *memory,
		       struct model_facts *out);
/* Labels out of text such as {0: 'person', 1: 'car'} or {"0": "person", …}: one a line. NULL: none. */
char *facts_read_names(const char *text, struct arena *memory);
#endif
