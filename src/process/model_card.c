/* model_card.c - writes the card of a model from what its file tells. */
#include "process/model_card.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "model/facts.h"
#include "settings/labels.h"

struct writer {
	const struct model *model;
	struct net *net;
	const char *file; /* without its folder */
	struct arena *memory;
	struct model_facts facts;
	struct buf *out;
};

/* ---- YAML: strings quoted as JSON has them are YAML too ---- */

static void put_text(struct writer *w, const char *key, const char *text)
{
	struct json j = { .out = w->out };

	if (text == NULL)
		return;
	buf_printf(w->out, "%s: ", key);
	json_string(&j, NULL, text);
	buf_putc(w->out, '\n');
}

static void put_numbers(struct writer *w, const char *key, const float *values, size_t count,
			const char *comment)
{
	buf_printf(w->out, "  %s: ", key);
	if (count > 1)
		buf_putc(w->out, '[');
	for (size_t i = 0; i < count; i++)
		buf_printf(w->out, "%s%.7g", i > 0 ? ", " : "", (double)values[i]);
	buf_printf(w->out, "%s%s\n", count > 1 ? "]" : "", comment);
}

/* Small letters, digits and dashes. */
static void put_name(struct writer *w)
{
	const char *end = strrchr(w->file, '.');
	bool dash = false;

	buf_puts(w->out, "model: ");
	for (const char *p = w->file; *p != '\0' && p != end; p++) {
		bool plain = isalnum((unsigned char)*p);
		if (plain && dash)
			buf_putc(w->out, '-');
		if (plain)
			buf_putc(w->out, (char)tolower((unsigned char)*p));
		dash = !plain && (dash || p != w->file);
	}
	buf_putc(w->out, '\n');
}

/* ---- labels ---- */

/* ImageNet comes with 1000 labels or with 1001, the first of which is "background". */
static int fit_background(struct writer *w, struct schema_strings *labels, size_t outputs,
			  struct fault *f)
{
	bool has = labels->count > 0 && strcmp(labels->items[0], "background") == 0;

