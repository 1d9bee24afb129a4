/* recurrent.c - LSTM, GRU and RNN as ONNX defines them; several directions, the whole sequence.
 *
 * Inputs: X [steps, batch, size], W [directions, gates * cells, size], R [directions, gates * cells,
 * cells], B [directions, 2 * gates * cells], lengths, first output [directions, batch, cells], first
 * cell (LSTM), peepholes (LSTM) [directions, 3 * cells]. Outputs: all of them [steps, directions,
 * batch, cells], the last, the last cell. Order of gates: LSTM input, output, forget, cell; GRU
 * update, reset, hidden. */
#include <errno.h>
#include <string.h>

#include "base/math.h"
#include "nn/op.h"

enum { IN_X, IN_W, IN_R, IN_B, IN_LENGTHS, IN_FIRST, IN_CELL, IN_PEEPHOLES };

enum kind { LSTM, GRU, RNN };

struct recurrent {
	enum kind kind;
	size_t steps, batch, size, cells, gates, directions;
};

static enum kind kind_of(const struct op_node *n)
{
	return strcmp(n->op->name, "ONNX_LSTM") == 0  ? LSTM
	       : strcmp(n->op->name, "ONNX_GRU") == 0 ? GRU
						      : RNN;
}

static struct recurrent sizes_of(const struct op_node *n)
{
	static const size_t gates[] = { [LSTM] = 4, [GRU] = 3, [RNN] = 1 };
	const int32_t *x = n->inputs[IN_X]->shape.dim, *r = n->inputs[IN_R]->shape.dim;
	enum kind kind = kind_of(n);

	return (struct recurrent){ .kind = kind,
				   .steps = (size_t)x[0],
				   .batch = (size_t)x[1],
				   .size = (size_t)x[2],
				   .cells = (size_t)r[2],
				   .gates = gates[kind],
				   .directions = n->node->options.recurrent.both ? 2 : 1 };
}

static const struct tensor *input(const struct op_node *n, uint32_t i)
{
	return i < n->input_count ? n->inputs[i] : NULL;
}

static int expect_size(const struct op_node *n, uint32_t i, size_t elements, struct fault *f)
{
	const struct tensor *t = input(n, i);

	if (t == NULL)
		return 0;
	if (tensor_elements(t) != elements)
		return fault_set(f, -EBADMSG, "input %u has %zu values (%zu)", i,
				 tensor_elements(t), elements);
	return op_expect_type(t, TYPE_BIT(TENSOR_FLOAT32), "input", f);
}

static int set_outputs(const struct op_node *n, const struct recurrent *s, struct fault *f)
{
	int32_t steps = (int32_t)s->steps, directions = (int32_t)s->directions;
	int32_t batch = (int32_t)s->batch, cells = (int32_t)s->cells;
	struct shape all = { 4, { steps, directions, batch, cells } };
	struct shape last = { 3, { directions, batch, cells } };
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < n->output_count; i++) {
		if (n->outputs[i] == NULL)
			continue;
		rc = op_output_type(n, i, TENSOR_FLOAT32, f);
		if (rc == 0)
			rc = op_set_shape(n, i, i == 0 ? &all : &last, f);
	}
	return rc;
}

static int recurrent_check(const struct op_node *n, struct fault *f)
{
	int rc = op_expect(n, 3, 0, f);

	for (uint32_t i = 0; rc == 0 && i < 3; i++) {
		rc = op_expect_type(n->inputs[i], TYPE_BIT(TENSOR_FLOAT32), "input", f);
		if (rc == 0)
			rc = op_expect_rank(n->inputs[i], 3, 3, "input", f);
	}
	if (rc < 0)
		return rc;
	struct recurrent s = sizes_of(n);
	if (s.size * s.cells * s.gates > SHAPE_MOST_ELEMENTS)
		return fault_set(f, -EBADMSG, "its weights are too large");
	size_t rows = s.directions * s.gates * s.cells, states = s.directions * s.batch * s.cells;
	rc = expect_size(n, IN_W, rows * s.size, f);
	if (rc == 0)
		rc = expect_size(n, IN_R, rows * s.cells, f);
	if (rc == 0)
		rc = expect_size(n, IN_B, 2 * rows, f);
	if (rc == 0)
		rc = expect_size(n, IN_FIRST, states, f);
	if (rc == 0 && s.kind == LSTM)
		rc = expect_size(n, IN_CELL, states, f);
	if (rc == 0 && s.kind == LSTM)
		rc = expect_size(n, IN_PEEPHOLES, s.directions * 3 * s.cells, f);
	return rc < 0 ? rc : set_outputs(n, &s, f);
}

