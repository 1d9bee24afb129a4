/* non_max_suppression.c - NON_MAX_SUPPRESSION_V4 and _V5 of TensorFlow, NON_MAX_SUPPRESSION of ONNX.
 * Inputs: boxes, scores, most boxes, most overlap, least score. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "nn/op.h"
#include "nn/ops/suppress.h"

enum { MOST_BOXES = 1 << 20 };

static bool is_onnx(const struct op_node *n)
{
	return strcmp(n->op->name, "NON_MAX_SUPPRESSION") == 0;
}

static bool is_v5(const struct op_node *n)
{
	return strcmp(n->op->name, "NON_MAX_SUPPRESSION_V5") == 0;
}

static double setting(const struct op_node *n, uint32_t i, double fallback)
{
	return i < n->input_count && n->inputs[i] != NULL ? tensor_float(n->inputs[i], 0)
							  : fallback;
}

static int check_settings(const struct op_node *n, struct fault *f)
{
	for (uint32_t i = 2; i < n->input_count; i++)
		if (n->inputs[i] != NULL &&
		    (!n->inputs[i]->constant || tensor_elements(n->inputs[i]) != 1))
			return fault_set(f, -EOPNOTSUPP, "input %u is computed (a constant)", i);
	if (is_v5(n) && setting(n, 5, 0) != 0)
		return fault_set(f, -EOPNOTSUPP, "soft suppression");
	double most = setting(n, 2, 0);
	if (!(most >= 1) && !is_onnx(n))
		return fault_set(f, -EBADMSG, "it keeps no box");
	return 0;
}

/* ONNX: boxes [batch, count, 4], scores [batch, classes, count]; else without batch and classes. */
struct sizes {
	size_t batch, classes, count, most;
};

static int sizes_of(const struct op_node *n, struct sizes *s, struct fault *f)
{
	const struct shape *boxes = &n->inputs[0]->shape, *scores = &n->inputs[1]->shape;
	bool onnx = is_onnx(n);
	double most = setting(n, 2, 0);

	if (boxes->rank != (onnx ? 3 : 2) || scores->rank != (onnx ? 3 : 1) ||
	    boxes->dim[boxes->rank - 1] != 4 ||
	    boxes->dim[boxes->rank - 2] != scores->dim[scores->rank - 1] ||
	    boxes->dim[boxes->rank - 2] > MOST_BOXES || (onnx && boxes->dim[0] != scores->dim[0]))
		return fault_set(f, -EBADMSG, "boxes and scores do not go together");
	s->batch = onnx ? (size_t)boxes->dim[0] : 1;
	s->classes = onnx ? (size_t)scores->dim[1] : 1;
	s->count = (size_t)boxes->dim[boxes->rank - 2];
	s->most = most < 1 ? 0 : most < MOST_BOXES ? (size_t)most : MOST_BOXES;
	if (onnx && s->most > s->count)
		s->most = s->count;
	return 0;
}

static int nms_check(const struct op_node *n, struct fault *f)
{
	struct sizes s;
	int rc = op_expect(n, 2, is_onnx(n) ? 1 : is_v5(n) ? 3 : 2, f);

	for (int i = 0; rc == 0 && i < 2; i++)
		rc = op_expect_type(n->inputs[i], TYPE_BIT(TENSOR_FLOAT32), "input", f);
	if (rc == 0)
		rc = check_settings(n, f);
	if (rc == 0)
		rc = sizes_of(n, &s, f);
	if (rc < 0)
		return rc;
	if (is_onnx(n)) {
		size_t rows = s.batch * s.classes * s.most;
		rc = op_output_type(n, 0, TENSOR_INT64, f);
		n->outputs[0]->varying = true;
		struct shape shape = { 2, { rows > INT32_MAX ? 0 : (int32_t)rows, 3 } };
		return rc < 0 ? rc : op_set_shape(n, 0, &shape, f);
	}
	struct shape one = { 0 }, all = { 1, { (int32_t)s.most } };
	uint32_t last = is_v5(n) ? 2 : 1;
	rc = op_output_type(n, 0, TENSOR_INT32, f);
	if (rc == 0)
		rc = op_output_type(n, last, TENSOR_INT32, f);
	if (rc == 0 && is_v5(n))
		rc = op_output_type(n, 1, TENSOR_FLOAT32, f);
	if (rc == 0)
		rc = op_set_shape(n, 0, &all, f);
	if (rc == 0 && is_v5(n))
		rc = op_set_shape(n, 1, &all, f);
	return rc < 0 ? rc : op_set_shape(n, last, &one, f);
}

