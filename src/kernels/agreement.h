/* agreement.h - Cohen's kappa and the Matthews coefficient of a table of counts, in exact
 * integers up to the last division. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Words of kappa_weights: what a disagreement of classes i and j costs: 1, |i - j|, (i - j)^2.
 */
enum sc_kappa_weights { SC_KAPPA_NONE, SC_KAPPA_LINEAR, SC_KAPPA_QUADRATIC };

/* n[target][pred] of `size` classes, rows and columns summed; counts of at most 2^53 in all. */
struct sc_counts {
    int64_t size;
    const int64_t *n;            /* [size][size] */
    const int64_t *row, *column; /* [size] */
    int64_t total;
};

/* 1 - sum w n / sum w e with e = row * column / total. NaN where no disagreement is possible,
 * and where a sum of weights passes 128 bits (a quadratic one of more than 2^51 counts). */
double sc_kappa(const struct sc_counts *c, enum sc_kappa_weights weights);

/* Gorodkin's R_K. NaN where all targets, or all predictions, are of one class. */
double sc_matthews(const struct sc_counts *c);
