/* model.c - the stage that judges a window: front end, quantization, network, scores. */
#include "pipeline/stages/model.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "model/model.h"
#include "nn/net.h"
#include "pipeline/stages/front.h"

struct model_stage {
	const struct card *card;
	struct front *front;
	const struct front_sizes *sizes;
	struct net *net;
	struct tensor *input;
	const struct tensor *output;
	float *features; /* [sizes->all] of a window */
	float *scores;	 /* [labels] */
	double *sums;	 /* [labels], over the inputs of a window */
	float *went_in;	 /* [values] of a reconstruction: the net reuses the input's place */
};

const struct net *model_stage_net(const struct stage *s)
{
	return ((const struct model_stage *)s->state)->net;
}

/* Types that a front end's values can become, and scores can be read from. */
static bool is_judgeable(const struct tensor *t)
{
	return t->type == TENSOR_FLOAT32 ||
	       ((t->type == TENSOR_INT8 || t->type == TENSOR_UINT8) && t->quant.count == 1);
}

static int check_tensors(const struct model_stage *m, const struct card *card, struct fault *f)
{
	if (net_inputs(m->net) != 1 || net_outputs(m->net) < 1)
		return fault_set(f, -EBADMSG, "model %s has %zu inputs (one)", card->model,
				 net_inputs(m->net));
	if (!is_judgeable(m->input) || !is_judgeable(m->output))
		return fault_set(f, -EBADMSG,
				 "model %s: input %s, output %s (float32, int8 or uint8)",
				 card->model, tensor_type_name(m->input->type),
				 tensor_type_name(m->output->type));
	return 0;
}

static int check_labels(const struct model_stage *m, const struct card *card, struct fault *f)
{
	bool reconstruction = card->output == OUTPUT_RECONSTRUCTION;
	size_t outputs = tensor_elements(m->output), labels = card->labels.count;

	if (reconstruction ? outputs != m->sizes->values || labels != 1 : outputs != labels)
		return fault_set(f, -EINVAL, "model %s has %zu outputs, its card %zu labels",
				 card->model, outputs, labels);
	return 0;
}

