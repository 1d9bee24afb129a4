/* lstm.c - UNIDIRECTIONAL_SEQUENCE_LSTM: without peepholes, projection or layer normalization; float,
 * hybrid, and int8 with a cell of int16 (kernels/lstm_eval.cc).
 *
 * Inputs: 0 input, 1 to 4 input weights and 5 to 8 recurrent ones (input, forget, cell, output),
 * 9 to 11 peepholes, 12 to 15 biases, 16 and 17 projection, 18 output state, 19 cell state. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/math.h"
#include "nn/fixed16.h"
#include "nn/ops/conv.h"

enum gate { GATE_INPUT, GATE_FORGET, GATE_CELL, GATE_OUTPUT, GATES };
enum {
	IN_WEIGHTS = 1,
	IN_RECURRENT = 5,
	IN_PEEPHOLES = 9,
	IN_BIASES = 12,
	IN_PROJECTION = 16,
	IN_OUTPUT_STATE = 18,
	IN_CELL_STATE = 19,
	INPUTS = 20
};

struct lstm {
	size_t batch, steps, size, cells;
	bool time_major;
	/* int8: */
	struct multiplier from_input[GATES], from_output[GATES], hidden;
	int32_t *input_sums[GATES], *output_sums[GATES]; /* [cells]: bias and zero points */
	int cell_bits;					 /* integer bits of the cell's state */
	int32_t clip, hidden_zero;
};

static bool is_whole(const struct op_node *n)
{
	return n->inputs[0]->type == TENSOR_INT8;
}

static int check_matrix(const struct op_node *n, int i, int32_t rows, int32_t columns,
			struct fault *f)
{
	const struct tensor *t = n->inputs[i];
	unsigned types = is_whole(n) ? TYPE_BIT(TENSOR_INT8)
				     : TYPE_BIT(TENSOR_FLOAT32) | TYPE_BIT(TENSOR_INT8);

	if (t == NULL)
		return fault_set(f, -EOPNOTSUPP, "weights %d are left out (coupled gates)", i);
	int rc = op_expect_type(t, types, "weights", f);
	if (rc == 0 &&
	    (t->shape.rank != 2 || t->shape.dim[0] != rows || t->shape.dim[1] != columns))
		return fault_set(f, -EBADMSG, "weights %d are not %dx%d", i, rows, columns);
	if (rc == 0 && t->type == TENSOR_INT8)
		rc = op_expect_scale(t, "weights", f);
	return rc;
}

static int check_states(const struct op_node *n, int32_t batch, int32_t cells, struct fault *f)
{
	bool whole = is_whole(n);
	const struct tensor *out = n->inputs[IN_OUTPUT_STATE], *cell = n->inputs[IN_CELL_STATE];

	if (out == NULL || cell == NULL || out->type != n->inputs[0]->type ||
	    cell->type != (whole ? TENSOR_INT16 : TENSOR_FLOAT32) ||
	    tensor_elements(out) != (size_t)batch * (size_t)cells ||
	    tensor_elements(cell) != tensor_elements(out))
		return fault_set(f, -EBADMSG, "its states do not go with its weights");
	if (!whole)
		return 0;
	int rc = op_expect_scale(n->inputs[0], "input", f);
	if (rc == 0)
		rc = op_expect_scale(out, "output state", f);
	return rc < 0 ? rc : op_expect_scale(cell, "cell state", f);
}

static int check_weights(const struct op_node *n, int32_t size, int32_t cells, struct fault *f)
{
	int rc = 0;

	for (int g = 0; rc == 0 && g < GATES; g++) {
		const struct tensor *bias = n->inputs[IN_BIASES + g];
		rc = check_matrix(n, IN_WEIGHTS + g, cells, size, f);
		if (rc == 0)
			rc = check_matrix(n, IN_RECURRENT + g, cells, cells, f);
		if (rc == 0 && (bias == NULL || tensor_elements(bias) != (size_t)cells ||
				bias->type != (is_whole(n) ? TENSOR_INT32 : TENSOR_FLOAT32)))
			return fault_set(f, -EBADMSG, "bias %d does not go with its weights", g);
	}
	return rc;
}

