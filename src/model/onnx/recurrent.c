/* recurrent.c - LSTM, GRU and RNN of ONNX: the engine has them as they are. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/onnx/convert.h"

/* Activations other than the usual ones are refused; they stand once for each direction. */
static void expect_activations(struct build *b, const char *const *usual, size_t count)
{
	struct wire_field f;
	struct wire w;
	size_t i = 0;

	for (size_t k = 0; k < b->node->attribute_count; k++) {
		const struct onnx_attribute *a = &b->node->attributes[k];
		if (strcmp(a->name, "activation_alpha") == 0 ||
		    strcmp(a->name, "activation_beta") == 0)
			build_fail(b, -EOPNOTSUPP, "%s", a->name);
		if (strcmp(a->name, "activations") != 0)
			continue;
		w = a->strings;
		while (wire_next(&w, &f)) {
			if (f.number != 9 || f.type != WIRE_BYTES)
				continue;
			const char *wanted = usual[i++ % count];
			if (f.size != strlen(wanted) || memcmp(f.data, wanted, f.size) != 0)
				build_fail(b, -EOPNOTSUPP, "activation %.*s (%s)", (int)f.size,
					   (const char *)f.data, wanted);
		}
	}
}

/* All sequences have the full length, or it is refused. */
static void expect_full_length(struct build *b, int32_t lengths, int32_t steps)
{
	const struct tensor *t = build_tensor(b, lengths);

	if (lengths < 0)
		return;
	if (!t->constant)
		build_fail(b, -EOPNOTSUPP, "sequence_lens is computed");
	for (size_t i = 0; b->rc == 0 && i < tensor_elements(t); i++)
		if (tensor_int(t, i) != steps)
			build_fail(b, -EOPNOTSUPP, "a sequence of %lld of %d steps",
				   (long long)tensor_int(t, i), steps);
}

static union options read_options(struct build *b)
{
	const char *direction = attribute_text(b, "direction", "forward");
	union options o = { .recurrent = {
				    .reverse = strcmp(direction, "reverse") == 0,
				    .both = strcmp(direction, "bidirectional") == 0,
				    .cell_clip = attribute_float(b, "clip", 0),
				    .linear_before_reset =
					    attribute_int(b, "linear_before_reset", 0) != 0,
			    } };

	if (attribute_int(b, "input_forget", 0) != 0)
		build_fail(b, -EOPNOTSUPP, "input_forget");
	return o;
}

/* layout 1 has the batch in front. */
static int32_t swap_first(struct build *b, int32_t t)
{
	static const int order[] = { 1, 0, 2 };

	return t < 0 ? t : build_transpose(b, t, order, 3);
}

static void recurrent(struct build *b, const char *op, size_t inputs, size_t outputs)
{
	static const int batch_first[] = { 2, 0, 1, 3 };
	int32_t in[8], outs[3];
	union options o = read_options(b);
	bool layout = attribute_int(b, "layout", 0) != 0;

	for (size_t i = 0; i < inputs; i++)
		in[i] = i < 3 ? build_need(b, i) : build_in(b, i);
	if (layout) {
		in[0] = swap_first(b, in[0]);
		in[5] = swap_first(b, in[5]);
		if (inputs > 6)
			in[6] = swap_first(b, in[6]);
	}
	expect_full_length(b, in[4], build_tensor(b, in[0])->shape.dim[0]);
	build_op_many(b, op, in, inputs, &o, NULL, outs, outputs);
	if (b->rc < 0)
		return;
	build_out(b, 0, layout ? build_transpose(b, outs[0], batch_first, 4) : outs[0]);
	for (size_t i = 1; i < outputs; i++)
		build_out(b, i, layout ? swap_first(b, outs[i]) : outs[i]);
}

static void convert_lstm(struct build *b)
{
	static const char *const usual[] = { "Sigmoid", "Tanh", "Tanh" };

	expect_activations(b, usual, ARRAY_SIZE(usual));
	recurrent(b, "ONNX_LSTM", 8, 3);
}

static void convert_gru(struct build *b)
{
	static const char *const usual[] = { "Sigmoid", "Tanh" };

	expect_activations(b, usual, ARRAY_SIZE(usual));
	recurrent(b, "ONNX_GRU", 6, 2);
}

static void convert_rnn(struct build *b)
{
	static const char *const usual[] = { "Tanh" };

	expect_activations(b, usual, ARRAY_SIZE(usual));
	recurrent(b, "ONNX_RNN", 6, 2);
}

const struct onnx_converter onnx_recurrent[] = {
	{ "GRU", convert_gru },
	{ "LSTM", convert_lstm },
	{ "RNN", convert_rnn },
	{ 0 },
};
