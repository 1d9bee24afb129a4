/* check_net.c - whole nets: constants computed at load, transpositions that cancel, branches, groups. */
#include <string.h>

#include "nn/net.h"
#include "nn/op.h"
#include "tests/test.h"

enum { MOST = 16 };

/* A graph that grows node by node. */
static struct tensor tensors[MOST];
static struct node nodes[MOST];
static int32_t indices[MOST][8];
static struct subgraph subgraphs[3];
static struct graph graph;
static struct arena *memory;
static struct net *net;
static struct fault fault;
static size_t tensor_count, node_count;

static void start(void)
{
	memset(tensors, 0, sizeof(tensors));
	memset(nodes, 0, sizeof(nodes));
	memset(subgraphs, 0, sizeof(subgraphs));
	tensor_count = node_count = 0;
	fault = (struct fault){ 0 };
	memory = arena_create();
}

static void finish(void)
{
	arena_free(memory);
}

static int32_t add_tensor(enum tensor_type type, struct shape shape)
{
	tensors[tensor_count] = (struct tensor){ .name = "t", .type = type, .shape = shape };
	return (int32_t)tensor_count++;
}

static int32_t add_constant(enum tensor_type type, struct shape shape, const void *data)
{
	int32_t t = add_tensor(type, shape);

	tensors[t].constant = true;
	tensors[t].data = (void *)data;
	tensors[t].bytes = tensor_bytes(type, &shape);
	return t;
}

/* Up to three inputs; -2 ends them. Gives the output, whose type and shape the operator says. */
static int32_t add_node(const char *op, int32_t a, int32_t b, int32_t c, union options options)
{
	int32_t *own = indices[node_count];
	struct node *n = &nodes[node_count++];
	const int32_t inputs[] = { a, b, c };

	*n = (struct node){ .name = op, .op = op_find(op), .options = options };
	while (n->input_count < 3 && inputs[n->input_count] != -2) {
		own[n->input_count] = inputs[n->input_count];
		n->input_count++;
	}
	own[7] = add_tensor(TENSOR_OPEN, (struct shape){ 0 });
	n->inputs = own;
	n->outputs = own + 7;
	n->output_count = 1;
	return own[7];
}

static int open_net(int32_t input, int32_t output)
{
	static int32_t ends[2];

	ends[0] = input;
	ends[1] = output;
	subgraphs[0] = (struct subgraph){ .name = "main",
					  .tensor_count = tensor_count,
					  .node_count = node_count,
					  .input_count = 1,
					  .output_count = 1,
					  .tensors = tensors,
					  .nodes = nodes,
					  .inputs = ends,
					  .outputs = ends + 1 };
	graph = (struct graph){ .name = "test", .subgraph_count = 1, .subgraphs = subgraphs };
	return net_open(&graph, memory, &net, &fault);
}

static const union options none;
static const int32_t to_nhwc[] = { 0, 2, 3, 1 }, to_nchw[] = { 0, 3, 1, 2 };

#define SHAPE(...)                                                                                 \
	((struct shape){ sizeof((int32_t[]){ __VA_ARGS__ }) / sizeof(int32_t), { __VA_ARGS__ } })