static int recurrent_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct recurrent *s = arena_alloc(memory, 1, sizeof(*s));

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	*s = sizes_of(n);
	n->state = s;
	n->scratch_bytes = (2 * s->gates + 2) * s->cells * sizeof(float);
	return 0;
}

/* One sequence: its weights, and what it remembers. */
struct sequence {
	const struct recurrent *s;
	const float *w, *r, *bias, *peepholes;
	float clip;
	bool linear_before_reset;
	float *gates, *recurrent; /* [gates * cells] each */
	float *out, *cell;	  /* [cells] */
};

static float limited(float x, float clip)
{
	return clip <= 0 ? x : x > clip ? clip : x < -clip ? -clip : x;
}

static float logistic(float x)
{
	return (float)(1 / (1 + math_exp(-(double)x)));
}

static float tanh_of(float x)
{
	return (float)math_tanh((double)x);
}

static float dot(const float *a, const float *b, size_t count)
{
	float sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += a[i] * b[i];
	return sum;
}

/* Input and recurrent sums apart: GRU's reset lies between them. */
static void sum_gates(const struct sequence *q, const float *x)
{
	size_t rows = q->s->gates * q->s->cells;

	for (size_t i = 0; i < rows; i++) {
		q->gates[i] = dot(q->w + i * q->s->size, x, q->s->size) +
			      (q->bias != NULL ? q->bias[i] : 0);
		q->recurrent[i] = dot(q->r + i * q->s->cells, q->out, q->s->cells) +
				  (q->bias != NULL ? q->bias[rows + i] : 0);
	}
}

static void step_lstm(const struct sequence *q, const float *x)
{
	size_t n = q->s->cells;

	sum_gates(q, x);
	for (size_t c = 0; c < n; c++) {
		const float *p = q->peepholes;
		float in = q->gates[c] + q->recurrent[c] + (p != NULL ? p[c] * q->cell[c] : 0);
		float forget = q->gates[2 * n + c] + q->recurrent[2 * n + c] +
			       (p != NULL ? p[2 * n + c] * q->cell[c] : 0);
		float update = q->gates[3 * n + c] + q->recurrent[3 * n + c];
		q->cell[c] = logistic(limited(forget, q->clip)) * q->cell[c] +
			     logistic(limited(in, q->clip)) * tanh_of(limited(update, q->clip));
		float out = q->gates[n + c] + q->recurrent[n + c] +
			    (p != NULL ? p[n + c] * q->cell[c] : 0);
		q->gates[n + c] =
			logistic(limited(out, q->clip)) * tanh_of(limited(q->cell[c], q->clip));
	}
	memcpy(q->out, q->gates + n, n * sizeof(float));
}

static void step_gru(const struct sequence *q, const float *x)
{
	size_t n = q->s->cells;
	float *hidden = q->gates + 2 * n;

	sum_gates(q, x);
	for (size_t c = 0; c < 2 * n; c++)
		q->gates[c] = logistic(limited(q->gates[c] + q->recurrent[c], q->clip));
	if (!q->linear_before_reset) { /* the reset comes before the product */
		for (size_t c = 0; c < n; c++)
			q->recurrent[c] = q->gates[n + c] * q->out[c];
		for (size_t c = 0; c < n; c++)
			hidden[c] += dot(q->r + (2 * n + c) * n, q->recurrent, n) +
				     (q->bias != NULL ? q->bias[5 * n + c] : 0);
	} else {
		for (size_t c = 0; c < n; c++)
			hidden[c] += q->gates[n + c] * q->recurrent[2 * n + c];
	}
	for (size_t c = 0; c < n; c++)
		q->out[c] = (1 - q->gates[c]) * tanh_of(limited(hidden[c], q->clip)) +
			    q->gates[c] * q->out[c];
}

