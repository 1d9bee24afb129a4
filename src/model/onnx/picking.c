/* picking.c - operators of ONNX that pick or put values by index. */
#include <errno.h>
#include <string.h>

#include "model/onnx/convert.h"

/* Negative indices of a constant count from the end; computed ones are taken as they are. */
static int32_t plain_indices(struct build *b, int32_t indices, int32_t size)
{
	const struct tensor *t = build_tensor(b, indices);
	bool negative = false;

	for (size_t i = 0; t->constant && i < tensor_elements(t); i++)
		negative |= tensor_int(t, i) < 0;
	if (!negative)
		return indices;
	return build_two(b, "FLOOR_MOD", build_cast(b, indices, TENSOR_INT64), build_int(b, size));
}

static void convert_gather(struct build *b)
{
	int32_t x = build_need(b, 0), indices = build_need(b, 1);
	int axis = onnx_axis(b, x, attribute_int(b, "axis", 0));
	union options o = { .axis = { .axis = axis } };

	indices = plain_indices(b, indices, onnx_shape(b, x)->dim[axis]);
	build_out(b, 0, build_op(b, "GATHER", (int32_t[]){ x, indices }, 2, &o));
}

static void convert_gather_elements(struct build *b)
{
	union options o = { .axis = { .axis = (int32_t)attribute_int(b, "axis", 0) } };
	int32_t inputs[] = { build_need(b, 0), build_need(b, 1) };

	build_out(b, 0, build_op(b, "GATHER_ELEMENTS", inputs, 2, &o));
}

static void convert_gather_nd(struct build *b)
{
	if (attribute_int(b, "batch_dims", 0) != 0)
		build_fail(b, -EOPNOTSUPP, "batch_dims");
	build_out(b, 0, build_two(b, "GATHER_ND", build_need(b, 0), build_need(b, 1)));
}

static void no_reduction(struct build *b)
{
	const char *reduction = attribute_text(b, "reduction", "none");

	if (strcmp(reduction, "none") != 0)
		build_fail(b, -EOPNOTSUPP, "reduction %.40s", reduction);
}

static void convert_scatter_nd(struct build *b)
{
	int32_t inputs[] = { build_need(b, 0), build_need(b, 1), build_need(b, 2) };

	no_reduction(b);
	build_out(b, 0, build_op(b, "SCATTER_UPDATE", inputs, 3, NULL));
}

static void convert_scatter_elements(struct build *b)
{
	int32_t inputs[] = { build_need(b, 0), build_need(b, 1), build_need(b, 2) };
	union options o = { .axis = { .axis = (int32_t)attribute_int(b, "axis", 0) } };

	no_reduction(b);
	build_out(b, 0, build_op(b, "SCATTER_ELEMENTS", inputs, 3, &o));
}

/* [batch, channels, height, width]: moved as [batch, height, width, channels]. */
static void convert_blocks(struct build *b, const char *op, bool crd)
{
	union options o = { .block = { (int32_t)attribute_int(b, "blocksize", 0), crd } };
	int32_t x = onnx_to_nhwc(b, build_need(b, 0));

	build_out(b, 0, onnx_to_nchw(b, build_op(b, op, &x, 1, &o), 4));
}

static void convert_depth_to_space(struct build *b)
{
	convert_blocks(b, "DEPTH_TO_SPACE", strcmp(attribute_text(b, "mode", "DCR"), "CRD") == 0);
}

static void convert_space_to_depth(struct build *b)
{
	convert_blocks(b, "SPACE_TO_DEPTH", false);
}

const struct onnx_converter onnx_picking[] = {
	{ "DepthToSpace", convert_depth_to_space },	 { "Gather", convert_gather },
	{ "GatherElements", convert_gather_elements },	 { "GatherND", convert_gather_nd },
	{ "ScatterElements", convert_scatter_elements }, { "ScatterND", convert_scatter_nd },
	{ "SpaceToDepth", convert_space_to_depth },	 { 0 },
};
