/* tversky.c - Tversky loss (Salehi et al., arXiv 1706.05721): alpha weighs false positives,
 * P - I, and beta false negatives, T - I. */
#include "region_loss.h"

#define LOSS  tversky
#define VALUE sc_tversky
#define BY_I  sc_tversky_by_i
#define BY_P  sc_tversky_by_p
#include "region.inc"
