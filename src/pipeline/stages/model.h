/* model.h - what the chain asks of the stages model and decide beyond the stage interface. */
#ifndef EDGED_PIPELINE_STAGES_MODEL_H
#define EDGED_PIPELINE_STAGES_MODEL_H
#include "pipeline/stage.h"

struct net;
const struct net *model_stage_net(const struct stage *s);

/* The label that is on now, or GATE_NONE. */
int decide_stage_active(const struct stage *s);
#endif
