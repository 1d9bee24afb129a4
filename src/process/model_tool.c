/* model_tool.c - the program behind `edgectl model`: info, run and card. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "config/unit.h"
#include "model/model.h"
#include "nn/gemm.h"
#include "nn/net.h"
#include "model/facts.h"
#include "nn/op.h"
#include "process/model_card.h"
#include "process/worker.h"

enum { MOST_INPUTS = 64 };

struct tool {
	const char *path;
	bool json;
	const char *inputs[MOST_INPUTS];
	size_t input_count;
	struct shape shapes[MOST_INPUTS]; /* --shape, in the order of the inputs */
	size_t shape_count;
	const char *output_dir;
	int threads;
	struct model *model;
	struct arena *memory;
	struct net *net;
};

static int fail(const struct fault *f)
{
	fprintf(stderr, "edgectl: %s\n", f->text);
	return exit_code_of(f->rc);
}

static int usage(const char *what)
{
	fprintf(stderr, "edgectl: %s; edgectl --help shows how\n", what);
	return EXIT_USAGE;
}

/* ---- info ---- */

static void describe_tensor(const struct tensor *t, char *out, size_t size)
{
	char shape[80];
	int used = snprintf(out, size, "%s %s", tensor_type_name(t->type),
			    shape_text(&t->shape, shape, sizeof(shape)));

	if (t->quant.count == 1)
		snprintf(out + used, size - (size_t)used, ", scale %.9g, zero point %d",
			 (double)t->quant.scale[0], t->quant.zero_point[0]);
	else if (t->quant.count > 1)
		snprintf(out + used, size - (size_t)used, ", %zu scales", t->quant.count);
}

/* How often each operator occurs, in the order of first occurrence. */
struct census {
	const char *name;
	bool known;
	size_t count;
};

static size_t count_operators(const struct graph *g, struct census *out, size_t most)
{
	size_t kinds = 0;

	for (size_t s = 0; s < g->subgraph_count; s++)
		for (size_t i = 0; i < g->subgraphs[s].node_count; i++) {
			const struct node *n = &g->subgraphs[s].nodes[i];
			size_t k = 0;
			if (i > 0 && n->number == n[-1].number && strcmp(n->name, n[-1].name) == 0)
				continue; /* ONNX: several operators came of one node */
			while (k < kinds && strcmp(out[k].name, n->name) != 0)
				k++;
			if (k == most)
				continue;
			if (k == kinds)
				out[kinds++] = (struct census){ n->name, n->op != NULL, 0 };
			out[k].count++;
		}
	return kinds;
}

static void info_text(const struct tool *t, const struct fault *f)
{
	const struct graph *g = model_graph(t->model);
	const struct subgraph *s = &g->subgraphs[0];
	struct census census[256];
	size_t kinds = count_operators(g, census, ARRAY_SIZE(census));
	char text[200], arena[40];
	struct model_facts facts;

	model_read_facts(t->model, t->memory, &facts);
	printf("%s: %s, %zu bytes, SHA-256 %s\n", t->path, model_format(t->model),
	       model_file_bytes(t->model), model_sha256(t->model));
	for (size_t i = 0; i < s->input_count; i++) {
		describe_tensor(&s->tensors[s->inputs[i]], text, sizeof(text));
		printf("input %zu   %s: %s\n", i, s->tensors[s->inputs[i]].name, text);
	}
	for (size_t i = 0; i < s->output_count; i++) {
		const struct tensor *out =
			t->net != NULL ? net_output(t->net, i) : &s->tensors[s->outputs[i]];
		describe_tensor(out, text, sizeof(text));
		printf("output %zu  %s: %s\n", i, out->name, text);
	}
	if (facts.signatures != NULL)
		printf("signatures %s\n", facts.signatures);
	printf("operators");
	for (size_t i = 0; i < kinds; i++)
		printf("%s %zu %s%s", i > 0 ? "," : " ", census[i].count, census[i].name,
		       census[i].known ? "" : " (not known here)");
	printf("\n");
	if (t->net == NULL) {
		printf("cannot run: %s\n", f->text);
		return;
	}
	unit_write(UNIT_SIZE, (double)net_arena_bytes(t->net), arena, sizeof(arena));
	printf("MACs      %llu\nparameters %zu\nruns      %zu operators, the others at load\n"
	       "arena     %s for activations and scratch\n",
	       (unsigned long long)net_macs(t->net), net_parameters(t->net), net_nodes(t->net),
	       arena);
}

