/* facts.c - what a model file tells about itself beside its graph. */
#include "model/facts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "model/zip.h"
#include "nn/op.h"

/* ---- {0: 'person', …} ---- */

/* A quoted text; gives what stands behind it, NULL where there is none. */
static const char *read_quoted(const char *p, struct buf *out)
{
	char quote = *p;

	if (quote != '\'' && quote != '"')
		return NULL;
	for (p++; *p != '\0' && *p != quote; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		buf_putc(out, *p == '\n' || *p == '\r' ? ' ' : *p);
	}
	return *p == quote ? p + 1 : NULL;
}

static const char *skip_space(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

static const char *read_number(const char *p, long *number)
{
	char *end, quote = *p == '"' || *p == '\'' ? *p : '\0';

	p += quote != '\0';
	if (!isdigit((unsigned char)*p))
		return NULL;
	*number = strtol(p, &end, 10);
	return quote != '\0' && *end != quote ? NULL : end + (quote != '\0');
}

/* Numbers must count up from 0: a list with gaps tells its places by them. */
char *facts_read_names(const char *text, struct arena *memory)
{
	AUTO_BUF struct buf lines = { 0 };
	const char *p = text == NULL ? NULL : strchr(text, '{');
	long next = 0, number;

	if (p == NULL)
		return NULL;
	for (p = skip_space(p + 1); *p != '\0' && *p != '}'; p = skip_space(p)) {
		p = read_number(p, &number);
		if (p == NULL || *(p = skip_space(p)) != ':' || number < next || number > 20000)
			return NULL;
		for (; next < number; next++)
			buf_printf(&lines, "%ld\n", next);
		next++;
		p = read_quoted(skip_space(p + 1), &lines);
		if (p == NULL)
			return NULL;
		buf_putc(&lines, '\n');
		p = skip_space(p);
		p += *p == ',';
	}
	return next > 0 ? arena_strdup(memory, buf_text(&lines)) : NULL;
}

/* ---- Ultralytics: a picture 0 to 255, divided by 255 ---- */

static void set_ultralytics(struct model_facts *out)
{
	out->input = FACTS_PICTURE;
	out->colour = FACTS_RGB;
	out->channels = 1;
	out->mean[0] = 0;
	out->std[0] = 255;
}

static void read_onnx(const struct onnx_file *file, struct arena *memory, struct model_facts *out)
{
	bool names = false, ultralytics = false;

	for (size_t i = 0; i < file->pair_count; i++) {
		const struct onnx_pair *p = &file->pairs[i];
		if (strcmp(p->key, "names") == 0) {
			out->labels = facts_read_names(p->value, memory);
			out->labels_from = "names";
			names = out->labels != NULL;
		} else if (strcmp(p->key, "description") == 0) {
			out->description = p->value;
		} else if (strcmp(p->key, "author") == 0) {
			ultralytics = strstr(p->value, "ltralytics") != NULL;
			out->author = p->value;
		} else if (strcmp(p->key, "license") == 0) {
			out->licence = p->value;
		} else if (strcmp(p->key, "task") == 0) {
			out->task = p->value;
		}
	}
	if (names && ultralytics)
		set_ultralytics(out);
}

/* metadata.json in the appended zip: "names" holds the labels, "task" what it does. */
static void read_ultralytics_json(const uint8_t *data, size_t size, struct arena *memory,
				  struct model_facts *out)
{
	const char *found;
	char *json = zip_text(data, size, "metadata.json", memory, &found);
	const char *names = json == NULL ? NULL : strstr(json, "\"names\"");
	const char *task = json == NULL ? NULL : strstr(json, "\"task\":");
	AUTO_BUF struct buf text = { 0 };

	if (names == NULL)
		return;
	out->labels = facts_read_names(names, memory);
	out->labels_from = found;
	if (task != NULL && read_quoted(skip_space(task + 7), &text) != NULL)
		out->task = arena_strdup(memory, buf_text(&text));
	if (strstr(json, "ltralytics") != NULL)
		set_ultralytics(out);
}

static void read_zip(const uint8_t *data, size_t size, struct arena *memory,
		     struct model_facts *out)
{
	const char *found = NULL;
	const char *wanted = out->labels_from != NULL ? out->labels_from : "*.txt";

	out->labels = zip_text(data, size, wanted, memory, &found);
	out->labels_from = found;
	if (out->labels == NULL)
		read_ultralytics_json(data, size, memory, out);
}

/* ---- the graph's end ---- */

static const struct node *writer_of(const struct subgraph *s, int32_t tensor)
{
	for (size_t i = s->node_count; i-- > 0;)
		for (uint32_t k = 0; k < s->nodes[i].output_count; k++)
			if (s->nodes[i].outputs[k] == tensor)
				return &s->nodes[i];
	return NULL;
}

/* Through what only moves or requantizes. */
static bool ends_in_probabilities(const struct graph *g)
{
	static const char *const through[] = { "RESHAPE",   "QUANTIZE", "DEQUANTIZE", "SQUEEZE",
					       "TRANSPOSE", "IDENTITY", "CAST" };
	const struct subgraph *s = &g->subgraphs[g->main];
	int32_t t = s->output_count > 0 ? s->outputs[0] : -1;

	for (int steps = 0; steps < 16 && t >= 0; steps++) {
		const struct node *n = writer_of(s, t);
		bool passes = false;
		if (n == NULL || n->op == NULL)
			return false;
		if (strcmp(n->op->name, "SOFTMAX") == 0 || strcmp(n->op->name, "LOGISTIC") == 0)
			return true;
		for (size_t i = 0; i < ARRAY_SIZE(through); i++)
			passes |= strcmp(n->op->name, through[i]) == 0;
		t = passes && n->input_count > 0 ? n->inputs[0] : -1;
	}
	return false;
}

void model_read_facts(const struct model *m, struct arena *memory, struct model_facts *out)
{
	size_t size;
	const uint8_t *data = model_bytes(m, &size);

	*out = (struct model_facts){ 0 };
	if (model_onnx(m) != NULL) {
		read_onnx(model_onnx(m), memory, out);
	} else {
		tflite_read_facts(data, size, memory, out);
		read_zip(data, size, memory, out);
	}
	out->probabilities = ends_in_probabilities(model_graph(m));
}
