/* once.c - the program behind `edged --once`: a pipeline on files, as fast as it goes. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "input/picture_file.h"
#include "input/regular_file.h"
#include "input/sound_file.h"
#include "pipeline/chain.h"
#include "process/settings_fd.h"
#include "process/table.h"
#include "process/once_trace.h"
#include "process/top.h"
#include "process/worker.h"

enum { CHUNK_FRAMES = 4096 };

struct once {
	struct config *config;
	const char *pipeline;
	bool json, trace;
	const char *file;	     /* in hand */
	const struct image *picture; /* in hand, where it is one */
	const struct chain *chain;
	struct buf line;
	unsigned decisions, windows;
	bool padded;
	const char *trace_file; /* where all windows go, or NULL */
	struct once_trace *recording;
};

static void put_gate(struct json *j, const struct once *o, const struct verdict *v)
{
	const struct gate_result *g = &v->block->gate;
	const struct schema_strings *labels = &chain_card(o->chain)->labels;
	const struct decide_settings *d = chain_decide(o->chain);

	json_object(j, "gate");
	json_float(j, "raw", v->block->raw[g->best]);
	json_float(j, "smoothed", v->block->scores[g->best]);
	json_double(j, "threshold", d->threshold);
	if (g->second != GATE_NONE) {
		json_string(j, "second", labels->items[g->second]);
		json_float(j, "lead", v->block->scores[g->best] - v->block->scores[g->second]);
	}
	json_double(j, "margin", d->margin);
	json_int(j, "agreeing", g->agreeing);
	json_int(j, "at_least", d->at_least);
	json_end_object(j);
}

static void put_scores(struct json *j, const char *key, const struct once *o, const float *scores)
{
	const struct schema_strings *labels = &chain_card(o->chain)->labels;

	json_object(j, key);
	for (size_t i = 0; i < labels->count; i++)
		json_float(j, labels->items[i], scores[i]);
	json_end_object(j);
}

static void put_reasons(struct json *j, const struct once *o, const struct verdict *v)
{
	char text[200];

	json_array(j, "reasons");
	json_string(j, NULL, gate_reason_name(v->block->gate.reason));
	json_string(j, NULL, table_reason(o->chain, v, text, sizeof(text)));
	if (v->block->flags & BLOCK_PADDED)
		json_string(j, NULL, "shorter than a window, padded with zeros");
	json_end_array(j);
}

static void put_top(struct json *j, const struct once *o, const float *scores)
{
	const struct schema_strings *labels = &chain_card(o->chain)->labels;
	size_t best[5], count = top_labels(scores, labels->count, 5, best);

	json_array(j, "top");
	for (size_t i = 0; i < count; i++) {
		json_object(j, NULL);
		json_string(j, "label", labels->items[best[i]]);
		json_float(j, "score", scores[best[i]]);
		json_end_object(j);
	}
	json_end_array(j);
}

/* Where in the file it was: a piece of a sound, or all of a picture. */
static void put_place(struct json *j, const struct once *o, const struct verdict *v)
{
	if (o->picture != NULL) {
		json_string(j, "format", image_kind_name(o->picture->kind, NULL, 0));
		json_int(j, "width", o->picture->width);
		json_int(j, "height", o->picture->height);
		return;
	}
	json_double(j, "time", (double)v->start_offset_ns / 1e9);
	json_double(j, "end", (double)(v->start_offset_ns + v->end_ns - v->start_ns) / 1e9);
	json_int(j, "window", (int64_t)v->window);
}

/* One line: a window, or the decision that it brought. A picture's labels may be a thousand: without
 * --trace only the best are said. */
static void print_json(struct once *o, const struct verdict *v, const char *kind)
{
	struct json j = { .out = &o->line };
	const struct gate_result *g = &v->block->gate;
	char id[TRACE_ID_BYTES];

	buf_clear(&o->line);
	json_object(&j, NULL);
	json_string(&j, "kind", kind);
	json_string(&j, "file", o->file);
	if (v->began != GATE_NONE) {
		trace_id_write(ONCE_STREAM, o->pipeline, v->window, id);
		json_string(&j, "id", id);
	}
	put_place(&j, o, v);
	json_string(&j, "label", chain_card(o->chain)->labels.items[g->best]);
	json_float(&j, "score", v->block->scores[g->best]);
	json_string(&j, "verdict", gate_verdict_name(g->verdict));
	put_reasons(&j, o, v);
	if (o->picture != NULL)
		put_top(&j, o, v->block->scores);
	if (o->picture == NULL || o->trace) {
		put_scores(&j, "scores", o, v->block->scores);
		put_scores(&j, "raw", o, v->block->raw);
	}
	put_gate(&j, o, v);
	json_end_object(&j);
	puts(buf_text(&o->line));
}

/* Whatever was decided about it: who asks about a picture wants to hear of it. */
static void on_picture(struct once *o, const struct verdict *v)
{
	if (o->json)
		print_json(o, v, v->began != GATE_NONE ? "decision" : "window");
	else
		table_picture(o->chain, o->file, o->picture, v);
}

static void on_verdict(void *context, const struct verdict *v)
{
	struct once *o = context;

	if (o->recording != NULL)
		once_trace_add(o->recording, v);
	if (v->block == NULL)
		return;
	if (o->picture != NULL) {
		on_picture(o, v);
		return;
	}
	o->windows++;
	o->padded |= (v->block->flags & BLOCK_PADDED) != 0;
	o->decisions += v->began != GATE_NONE;
	if (o->json) {
		if (o->trace)
			print_json(o, v, "window");
		if (v->began != GATE_NONE)
			print_json(o, v, "decision");
	} else if (o->trace || v->began != GATE_NONE) {
		table_row(o->chain, v);
	}
}