static void json_tensor(struct json *j, const struct tensor *t)
{
	json_object(j, NULL);
	json_string(j, "name", t->name);
	json_string(j, "type", tensor_type_name(t->type));
	json_array(j, "shape");
	for (int i = 0; i < t->shape.rank; i++)
		json_int(j, NULL, t->shape.dim[i]);
	json_end_array(j);
	if (t->quant.count == 1) {
		json_float(j, "scale", t->quant.scale[0]);
		json_int(j, "zero_point", t->quant.zero_point[0]);
	}
	json_end_object(j);
}

static void info_json(const struct tool *t, const struct fault *f)
{
	const struct graph *g = model_graph(t->model);
	const struct subgraph *s = &g->subgraphs[0];
	struct census census[256];
	size_t kinds = count_operators(g, census, ARRAY_SIZE(census));
	AUTO_BUF struct buf out = { 0 };
	struct json j = { .out = &out };

	json_object(&j, NULL);
	json_string(&j, "file", t->path);
	json_string(&j, "format", strcmp(model_format(t->model), "ONNX") == 0 ? "onnx" : "tflite");
	json_int(&j, "bytes", (int64_t)model_file_bytes(t->model));
	json_string(&j, "sha256", model_sha256(t->model));
	json_array(&j, "inputs");
	for (size_t i = 0; i < s->input_count; i++)
		json_tensor(&j, &s->tensors[s->inputs[i]]);
	json_end_array(&j);
	json_array(&j, "outputs");
	for (size_t i = 0; i < s->output_count; i++)
		json_tensor(&j,
			    t->net != NULL ? net_output(t->net, i) : &s->tensors[s->outputs[i]]);
	json_end_array(&j);
	json_object(&j, "operators");
	for (size_t i = 0; i < kinds; i++)
		json_int(&j, census[i].name, (int64_t)census[i].count);
	json_end_object(&j);
	json_array(&j, "unknown_operators");
	for (size_t i = 0; i < kinds; i++)
		if (!census[i].known)
			json_string(&j, NULL, census[i].name);
	json_end_array(&j);
	if (t->net != NULL) {
		json_int(&j, "nodes", (int64_t)net_nodes(t->net));
		json_int(&j, "macs", (int64_t)net_macs(t->net));
		json_int(&j, "parameters", (int64_t)net_parameters(t->net));
		json_int(&j, "arena_bytes", (int64_t)net_arena_bytes(t->net));
	} else {
		json_string(&j, "error", f->text);
	}
	json_end_object(&j);
	puts(buf_text(&out));
}

/* A model that cannot run is still described; the exit code says so. */
static int info(struct tool *t)
{
	struct fault f = { 0 };
	int rc = net_open(model_graph(t->model), t->memory, &t->net, &f);

	if (rc < 0)
		t->net = NULL;
	if (t->json)
		info_json(t, &f);
	else
		info_text(t, &f);
	return rc < 0 ? fail(&f) : EXIT_DONE;
}

/* ---- card ---- */

static int card(struct tool *t)
{
	AUTO_BUF struct buf out = { 0 };
	struct fault f = { 0 };
	int rc = net_open(model_graph(t->model), t->memory, &t->net, &f);

	if (rc == 0 && (net_inputs(t->net) < 1 || net_outputs(t->net) < 1))
		rc = fault_set(&f, -EBADMSG, "%s: no input, or no output", t->path);
	if (rc == 0)
		rc = model_card_write(t->model, t->net, t->path, t->memory, &out, &f);
	if (rc < 0)
		return fail(&f);
	fputs(buf_text(&out), stdout);
	return EXIT_DONE;
}

/* ---- open dimensions ---- */

static size_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size
									     : 0;
}

/* ---- run ---- */

struct stream {
	FILE *file;
	size_t calls; /* consecutive tensors in the file */
};

static int open_input(const struct tool *t, size_t i, struct stream *out, struct fault *f)
{
	const struct tensor *input = net_input(t->net, i);
	char text[200];
	struct stat st;

	out->file = fopen(t->inputs[i], "re");
	if (out->file == NULL || fstat(fileno(out->file), &st) < 0)
		return fault_errno(f, "%s", t->inputs[i]);
	describe_tensor(input, text, sizeof(text));
	if (!S_ISREG(st.st_mode) || st.st_size == 0 || (size_t)st.st_size % input->bytes != 0)
		return fault_set(f, -EBADMSG,
				 "%s: %lld bytes are no tensors of input %zu (%s: %zu bytes, or a "
				 "multiple)",
				 t->inputs[i], (long long)st.st_size, i, text, input->bytes);
	out->calls = (size_t)st.st_size / input->bytes;
	return 0;
}

