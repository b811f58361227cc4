/* agreement.c - kappa and Matthews from exact sums of 128 bits. */
#include "agreement.h"
#include "report.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static int64_t cost(enum sc_kappa_weights weights, int64_t distance)
{
    if (weights == SC_KAPPA_NONE) return distance != 0;
    return weights == SC_KAPPA_LINEAR ? llabs(distance) : distance * distance;
}

/* Do total * total * the largest cost, and so all sums, stay within 127 bits? */
static bool fits(const struct sc_counts *c, enum sc_kappa_weights weights)
{
    const __int128 most = (__int128)(~(unsigned __int128)0 >> 1),
                   square = (__int128)c->total * c->total;

    return square == 0 || cost(weights, c->size) <= most / square;
}

double sc_kappa(const struct sc_counts *c, enum sc_kappa_weights weights)
{
    __int128 seen = 0, expected = 0; /* sum w n; total * sum w e */

    if (!fits(c, weights)) return SC_NONE;
    for (int64_t i = 0; i < c->size; i++)
        for (int64_t j = 0; j < c->size; j++) {
            const int64_t w = cost(weights, i - j);

            seen += (__int128)w * c->n[i * c->size + j];
            expected += (__int128)c->row[i] * c->column[j] * w;
        }
    if (expected == 0) return SC_NONE;
    return (double)(expected - seen * c->total) / (double)expected;
}

double sc_matthews(const struct sc_counts *c)
{
    const __int128 square = (__int128)c->total * c->total;
    __int128 hits = 0, both = 0, rows = 0, columns = 0;

    for (int64_t i = 0; i < c->size; i++) {
        hits += c->n[i * c->size + i];
        both += (__int128)c->row[i] * c->column[i];
        rows += (__int128)c->row[i] * c->row[i];
        columns += (__int128)c->column[i] * c->column[i];
    }
    if (square == rows || square == columns) return SC_NONE;
    return (double)(hits * c->total - both) /
           sqrt((double)(square - rows) * (double)(square - columns));
}
