/* op.h - what every operator is: checked and planned at load, run for every window. */
#ifndef EDGED_NN_OP_H
#define EDGED_NN_OP_H
#include "base/arena.h"
#include "base/fault.h"
#include "nn/graph.h"

struct net;
struct part;

/* A node as a net runs it. Inputs that were left out, and those behind the last, are NULL. */
struct op_node {
	const struct op *op;
	const struct node *node; /* options */
	uint32_t input_count, output_count;
	struct tensor **inputs, **outputs;
	struct net *net;       /* variables, other subgraphs */
	struct part *calls[2]; /* what open() opened of them */
	bool folded;	       /* its outputs are constants, computed while it opened */
	void *state;	       /* what plan() prepared, in the net's memory */
	size_t scratch_bytes;  /* asked for by plan(); nothing in it outlives run() */
	void *scratch;
};

struct op {
	const char *name; /* CONV_2D: as TensorFlow Lite calls it */
	/* Opens what it calls, before check(); NULL: it calls nothing. */
	int (*open)(struct op_node *n, struct arena *memory, struct fault *f);
	/* Types, shapes, options; sets types and shapes of the outputs. A fault names what is wrong
	 * and what is accepted; the net adds the node. May be called again with other shapes. */
	int (*check)(const struct op_node *n, struct fault *f);
	/* Precomputes; memory from the arena. NULL: nothing to prepare. */
	int (*plan)(struct op_node *n, struct arena *memory, struct fault *f);
	void (*run)(const struct op_node *n);	     /* never allocates, never fails */
	uint64_t (*macs)(const struct op_node *n);   /* multiply-accumulates of a run; NULL: 0 */
	bool (*needs_gemm)(const struct op_node *n); /* does it multiply float matrices? NULL: no */
	bool keeps_data;   /* the output is the input's data in another shape (RESHAPE) */
	bool keeps_state;  /* what it does depends on earlier runs, or others see it */
	bool takes_shapes; /* the output depends on the inputs' shapes only (SHAPE) */
	bool by_value;	   /* output i depends on the inputs' values i, broadcast, only (ADD) */
};

/* Every operator, by name; NULL: unknown. */
const struct op *op_find(const char *name);
extern const struct op *const ops_all[]; /* NULL at the end */
/* What to do about an operator that is not known: "" or words that go on from "not known". */
const char *op_remedy(const char *name);

/* ---- what checks have in common ---- */

/* So many inputs and outputs at least, none of them left out. */
int op_expect(const struct op_node *n, uint32_t inputs, uint32_t outputs, struct fault *f);
/* The tensor's type is one of those in the mask (1u << TENSOR_…). */
int op_expect_type(const struct tensor *t, unsigned types, const char *what, struct fault *f);
int op_expect_rank(const struct tensor *t, int least, int most, const char *what, struct fault *f);
/* The tensor is quantized as a whole, with a positive scale. */
int op_expect_scale(const struct tensor *t, const char *what, struct fault *f);
/* A constant of int32 or int64. */
int op_expect_constant(const struct tensor *t, const char *what, struct fault *f);
/* The type of an output: set where the file leaves it open, else it must be that one. */
int op_output_type(const struct op_node *n, uint32_t output, enum tensor_type type,
		   struct fault *f);
/* One input of these types, one output of the same type and shape; quantized ones with one scale,
 * where `scaled` asks for it. What most functions of one value need. */
enum { SCALED_INPUT = 1, SCALED_OUTPUT = 2, SCALED_BOTH = 3 };
int op_check_value(const struct op_node *n, unsigned types, unsigned scaled, struct fault *f);
int op_set_shape(const struct op_node *n, uint32_t output, const struct shape *s, struct fault *f);

#define TYPE_BIT(t)	(1u << (t))
#define TYPES_8_BIT	(TYPE_BIT(TENSOR_INT8) | TYPE_BIT(TENSOR_UINT8))
#define TYPES_QUANTIZED (TYPES_8_BIT | TYPE_BIT(TENSOR_INT16))

/* Output size and zeros before the first input along one dimension (TensorFlow's padding schemes,
 * or so many before and after). `ceil`: a last window may hang over the edge (ONNX). */
struct extent {
	int32_t out, before, after; /* in: PADDING_EXPLICIT's before and after */
};
bool op_extent(int32_t padding, bool ceil, int32_t in, int32_t filter, int32_t stride,
	       int32_t dilation, struct extent *e);

/* Bounds of an activation in the real and in the quantized domain of t. */
void op_activation_float(int32_t activation, float *low, float *high);
void op_activation_quantized(int32_t activation, const struct tensor *t, int32_t *low,
			     int32_t *high);
/* Narrows the quantized bounds by real ones; infinite ones bound nothing. */
void op_bound_quantized(float real_low, float real_high, const struct tensor *t, int32_t *low,
			int32_t *high);
void op_type_range(enum tensor_type type, int32_t *low, int32_t *high);
#endif
