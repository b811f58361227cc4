/* lovasz.h - the Lovasz extension of the Jaccard loss for errors of one class (Berman et al.,
 * arXiv 1705.08790): errors in descending order, each times the growth of the Jaccard loss when
 * its place joins those that are wrong. */
#pragma once

#include <string.h>

#include "load.h"
#include "loss.h"

/* Errors with their places, to be sorted. Memory: SC_RANKING_BYTES a place. */
struct sc_ranking {
    uint64_t *key[2]; /* ascending where the error descends; the sorted ones in [0] */
    uint32_t *place[2];
    int64_t count;
};

#define SC_RANKING_BYTES (2 * (sizeof(uint64_t) + sizeof(uint32_t)))
#define SC_RANKING_MAX   ((int64_t)UINT32_MAX)

/* Lays it out in SC_RANKING_BYTES * places of memory; returns the memory after it. */
static inline void *sc_ranking_init(struct sc_ranking *r, int64_t places, void *memory)
{
    r->key[0] = memory;
    r->key[1] = r->key[0] + places;
    r->place[0] = (uint32_t *)(r->key[1] + places);
    r->place[1] = r->place[0] + places;
    r->count = 0;
    return r->place[1] + places;
}

/* Adds those of n errors, of places from `at` on, that are above 0, and NaN, which comes before
 * all others. The bits of doubles above 0 are in the order of the numbers. */
static inline void sc_ranking_add(struct sc_ranking *r, const double *error, int64_t at, int n)
{
    uint64_t *restrict const key = r->key[0];
    uint32_t *restrict const place = r->place[0];
    int64_t count = r->count;

    for (int i = 0; i < n; i++) {
        const double one_nan = error[i] == error[i] ? error[i] : (double)NAN;

        key[count] = ~(sc_double_bits(one_nan) & INT64_MAX);
        place[count] = (uint32_t)(at + i);
        count += !(error[i] <= 0);
    }
    r->count = count;
}

static inline double sc_ranking_error(const struct sc_ranking *r, int64_t i)
{
    return sc_double_of(~r->key[0][i] & INT64_MAX);
}

#define SC_DIGITS 8 /* of a key, a byte each */

static inline void sc_ranking_swap(struct sc_ranking *r)
{
    uint64_t *const key = r->key[0];
    uint32_t *const place = r->place[0];

    r->key[0] = r->key[1];
    r->key[1] = key;
    r->place[0] = r->place[1];
    r->place[1] = place;
}

/* The end of the part that begins at `at`; the caller asks after each part whether to go on. */
static inline int64_t sc_ranking_part(const struct sc_ranking *r, int64_t at)
{
    return at + sc_part_size(r->count - at, SC_BLOCK);
}

/* How often each digit has each value; false: the caller has given up. */
static inline bool sc_ranking_count(const struct sc_ranking *r, int64_t size[SC_DIGITS][256],
                                    struct sc_worker *w)
{
    for (int64_t i = 0, end; i < r->count && !w->stopped; sc_leaves(w, SC_BLOCK))
        for (end = sc_ranking_part(r, i); i < end; i++)
            for (int d = 0; d < SC_DIGITS; d++) size[d][r->key[0][i] >> 8 * d & 255]++;
    return !w->stopped;
}

/* One pass of the sort, by a digit: `start` says where each of its values begins. False: the
 * caller has given up. */
static inline bool sc_ranking_pass(struct sc_ranking *r, int digit, int64_t start[256],
                                   struct sc_worker *w)
{
    for (int64_t i = 0, end; i < r->count && !w->stopped; sc_leaves(w, SC_BLOCK))
        for (end = sc_ranking_part(r, i); i < end; i++) {
            const int64_t to = start[r->key[0][i] >> 8 * digit & 255]++;

            r->key[1][to] = r->key[0][i];
            r->place[1][to] = r->place[0][i];
        }
    sc_ranking_swap(r);
    return !w->stopped;
}

/* A radix sort from the lowest digit, which is stable: of equal errors the lowest place comes
 * first. Digits that all keys have in common cost nothing. False: the caller has given up. */
static inline bool sc_ranking_sort(struct sc_ranking *r, struct sc_worker *w)
{
    int64_t size[SC_DIGITS][256] = {{0}};

    if (!sc_ranking_count(r, size, w)) return false;
    for (int d = 0; d < SC_DIGITS && r->count > 1; d++) {
        int64_t start = 0;

        if (size[d][r->key[0][0] >> 8 * d & 255] == r->count) continue;
        for (int v = 0; v < 256; v++) {
            const int64_t own = size[d][v];

            size[d][v] = start;
            start += own;
        }
        if (!sc_ranking_pass(r, d, size[d], w)) return false;
    }
    return true;
}

/* Some places in their order: whether each is of the truth, how many of the truth are not
 * wrong yet, and the union so far; then its error times its growth, as high + low, and its
 * slope. */
#define SC_GROWTHS SC_EXACT_STRIP

struct sc_growths {
    double own[SC_GROWTHS], left[SC_GROWTHS], whole[SC_GROWTHS];
    double high[SC_GROWTHS], low[SC_GROWTHS], slope[SC_GROWTHS];
};

/* What was wrong before: places of the truth, and others. */
struct sc_wrong {
    int64_t truth, other;
};

