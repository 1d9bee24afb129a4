/* tflite_options.h - operators of TensorFlow Lite by their number: names, and options into our
 * own. */
#ifndef EDGED_MODEL_TFLITE_OPTIONS_H
#define EDGED_MODEL_TFLITE_OPTIONS_H
#include "model/flat.h"
#include "nn/graph.h"

/* "CONV_2D" for 3; NULL where the number is not known. */
const char *tflite_operator_name(int32_t code);

/* Reads the options table of an operator (0: left out, all defaults). Operators without options,
 * and those that are not known, have none. */
void tflite_read_options(const char *name, struct flat *f, size_t table, union options *out);
#endif