static int lstm_check(const struct op_node *n, struct fault *f)
{
	const struct tensor *in = n->input_count > 0 ? n->inputs[0] : NULL;

	if (n->input_count < INPUTS || n->output_count < 1 || in == NULL ||
	    n->inputs[IN_WEIGHTS + 1] == NULL)
		return fault_set(f, -EBADMSG, "an input is left out");
	for (int i = 0; i < 3; i++)
		if (n->inputs[IN_PEEPHOLES + i] != NULL ||
		    (i < 2 && n->inputs[IN_PROJECTION + i] != NULL))
			return fault_set(f, -EOPNOTSUPP, "peepholes or a projection");
	for (uint32_t i = INPUTS; i < n->input_count; i++)
		if (n->inputs[i] != NULL)
			return fault_set(f, -EOPNOTSUPP, "layer normalization");
	if (n->node->options.recurrent.activation != ACTIVATION_TANH)
		return fault_set(f, -EOPNOTSUPP, "activation %d (tanh)",
				 n->node->options.recurrent.activation);
	int rc = op_expect_type(in, TYPE_BIT(TENSOR_FLOAT32) | TYPE_BIT(TENSOR_INT8), "input", f);
	if (rc == 0)
		rc = op_expect_rank(in, 3, 3, "input", f);
	if (rc == 0)
		rc = op_expect_rank(n->inputs[IN_WEIGHTS + 1], 2, 2, "weights", f);
	if (rc == 0)
		rc = op_output_type(n, 0, in->type, f);
	if (rc < 0)
		return rc;
	int32_t cells = n->inputs[IN_WEIGHTS + 1]->shape.dim[0];
	rc = check_weights(n, in->shape.dim[2], cells, f);
	if (rc == 0)
		rc = check_states(n, in->shape.dim[n->node->options.recurrent.time_major ? 1 : 0],
				  cells, f);
	struct shape shape = in->shape;
	shape.dim[2] = cells;
	return rc < 0 ? rc : op_set_shape(n, 0, &shape, f);
}

/* Bias, less what the zero point adds to each sum. */
static int32_t *zero_sums(const struct tensor *w, const struct tensor *bias, int32_t zero,
			  struct arena *memory)
{
	size_t rows = (size_t)w->shape.dim[0], columns = (size_t)w->shape.dim[1];
	int32_t *sums = arena_alloc(memory, rows, sizeof(*sums));

	for (size_t r = 0; sums != NULL && r < rows; r++) {
		int64_t sum = bias != NULL ? tensor_int(bias, r) : 0;
		for (size_t c = 0; c < columns; c++)
			sum -= (int64_t)zero * ((const int8_t *)w->data)[r * columns + c];
		sums[r] = (int32_t)sum;
	}
	return sums;
}

/* Gates are sums in steps of 2^-12. */
static int plan_whole(const struct op_node *n, struct lstm *s, struct arena *memory,
		      struct fault *f)
{
	const struct quant *in = &n->inputs[0]->quant, *out = &n->inputs[IN_OUTPUT_STATE]->quant;
	const double step = ldexp(1, -12), cell = (double)n->inputs[IN_CELL_STATE]->quant.scale[0];

	for (int g = 0; g < GATES; g++) {
		const struct tensor *w = n->inputs[IN_WEIGHTS + g],
				    *r = n->inputs[IN_RECURRENT + g];
		s->from_input[g] = multiplier_of((double)(in->scale[0] * w->quant.scale[0]) / step);
		s->from_output[g] =
			multiplier_of((double)(out->scale[0] * r->quant.scale[0]) / step);
		s->input_sums[g] =
			zero_sums(w, n->inputs[IN_BIASES + g], in->zero_point[0], memory);
		s->output_sums[g] = zero_sums(r, NULL, out->zero_point[0], memory);
		if (s->input_sums[g] == NULL || s->output_sums[g] == NULL)
			return fault_set(f, -ENOMEM, "no memory");
	}
	int exponent;
	if (frexp(cell, &exponent) != 0.5 || exponent - 1 < -15 || exponent - 1 > -9)
		return fault_set(f, -EOPNOTSUPP,
				 "the cell's scale is %g (a power of two, 2^-15 to 2^-9)", cell);
	s->cell_bits = 15 + exponent - 1;
	float hidden = n->node->options.recurrent.hidden_scale;
	s->hidden = multiplier_of(ldexp(1, -30) / (double)(hidden > 0 ? hidden : out->scale[0]));
	s->hidden_zero =
		hidden > 0 ? n->node->options.recurrent.hidden_zero_point : out->zero_point[0];
	float clip = n->node->options.recurrent.cell_clip;
	s->clip = clip > 0 ? clamp((int32_t)fmin(fmax((double)clip / cell, -32768), 32767),
				   INT16_MIN, INT16_MAX)
			   : 0;
	return 0;
}