static inline void sc_growths_count(const struct sc_ranking *r, int64_t at, int n,
                                    const int32_t *code, int32_t class, int64_t truth,
                                    struct sc_wrong *wrong, struct sc_growths *g)
{
    struct sc_wrong now = *wrong;

    for (int i = 0; i < n; i++) {
        const int own = code[r->place[0][at + i]] == class;

        g->own[i] = own;
        g->left[i] = (double)(truth - now.truth);
        g->whole[i] = (double)(truth + now.other);
        now.truth += own;
        now.other += 1 - own;
    }
    *wrong = now;
}

/* What each place adds to 1 - intersection / union: for one of the truth the intersection
 * shrinks, for another the union grows. */
static inline void sc_growths_make(const struct sc_ranking *r, int64_t at, int n, bool truth,
                                   struct sc_growths *g)
{
    for (int i = 0; i < n; i++) {
        const bool own = g->own[i] != 0;
        const double error = sc_ranking_error(r, at + i), whole = g->whole[i];
        const double share = (own ? 1 : g->left[i]) / whole, other = share / (whole + 1);
        const double alone = whole == 0 ? 1 : 0; /* there is no truth: the first has all */
        const double growth = own ? share : truth ? other : alone;
        const double high = growth > 0 ? error * growth : 0;
        const double low = fma(error, growth, -high);

        g->high[i] = high;
        g->low[i] = ((growth > 0) & (fabs(high) < HUGE_VAL)) ? low : 0;
        g->slope[i] = error != error ? error : own ? -growth : growth;
    }
}

/* Sorts, adds each error times its growth to `sum`, and writes the slopes by the values to
 * slope[place]: -growth where code[place] is `class`, else growth. Leaves off when the caller
 * has given up. */
static inline void sc_lovasz(struct sc_ranking *r, const int32_t *code, int32_t class,
                             int64_t truth, double *slope, struct sc_exact *sum,
                             struct sc_worker *w)
{
    struct sc_wrong wrong = {0, 0};
    struct sc_growths g;

    if (!sc_ranking_sort(r, w)) return;
    for (int64_t at = 0; at < r->count && !sc_leaves(w, SC_GROWTHS); at += SC_GROWTHS) {
        const int n = sc_part_size(r->count - at, SC_GROWTHS);

        sc_growths_count(r, at, n, code, class, truth, &wrong, &g);
        sc_growths_make(r, at, n, truth > 0, &g);
        sc_exact_add_array(sum, g.high, (size_t)n);
        sc_exact_add_array(sum, g.low, (size_t)n);
        for (int i = 0; i < n; i++) slope[r->place[0][at + i]] = g.slope[i];
    }
}

/* ---- what both losses share ---- */

/* Places that are scored together: those of a sample, or of the batch. */
static inline int64_t sc_lovasz_places(const struct sc_call *c)
{
    return c->whole_samples ? c->positions : c->samples * c->positions;
}

/* Sets what a span is. */
static inline enum sc_status sc_lovasz_prepare(struct sc_call *c, struct sc_arena *arena,
                                               struct sc_note *note)
{
    (void)arena;
    c->whole_samples = sc_param(c->params, "per_sample")->boolean;
    c->whole_batch = !c->whole_samples;
    if (sc_lovasz_places(c) <= SC_RANKING_MAX) return SC_OK;
    return sc_fail(note, SC_TOO_LARGE, "#/pred", "%lld places to sort at once; at most %lld",
                   (long long)sc_lovasz_places(c), (long long)SC_RANKING_MAX);
}

/* The codes of a span; gives how many are no ignored ones. */
static inline int64_t sc_lovasz_codes(const struct sc_call *c, const struct sc_span *span,
                                      int32_t *code, struct sc_worker *w)
{
    const int64_t ignore = sc_param(c->params, "ignore_index")->integer;
    int64_t counted = 0;

    for (int64_t at = 0; at < span->size && !sc_leaves(w, SC_BLOCK); at += SC_BLOCK) {
        const int n = sc_part_size(span->size - at, SC_BLOCK);

        sc_load_labels(c->in[1], span->from + at, n, c->labels, &ignore, 1, code + at,
                       &w->trouble[1]);
        for (int i = 0; i < n; i++) counted += code[at + i] < c->labels;
    }
    return counted;
}

/* The mean is that of the samples that were scored, of which a pooled batch is one. */
static inline double sc_lovasz_scale(const struct sc_call *c)
{
    return sc_loss_divide(c, (double)c->total->count[SC_LOSS_SAMPLES]);
}

static inline enum sc_status sc_lovasz_shape(const struct sc_call *c, int output, int *rank,
                                             int64_t *dim)
{
    if (output != SC_OUT_VALUE) return SC_OK;
    *rank = c->whole_samples ? 1 : 0;
    dim[0] = c->samples;
    return SC_OK;
}

static inline const char *sc_lovasz_report(const struct sc_params *params,
                                           const struct sc_state *state,
                                           struct sc_report *report)
{
    const bool per_sample = sc_param(params, "per_sample")->boolean;
    const char *status = sc_loss_report(params, state, sc_exact_round(&state->sum[0]),
                                        (double)state->count[SC_LOSS_SAMPLES], report);

    sc_report_text(report, "rules.averaged",
                   per_sample ? "one loss a sample, then mean" : "pooled over the batch");
    return status;
}