static int nms_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	struct sizes s;

	(void)memory;
	(void)f;
	sizes_of(n, &s, NULL);
	n->scratch_bytes =
		s.count * (sizeof(struct box) + sizeof(int32_t)) + s.most * sizeof(int32_t);
	return 0;
}

/* Two corners in any order, or (ONNX) middle and size as x, y, width, height. */
static struct box box_at(const struct op_node *n, size_t i)
{
	const float *b = (const float *)n->inputs[0]->data + 4 * i;

	if (n->node->options.detection.centred_boxes)
		return (struct box){ b[1] - b[3] / 2, b[0] - b[2] / 2, b[1] + b[3] / 2,
				     b[0] + b[2] / 2 };
	return (struct box){ fminf(b[0], b[2]), fminf(b[1], b[3]), fmaxf(b[0], b[2]),
			     fmaxf(b[1], b[3]) };
}

static size_t keep(const struct op_node *n, const struct sizes *s, size_t batch, size_t class)
{
	struct box *boxes = n->scratch;
	int32_t *kept = (int32_t *)(boxes + s->count), *order = kept + s->most;
	const float *scores =
		(const float *)n->inputs[1]->data + (batch * s->classes + class) * s->count;
	struct suppression limit = { .most = s->most,
				     .least_score = (float)setting(n, 4, (double)-INFINITY),
				     .most_overlap = (float)setting(n, 3, 0),
				     .above_only = true };

	for (size_t i = 0; i < s->count; i++)
		boxes[i] = box_at(n, batch * s->count + i);
	return suppress(boxes, scores, s->count, &limit, order, kept);
}

static void run_onnx(const struct op_node *n, const struct sizes *s)
{
	const int32_t *kept = (const int32_t *)((const struct box *)n->scratch + s->count);
	int64_t *out = n->outputs[0]->data;
	size_t rows = 0;

	for (size_t b = 0; b < s->batch; b++)
		for (size_t c = 0; c < s->classes; c++) {
			size_t found = keep(n, s, b, c);
			for (size_t i = 0; i < found; i++, rows++) {
				out[3 * rows] = (int64_t)b;
				out[3 * rows + 1] = (int64_t)c;
				out[3 * rows + 2] = kept[i];
			}
		}
	n->outputs[0]->shape.dim[0] = (int32_t)rows;
	n->outputs[0]->bytes = rows * 3 * sizeof(int64_t);
}

static void nms_run(const struct op_node *n)
{
	struct sizes s;

	sizes_of(n, &s, NULL);
	if (is_onnx(n)) {
		run_onnx(n, &s);
		return;
	}
	const int32_t *kept = (const int32_t *)((const struct box *)n->scratch + s.count);
	const float *scores = n->inputs[1]->data;
	size_t found = keep(n, &s, 0, 0);
	for (size_t i = 0; i < s.most; i++) {
		((int32_t *)n->outputs[0]->data)[i] = i < found ? kept[i] : 0;
		if (is_v5(n))
			((float *)n->outputs[1]->data)[i] = i < found ? scores[kept[i]] : 0;
	}
	((int32_t *)n->outputs[is_v5(n) ? 2 : 1]->data)[0] = (int32_t)found;
}

#define NMS(lower, upper)                                                                          \
	const struct op op_##lower = {                                                             \
		.name = upper, .check = nms_check, .plan = nms_plan, .run = nms_run                \
	}
NMS(non_max_suppression, "NON_MAX_SUPPRESSION");
NMS(non_max_suppression_v4, "NON_MAX_SUPPRESSION_V4");
NMS(non_max_suppression_v5, "NON_MAX_SUPPRESSION_V5");
