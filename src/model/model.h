/* model.h - a model file, checked and turned into a graph. */
#ifndef EDGED_MODEL_MODEL_H
#define EDGED_MODEL_MODEL_H
#include <stddef.h>

#include "base/cleanup.h"
#include "base/fault.h"
#include "nn/graph.h"

struct model; /* layout private to model.c */

/* Maps the file read-only (and what it names beside it) and checks all of it; constants stay in the mapping. Faults: -ENOENT
 * and the like; -EBADMSG: damaged, or no model. Operators that are not known are no fault here. */
int model_open(const char *path, struct model **out, struct fault *f);
/* The same with shapes for the inputs whose dimensions the file leaves open (else they are 1). */
int model_open_as(const char *path, const struct graph_wish *wish, struct model **out,
		  struct fault *f);
void model_free(struct model *m); /* and the graph with it */
AUTO_DEFINE(model)

const struct graph *model_graph(const struct model *m);
const char *model_format(const struct model *m); /* "TensorFlow Lite", "ONNX" */
const char *model_sha256(const struct model *m); /* of the file, in hex */
size_t model_file_bytes(const struct model *m);
const uint8_t *model_bytes(const struct model *m, size_t *size); /* of the file, borrowed */
struct onnx_file;
const struct onnx_file *model_onnx(const struct model *m); /* NULL: it is none */
#endif
