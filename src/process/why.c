/* why.c - the program behind `edgectl why`: what is asked, and where the answer may be. */
#include "process/why.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "config/unit.h"
#include "process/why_traces.h"
#include "process/worker.h"

struct command {
	struct question question;
	const char *pipeline, *trace_file, *instance;
	bool json, text;
	struct why_traces traces;
};

static int usage(const char *what, const char *value)
{
	fprintf(stderr, "edgectl: why: %s%s; edgectl --help shows how\n", what, value);
	return EXIT_USAGE;
}

static bool read_option(struct command *c, int option)
{
	double ns;

	switch (option) {
	case 'n': c->question.label = optarg; return true;
	case 'a': c->question.at = optarg; return true;
	case 'l': c->question.last = true; return true;
	case 'p': c->pipeline = optarg; return true;
	case 'f': c->trace_file = optarg; return true;
	case 'i': c->instance = optarg; return true;
	case 'j': c->json = true; return true;
	case 't': c->text = true; return true;
	case 'w':
		if (unit_read(UNIT_DURATION, optarg, &ns) != UNIT_OK || !(ns >= 0 && ns <= 86400e9))
			return false;
		c->question.within_ns = (int64_t)ns;
		return true;
	default: return false;
	}
}

static int read_arguments(struct command *c, int argc, char **argv)
{
	static const struct option options[] = { { "not", required_argument, NULL, 'n' },
						 { "at", required_argument, NULL, 'a' },
						 { "within", required_argument, NULL, 'w' },
						 { "last", no_argument, NULL, 'l' },
						 { "pipeline", required_argument, NULL, 'p' },
						 { "trace-file", required_argument, NULL, 'f' },
						 { "instance", required_argument, NULL, 'i' },
						 { "json", no_argument, NULL, 'j' },
						 { "text", no_argument, NULL, 't' },
						 { 0 } };
	struct question *q = &c->question;
	int option;

	q->within_ns = 2 * SECOND;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!read_option(c, option))
			return usage(argv[optind - 1], " is no option, or its value is wrong");
	if (optind < argc)
		q->id = argv[optind++];
	if (optind < argc)
		return usage("one id is enough, what is ", argv[optind]);
	if ((q->id != NULL) + q->last + (q->label != NULL) != 1)
		return usage("one of ID, --last and --not LABEL is wanted", "");
	if (q->at != NULL && q->label == NULL)
		return usage("--at goes with --not LABEL", "");
	return EXIT_DONE;
}

/* ---- where it may be ---- */

/* An id names its pipeline. */
static int find_traces(struct command *c, struct fault *f)
{
	static char named[TRACE_NAME_BYTES];
	uint64_t stream, window;

	if (c->trace_file != NULL) {
		c->traces.paths[0] = strdup(c->trace_file);
		c->traces.count = c->traces.paths[0] != NULL;
		return 0;
	}
	if (c->question.id != NULL) {
		if (!trace_id_read(c->question.id, &stream, named, &window))
			return fault_set(f, -EINVAL, "'%s' is no id of an event (5f0c…-wake-12)",
					 c->question.id);
		if (strlen(named) < TRACE_ID_NAME) /* a longer name may be cut: any file then */
			c->pipeline = named;
	}
	return why_traces_find(c->instance, c->pipeline, &c->traces, f);
}

/* "Why not" is about one pipeline: which, only the user knows. */
static int check_one_pipeline(const struct command *c, struct fault *f)
{
	size_t count = 0;

	for (size_t i = 0; i < c->traces.count; i++)
		count += strcmp(c->traces.paths[i] + strlen(c->traces.paths[i]) - 2, ".1") != 0;
	if (c->question.label == NULL || count <= 1 || c->pipeline != NULL)
		return 0;
	fault_set(f, -EINVAL, "which pipeline? Say --pipeline NAME; there are");
	for (size_t i = 0; i < c->traces.count; i++) {
		const char *name = strrchr(c->traces.paths[i], '/') + 1;
		size_t used = strlen(f->text);
		if (strcmp(name + strlen(name) - 2, ".1") != 0)
			snprintf(f->text + used, sizeof(f->text) - used, " %.*s",
				 (int)(strlen(name) - 6), name);
	}
	return -EINVAL;
}

/* Of the newest decisions of all pipelines the newest. */
static bool is_better(const struct answer *a, const struct answer *than)
{
	return than->trace == NULL || trace_time_ns(a->trace, a->event, NULL) >
					      trace_time_ns(than->trace, than->event, NULL);
}

/* The first trace that knows wins; what none knows is said as the first one said it. */
static int look(struct command *c, struct trace **held, struct answer *out, struct fault *f)
{
	int64_t now = clock_wall_ns();
	struct fault first = { 0 };

	for (size_t i = 0; i < c->traces.count; i++) {
		AUTO(trace) struct trace *t = NULL;
		struct answer a;
		struct fault here = { 0 };
		int rc = trace_load(c->traces.paths[i], &t, &here);
		if (rc == 0)
			rc = why_find(t, &c->question, now, &a, &here);
		if (rc == 0 && is_better(&a, out)) {
			*out = a;
			trace_free(*held);
			*held = TAKE(t);
			if (!c->question.last)
				return 0;
		}
		if (rc < 0 && first.rc == 0)
			first = here;
	}
	if (out->trace != NULL)
		return 0;
	*f = first;
	return f->rc;
}

static int answer_question(struct command *c, struct fault *f)
{
	AUTO(trace) struct trace *held = NULL;
	struct answer a = { 0 };
	int rc = find_traces(c, f);

	if (rc == 0)
		rc = check_one_pipeline(c, f);
	if (rc == 0)
		rc = look(c, &held, &a, f);
	if (rc < 0)
		return rc;
	if (c->json || (!c->text && !isatty(STDOUT_FILENO)))
		why_print_json(&a);
	else
		why_print_text(&a);
	return 0;
}

int role_why(int argc, char **argv)
{
	struct command c = { 0 };
	struct fault f = { 0 };
	int code = read_arguments(&c, argc, argv);

	if (code != EXIT_DONE)
		return code;
	int rc = answer_question(&c, &f);
	why_traces_fini(&c.traces);
	if (rc == 0)
		return EXIT_DONE;
	fprintf(stderr, "edgectl: %s\n", f.text);
	return rc == -EINVAL ? EXIT_USAGE : exit_code_of(rc);
}
