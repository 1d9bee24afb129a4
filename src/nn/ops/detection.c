/* detection.c - TFLite_Detection_PostProcess: from box codes, scores and anchors to detections
 * (lite/kernels/detection_postprocess.cc). */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/math.h"
#include "nn/op.h"
#include "nn/ops/suppress.h"

enum { MOST_BOXES = 1 << 20 };

struct detection {
	size_t boxes, columns, classes, first_class, each, most;
};

static int check_inputs(const struct op_node *n, struct fault *f)
{
	static const char *const names[] = { "box codes", "scores", "anchors" };
	int rc = op_expect(n, 3, 4, f);

	for (int i = 0; rc == 0 && i < 3; i++) {
		rc = op_expect_type(n->inputs[i], TYPE_BIT(TENSOR_FLOAT32) | TYPES_8_BIT, names[i],
				    f);
		if (rc == 0 && n->inputs[i]->type != TENSOR_FLOAT32)
			rc = op_expect_scale(n->inputs[i], names[i], f);
		if (rc == 0)
			rc = op_expect_rank(n->inputs[i], i == 2 ? 2 : 3, i == 2 ? 2 : 3, names[i],
					    f);
	}
	if (rc < 0)
		return rc;
	const int32_t *codes = n->inputs[0]->shape.dim, *scores = n->inputs[1]->shape.dim;
	const int32_t *anchors = n->inputs[2]->shape.dim;
	if (codes[0] != 1 || scores[0] != 1 || codes[1] != scores[1] || codes[1] != anchors[0] ||
	    codes[2] < 4 || anchors[1] != 4 || codes[1] > MOST_BOXES)
		return fault_set(f, -EBADMSG, "box codes, scores and anchors do not go together");
	return 0;
}

static int detection_check(const struct op_node *n, struct fault *f)
{
	const union options *o = &n->node->options;
	int rc = check_inputs(n, f);

	if (rc < 0)
		return rc;
	int32_t most = o->detection.most_detections, columns = n->inputs[1]->shape.dim[2];
	if (most < 1 || most > MOST_BOXES || o->detection.classes < 1 ||
	    o->detection.classes > columns || columns - o->detection.classes > 1 ||
	    o->detection.classes_each < 1 || o->detection.classes_each > 64 ||
	    o->detection.detections_class < 1 || o->detection.detections_class > MOST_BOXES ||
	    !(o->detection.x_scale > 0) || !(o->detection.y_scale > 0) ||
	    !(o->detection.w_scale > 0) || !(o->detection.h_scale > 0))
		return fault_set(f, -EBADMSG,
				 "its options make no sense (%d detections, %d classes)", most,
				 o->detection.classes);
	int32_t rows = o->detection.regular ? most : most * o->detection.classes_each;
	const struct shape shapes[] = {
		{ 3, { 1, rows, 4 } }, { 2, { 1, rows } }, { 2, { 1, rows } }, { 1, { 1 } }
	};
	for (uint32_t i = 0; rc == 0 && i < 4; i++) {
		rc = op_output_type(n, i, TENSOR_FLOAT32, f);
		if (rc == 0)
			rc = op_set_shape(n, i, &shapes[i], f);
	}
	return rc;
}

static int detection_plan(struct op_node *n, struct arena *memory, struct fault *f)
{
	const union options *o = &n->node->options;
	struct detection *s = arena_alloc(memory, 1, sizeof(*s));

	if (s == NULL)
		return fault_set(f, -ENOMEM, "no memory");
	n->state = s;
	s->boxes = (size_t)n->inputs[0]->shape.dim[1];
	s->columns = (size_t)n->inputs[1]->shape.dim[2];
	s->classes = (size_t)o->detection.classes;
	s->first_class = s->columns - s->classes;
	s->each = (size_t)(o->detection.classes_each < o->detection.classes
				   ? o->detection.classes_each
				   : o->detection.classes);
	s->most = (size_t)o->detection.most_detections;
	n->scratch_bytes = s->boxes * (sizeof(struct box) + sizeof(float) + 2 * sizeof(int32_t)) +
			   s->most * 3 * sizeof(int32_t);
	return 0;
}

static float value(const struct tensor *t, size_t i)
{
	if (t->type == TENSOR_FLOAT32)
		return ((const float *)t->data)[i];
	return t->quant.scale[0] * (float)((int32_t)tensor_int(t, i) - t->quant.zero_point[0]);
}

/* Codes and anchors are y, x, height, width of a box's middle. */
static struct box decode(const struct op_node *n, size_t i)
{
	const union options *o = &n->node->options;
	size_t code = i * (size_t)n->inputs[0]->shape.dim[2], anchor = i * 4;
	const struct tensor *codes = n->inputs[0], *anchors = n->inputs[2];
	float anchor_h = value(anchors, anchor + 2), anchor_w = value(anchors, anchor + 3);
	float y = value(codes, code) / o->detection.y_scale * anchor_h + value(anchors, anchor);
	float x = value(codes, code + 1) / o->detection.x_scale * anchor_w +
		  value(anchors, anchor + 1);
	float h = 0.5f * (float)math_exp((double)(value(codes, code + 2) / o->detection.h_scale)) *
		  anchor_h;
	float w = 0.5f * (float)math_exp((double)(value(codes, code + 3) / o->detection.w_scale)) *
		  anchor_w;