static int lstm_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct lstm *s = arena_alloc(memory, 1, sizeof(*s));
	const int32_t *in = n->inputs[0]->shape.dim;

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	n->state = s;
	s->time_major = n->node->options.recurrent.time_major;
	s->batch = (size_t)in[s->time_major ? 1 : 0];
	s->steps = (size_t)in[s->time_major ? 0 : 1];
	s->size = (size_t)in[2];
	s->cells = (size_t)n->inputs[IN_WEIGHTS + 1]->shape.dim[0];
	n->scratch_bytes = (GATES + 2) * s->cells * sizeof(float) + s->size + s->cells;
	return is_whole(n) ? plan_whole(n, s, memory, f) : 0;
}

static uint64_t lstm_macs(const struct op_node *n)
{
	uint64_t cells = (uint64_t)n->inputs[IN_WEIGHTS + 1]->shape.dim[0];
	const int32_t *in = n->inputs[0]->shape.dim;

	return (uint64_t)in[0] * (uint64_t)in[1] * GATES * cells * ((uint64_t)in[2] + cells);
}

/* ---- float and hybrid ---- */

/* sums[row] += the row's product with x. */
static void multiply(const struct op_node *n, const struct tensor *w, const float *x,
		     int8_t *scratch, float *sums)
{
	size_t rows = (size_t)w->shape.dim[0], columns = (size_t)w->shape.dim[1];
	struct hybrid_scale in = { 0 };

	if (w->type == TENSOR_INT8)
		in = hybrid_quantize(x, columns, n->node->options.recurrent.asymmetric_inputs,
				     scratch);
	for (size_t r = 0; r < rows; r++) {
		if (w->type == TENSOR_FLOAT32) {
			float sum = 0;
			for (size_t c = 0; c < columns; c++)
				sum += ((const float *)w->data)[r * columns + c] * x[c];
			sums[r] += sum;
			continue;
		}
		int32_t whole = 0;
		for (size_t c = 0; c < columns; c++)
			whole += (scratch[c] - in.zero_point) *
				 ((const int8_t *)w->data)[r * columns + c];
		sums[r] += (float)whole * in.scale * w->quant.scale[0];
	}
}

static float logistic_of(float x)
{
	return (float)(1 / (1 + math_exp(-(double)x)));
}

static void step_float(const struct op_node *n, const float *x, float *out, float *cell, float *y)
{
	const struct lstm *s = n->state;
	float *gates = n->scratch, clip = n->node->options.recurrent.cell_clip;
	int8_t *quantized = (int8_t *)(gates + (GATES + 2) * s->cells);

	for (int g = 0; g < GATES; g++) {
		memcpy(gates + (size_t)g * s->cells, n->inputs[IN_BIASES + g]->data,
		       s->cells * sizeof(float));
		multiply(n, n->inputs[IN_WEIGHTS + g], x, quantized, gates + (size_t)g * s->cells);
		multiply(n, n->inputs[IN_RECURRENT + g], out, quantized + s->size,
			 gates + (size_t)g * s->cells);
	}
	for (size_t c = 0; c < s->cells; c++) {
		float update =
			logistic_of(gates[c]) * (float)math_tanh((double)gates[2 * s->cells + c]);
		cell[c] = logistic_of(gates[s->cells + c]) * cell[c] + update;
		if (clip > 0)
			cell[c] = cell[c] > clip ? clip : cell[c] < -clip ? -clip : cell[c];
		y[c] = logistic_of(gates[3 * s->cells + c]) * (float)math_tanh((double)cell[c]);
	}
	memcpy(out, y, s->cells * sizeof(float));
}

