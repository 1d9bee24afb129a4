/* model.c - the stage that judges a window: front end, quantization, network, scores. */
#include "pipeline/stages/model.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "model/model.h"
#include "nn/net.h"
#include "signal/frontend.h"

struct model_stage {
	const struct card *card;
	struct frontend *frontend;
	struct net *net;
	struct tensor *input;
	const struct tensor *output;
	float *features;       /* [rows][columns] of a window */
	size_t stride, inputs; /* features from input to input, inputs a window */
	size_t values;	       /* of one input */
	float *scores;	       /* [labels] */
	double *sums;	       /* [labels], over the inputs of a window */
	float *went_in;	       /* [values] of a reconstruction: the net reuses the input's place */
};

const struct net *model_stage_net(const struct stage *s)
{
	return ((const struct model_stage *)s->state)->net;
}

static int check_window(const struct stage *s, const struct model_stage *m, const struct card *card,
			struct fault *f)
{
	size_t wanted = frontend_window_samples(m->frontend),
	       hop = frontend_hop_samples(m->frontend);

	if (s->in.kind != FORMAT_WINDOWS)
		return fault_set(f, -EINVAL, "wants windows (a stage window before it)");
	if (s->in.rate_hz != card->front_end.rate_hz)
		return fault_set(f, -EINVAL, "model %s takes %g Hz, the window has %g Hz",
				 card->model, card->front_end.rate_hz, s->in.rate_hz);
	if (s->in.length != wanted)
		return fault_set(
			f, -EINVAL, "model %s takes windows of %zu samples (%g ms), not %zu",
			card->model, wanted, (double)wanted / s->in.rate_hz * 1000, s->in.length);
	if (hop != 0 && s->in.hop != hop)
		return fault_set(f, -EINVAL,
				 "model %s keeps state from window to window and takes one every "
				 "%zu samples (%g ms), not every %zu",
				 card->model, hop, (double)hop / s->in.rate_hz * 1000, s->in.hop);
	return 0;
}

/* Types that a front end's values can become, and scores can be read from. */
static bool is_judgeable(const struct tensor *t)
{
	return t->type == TENSOR_FLOAT32 ||
	       ((t->type == TENSOR_INT8 || t->type == TENSOR_UINT8) && t->quant.count == 1);
}

static int check_tensors(const struct model_stage *m, const struct card *card, struct fault *f)
{
	size_t rows = frontend_rows(m->frontend), columns = frontend_columns(m->frontend);
	bool reconstruction = card->output == OUTPUT_RECONSTRUCTION;
	size_t outputs = tensor_elements(m->output), labels = card->labels.count;

	if (net_inputs(m->net) != 1 || net_outputs(m->net) < 1)
		return fault_set(f, -EBADMSG, "model %s has %zu inputs (one)", card->model,
				 net_inputs(m->net));
	if (!is_judgeable(m->input) || !is_judgeable(m->output))
		return fault_set(f, -EBADMSG,
				 "model %s: input %s, output %s (float32, int8 or uint8)",
				 card->model, tensor_type_name(m->input->type),
				 tensor_type_name(m->output->type));
	if (m->values != tensor_elements(m->input))
		return fault_set(f, -EINVAL,
				 "model %s takes %zu values, its front end gives %zu (%zux%zu)",
				 card->model, tensor_elements(m->input), m->values, rows, columns);
	if (reconstruction ? outputs != m->values || labels != 1 : outputs != labels)
		return fault_set(f, -EINVAL, "model %s has %zu outputs, its card %zu labels",
				 card->model, outputs, labels);
	return 0;
}

static int open_parts(struct model_stage *m, const struct stage_host *host, struct fault *f)
{
	int rc = frontend_open(&host->card->front_end, host->memory, &m->frontend, f);

	if (rc == 0)
		rc = net_open(model_graph(host->model), host->memory, &m->net, f);
	if (rc < 0)
		return rc;
	size_t rows = frontend_rows(m->frontend), columns = frontend_columns(m->frontend);
	m->card = host->card;
	m->input = net_input(m->net, 0);
	m->output = net_output(m->net, 0);
	m->stride = columns;
	m->inputs = frontend_inputs(m->frontend);
	m->values = m->inputs == 1 ? rows * columns : (rows - m->inputs + 1) * columns;
	m->features = arena_alloc(host->memory, rows * columns, sizeof(float));
	m->scores = arena_alloc(host->memory, host->card->labels.count, sizeof(float));
	m->sums = arena_alloc(host->memory, host->card->labels.count, sizeof(double));
	m->went_in = arena_alloc(host->memory, m->values, sizeof(float));
	if (m->features == NULL || m->scores == NULL || m->sums == NULL || m->went_in == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	return check_tensors(m, host->card, f);
}

static int model_stage_open(struct stage *s, const void *settings, const struct stage_host *host,
			    struct fault *f)
{
	struct model_stage *m = arena_alloc(host->memory, 1, sizeof(*m));

	(void)settings; /* the chain has found card and model by it */
	if (m == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	int rc = open_parts(m, host, f);
	if (rc == 0)
		rc = check_window(s, m, host->card, f);
	if (rc < 0)
		return rc;
	s->state = m;
	s->out = s->in;
	s->out.kind = FORMAT_SCORES;
	s->out.labels = host->card->labels.count;
	s->out.label_names = host->card->labels.items;
	s->macs = net_macs(m->net) * m->inputs;
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

	for (size_t i = 0; i < m->values; i++) {
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

	for (size_t i = 0; i < m->values; i++) {
		double difference = (double)m->went_in[i] - (double)value_at(m->output, i);
		sum += difference * difference;
	}
	return (float)(sum / (double)m->values);
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
	struct block out = *b;

	memset(m->sums, 0, m->card->labels.count * sizeof(m->sums[0]));
	frontend_run(m->frontend, b->samples, m->features);
	for (size_t i = 0; i < m->inputs; i++) {
		write_input(m, m->features + i * m->stride);
		for (size_t k = 0; m->card->output == OUTPUT_RECONSTRUCTION && k < m->values; k++)
			m->went_in[k] = value_at(m->input, k);
		net_run(m->net);
		add_scores(m);
	}
	for (size_t i = 0; i < m->card->labels.count; i++)
		m->scores[i] = (float)(m->sums[i] / (double)m->inputs);
	out.raw = out.scores = m->scores;
	stage_emit(s, &out);
}

static void model_stage_reset(struct stage *s)
{
	struct model_stage *m = s->state;

	frontend_reset(m->frontend);
	net_reset(m->net);
}

static void model_stage_describe(const struct stage *s, struct buf *out)
{
	const struct model_stage *m = s->state;

	buf_printf(out, "%s %lld, input %zux%zu %s", m->card->model, (long long)m->card->version,
		   m->inputs == 1 ? frontend_rows(m->frontend) : m->values / m->stride, m->stride,
		   tensor_type_name(m->input->type));
	if (m->inputs > 1)
		buf_printf(out, ", %zu times a window", m->inputs);
}

const struct stage_ops stage_model = {
	.schema = &model_stage_schema,
	.open = model_stage_open,
	.push = model_stage_push,
	.reset = model_stage_reset,
	.describe = model_stage_describe,
};
