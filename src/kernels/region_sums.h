/* region_sums.h - how I, P and T of region losses are added: those of a class in a block in
 * lanes and then exactly, or each element exactly, where samples are smaller than a block; as
 * the sums of all losses. */
#pragma once

#include "region_tile.h"

/* Adds values at places at, at + 1, ... of a block. */
static void sc_region_add_values(const struct sc_call *c, const double *x, int n, int at,
                                 double *lane, struct sc_exact *sum)
{
    if (c->by_element)
        sc_exact_add_array(sum, x, (size_t)n);
    else if (at % SC_LANES == 0)
        sc_lanes_add(lane, x, n);
    else
        for (int i = 0; i < n; i++) lane[(at + i) % SC_LANES] += x[i];
}

static void sc_region_add_class(const struct sc_call *c, struct sc_region_scratch *s,
                                const int32_t *code, int64_t k, int at, struct sc_worker *w,
                                struct sc_exact *sums)
{
    double t[SC_TILE], p[SC_TILE], x[SC_TILE];
    const int n = s->p->size;

    sc_region_target(c, s, code, k, t);
    for (int i = 0; i < n; i++) {
        const bool counted = !c->indices || code[i] < c->labels;

        p[i] = counted ? s->p->value[k * s->p->width + i] : 0;
        x[i] = p[i] * t[i];
    }
    if (w->state.count != NULL) w->state.count[SC_LOSS_NONFINITE] += sc_count_nonfinite(p, n);
    sc_region_add_values(c, x, n, at, s->lane[k][0], sc_region_sum(sums, k, SC_REGION_I));
    for (int i = 0; s->squared && i < n; i++) p[i] = p[i] * p[i];
    for (int i = 0; s->squared && i < n; i++) t[i] = t[i] * t[i];
    sc_region_add_values(c, p, n, at, s->lane[k][1], sc_region_sum(sums, k, SC_REGION_P));
    sc_region_add_values(c, t, n, at, s->lane[k][2], sc_region_sum(sums, k, SC_REGION_T));
}

static void sc_region_flush_lanes(const struct sc_call *c, struct sc_region_scratch *s,
                                  struct sc_exact *sums)
{
    for (int64_t k = 0; k < c->classes; k++)
        for (int which = 0; which < 3; which++)
            sc_exact_add(sc_region_sum(sums, k, which), sc_lanes_fold(s->lane[k][which]));
}

/* ---- sums where targets are class indices: t is 1 at one class of a position ---- */

static bool sc_region_by_hits(const struct sc_call *c)
{
    return c->indices && !c->by_element;
}

static bool sc_region_any_ignored(const struct sc_call *c, const int32_t *code, int n)
{
    int any = 0;

    for (int i = 0; i < n; i++) any |= code[i] >= c->labels;
    return any != 0;
}

static void sc_region_take_hits(const struct sc_call *c, const struct sc_region_scratch *s,
                                const int32_t *code, double *hit_p)
{
    for (int i = 0; i < s->p->size; i++) {
        const int64_t k = code[i] - s->hit;

        hit_p[i] = k >= 0 && k < c->classes ? s->p->value[k * s->p->width + i] : 0;
    }
}

/* Adds p, 0 where the target is ignored. Lanes that have met a NaN keep it: only then it is
 * looked for. */
static void sc_region_add_pred(const struct sc_call *c, struct sc_region_scratch *s,
                               const int32_t *code, int64_t k, int at, bool ignored,
                               struct sc_worker *w)
{
    const double *p = s->p->value + k * s->p->width;
    double copy[SC_TILE], *lane = s->lane[k][SC_REGION_P];
    const int n = s->p->size;

    if (ignored || s->squared) {
        for (int i = 0; i < n; i++) {
            const double own = code[i] < c->labels ? p[i] : 0;

            copy[i] = s->squared ? own * own : own;
        }
        p = copy;
    }
    sc_region_add_values(c, p, n, at, lane, NULL);
    if (w->state.count != NULL && sc_count_nonfinite(lane, SC_LANES) > 0)
        w->state.count[SC_LOSS_NONFINITE] += sc_count_nonfinite(p, n);
}