static int open_inputs(const struct tool *t, struct stream *streams, size_t *calls, struct fault *f)
{
	*calls = 1;
	if (t->input_count != net_inputs(t->net))
		return fault_set(f, -EINVAL,
				 "%zu files for %zu inputs (one --input for each, in their order)",
				 t->input_count, net_inputs(t->net));
	for (size_t i = 0; i < t->input_count; i++) {
		int rc = open_input(t, i, &streams[i], f);
		if (rc < 0)
			return rc;
		if (i > 0 && streams[i].calls != *calls)
			return fault_set(f, -EBADMSG, "%s holds %zu tensors, %s %zu", t->inputs[i],
					 streams[i].calls, t->inputs[0], *calls);
		*calls = streams[i].calls;
	}
	return 0;
}

static int open_outputs(const struct tool *t, FILE **files, struct fault *f)
{
	char path[4096];

	if (t->output_dir == NULL)
		return 0;
	if (mkdir(t->output_dir, 0777) < 0 && errno != EEXIST)
		return fault_errno(f, "%s", t->output_dir);
	for (size_t i = 0; i < net_outputs(t->net); i++) {
		snprintf(path, sizeof(path), "%s/out%zu.bin", t->output_dir, i);
		files[i] = fopen(path, "we");
		if (files[i] == NULL)
			return fault_errno(f, "%s", path);
	}
	return 0;
}

/* The value of an output element, as people read it. */
static double value_at(const struct tensor *t, size_t i)
{
	double q = t->type == TENSOR_FLOAT32 ? (double)((const float *)t->data)[i]
					     : (double)tensor_int(t, i);

	return t->quant.count == 1 && t->type != TENSOR_FLOAT32
		       ? (double)t->quant.scale[0] * (q - t->quant.zero_point[0])
		       : q;
}

static void print_output(const struct tool *t, size_t call, size_t i)
{
	const struct tensor *out = net_output(t->net, i);
	size_t count = tensor_elements(out), best = 0;
	AUTO_BUF struct buf line = { 0 };
	struct json j = { .out = &line };

	for (size_t k = 1; k < count; k++)
		best = value_at(out, k) > value_at(out, best) ? k : best;
	if (!t->json) {
		printf("call %zu output %zu: %zu values, the largest is number %zu with %.6g\n",
		       call, i, count, best, value_at(out, best));
		return;
	}
	json_object(&j, NULL);
	json_int(&j, "call", (int64_t)call);
	json_int(&j, "output", (int64_t)i);
	json_int(&j, "best", (int64_t)best);
	json_array(&j, "values");
	for (size_t k = 0; k < count && k < 4096; k++)
		json_double(&j, NULL, value_at(out, k));
	json_end_array(&j);
	json_end_object(&j);
	puts(buf_text(&line));
}

static int run_calls(const struct tool *t, struct stream *in, FILE **out, size_t calls,
		     struct fault *f)
{
	for (size_t call = 0; call < calls; call++) {
		for (size_t i = 0; i < t->input_count; i++) {
			struct tensor *tensor = net_input(t->net, i);
			if (fread(tensor->data, 1, tensor->bytes, in[i].file) != tensor->bytes)
				return fault_set(f, -EBADMSG, "%s: ends too early", t->inputs[i]);
		}
		net_run(t->net);
		for (size_t i = 0; i < net_outputs(t->net); i++) {
			const struct tensor *tensor = net_output(t->net, i);
			if (t->output_dir == NULL)
				print_output(t, call, i);
			else if (fwrite(tensor->data, 1, tensor->bytes, out[i]) != tensor->bytes)
				return fault_errno(f, "%s", t->output_dir);
		}
	}
	return 0;
}

static int close_all(struct stream *in, FILE **out, struct fault *f)
{
	int rc = 0;

	for (size_t i = 0; i < MOST_INPUTS; i++) {
		if (in[i].file != NULL)
			fclose(in[i].file);
		if (out[i] != NULL && fclose(out[i]) != 0)
			rc = fault_errno(f, "output %zu", i);
	}
	return rc;
}

