/* model_card.h - writes the card of a model from what its file tells. */
#ifndef EDGED_PROCESS_MODEL_CARD_H
#define EDGED_PROCESS_MODEL_CARD_H
#include "base/arena.h"
#include "base/buf.h"
#include "base/fault.h"
#include "model/model.h"
#include "nn/net.h"

/* The card as YAML into out; what nobody told stands there as a guess, and says so. -EBADMSG: labels
 * and outputs do not go together. `path` is the model's file. */
int model_card_write(const struct model *m, struct net *net, const char *path, struct arena *memory,
		     struct buf *out, struct fault *f);
#endif