	return (struct box){ y - h, x - w, y + h, x + w };
}

static float score(const struct op_node *n, size_t box, size_t class)
{
	const struct detection *s = n->state;

	return value(n->inputs[1], box * s->columns + s->first_class + class);
}

static void emit(const struct op_node *n, size_t at, const struct box *b, size_t class, float score)
{
	memcpy((float *)n->outputs[0]->data + 4 * at, b, sizeof(*b));
	((float *)n->outputs[1]->data)[at] = (float)class;
	((float *)n->outputs[2]->data)[at] = score;
}

/* The class with the next lower score of a box; `taken` of them are better. */
static size_t next_class(const struct op_node *n, size_t box, const size_t *better, size_t taken)
{
	const struct detection *s = n->state;
	size_t best = SIZE_MAX;

	for (size_t c = 0; c < s->classes; c++) {
		bool used = false;
		for (size_t k = 0; k < taken; k++)
			used |= better[k] == c;
		if (!used && (best == SIZE_MAX || score(n, box, c) > score(n, box, best)))
			best = c;
	}
	return best;
}

struct work {
	struct box *boxes;
	float *scores;
	int32_t *order, *kept, *classes, *rows;
};

static struct work work_of(const struct op_node *n)
{
	const struct detection *s = n->state;
	struct work w = { .boxes = n->scratch };

	w.scores = (float *)(w.boxes + s->boxes);
	w.order = (int32_t *)(w.scores + s->boxes);
	w.kept = w.order + s->boxes;
	w.classes = w.kept + s->boxes;
	w.rows = w.classes + s->most;
	return w;
}

static struct suppression limits(const struct op_node *n, size_t most)
{
	const union options *o = &n->node->options;

	return (struct suppression){ .most = most,
				     .least_score = o->detection.score_threshold,
				     .most_overlap = o->detection.overlap_threshold };
}

/* Fast: boxes compete by their best class. */
static size_t run_fast(const struct op_node *n, const struct work *w)
{
	const struct detection *s = n->state;
	struct suppression limit = limits(n, s->most < s->boxes ? s->most : s->boxes);
	size_t out = 0;

	for (size_t i = 0; i < s->boxes; i++)
		w->scores[i] = score(n, i, next_class(n, i, NULL, 0));
	size_t kept = suppress(w->boxes, w->scores, s->boxes, &limit, w->order, w->kept);
	for (size_t i = 0; i < kept; i++) {
		size_t classes[64], box = (size_t)w->kept[i];
		for (size_t k = 0; k < s->each; k++, out++) {
			classes[k] = next_class(n, box, classes, k);
			emit(n, out, &w->boxes[box], classes[k], score(n, box, classes[k]));
		}
	}
	return out;
}

/* Puts a detection of a class among the best so far; gives how many there are. */
static size_t rank_in(const struct op_node *n, const struct work *w, size_t found, int32_t box,
		      int32_t class)
{
	size_t most = ((const struct detection *)n->state)->most, i = found;
	float s = score(n, (size_t)box, (size_t) class);

	while (i > 0 && score(n, (size_t)w->rows[i - 1], (size_t)w->classes[i - 1]) < s) {
		if (i < most) {
			w->rows[i] = w->rows[i - 1];
			w->classes[i] = w->classes[i - 1];
		}
		i--;
	}
	if (i < most) {
		w->rows[i] = box;
		w->classes[i] = class;
	}
	return found < most ? found + 1 : most;
}

/* Regular: each class by itself, then the best of all. */
static size_t run_regular(const struct op_node *n, const struct work *w)
{
	const struct detection *s = n->state;
	size_t each = (size_t)n->node->options.detection.detections_class, found = 0;
	struct suppression limit = limits(n, each < s->boxes ? each : s->boxes);

	for (size_t c = 0; c < s->classes; c++) {
		for (size_t i = 0; i < s->boxes; i++)
			w->scores[i] = score(n, i, c);
		size_t kept = suppress(w->boxes, w->scores, s->boxes, &limit, w->order, w->kept);
		for (size_t i = 0; i < kept; i++)
			found = rank_in(n, w, found, w->kept[i], (int32_t)c);
	}
	for (size_t i = 0; i < found; i++)
		emit(n, i, &w->boxes[w->rows[i]], (size_t)w->classes[i],
		     score(n, (size_t)w->rows[i], (size_t)w->classes[i]));
	return found;
}

static void detection_run(const struct op_node *n)
{
	const struct detection *s = n->state;
	struct work w = work_of(n);

	for (int i = 0; i < 4; i++)
		memset(n->outputs[i]->data, 0, tensor_bytes(TENSOR_FLOAT32, &n->outputs[i]->shape));
	for (size_t i = 0; i < s->boxes; i++)
		w.boxes[i] = decode(n, i);
	size_t found = n->node->options.detection.regular ? run_regular(n, &w) : run_fast(n, &w);
	((float *)n->outputs[3]->data)[0] = (float)found;
}

const struct op op_tflite_detection_postprocess = {
	.name = "TFLite_Detection_PostProcess",
	.check = detection_check,
	.plan = detection_plan,
	.run = detection_run,
};