START_TEST(transpositions_cancel_around_values)
{
	static const float slopes[] = { 1, 10, 100 };
	float in[1 * 3 * 2 * 2], wanted[1 * 3 * 2 * 2];

	start();
	int32_t x = add_tensor(TENSOR_FLOAT32, SHAPE(1, 2, 2, 3));
	int32_t back = add_constant(TENSOR_INT32, SHAPE(4), to_nchw);
	int32_t forth = add_constant(TENSOR_INT32, SHAPE(4), to_nhwc);
	int32_t factor = add_constant(TENSOR_FLOAT32, SHAPE(3, 1, 1), slopes);
	int32_t nchw = add_node("TRANSPOSE", x, back, -2, none);
	int32_t scaled = add_node("MUL", nchw, factor, -2, none);
	int32_t positive = add_node("RELU", scaled, -2, -2, none);
	int32_t nhwc = add_node("TRANSPOSE", positive, forth, -2, none);
	int32_t y = add_node("NEG", nhwc, -2, -2, none);
	ck_assert_msg(open_net(x, y) == 0, "%s", fault.text);
	ck_assert_uint_eq(net_nodes(net), 3); /* MUL, RELU, NEG */
	for (int i = 0; i < 12; i++) {
		in[i] = (float)(i - 5);
		wanted[i] = -(in[i] > 0 ? in[i] * slopes[i % 3] : 0);
	}
	memcpy(net_input(net, 0)->data, in, sizeof(in));
	net_run(net);
	for (int i = 0; i < 12; i++)
		ck_assert_float_eq(((const float *)net_output(net, 0)->data)[i], wanted[i]);
	finish();
}
END_TEST

START_TEST(a_mean_is_taken_below_the_transposition)
{
	static const int32_t axes[] = { 2, 3 };
	union options keep = { .reduce = { .keep_dims = true } };
	float in[] = { 1, 10, 3, 30, 5, 50, 7, 70 };

	start();
	int32_t x = add_tensor(TENSOR_FLOAT32, SHAPE(1, 2, 2, 2));
	int32_t back = add_constant(TENSOR_INT32, SHAPE(4), to_nchw);
	int32_t spatial = add_constant(TENSOR_INT32, SHAPE(2), axes);
	int32_t nchw = add_node("TRANSPOSE", x, back, -2, none);
	int32_t mean = add_node("MEAN", nchw, spatial, -2, keep);
	union options flat = { .reshape = { { 2, { 1, 2 } }, true } };
	int32_t y = add_node("RESHAPE", mean, -2, -2, flat);
	ck_assert_msg(open_net(x, y) == 0, "%s", fault.text);
	ck_assert_uint_eq(net_nodes(net), 2); /* MEAN, RESHAPE */
	memcpy(net_input(net, 0)->data, in, sizeof(in));
	net_run(net);
	ck_assert_float_eq(((const float *)net_output(net, 0)->data)[0], 4);
	ck_assert_float_eq(((const float *)net_output(net, 0)->data)[1], 40);
	finish();
}
END_TEST

/* SHAPE, GATHER and PACK make the target of RESHAPE: all of it is gone when the net is open. */
START_TEST(shapes_are_computed_at_load)
{
	static const int32_t first = 0, rest = -1;
	union options int32 = { .axis = { .type = TENSOR_INT32 } };

	start();
	int32_t x = add_tensor(TENSOR_FLOAT32, SHAPE(2, 3, 4));
	int32_t zero = add_constant(TENSOR_INT32, (struct shape){ 0 }, &first);
	int32_t minus = add_constant(TENSOR_INT32, (struct shape){ 0 }, &rest);
	int32_t shape = add_node("SHAPE", x, -2, -2, int32);
	int32_t rows = add_node("GATHER", shape, zero, -2, none);
	int32_t target = add_node("PACK", rows, minus, -2, none);
	int32_t y = add_node("RESHAPE", x, target, -2, none);
	ck_assert_msg(open_net(x, y) == 0, "%s", fault.text);
	ck_assert_uint_eq(net_nodes(net), 1);
	ck_assert_int_eq(net_output(net, 0)->shape.rank, 2);
	ck_assert_int_eq(net_output(net, 0)->shape.dim[1], 12);
	finish();
}
END_TEST