/* ---- int8 ---- */

static void gate_whole(const struct op_node *n, int g, const int8_t *x, const int8_t *out,
		       int16_t *gate)
{
	const struct lstm *s = n->state;
	const int8_t *w = n->inputs[IN_WEIGHTS + g]->data, *r = n->inputs[IN_RECURRENT + g]->data;

	for (size_t c = 0; c < s->cells; c++) {
		int64_t sum = s->input_sums[g][c], recurrent = s->output_sums[g][c];
		for (size_t i = 0; i < s->size; i++)
			sum += x[i] * w[c * s->size + i];
		for (size_t i = 0; i < s->cells; i++)
			recurrent += out[i] * r[c * s->cells + i];
		int16_t half = saturate16(requantize((int32_t)sum, s->from_input[g]));
		int32_t both = requantize((int32_t)recurrent, s->from_output[g]);
		both = saturate16(clamp(both, -65536, 65536) + half);
		gate[c] = g == GATE_CELL ? fixed16_tanh((int16_t)both, 3)
					 : fixed16_logistic((int16_t)both, 3);
	}
}

static void step_whole(const struct op_node *n, const int8_t *x, int8_t *out, int16_t *cell,
		       int8_t *y)
{
	const struct lstm *s = n->state;
	int16_t *gates = n->scratch;
	int32_t zero = s->hidden_zero;

	for (int g = 0; g < GATES; g++)
		gate_whole(n, g, x, out, gates + (size_t)g * s->cells);
	for (size_t c = 0; c < s->cells; c++) {
		int32_t kept = rounding_shift_right(gates[s->cells + c] * cell[c], 15);
		int32_t update =
			rounding_shift_right(gates[c] * gates[2 * s->cells + c], 15 + s->cell_bits);
		cell[c] = saturate16(saturate16(kept) + saturate16(update));
		if (s->clip > 0)
			cell[c] = (int16_t)clamp(cell[c], -s->clip, s->clip);
		int32_t hidden = gates[3 * s->cells + c] * fixed16_tanh(cell[c], s->cell_bits);
		y[c] = (int8_t)add_zero_point(requantize(hidden, s->hidden), zero, INT8_MIN,
					      INT8_MAX);
	}
	memcpy(out, y, s->cells);
}

/* Where a state lies while it runs: in its variable, or (given by the file, or computed: it begins
 * anew in every run) in the scratch behind the gates. */
static void *state_of(const struct op_node *n, int input, size_t b)
{
	const struct lstm *s = n->state;
	const struct tensor *t = n->inputs[input];
	size_t bytes = s->cells * tensor_type_bytes(t->type);
	char *value = (char *)t->data + b * bytes;
	size_t place = (size_t)(GATES + input - IN_OUTPUT_STATE) * s->cells * sizeof(float);

	return t->variable ? value : memcpy((char *)n->scratch + place, value, bytes);
}

static void lstm_run(const struct op_node *n)
{
	const struct lstm *s = n->state;
	size_t bytes = tensor_type_bytes(n->inputs[0]->type);

	for (size_t b = 0; b < s->batch; b++) {
		void *out = state_of(n, IN_OUTPUT_STATE, b), *cell = state_of(n, IN_CELL_STATE, b);
		for (size_t t = 0; t < s->steps; t++) {
			size_t row = s->time_major ? t * s->batch + b : b * s->steps + t;
			const void *x = (const char *)n->inputs[0]->data + row * s->size * bytes;
			void *y = (char *)n->outputs[0]->data + row * s->cells * bytes;
			if (is_whole(n))
				step_whole(n, x, out, cell, y);
			else
				step_float(n, x, out, cell, y);
		}
	}
}

const struct op op_unidirectional_sequence_lstm = {
	.name = "UNIDIRECTIONAL_SEQUENCE_LSTM",
	.check = lstm_check,
	.plan = lstm_plan,
	.run = lstm_run,
	.macs = lstm_macs,
	.keeps_state = true,
};