static void step_rnn(const struct sequence *q, const float *x)
{
	sum_gates(q, x);
	for (size_t c = 0; c < q->s->cells; c++)
		q->out[c] = tanh_of(limited(q->gates[c] + q->recurrent[c], q->clip));
}

static void copy_or_clear(float *to, const struct tensor *from, size_t at, size_t count)
{
	if (from != NULL)
		memcpy(to, (const float *)from->data + at, count * sizeof(float));
	else
		memset(to, 0, count * sizeof(float));
}

static void store(const struct op_node *n, uint32_t output, size_t at, const float *from,
		  size_t count)
{
	if (output < n->output_count && n->outputs[output] != NULL)
		memcpy((float *)n->outputs[output]->data + at, from, count * sizeof(float));
}

static struct sequence sequence_of(const struct op_node *n, size_t direction, size_t batch)
{
	const struct recurrent *s = n->state;
	size_t rows = s->gates * s->cells, state = (direction * s->batch + batch) * s->cells;
	const struct tensor *bias = input(n, IN_B);
	const struct tensor *peepholes = s->kind == LSTM ? input(n, IN_PEEPHOLES) : NULL;
	struct sequence q = { .s = s,
			      .gates = n->scratch,
			      .clip = n->node->options.recurrent.cell_clip };

	q.linear_before_reset = n->node->options.recurrent.linear_before_reset;
	q.w = (const float *)n->inputs[IN_W]->data + direction * rows * s->size;
	q.r = (const float *)n->inputs[IN_R]->data + direction * rows * s->cells;
	q.bias = bias != NULL ? (const float *)bias->data + direction * 2 * rows : NULL;
	q.peepholes = peepholes != NULL ? (const float *)peepholes->data + direction * 3 * s->cells
					: NULL;
	q.recurrent = q.gates + rows;
	q.out = q.recurrent + rows;
	q.cell = q.out + s->cells;
	copy_or_clear(q.out, input(n, IN_FIRST), state, s->cells);
	copy_or_clear(q.cell, s->kind == LSTM ? input(n, IN_CELL) : NULL, state, s->cells);
	return q;
}

static void run_sequence(const struct op_node *n, size_t direction, size_t batch)
{
	const struct recurrent *s = n->state;
	struct sequence q = sequence_of(n, direction, batch);
	bool backwards = direction == 1 || n->node->options.recurrent.reverse;

	for (size_t i = 0; i < s->steps; i++) {
		size_t t = backwards ? s->steps - 1 - i : i;
		const float *x =
			(const float *)n->inputs[IN_X]->data + (t * s->batch + batch) * s->size;
		(s->kind == LSTM ? step_lstm : s->kind == GRU ? step_gru : step_rnn)(&q, x);
		store(n, 0, ((t * s->directions + direction) * s->batch + batch) * s->cells, q.out,
		      s->cells);
	}
	size_t state = (direction * s->batch + batch) * s->cells;
	store(n, 1, state, q.out, s->cells);
	store(n, 2, state, q.cell, s->cells);
}

static void recurrent_run(const struct op_node *n)
{
	const struct recurrent *s = n->state;

	for (size_t d = 0; d < s->directions; d++)
		for (size_t b = 0; b < s->batch; b++)
			run_sequence(n, d, b);
}

static uint64_t recurrent_macs(const struct op_node *n)
{
	struct recurrent s = sizes_of(n);

	return (uint64_t)s.steps * s.batch * s.directions * s.gates * s.cells * (s.size + s.cells);
}

#define RECURRENT(lower, upper)                                                                    \
	const struct op op_##lower = {                                                             \
		.name = upper,                                                                     \
		.check = recurrent_check,                                                          \
		.plan = recurrent_plan,                                                            \
		.run = recurrent_run,                                                              \
		.macs = recurrent_macs,                                                            \
	}
RECURRENT(onnx_lstm, "ONNX_LSTM");
RECURRENT(onnx_gru, "ONNX_GRU");
RECURRENT(onnx_rnn, "ONNX_RNN");