static void sc_region_add_tile(const struct sc_call *c, struct sc_region_scratch *s, int at,
                               struct sc_worker *w, struct sc_exact *sums)
{
    const int32_t *code = s->code + at;
    const bool hits = sc_region_by_hits(c);
    const bool ignored = hits && sc_region_any_ignored(c, code, s->p->size);

    if (hits) sc_region_take_hits(c, s, code, s->hit_p + at);
    for (int64_t k = 0; k < c->classes; k++) {
        if (hits)
            sc_region_add_pred(c, s, code, k, at, ignored, w);
        else
            sc_region_add_class(c, s, code, k, at, w, sums);
    }
}

/* I and T of a class: of its hits, and of how many there are. Where a p is NaN so is p t, at
 * every target. */
static void sc_region_flush_hits(const struct sc_call *c, int n, struct sc_region_scratch *s,
                                 struct sc_exact *sums)
{
    sc_class_lanes_add(&s->hits, s->hit_p, s->code, n, s->hit, (int32_t)c->classes);
    for (int64_t k = 0; k < c->classes; k++) {
        const double pred = sc_lanes_fold(s->lane[k][SC_REGION_P]);
        const double hit = sc_lanes_fold(s->hits.lane[k]);

        sc_exact_add(sc_region_sum(sums, k, SC_REGION_I), pred == pred ? hit : pred);
        sc_exact_add(sc_region_sum(sums, k, SC_REGION_P), pred);
        sc_exact_add(sc_region_sum(sums, k, SC_REGION_T), s->hits.count[k]);
    }
    memset(s->hits.lane, 0, sc_class_lanes_bytes(c));
}

/* Moves the sums of a block of n positions. */
static void sc_region_flush(const struct sc_call *c, int n, struct sc_region_scratch *s,
                            struct sc_exact *sums)
{
    if (c->by_element) return;
    if (sc_region_by_hits(c))
        sc_region_flush_hits(c, n, s, sums);
    else
        sc_region_flush_lanes(c, s, sums);
    memset(s->lane, 0, (size_t)c->classes * sizeof s->lane[0]);
}

static void sc_region_add_labels(const struct sc_call *c, const struct sc_region_scratch *s,
                                 int n, struct sc_exact *sums)
{
    for (int i = 0; i < n; i++) {
        if (s->code[i] >= c->labels) continue;
        sc_exact_add(sc_region_sum(sums, s->code[i], SC_REGION_T), 1);
        if (s->pred[i] >= c->classes) continue;
        sc_exact_add(sc_region_sum(sums, s->pred[i], SC_REGION_P), 1);
        if (s->pred[i] == s->code[i])
            sc_exact_add(sc_region_sum(sums, s->pred[i], SC_REGION_I), 1);
    }
}

/* ---- parts of blocks ---- */

/* Loads the codes of a block, and counts its positions. */
static void sc_region_begin_block(const struct sc_call *c, const struct sc_span *block,
                                  struct sc_region_scratch *s, struct sc_worker *w)
{
    const int n = (int)block->size;
    int ignored = 0;

    sc_region_load_codes(c, block, s, w);
    for (int i = 0; c->indices && i < n; i++) ignored += s->code[i] >= c->labels;
    s->counted += n - ignored;
    if (w->state.count == NULL) return;
    w->state.count[SC_LOSS_IGNORED] += ignored;
    w->state.count[SC_LOSS_COUNT] += n - ignored;
}

/* Adds a part of a block to `sums`. */
static void sc_region_add(const struct sc_call *c, const struct sc_span *part,
                          struct sc_region_scratch *s, struct sc_worker *w,
                          struct sc_exact *sums)
{
    const struct sc_span block = sc_block_of(part);
    const int at = (int)part->at;

    if (sc_begins_block(part)) sc_region_begin_block(c, &block, s, w);
    if (!s->labels) {
        sc_region_load(c, part, s, w);
        sc_region_add_tile(c, s, at, w, sums);
    }
    if (!sc_ends_block(part)) return;
    if (s->labels)
        sc_region_add_labels(c, s, (int)block.size, sums);
    else
        sc_region_flush(c, (int)block.size, s, sums);
}
