/* space.c - SPACE_TO_DEPTH, DEPTH_TO_SPACE, SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: blocks of
 * pixels become channels or pictures, and back. */
#include <errno.h>
#include <string.h>

#include "nn/op.h"
#include "nn/view.h"

static int start_check(const struct op_node *n, uint32_t inputs, int least, int most,
		       struct fault *f)
{
	int rc = op_expect(n, inputs, 1, f);

	if (rc == 0)
		rc = op_expect_rank(n->inputs[0], least, most, "input", f);
	if (rc == 0 && tensor_type_bytes(n->inputs[0]->type) == 0)
		return fault_set(f, -EOPNOTSUPP, "type %s", tensor_type_name(n->inputs[0]->type));
	return rc < 0 ? rc : op_output_type(n, 0, n->inputs[0]->type, f);
}

static void read_view(const struct op_node *n, const struct view *v)
{
	view_read(v, n->inputs[0]->data, n->outputs[0]->data,
		  tensor_type_bytes(n->inputs[0]->type));
}

/* ---- depth: [batch, height, width, channels] ---- */

static int space_to_depth_check(const struct op_node *n, struct fault *f)
{
	int rc = start_check(n, 1, 4, 4, f);
	int32_t b = n->node->options.block.block;

	if (rc < 0)
		return rc;
	const int32_t *in = n->inputs[0]->shape.dim;
	if (b < 1 || b > 1024 || in[1] % b != 0 || in[2] % b != 0 ||
	    in[3] > SHAPE_MOST_ELEMENTS / (b * b))
		return fault_set(f, -EBADMSG, "blocks of %d in a picture of %dx%d", b, in[1],
				 in[2]);
	return op_set_shape(
		n, 0, &(struct shape){ 4, { in[0], in[1] / b, in[2] / b, in[3] * b * b } }, f);
}

static void space_to_depth_run(const struct op_node *n)
{
	const int32_t *in = n->inputs[0]->shape.dim, *out = n->outputs[0]->shape.dim;
	int32_t b = n->node->options.block.block;
	int64_t pixel = in[3], row = pixel * in[2];
	struct view v = { 0 };

	view_add(&v, out[0], row * in[1]);
	view_add(&v, out[1], row * b);
	view_add(&v, out[2], pixel * b);
	view_add(&v, b, row);
	view_add(&v, b, pixel);
	view_add(&v, in[3], 1);
	read_view(n, &v);
}

const struct op op_space_to_depth = { .name = "SPACE_TO_DEPTH",
				      .check = space_to_depth_check,
				      .run = space_to_depth_run };

static int depth_to_space_check(const struct op_node *n, struct fault *f)
{
	int rc = start_check(n, 1, 4, 4, f);
	int32_t b = n->node->options.block.block;

	if (rc < 0)
		return rc;
	const int32_t *in = n->inputs[0]->shape.dim;
	if (b < 1 || b > 1024 || in[3] % (b * b) != 0 || in[1] > SHAPE_MOST_ELEMENTS / b ||
	    in[2] > SHAPE_MOST_ELEMENTS / b)
		return fault_set(f, -EBADMSG, "blocks of %d out of %d channels", b, in[3]);
	return op_set_shape(
		n, 0, &(struct shape){ 4, { in[0], in[1] * b, in[2] * b, in[3] / (b * b) } }, f);
}

/* A pixel's channels are [row, column, depth]; with crd (ONNX) [depth, row, column]. */
static void depth_to_space_run(const struct op_node *n)
{
	const int32_t *in = n->inputs[0]->shape.dim, *out = n->outputs[0]->shape.dim;
	int32_t b = n->node->options.block.block;
	bool crd = n->node->options.block.crd;
	int64_t pixel = in[3], row = pixel * in[2];
	struct view v = { 0 };

	view_add(&v, in[0], row * in[1]);
	view_add(&v, in[1], row);
	view_add(&v, b, crd ? b : (int64_t)b * out[3]);
	view_add(&v, in[2], pixel);
	view_add(&v, b, crd ? 1 : out[3]);
	view_add(&v, out[3], crd ? (int64_t)b * b : 1);
	read_view(n, &v);
}

const struct op op_depth_to_space = { .name = "DEPTH_TO_SPACE",
				      .check = depth_to_space_check,
				      .run = depth_to_space_run };

/* ---- batch: blocks along the dimensions behind the first ---- */

struct blocks {
	int spatial;
	int32_t size[2], before[2], after[2];
};

/* Inputs 1 and 2: sizes, and what is put on or cut off before and behind. */
static int blocks_of(const struct op_node *n, struct blocks *b, struct fault *f)
{
	int rc = op_expect_constant(n->inputs[1], "block sizes", f);

	if (rc == 0)
		rc = op_expect_constant(n->inputs[2], "edges", f);
	if (rc < 0)
		return rc;
	size_t count = tensor_elements(n->inputs[1]);
	if (count < 1 || count > 2 || tensor_elements(n->inputs[2]) != 2 * count ||
	    n->inputs[0]->shape.rank != (int)count + 2)
		return fault_set(f, -EBADMSG,
				 "%zu block sizes for %d dimensions (1 for 3, 2 for 4)", count,
				 n->inputs[0]->shape.rank);
	b->spatial = (int)count;
	for (size_t i = 0; i < count; i++) {
		int64_t size = tensor_int(n->inputs[1], i);
		int64_t before = tensor_int(n->inputs[2], 2 * i);
		int64_t after = tensor_int(n->inputs[2], 2 * i + 1);
		if (size < 1 || size > 4096 || before < 0 || after < 0 || before > 1 << 20 ||
		    after > 1 << 20)
			return fault_set(f, -EBADMSG, "block size %lld, edges %lld and %lld",
					 (long long)size, (long long)before, (long long)after);
		b->size[i] = (int32_t)size;
		b->before[i] = (int32_t)before;
		b->after[i] = (int32_t)after;
	}
	return 0;
}