/* Filters of 1x1 in groups once wrote behind their scratch. */
START_TEST(pointwise_filters_in_groups)
{
	static const float filter[] = {
		1, 1, 2, 2, 3, 3, 4, 4
	}; /* 4 outputs, 2 groups of 2 inputs */
	union options o = { .conv = { .padding = PADDING_VALID,
				      .stride_h = 1,
				      .stride_w = 1,
				      .dilation_h = 1,
				      .dilation_w = 1 } };
	float in[] = { 1, 2, 10, 20, 3, 4, 30, 40 };
	const float wanted[] = { 3, 6, 90, 120, 7, 14, 210, 280 };

	start();
	int32_t x = add_tensor(TENSOR_FLOAT32, SHAPE(1, 1, 2, 4));
	int32_t w = add_constant(TENSOR_FLOAT32, SHAPE(4, 1, 1, 2), filter);
	int32_t y = add_node("CONV_2D", x, w, -2, o);
	ck_assert_msg(open_net(x, y) == 0, "%s", fault.text);
	memcpy(net_input(net, 0)->data, in, sizeof(in));
	net_run(net);
	for (int i = 0; i < 8; i++)
		ck_assert_float_eq(((const float *)net_output(net, 0)->data)[i], wanted[i]);
	finish();
}
END_TEST

/* ONNX rounds halves to even, TensorFlow Lite away from zero. */
START_TEST(halves_go_to_even_in_onnx)
{
	static const float scale = 1;
	static const int32_t zero = 0;
	float in[] = { 0.5f, 1.5f, 2.5f, -0.5f };
	const int8_t even[] = { 0, 2, 2, 0 }, away[] = { 1, 2, 3, -1 };

	for (int kind = 0; kind < 2; kind++) {
		union options o = { .quantize = { kind == 0 ? ROUND_ONNX : ROUND_TENSORFLOW, 0 } };
		start();
		int32_t x = add_tensor(TENSOR_FLOAT32, SHAPE(4));
		int32_t y = add_node("QUANTIZE", x, -2, -2, o);
		tensors[y].type = TENSOR_INT8;
		tensors[y].quant = (struct quant){ 1, &scale, &zero, 0 };
		ck_assert_msg(open_net(x, y) == 0, "%s", fault.text);
		memcpy(net_input(net, 0)->data, in, sizeof(in));
		net_run(net);
		ck_assert_mem_eq(net_output(net, 0)->data, kind == 0 ? even : away, 4);
		finish();
	}
}
END_TEST

/* How many places WHERE finds changes from run to run; such an output may leave the graph only. */
START_TEST(outputs_that_vary)
{
	float in[] = { 0, 3, 0, 4 };

	start();
	int32_t x = add_tensor(TENSOR_FLOAT32, SHAPE(4));
	int32_t y = add_node("WHERE", x, -2, -2, none);
	ck_assert_msg(open_net(x, y) == 0, "%s", fault.text);
	memcpy(net_input(net, 0)->data, in, sizeof(in));
	net_run(net);
	ck_assert_int_eq(net_output(net, 0)->shape.dim[0], 2);
	ck_assert_uint_eq(net_output(net, 0)->bytes, 2 * sizeof(int64_t));
	ck_assert_int_eq(((const int64_t *)net_output(net, 0)->data)[1], 3);
	finish();
	start();
	x = add_tensor(TENSOR_FLOAT32, SHAPE(4));
	int32_t places = add_node("WHERE", x, -2, -2, none);
	y = add_node("NEG", places, -2, -2, none);
	ck_assert_int_ne(open_net(x, y), 0);
	ck_assert_msg(strstr(fault.text, "another size") != NULL, "%s", fault.text);
	finish();
}
END_TEST

START_TEST(operators_that_are_not_known_say_what_to_do)
{
	start();
	int32_t x = add_tensor(TENSOR_FLOAT32, SHAPE(4));
	int32_t y = add_node("edgetpu-custom-op", x, -2, -2, none);
	ck_assert_int_ne(open_net(x, y), 0);
	ck_assert_msg(strstr(fault.text, "Edge TPU") != NULL, "%s", fault.text);
	finish();
}
END_TEST

TEST_MAIN("net", transpositions_cancel_around_values, a_mean_is_taken_below_the_transposition,
	  shapes_are_computed_at_load, pointwise_filters_in_groups, halves_go_to_even_in_onnx,
	  outputs_that_vary, operators_that_are_not_known_say_what_to_do)
