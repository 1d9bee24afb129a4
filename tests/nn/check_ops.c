/* check_ops.c - operators on small graphs built here, with results worked out by hand or in
 * double. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/net.h"
#include "nn/op.h"
#include "tests/test.h"

enum { MOST = 8 };

/* A graph of one operator: tensor 0 to inputs-1 are its inputs, the next are its outputs. */
static struct tensor tensors[MOST];
static struct node node;
static struct subgraph subgraph;
static struct graph graph;
static struct arena *memory;
static struct net *net;
static struct fault fault;
static int32_t all[MOST] = { 0, 1, 2, 3, 4, 5, 6, 7 };

static struct tensor tensor(enum tensor_type type, struct shape shape)
{
	return (struct tensor){ .name = "t", .type = type, .shape = shape };
}

#define SHAPE(...)                                                                                 \
	((struct shape){ sizeof((int32_t[]){ __VA_ARGS__ }) / sizeof(int32_t), { __VA_ARGS__ } })

static struct quant scaled(const float *scale, const int32_t *zero)
{
	return (struct quant){ 1, scale, zero, 0 };
}

static void set_constant(size_t i, void *data)
{
	tensors[i].constant = true;
	tensors[i].data = data;
	tensors[i].bytes = tensor_bytes(tensors[i].type, &tensors[i].shape);
}

/* 0 or the fault of opening; the constants among the inputs are no inputs of the graph. */
static int open_op(const char *name, uint32_t inputs, uint32_t outputs)
{
	static int32_t graph_inputs[MOST];
	size_t count = 0;

	for (uint32_t i = 0; i < inputs; i++)
		if (!tensors[i].constant)
			graph_inputs[count++] = (int32_t)i;
	node.name = name;
	node.op = op_find(name);
	node.input_count = inputs;
	node.output_count = outputs;
	node.inputs = all;
	node.outputs = all + inputs;
	subgraph = (struct subgraph){ "",    inputs + outputs, 1,	    count, outputs, tensors,
				      &node, graph_inputs,     node.outputs };
	graph = (struct graph){ .name = "test", .subgraph_count = 1, .subgraphs = &subgraph };
	memory = arena_create();
	return net_open(&graph, memory, &net, &fault);
}

static void setup(void)
{
	memset(tensors, 0, sizeof(tensors));
	memset(&node, 0, sizeof(node));
	fault = (struct fault){ 0 };
}

static void run_float(const float *in, const float *wanted, size_t count)
{
	memcpy(net_input(net, 0)->data, in, net_input(net, 0)->bytes);
	net_run(net);
	for (size_t i = 0; i < count; i++)
		ck_assert_float_eq_tol(((const float *)net_output(net, 0)->data)[i], wanted[i],
				       1e-5f);
	arena_free(memory);
}

/* 3x3 ones over a 3x3 picture of 1 … 9, SAME: sums of what lies inside; bias 0.5, relu6 cuts at
 * 6. */
START_TEST(conv_2d_pads_adds_its_bias_and_clips)
{
	static float filter[9] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 }, bias[1] = { 0.5f };
	static const float in[9] = { 1, 0, 0, 0, 1, 0, 0, 0, 9 };

	setup();
	tensors[0] = tensor(TENSOR_FLOAT32, SHAPE(1, 3, 3, 1));
	tensors[1] = tensor(TENSOR_FLOAT32, SHAPE(1, 3, 3, 1));
	tensors[2] = tensor(TENSOR_FLOAT32, SHAPE(1));
	tensors[3] = tensor(TENSOR_FLOAT32, SHAPE(1, 3, 3, 1));
	set_constant(1, filter);
	set_constant(2, bias);
	node.options.conv.stride_h = node.options.conv.stride_w = 1;
	node.options.conv.dilation_h = node.options.conv.dilation_w = 1;
	node.options.conv.activation = ACTIVATION_RELU6;
	ck_assert_int_eq(open_op("CONV_2D", 3, 1), 0);
	ck_assert_uint_eq(net_macs(net), 81);
	ck_assert(net_needs_gemm(net));
	run_float(in, (float[]){ 2.5f, 2.5f, 1.5f, 2.5f, 6, 6, 1.5f, 6, 6 }, 9);
}
END_TEST

