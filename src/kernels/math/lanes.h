/* lanes.h - the fixed sum inside a block. */
#pragma once

#include <stdint.h>

/* Elements of a block, the unit of work of every reduction, and the lanes of its sum. Both are
 * part of the bit contract. */
#define SC_BLOCK 4096
#define SC_LANES 32

/* How many of those that are left come next, where at most `most` are taken at once. */
static inline int sc_part_size(int64_t left, int most)
{
    return left < most ? (int)left : most;
}

/* The sum of x[0] ... x[n - 1], 0 <= n <= SC_BLOCK, rounded in one fixed way: lane j adds
 * x[j], x[j + 32], ... to +0.0 in that order; then lane j adds lane j + 16 for j < 16, lane
 * j + 8 for j < 8, and so on down to lane 0. The same bits on every instruction set (of a NaN:
 * that it is one).
 *
 * Lanes end early where n is not a multiple of 32, which is as if x were padded with +0.0: a
 * lane that starts from +0.0 is never -0.0, and adding +0.0 to anything else changes no bit. */
static inline double sc_lanes_fold(double lane[SC_LANES])
{
    for (int j = 0; j < 16; j++) lane[j] += lane[j + 16];
    for (int j = 0; j < 8; j++) lane[j] += lane[j + 8];
    for (int j = 0; j < 4; j++) lane[j] += lane[j + 4];
    for (int j = 0; j < 2; j++) lane[j] += lane[j + 2];
    return lane[0] + lane[1];
}

static inline double sc_block_sum(const double *x, int n)
{
    double lane[SC_LANES] = {0};
    int i = 0;

    for (; i + SC_LANES <= n; i += SC_LANES)
        for (int j = 0; j < SC_LANES; j++) lane[j] += x[i + j];
    for (int j = 0; i + j < n; j++) lane[j] += x[i + j];
    return sc_lanes_fold(lane);
}