	if (labels->count == outputs)
		return 0;
	if (labels->count == outputs + 1 && has) {
		labels->items++;
		labels->count--;
		return 0;
	}
	if (labels->count + 1 != outputs || has)
		return fault_set(f, -EBADMSG, "%s: %zu labels for %zu outputs",
				 w->facts.labels_from, labels->count, outputs);
	const char **more = arena_alloc(w->memory, outputs, sizeof(*more));
	if (more == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	more[0] = "background";
	memcpy(more + 1, labels->items, labels->count * sizeof(*more));
	*labels = (struct schema_strings){ outputs, more };
	return 0;
}

static void put_labels(struct writer *w, const struct schema_strings *labels)
{
	struct json j = { .out = w->out };
	bool background = false;

	buf_puts(w->out, "labels:\n");
	for (size_t i = 0; i < labels->count; i++) {
		buf_puts(w->out, "  - ");
		json_string(&j, NULL, labels->items[i]);
		buf_putc(w->out, '\n');
		j = (struct json){ .out = w->out };
		background |= i == 0 && strcmp(labels->items[0], "background") == 0;
	}
	if (background)
		buf_puts(w->out, "background: [background]\n");
}

/* A classifier has one output; how many labels a detector has cannot be seen from its outputs. */
static int put_outputs(struct writer *w, struct fault *f)
{
	size_t outputs = tensor_elements(net_output(w->net, 0));
	bool one = net_outputs(w->net) == 1 && outputs <= LABELS_MOST;
	struct schema_strings labels = { 0 };
	int rc = 0;

	if (w->facts.labels != NULL)
		rc = labels_parse(w->facts.labels, w->facts.labels_from, w->memory, &labels, f);
	if (rc == 0 && labels.count > 0 && one)
		rc = fit_background(w, &labels, outputs, f);
	if (rc < 0)
		return rc;
	if (labels.count > 0) {
		buf_printf(w->out, "# Labels: %s, in the model's file.\n", w->facts.labels_from);
		put_labels(w, &labels);
	} else {
		buf_puts(w->out, "# A guess: the file has no labels. Put names in place of the "
				 "numbers, or labels_file: FILE.\nlabels: [");
		for (size_t i = 0; i < (one ? outputs : 1); i++)
			buf_printf(w->out, "%s\"%zu\"", i > 0 ? ", " : "", i);
		buf_puts(w->out, "]\n");
	}
	if (!one)
		buf_printf(w->out, "# %zu outputs: edged judges models with one score a label.\n",
			   net_outputs(w->net));
	if (w->facts.calibration != NULL)
		buf_printf(w->out,
			   "# The file has a calibration of its scores (%s), which edged does "
			   "not apply.\n",
			   w->facts.calibration);
	if (w->facts.probabilities)
		buf_puts(w->out,
			 "output: probabilities # the graph ends in a softmax or a sigmoid\n");
	else
		buf_puts(w->out,
			 "output: logits # no softmax at the graph's end: thresholds are no "
			 "probabilities\n");
	return 0;
}

/* ---- pictures ---- */

struct picture {
	int32_t height, width, channels;
};

static bool is_picture(const struct writer *w, const struct tensor *in, struct picture *p)
{
	const int32_t *d = in->shape.dim;

	if (in->shape.rank != 4 || w->facts.input == FACTS_SOUND)
		return false;
	if (d[3] == 1 || d[3] == 3)
		*p = (struct picture){ d[1], d[2], d[3] };
	else if (d[1] == 1 || d[1] == 3)
		*p = (struct picture){ d[2], d[3], d[1] };
	else
		return false;
	bool square = p->height == p->width && p->height >= 16;
	return w->facts.input == FACTS_PICTURE || p->channels == 3 || square;
}

/* Quantized inputs take pixels as they are: 0 to 255 become the least to the greatest value. */
static void put_quantized(struct writer *w, const struct tensor *in)
{
	float zero = (float)in->quant.zero_point[0] + (in->type == TENSOR_INT8 ? 128 : 0);
	float step = 1 / in->quant.scale[0];

	put_numbers(w, "mean", &zero, 1,
		    " # the input's own scale and zero point: pixels as they are");
	put_numbers(w, "std", &step, 1, "");
}

static void put_normalization(struct writer *w, const struct tensor *in)
{
	static const float mean[] = { 123.675f, 116.28f, 103.53f },
			   std[] = { 58.395f, 57.12f, 57.375f };
	static const float half = 127.5f;

	if (w->facts.channels > 0) {
		put_numbers(w, "mean", w->facts.mean, w->facts.channels, " # as the file tells");
		put_numbers(w, "std", w->facts.std, w->facts.channels, "");
	} else if (in->type != TENSOR_FLOAT32 && in->quant.count == 1) {
		put_quantized(w, in);
	} else if (strcmp(model_format(w->model), "ONNX") == 0) {
		put_numbers(w, "mean", mean, 3, " # a guess: ImageNet's, as torchvision has them");
		put_numbers(w, "std", std, 3, "");
	} else {
		put_numbers(w, "mean", &half, 1, " # a guess: -1 to 1, as MobileNet has it");
		put_numbers(w, "std", &half, 1, "");
	}
}

static void put_picture(struct writer *w, const struct tensor *in, const struct picture *p)
{
	bool grey = p->channels == 1 || w->facts.colour == FACTS_GREY;

	buf_printf(w->out, "picture:\n  size: %dx%d\n  colour: %s%s\n", p->width, p->height,
		   grey ? "grey" : "rgb",
		   grey || w->facts.colour == FACTS_RGB ? ""
							: " # a guess: bgr is for Caffe's models");
	put_normalization(w, in);
}

/* ---- sound ---- */

/* Samples, if the last dimension is long and the others are not. */
static bool is_samples(const struct writer *w, const struct tensor *in)
{
	size_t elements = tensor_elements(in);
	int rank = in->shape.rank;

	return w->facts.input == FACTS_SOUND ||
	       (rank >= 1 && elements >= 4000 && (size_t)in->shape.dim[rank - 1] == elements);
}

static void put_samples(struct writer *w, const struct tensor *in)
{
	uint32_t rate = w->facts.rate_hz > 0 ? w->facts.rate_hz : 16000;

	buf_printf(w->out,
		   "front_end:\n  kind: none # samples, -1 to 1; the level of the training is not "
		   "told\n  rate: %u Hz%s\n  length: %.6g s\n",
		   rate, w->facts.rate_hz > 0 ? "" : " # a guess",
		   (double)tensor_elements(in) / rate);
}

static void put_unknown(struct writer *w, const struct tensor *in)
{
	char shape[80];

	buf_printf(
		w->out,
		"# The file does not tell how its input, %s %s, is made of sound or of a picture.\n"
		"# Say it here, as edged.yaml(5) describes: front_end or picture.\n",
		tensor_type_name(in->type), shape_text(&in->shape, shape, sizeof(shape)));
}

int model_card_write(const struct model *m, struct net *net, const char *path, struct arena *memory,
		     struct buf *out, struct fault *f)
{
	const char *slash = strrchr(path, '/');
	struct writer w = { m, net, slash != NULL ? slash + 1 : path, memory, { 0 }, out };
	const struct tensor *in = net_input(net, 0);
	struct picture picture;

	model_read_facts(m, memory, &w.facts);
	buf_printf(out, "# Card of %s, written by edgectl model card from what the file tells.\n",
		   w.file);
	put_name(&w);
	buf_puts(out, "version: 1\n");
	put_text(&w, "file", w.file);
	buf_printf(out, "sha256: %s\n", model_sha256(m));
	put_text(&w, "task", w.facts.task);
	put_text(&w, "licence", w.facts.licence);
	put_text(&w, "source", w.facts.description != NULL ? w.facts.description : w.facts.name);
	put_text(&w, "attribution", w.facts.author);
	if (w.facts.signatures != NULL)
		buf_printf(out, "# Signatures: %s\n", w.facts.signatures);
	int rc = put_outputs(&w, f);
	if (rc < 0) {
		fault_prefix(f, "%s", path);
		return rc;
	}
	if (is_picture(&w, in, &picture))
		put_picture(&w, in, &picture);
	else if (is_samples(&w, in))
		put_samples(&w, in);
	else
		put_unknown(&w, in);
	return 0;
}