/* (3 - 1) * 2 + (5 - 1) * -1 + bias 4 = 4 in units of 0.5 * 0.25; the output's unit is 0.25: 2,
 * plus 10. */
START_TEST(conv_2d_of_int8_is_exact)
{
	static const float in_scale = 0.5f, filter_scale = 0.25f, out_scale = 0.25f;
	static const int32_t in_zero = 1, no_zero = 0, out_zero = 10;
	static int8_t filter[2] = { 2, -1 };
	static int32_t bias[1] = { 4 };

	setup();
	tensors[0] = tensor(TENSOR_INT8, SHAPE(1, 1, 1, 2));
	tensors[1] = tensor(TENSOR_INT8, SHAPE(1, 1, 1, 2));
	tensors[2] = tensor(TENSOR_INT32, SHAPE(1));
	tensors[3] = tensor(TENSOR_INT8, SHAPE(1, 1, 1, 1));
	tensors[0].quant = scaled(&in_scale, &in_zero);
	tensors[1].quant = scaled(&filter_scale, &no_zero);
	tensors[3].quant = scaled(&out_scale, &out_zero);
	set_constant(1, filter);
	set_constant(2, bias);
	node.options.conv.stride_h = node.options.conv.stride_w = 1;
	node.options.conv.dilation_h = node.options.conv.dilation_w = 1;
	ck_assert_int_eq(open_op("CONV_2D", 3, 1), 0);
	memcpy(net_input(net, 0)->data, (int8_t[]){ 3, 5 }, 2);
	net_run(net);
	ck_assert_int_eq(*(const int8_t *)net_output(net, 0)->data, 12);
	ck_assert(!net_needs_gemm(net));
	arena_free(memory);
}
END_TEST

START_TEST(depthwise_keeps_channels_apart)
{
	static float filter[4] = { 1, 10, 2, 20 }; /* 2x1, two channels */

	setup();
	tensors[0] = tensor(TENSOR_FLOAT32, SHAPE(1, 3, 1, 2));
	tensors[1] = tensor(TENSOR_FLOAT32, SHAPE(1, 2, 1, 2));
	tensors[2] = tensor(TENSOR_FLOAT32, SHAPE(1, 2, 1, 2));
	set_constant(1, filter);
	node.options.conv.padding = PADDING_VALID;
	node.options.conv.stride_h = node.options.conv.stride_w = 1;
	node.options.conv.dilation_h = node.options.conv.dilation_w = 1;
	ck_assert_int_eq(open_op("DEPTHWISE_CONV_2D", 2, 1), 0);
	run_float((float[]){ 1, 1, 2, 2, 3, 3 }, (float[]){ 5, 50, 8, 80 }, 4);
}
END_TEST

START_TEST(fully_connected_sees_every_input)
{
	static float filter[6] = { 1, 2, 3, -1, 0, 1 }, bias[2] = { 10, 20 };

	setup();
	tensors[0] = tensor(TENSOR_FLOAT32, SHAPE(2, 3));
	tensors[1] = tensor(TENSOR_FLOAT32, SHAPE(2, 3));
	tensors[2] = tensor(TENSOR_FLOAT32, SHAPE(2));
	tensors[3] = tensor(TENSOR_FLOAT32, SHAPE(2, 2));
	set_constant(1, filter);
	set_constant(2, bias);
	ck_assert_int_eq(open_op("FULLY_CONNECTED", 3, 1), 0);
	run_float((float[]){ 1, 1, 1, 0, 0, 5 }, (float[]){ 16, 20, 25, 25 }, 4);
}
END_TEST