static int run(struct tool *t)
{
	struct stream in[MOST_INPUTS] = { 0 };
	FILE *out[MOST_INPUTS] = { 0 };
	struct fault f = { 0 };
	size_t calls;

	int rc = net_open(model_graph(t->model), t->memory, &t->net, &f);
	if (rc == 0 && net_outputs(t->net) > MOST_INPUTS)
		rc = fault_set(&f, -EOPNOTSUPP, "%s: more than %d outputs", t->path, MOST_INPUTS);
	if (rc == 0)
		rc = open_inputs(t, in, &calls, &f);
	if (rc == 0)
		rc = open_outputs(t, out, &f);
	if (rc == 0)
		rc = run_calls(t, in, out, calls, &f);
	int closed = close_all(in, out, rc < 0 ? NULL : &f);
	if (rc == 0 && closed == 0)
		return EXIT_DONE;
	return rc == -EINVAL ? (fail(&f), EXIT_USAGE) : fail(&f);
}

/* ---- command line ---- */

static bool read_shape(const char *text, struct shape *out)
{
	char *end;

	*out = (struct shape){ 0 };
	for (;; text = end + 1) {
		long size = strtol(text, &end, 10);
		if (end == text || size < 1 || size > SHAPE_MOST_ELEMENTS ||
		    out->rank == SHAPE_MOST_RANK)
			return false;
		out->dim[out->rank++] = (int32_t)size;
		if (*end == '\0')
			return true;
		if (*end != 'x')
			return false;
	}
}

static int read_options(struct tool *t, int argc, char **argv)
{
	static const struct option options[] = {
		{ "input", required_argument, NULL, 'i' },
		{ "output-dir", required_argument, NULL, 'o' },
		{ "shape", required_argument, NULL, 's' },
		{ "threads", required_argument, NULL, 't' },
		{ "json", no_argument, NULL, 'j' },
		{ "text", no_argument, NULL, 'T' },
		{ 0 },
	};
	bool text = false;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'i':
			if (t->input_count == MOST_INPUTS)
				return usage("too many inputs");
			t->inputs[t->input_count++] = optarg;
			break;
		case 'o': t->output_dir = optarg; break;
		case 's':
			if (t->shape_count == MOST_INPUTS ||
			    !read_shape(optarg, &t->shapes[t->shape_count++]))
				return usage(
					"--shape takes sizes such as 1x3x224x224, one for each input");
			break;
		case 't': t->threads = atoi(optarg); break;
		case 'j': t->json = true; break;
		case 'T': text = true; break;
		default: return usage("an unknown option, or one without its value");
		}
	}
	if (t->threads < 1 || t->threads > 64)
		return usage("--threads takes 1 to 64");
	if (optind != argc - 2)
		return usage("say a command and one model: info, run or card MODEL");
	t->path = argv[optind + 1];
	if (!text && !t->json)
		t->json = !isatty(STDOUT_FILENO);
	return EXIT_DONE;
}

/* Where the model leaves dimensions open and no shape is given, the input files may tell them. */
static int open_model(struct tool *t, struct fault *f)
{
	size_t bytes[MOST_INPUTS] = { 0 };
	struct graph_wish wish = { .shapes = t->shapes,
				   .shape_count = t->shape_count,
				   .bytes = bytes,
				   .byte_count = t->input_count };

	for (size_t i = 0; i < t->input_count; i++)
		bytes[i] = file_size(t->inputs[i]);
	return model_open_as(t->path, &wish, &t->model, f);
}

int role_model_tool(int argc, char **argv)
{
	struct tool t = { .threads = 1 };
	struct fault f = { 0 };
	int code = read_options(&t, argc, argv);

	if (code != EXIT_DONE)
		return code;
	const char *command = argv[optind];
	static const struct {
		const char *name;
		int (*run)(struct tool *t);
	} commands[] = { { "info", info }, { "run", run }, { "card", card } };
	size_t number = 0;
	while (number < ARRAY_SIZE(commands) && strcmp(command, commands[number].name) != 0)
		number++;
	if (number == ARRAY_SIZE(commands))
		return usage("the commands are info, run and card");
	t.memory = arena_create();
	if (t.memory == NULL)
		return EXIT_TEMPORARY;
	gemm_set_threads(t.threads);
	code = open_model(&t, &f) < 0 ? fail(&f) : commands[number].run(&t);
	model_free(t.model);
	arena_free(t.memory);
	return code;
}
