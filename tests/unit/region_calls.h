/* region_calls.h - calls of region losses. */
#pragma once

#include <math.h>

#include "loss_calls.h"
#include "query.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Parameters: "smooth=0&per_sample=true". */
static inline void ask(const char *query)
{
    query_read(query, &arena, &args);
}

/* Two samples of three classes at four positions; the second sample has no class 2. */
static inline void put_probs(void)
{
    REALS("pred", DIM(2, 3, 4), .2, .7, .45, .31, .52, .11, .62, .08, .33, .91, .27, .64, .13,
          .57, .38, .82, .71, .19, .41, .05, .88, .24, .95, .49);
}

static inline void put_logits(void)
{
    REALS("pred", DIM(2, 3, 4), .2, -.7, 1.45, .31, -.52, .11, 2.62, .08, .33, -.91, .27, 1.64,
          .13, .57, -.38, .82, -2.71, .19, .41, .05, .88, -1.24, .95, .49);
}

static inline void put_labels(void)
{
    LABELS("target", DIM(2, 4), 0, 1, 2, 2, 0, -100, 1, 0);
}

static const char *const region_ops[] = {"dice", "iou", "tversky", "focal_tversky",
                                         "generalized_dice"};