START_TEST(average_pool_counts_only_what_is_inside)
{
	setup();
	tensors[0] = tensor(TENSOR_FLOAT32, SHAPE(1, 3, 1, 1));
	tensors[1] = tensor(TENSOR_FLOAT32, SHAPE(1, 2, 1, 1));
	node.options.conv.filter_h = 2;
	node.options.conv.filter_w = 1;
	node.options.conv.stride_h = 2;
	node.options.conv.stride_w = 1;
	node.options.conv.dilation_h = node.options.conv.dilation_w = 1;
	ck_assert_int_eq(open_op("AVERAGE_POOL_2D", 1, 1), 0);
	run_float((float[]){ 1, 3, 8 }, (float[]){ 2, 8 }, 2);
}
END_TEST

START_TEST(add_repeats_what_is_smaller)
{
	static float row[2] = { 10, 20 };

	setup();
	tensors[0] = tensor(TENSOR_FLOAT32, SHAPE(2, 2));
	tensors[1] = tensor(TENSOR_FLOAT32, SHAPE(2));
	tensors[2] = tensor(TENSOR_FLOAT32, SHAPE(2, 2));
	set_constant(1, row);
	ck_assert_int_eq(open_op("ADD", 2, 1), 0);
	run_float((float[]){ 1, 2, 3, 4 }, (float[]){ 11, 22, 13, 24 }, 4);
}
END_TEST

START_TEST(softmax_sums_up_to_one)
{
	setup();
	tensors[0] = tensor(TENSOR_FLOAT32, SHAPE(1, 3));
	tensors[1] = tensor(TENSOR_FLOAT32, SHAPE(1, 3));
	node.options.softmax.beta = 1;
	ck_assert_int_eq(open_op("SOFTMAX", 1, 1), 0);
	double sum = exp(1) + exp(2) + exp(3);
	run_float((float[]){ 1, 2, 3 },
		  (float[]){ (float)(exp(1) / sum), (float)(exp(2) / sum), (float)(exp(3) / sum) },
		  3);
}
END_TEST

START_TEST(mean_of_int8_rounds_once)
{
	static const float scale = 1;
	static const int32_t zero = 0;
	static int32_t axis[1] = { 1 };

	setup();
	tensors[0] = tensor(TENSOR_INT8, SHAPE(2, 3));
	tensors[1] = tensor(TENSOR_INT32, SHAPE(1));
	tensors[2] = tensor(TENSOR_INT8, SHAPE(2));
	tensors[0].quant = tensors[2].quant = scaled(&scale, &zero);
	set_constant(1, axis);
	ck_assert_int_eq(open_op("MEAN", 2, 1), 0);
	memcpy(net_input(net, 0)->data, (int8_t[]){ 1, 2, 2, -7, -7, -8 }, 6);
	net_run(net);
	ck_assert_int_eq(((const int8_t *)net_output(net, 0)->data)[0], 2);
	ck_assert_int_eq(((const int8_t *)net_output(net, 0)->data)[1], -7);
	arena_free(memory);
}
END_TEST

/* A cosine of 3 periods in 16 samples: all of it in bin 3. */
START_TEST(rfft2d_finds_a_tone)
{
	static int32_t length[2] = { 1, 16 };
	const float *out;

	setup();
	tensors[0] = tensor(TENSOR_FLOAT32, SHAPE(1, 1, 16));
	tensors[1] = tensor(TENSOR_INT32, SHAPE(2));
	tensors[2] = tensor(TENSOR_COMPLEX64, SHAPE(1, 1, 9));
	set_constant(1, length);
	ck_assert_int_eq(open_op("RFFT2D", 2, 1), 0);
	for (int i = 0; i < 16; i++)
		((float *)net_input(net, 0)->data)[i] = (float)cos(2 * M_PI * 3 * i / 16);
	net_run(net);
	out = net_output(net, 0)->data;
	for (int i = 0; i < 9; i++)
		ck_assert_float_eq_tol(hypotf(out[2 * i], out[2 * i + 1]), i == 3 ? 8.0f : 0.0f,
				       1e-5f);
	arena_free(memory);
}
END_TEST

