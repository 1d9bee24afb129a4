/* net.h - a graph that runs: every tensor has its place, every operator is prepared. */
#ifndef EDGED_NN_NET_H
#define EDGED_NN_NET_H
#include "base/arena.h"
#include "base/fault.h"
#include "nn/graph.h"

struct net;

/* The graph is borrowed and stays as it is; all memory comes from the arena. Faults name file,
 * node and operator: "keywords.tflite: node 7 CONV_2D: …". */
int net_open(const struct graph *g, struct arena *memory, struct net **out, struct fault *f);

size_t net_inputs(const struct net *n);
size_t net_outputs(const struct net *n);
struct tensor *net_input(struct net *n, size_t i);		/* to be written before net_run() */
const struct tensor *net_output(const struct net *n, size_t i); /* holds until the next one */

void net_run(struct net *n);	       /* never allocates, never fails */
void net_reset(struct net *n);	       /* variables as at the start */
size_t net_nodes(const struct net *n); /* that run: constants were computed at load */

uint64_t net_macs(const struct net *n);	     /* multiply-accumulates of a run */
bool net_needs_gemm(const struct net *n);    /* float convolutions: OpenBLAS is worth its load */
size_t net_arena_bytes(const struct net *n); /* activations, scratch and variables */
size_t net_parameters(const struct net *n);  /* elements of the constants that operators take */

/* ---- for operators ---- */

struct tensor *net_variable(struct net *n, int32_t variable);
#endif