static int space_to_batch_check(const struct op_node *n, struct fault *f)
{
	struct blocks b;
	int rc = start_check(n, 3, 3, 4, f);

	if (rc == 0)
		rc = blocks_of(n, &b, f);
	if (rc < 0)
		return rc;
	struct shape shape = n->inputs[0]->shape;
	for (int i = 0; i < b.spatial; i++) {
		int64_t padded = (int64_t)shape.dim[1 + i] + b.before[i] + b.after[i];
		if (padded % b.size[i] != 0 || shape.dim[0] > SHAPE_MOST_ELEMENTS / b.size[i])
			return fault_set(f, -EBADMSG, "blocks of %d do not fit %lld", b.size[i],
					 (long long)padded);
		shape.dim[1 + i] = (int32_t)(padded / b.size[i]);
		shape.dim[0] *= b.size[i];
	}
	return op_set_shape(n, 0, &shape, f);
}

static int batch_to_space_check(const struct op_node *n, struct fault *f)
{
	struct blocks b;
	int rc = start_check(n, 3, 3, 4, f);

	if (rc == 0)
		rc = blocks_of(n, &b, f);
	if (rc < 0)
		return rc;
	struct shape shape = n->inputs[0]->shape;
	for (int i = 0; i < b.spatial; i++) {
		int64_t whole = (int64_t)shape.dim[1 + i] * b.size[i] - b.before[i] - b.after[i];
		if (shape.dim[0] % b.size[i] != 0 || whole < 1 || whole > SHAPE_MOST_ELEMENTS)
			return fault_set(f, -EBADMSG, "blocks of %d do not fit", b.size[i]);
		shape.dim[1 + i] = (int32_t)whole;
		shape.dim[0] /= b.size[i];
	}
	return op_set_shape(n, 0, &shape, f);
}

/* Pixel (y, x) of picture p in the space belongs to pixel (y', x') of picture p' in the batch. */
struct place {
	size_t batch, space; /* elements; space: SIZE_MAX outside */
};

static struct place place_of(const struct blocks *b, const struct shape *batch,
			     const struct shape *space, size_t pixel)
{
	size_t at[2] = { 0, 0 }, pictures = (size_t)space->dim[0], rest = pixel, from = 0;
	size_t channels = (size_t)batch->dim[batch->rank - 1];

	for (int i = b->spatial - 1; i >= 0; i--) {
		at[i] = rest % (size_t)batch->dim[1 + i];
		rest /= (size_t)batch->dim[1 + i];
	}
	size_t block = rest / pictures, picture = rest % pictures, offset[2] = { 0, 0 };
	for (int i = b->spatial - 1; i >= 0; i--) {
		offset[i] = block % (size_t)b->size[i];
		block /= (size_t)b->size[i];
	}
	from = picture;
	for (int i = 0; i < b->spatial; i++) {
		int64_t x = (int64_t)(at[i] * (size_t)b->size[i] + offset[i]) - b->before[i];
		if (x < 0 || x >= space->dim[1 + i])
			return (struct place){ pixel * channels, SIZE_MAX };
		from = from * (size_t)space->dim[1 + i] + (size_t)x;
	}
	return (struct place){ pixel * channels, from * channels };
}

static void space_to_batch_run(const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape, *out = &n->outputs[0]->shape;
	size_t bytes = tensor_type_bytes(n->inputs[0]->type);
	size_t channels = (size_t)in->dim[in->rank - 1], pixels = shape_elements(out) / channels;
	int64_t zero = n->outputs[0]->quant.count == 1 ? n->outputs[0]->quant.zero_point[0] : 0;
	struct blocks b;

	blocks_of(n, &b, NULL);
	for (size_t i = 0; i < pixels; i++) {
		struct place p = place_of(&b, out, in, i);
		char *to = (char *)n->outputs[0]->data + p.batch * bytes;
		if (p.space != SIZE_MAX)
			memcpy(to, (const char *)n->inputs[0]->data + p.space * bytes,
			       channels * bytes);
		for (size_t c = 0; p.space == SIZE_MAX && c < channels; c++)
			memcpy(to + c * bytes, &zero, bytes); /* little-endian */
	}
}

static void batch_to_space_run(const struct op_node *n)
{
	const struct shape *in = &n->inputs[0]->shape, *out = &n->outputs[0]->shape;
	size_t bytes = tensor_type_bytes(n->inputs[0]->type);
	size_t channels = (size_t)in->dim[in->rank - 1], pixels = shape_elements(in) / channels;
	struct blocks b;

	blocks_of(n, &b, NULL);
	for (size_t i = 0; i < pixels; i++) {
		struct place p = place_of(&b, in, out, i);
		if (p.space != SIZE_MAX)
			memcpy((char *)n->outputs[0]->data + p.space * bytes,
			       (const char *)n->inputs[0]->data + p.batch * bytes,
			       channels * bytes);
	}
}

const struct op op_space_to_batch_nd = { .name = "SPACE_TO_BATCH_ND",
					 .check = space_to_batch_check,
					 .run = space_to_batch_run };
const struct op op_batch_to_space_nd = { .name = "BATCH_TO_SPACE_ND",
					 .check = batch_to_space_check,
					 .run = batch_to_space_run };