START_TEST(what_does_not_fit_is_a_fault_that_names_the_operator)
{
	setup();
	tensors[0] = tensor(TENSOR_FLOAT32, SHAPE(1, 3, 3));
	tensors[1] = tensor(TENSOR_FLOAT32, SHAPE(1, 3, 3, 1));
	tensors[2] = tensor(TENSOR_FLOAT32, SHAPE(1, 3, 3, 1));
	ck_assert_int_lt(open_op("CONV_2D", 2, 1), 0);
	ck_assert_str_eq(fault.text, "test: node 0 CONV_2D: input has 3 dimensions (4 expected)");
	arena_free(memory);
	node.op = NULL;
	node.name = "FLUX_CAPACITOR";
	memory = arena_create();
	ck_assert_int_lt(net_open(&graph, memory, &net, &fault), 0);
	ck_assert_ptr_nonnull(strstr(fault.text, "node 0 FLUX_CAPACITOR"));
	arena_free(memory);
}
END_TEST

/* Each of 1024 equal values has 1/1024: less than half of the output's unit of 1/256. And 8192 of
 * them are more than the sum can hold. */
START_TEST(softmax_of_many_equal_values_is_near_zero)
{
	static const float scale = 0.1f;
	static const int32_t zero = 0;
	static const int32_t widths[] = { 511, 1024, 4096, 8192 };

	for (size_t w = 0; w < 4; w++) {
		setup();
		tensors[0] = tensor(TENSOR_INT8, SHAPE(1, widths[w]));
		tensors[1] = tensor(TENSOR_INT8, SHAPE(1, widths[w]));
		tensors[0].quant = tensors[1].quant = scaled(&scale, &zero);
		node.options.softmax.beta = 1;
		ck_assert_int_eq(open_op("SOFTMAX", 1, 1), 0);
		memset(net_input(net, 0)->data, 5, (size_t)widths[w]);
		net_run(net);
		for (int32_t i = 0; i < widths[w]; i++)
			ck_assert_int_eq(((const int8_t *)net_output(net, 0)->data)[i],
					 w == 0 ? -127 : -128);
		arena_free(memory);
	}
}
END_TEST

/* Sizes made to overflow: strides, dilations and filters of two thousand million. */
START_TEST(hostile_sizes_are_faults)
{
	static float filter[9];

	for (int which = 0; which < 4; which++) {
		setup();
		tensors[0] = tensor(TENSOR_FLOAT32, SHAPE(1, 3, 3, 1));
		tensors[1] = tensor(TENSOR_FLOAT32, SHAPE(1, 3, 3, 1));
		tensors[2] = tensor(TENSOR_FLOAT32, SHAPE(1, 3, 3, 1));
		set_constant(1, filter);
		node.options.conv.stride_h = which == 0 ? INT32_MAX : 1;
		node.options.conv.stride_w = which == 1 ? -1 : 1;
		node.options.conv.dilation_h = which == 2 ? INT32_MAX : 1;
		node.options.conv.dilation_w = 1;
		node.options.conv.padding = which == 3 ? 77 : 0;
		ck_assert_int_lt(open_op("CONV_2D", 2, 1), 0);
		arena_free(memory);
	}
}
END_TEST

TEST_MAIN("ops", conv_2d_pads_adds_its_bias_and_clips, conv_2d_of_int8_is_exact,
	  depthwise_keeps_channels_apart, fully_connected_sees_every_input,
	  average_pool_counts_only_what_is_inside, add_repeats_what_is_smaller,
	  softmax_sums_up_to_one, softmax_of_many_equal_values_is_near_zero,
	  mean_of_int8_rounds_once, rfft2d_finds_a_tone,
	  what_does_not_fit_is_a_fault_that_names_the_operator, hostile_sizes_are_faults)