static void summarize(const struct once *o, const struct sound_file *s)
{
	if (o->json)
		return;
	if (o->padded)
		printf("  (shorter than a window: padded with zeros to one)\n");
	if (o->decisions == 0)
		printf("  no decision in %u window%s of %.2f s of sound%s\n", o->windows,
		       o->windows == 1 ? "" : "s", (double)s->frames / s->rate_hz,
		       o->trace ? "" : "; --trace shows why");
}

static int feed(struct chain *c, struct sound_file *s, struct fault *f)
{
	AUTO_FREE float *samples = calloc((size_t)CHUNK_FRAMES * s->channels, sizeof(float));
	uint64_t index = 0;
	int64_t got;

	if (samples == NULL)
		return fault_set(f, -ENOMEM, "%s: no memory", s->path);
	while ((got = sound_file_read(s, samples, CHUNK_FRAMES, f)) > 0) {
		int64_t time_ns = (int64_t)((double)index / s->rate_hz * 1e9);
		chain_push(c, index, time_ns, false, samples, (size_t)got);
		index += (uint64_t)got;
	}
	chain_flush(c, GATE_INPUT_ENDED);
	return got < 0 ? (int)got : 0;
}

static int open_chain(struct once *o, const char *path, const struct format *input,
		      struct chain **out, struct fault *f)
{
	int rc = chain_open(&o->config->settings, o->pipeline, input, on_verdict, o, out, f);

	if (rc < 0)
		return fault_prefix(f, "%s", path);
	if (o->trace_file == NULL)
		return 0;
	return once_trace_open(o->trace_file, &o->config->settings, o->pipeline, path, *out,
			       &o->recording, f);
}

/* Behind the last window; an error before it counts for more. */
static int close_trace(struct once *o, int rc, struct fault *f)
{
	int written = o->recording == NULL ? 0 : once_trace_close(o->recording, rc < 0 ? NULL : f);

	o->recording = NULL;
	return rc < 0 ? rc : written;
}

static int judge_picture(struct once *o, const char *path, struct fault *f)
{
	AUTO(image) struct image *i = NULL;
	AUTO(chain) struct chain *c = NULL;
	int rc = picture_file_read(path, &i, f);

	if (rc < 0)
		return rc;
	struct format input = format_still(i->width, i->height, i->channels);
	rc = open_chain(o, path, &input, &c, f);
	if (rc < 0)
		return rc;
	o->file = path;
	o->chain = c;
	o->picture = i;
	chain_push_picture(c, 0, 0, false, i->pixels);
	fflush(stdout);
	return close_trace(o, 0, f);
}

static int judge_sound(struct once *o, const char *path, struct fault *f)
{
	AUTO(sound_file) struct sound_file *s = NULL;
	AUTO(chain) struct chain *c = NULL;
	int rc = sound_file_open(path, &s, f);

	if (rc == -EILSEQ) /* nor has it the first bytes of a picture */
		return fault_set(f, rc,
				 "%s: neither sound (WAV, FLAC, Ogg) nor a picture "
				 "(JPEG, PNG, BMP, PNM)",
				 path);
	if (rc < 0)
		return rc;
	struct format input = format_sound(s->rate_hz, s->channels);
	rc = open_chain(o, path, &input, &c, f);
	if (rc < 0)
		return rc;
	o->file = path;
	o->chain = c;
	o->picture = NULL;
	o->decisions = o->windows = 0;
	o->padded = false;
	if (!o->json)
		table_head(c, path, s->rate_hz, s->channels, (double)s->frames / s->rate_hz);
	rc = close_trace(o, feed(c, s, f), f);
	summarize(o, s);
	fflush(stdout);
	return rc;
}

/* By its content: a name may end with anything. */
static int judge_file(struct once *o, const char *path, struct fault *f)
{
	long long bytes;
	AUTO_CLOSE int fd = regular_file_open(path, "a sound file or a picture", &bytes, f);

	if (fd < 0)
		return fd;
	return picture_file_kind(path) != IMAGE_NONE ? judge_picture(o, path, f)
						     : judge_sound(o, path, f);
}

/* Arguments come from edged itself: build, pipeline, then options and files. */
static int read_arguments(struct once *o, int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' },
						 { "trace", no_argument, NULL, 't' },
						 { "trace-file", required_argument, NULL, 'f' },
						 { 0 } };
	int option;

	if (argc < 3 || strcmp(argv[1], PACKAGE_VERSION) != 0) {
		fprintf(stderr, "%s is started by edged %s --once, not by hand\n", argv[0],
			PACKAGE_VERSION);
		return -EINVAL;
	}
	o->pipeline = argv[2];
	optind = 3;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		o->json |= option == 'j';
		o->trace |= option == 't';
		if (option == 'f')
			o->trace_file = optarg;
	}
	return 0;
}

int role_once(int argc, char **argv)
{
	struct once o = { 0 };
	struct fault f = { 0 };
	int code = EXIT_DONE;

	log_open("edged");
	if (read_arguments(&o, argc, argv) < 0)
		return EXIT_USAGE;
	if (settings_fd_read(WORKER_FD_CONTROL, &o.config, &f) < 0) {
		fprintf(stderr, "edged: %s\n", f.text);
		return EXIT_INTERNAL;
	}
	for (int i = optind; i < argc; i++) {
		int rc = judge_file(&o, argv[i], &f);
		if (rc == 0)
			continue;
		fprintf(stderr, "edged: %s\n", f.text);
		if (code ==
		    EXIT_DONE) /* the first failure names the exit code; the rest is still judged */
			code = exit_code_of(rc);
	}
	buf_fini(&o.line);
	config_free(o.config);
	return code;
}