static int take_memory(struct model_stage *m, struct arena *memory, struct fault *f)
{
	size_t labels = m->card->labels.count;

	m->features = arena_alloc(memory, m->sizes->all, sizeof(float));
	m->scores = arena_alloc(memory, labels, sizeof(float));
	m->sums = arena_alloc(memory, labels, sizeof(double));
	m->went_in = arena_alloc(memory, m->sizes->values, sizeof(float));
	if (m->features == NULL || m->scores == NULL || m->sums == NULL || m->went_in == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	return 0;
}

static int open_parts(struct model_stage *m, const struct format *in, const struct stage_host *host,
		      struct fault *f)
{
	int rc = net_open(model_graph(host->model), host->memory, &m->net, f);

	if (rc < 0)
		return rc;
	m->card = host->card;
	m->input = net_input(m->net, 0);
	m->output = net_output(m->net, 0);
	rc = check_tensors(m, host->card, f);
	if (rc == 0)
		rc = front_open(host->card, in, m->input, host->memory, &m->front, f);
	if (rc < 0)
		return rc;
	m->sizes = front_sizes(m->front);
	rc = check_labels(m, host->card, f);
	return rc < 0 ? rc : take_memory(m, host->memory, f);
}

static int model_stage_open(struct stage *s, const void *settings, const struct stage_host *host,
			    struct fault *f)
{
	struct model_stage *m = arena_alloc(host->memory, 1, sizeof(*m));

	(void)settings; /* the chain has found card and model by it */
	if (m == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	int rc = open_parts(m, &s->in, host, f);
	if (rc < 0)
		return rc;
	s->state = m;
	s->out = s->in;
	s->out.kind = FORMAT_SCORES;
	s->out.labels = host->card->labels.count;
	s->out.label_names = host->card->labels.items;
	s->macs = net_macs(m->net) * m->sizes->inputs;
	return 0;
}

/* round(x / scale) + zero point, half away from zero, kept within the type: as TensorFlow Lite
 * quantizes (reference/quantize.h). Float division and round are exact by IEEE 754. */
static int32_t quantize(float x, const struct tensor *t, int32_t low, int32_t high)
{
	float scaled = roundf(x / t->quant.scale[0]);

	if (!(scaled > -1e6f)) /* a NaN ends up here too */
		return low;
	if (scaled > 1e6f)
		return high;
	int32_t q = (int32_t)scaled + t->quant.zero_point[0];
	return q < low ? low : q > high ? high : q;
}

static void write_input(const struct model_stage *m, const float *features)
{
	struct tensor *t = m->input;

	for (size_t i = 0; i < m->sizes->values; i++) {
		if (t->type == TENSOR_FLOAT32)
			((float *)t->data)[i] = features[i];
		else if (t->type == TENSOR_INT8)
			((int8_t *)t->data)[i] = (int8_t)quantize(features[i], t, -128, 127);
		else
			((uint8_t *)t->data)[i] = (uint8_t)quantize(features[i], t, 0, 255);
	}
}

static float value_at(const struct tensor *t, size_t i)
{
	int32_t q;

	if (t->type == TENSOR_FLOAT32)
		return ((const float *)t->data)[i];
	q = t->type == TENSOR_INT8 ? ((const int8_t *)t->data)[i] : ((const uint8_t *)t->data)[i];
	return t->quant.scale[0] * (float)(q - t->quant.zero_point[0]);
}

/* An autoencoder's score: how far its output is from its input, as it went in. */
static float reconstruction_error(const struct model_stage *m)
{
	double sum = 0;

	for (size_t i = 0; i < m->sizes->values; i++) {
		double difference = (double)m->went_in[i] - (double)value_at(m->output, i);
		sum += difference * difference;
	}
	return (float)(sum / (double)m->sizes->values);
}

static void add_scores(const struct model_stage *m)
{
	if (m->card->output == OUTPUT_RECONSTRUCTION)
		m->sums[0] += (double)reconstruction_error(m);
	else
		for (size_t i = 0; i < m->card->labels.count; i++)
			m->sums[i] += (double)value_at(m->output, i);
}

/* A window may be several inputs of the model (card: join): the scores are their mean. */
static void model_stage_push(struct stage *s, const struct block *b)
{
	struct model_stage *m = s->state;
	const struct front_sizes *sizes = m->sizes;
	bool reconstruction = m->card->output == OUTPUT_RECONSTRUCTION;
	struct block out = *b;

	memset(m->sums, 0, m->card->labels.count * sizeof(m->sums[0]));
	front_run(m->front, b, m->features);
	for (size_t i = 0; i < sizes->inputs; i++) {
		write_input(m, m->features + i * sizes->stride);
		for (size_t k = 0; reconstruction && k < sizes->values; k++)
			m->went_in[k] = value_at(m->input, k);
		net_run(m->net);
		add_scores(m);
	}
	for (size_t i = 0; i < m->card->labels.count; i++)
		m->scores[i] = (float)(m->sums[i] / (double)sizes->inputs);
	out.raw = out.scores = m->scores;
	stage_emit(s, &out);
}

static void model_stage_reset(struct stage *s)
{
	struct model_stage *m = s->state;

	front_reset(m->front);
	net_reset(m->net);
}

static void model_stage_describe(const struct stage *s, struct buf *out)
{
	const struct model_stage *m = s->state;
	char shape[80];

	buf_printf(out, "%s %lld, input ", m->card->model, (long long)m->card->version);
	if (m->sizes->columns > 0)
		buf_printf(out, "%zux%zu", m->sizes->rows, m->sizes->columns);
	else
		buf_puts(out, shape_text(&m->input->shape, shape, sizeof(shape)));
	buf_printf(out, " %s", tensor_type_name(m->input->type));
	if (m->sizes->inputs > 1)
		buf_printf(out, ", %zu times a window", m->sizes->inputs);
}

const struct stage_ops stage_model = {
	.schema = &model_stage_schema,
	.open = model_stage_open,
	.push = model_stage_push,
	.reset = model_stage_reset,
	.describe = model_stage_describe,
};
