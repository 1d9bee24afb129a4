/* flex.h - FlexBuffers, as custom operators of TensorFlow Lite carry their options. */
#ifndef EDGED_MODEL_FLEX_H
#define EDGED_MODEL_FLEX_H
#include "base/fault.h"
#include "nn/graph.h"

/* A number (or a bool) of the map at the root; the fallback where it is not there or the buffer is
 * broken. Every offset is checked. */
double flex_number(const uint8_t *data, size_t size, const char *key, double fallback);

/* Options of TFLite_Detection_PostProcess, out of `data`, into `out`. */
int flex_read_detection(const uint8_t *data, size_t size, union options *out, struct fault *f);
#endif
