/* edgectl.c - the command line of the tools. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process/program.h"
#include "process/worker.h"

/* Each command is a program of its own: `edgectl model run …` becomes `model-tool run …`. */
static const struct command {
	const char *name, *program, *help;
} commands[] = {
	{ "check", "board-check", "what is wrong on this board, and what to do" },
	{ "why", "why", "why something was decided, or why not" },
	{ "devices", "devices", "what this board can record from, in the words of edged.yaml" },
	{ "model", "model-tool", "info, run and card: what a model is, its answers, its card" },
};

static void print_help(FILE *out)
{
	fputs("Usage: edgectl COMMAND ...\n\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("\n  edgectl check [--config FILE] [--json | --text]\n"
	      "  edgectl why ID | --last [--pipeline NAME] [--json | --text]\n"
	      "  edgectl why --not LABEL --at TIME [--within 2s] [--pipeline NAME]\n"
	      "                    [--instance NAME] [--trace-file FILE] [--json | --text]\n"
	      "  edgectl devices [--json | --text]\n"
	      "  edgectl model info MODEL [--json | --text]\n"
	      "  edgectl model run MODEL [--input FILE]... [--shape 1x3x224x224]...\n"
	      "                    [--output-dir DIR] [--threads N] [--json | --text]\n"
	      "  edgectl model card MODEL > CARD.yaml\n"
	      "\nSee edgectl(1).\n",
	      out);
}

static int become(const struct command *c, char **arguments)
{
	char path[4096];
	struct fault f = { 0 };

	if (program_path(c->program, path, sizeof(path), &f) < 0) {
		fprintf(stderr, "edgectl: %s\n", f.text);
		return EXIT_UNAVAILABLE;
	}
	execv(path, arguments);
	fprintf(stderr, "edgectl: %s: %s\n", path, strerror(errno));
	return EXIT_UNAVAILABLE;
}

int main(int argc, char **argv)
{
	setlocale(LC_ALL, "C");
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		print_help(stdout);
		return EXIT_DONE;
	}
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("edgectl " PACKAGE_VERSION);
		return EXIT_DONE;
	}
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return become(&commands[i], argv + 1);
	if (argc > 1)
		fprintf(stderr, "edgectl: no command '%s'\n", argv[1]);
	print_help(stderr);
	return EXIT_USAGE;
}
