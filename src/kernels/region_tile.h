/* region_tile.h - what region losses have before them: p and t of the tile at hand, the codes
 * of its block, and the scratch that holds these.
 *
 * Large functions, some called from several places of the template: not `inline`, so that each
 * is there once. */
#pragma once

#include "class_lanes.h"
#include "region.h"
#include "shared.h"

struct sc_region_scratch {
    const struct sc_tile *p; /* of the tile at hand: `own`, or shared */
    struct sc_tile own, t, g;
    struct sc_exact *sums;       /* [C][SC_REGION_SUMS]: of one sample */
    double (*lane)[3][SC_LANES]; /* [C]: I, P, T of the block at hand */
    struct sc_class_lanes hits;  /* I and T, where targets are class indices */
    double hit_p[SC_BLOCK];      /* the p of each position's target */
    double *a, *b;               /* [C]: the slope of p is a t + b (or 2 b p) */
    int32_t code[SC_BLOCK], pred[SC_BLOCK];
    int64_t counted; /* positions of the sample at hand that are not ignored */
    bool labels, squared, softmax, sigmoid;
    int32_t hit; /* code of a target whose t of class 0 is 1: 1 where C = 1 is the foreground */
};

static size_t sc_region_scratch_bytes(const struct sc_call *c)
{
    const size_t each = SC_REGION_SUMS * sizeof(struct sc_exact) +
                        (3 * SC_LANES + 2) * sizeof(double);

    return sizeof(struct sc_region_scratch) + 3 * sc_tile_bytes(c) + (size_t)c->classes * each +
           sc_class_lanes_bytes(c);
}

static bool sc_region_takes_softmax(const struct sc_call *c)
{
    return sc_param(c->params, "input_kind")->choice == SC_LOGITS && c->classes > 1 &&
           !sc_param(c->params, "multilabel")->boolean;
}

static struct sc_region_scratch *sc_region_lay_out(const struct sc_call *c, struct sc_worker *w)
{
    struct sc_region_scratch *s = w->scratch;
    const int kind = sc_param(c->params, "input_kind")->choice;

    s->sums = sc_tile_init(&s->g, c, sc_tile_init(&s->t, c, sc_tile_init(&s->own, c, s + 1)));
    s->lane = (void *)(s->sums + c->classes * SC_REGION_SUMS);
    s->a = (double *)(s->lane + c->classes);
    s->b = s->a + c->classes;
    sc_class_lanes_init(&s->hits, c, s->b + c->classes);
    s->labels = kind == SC_LABELS;
    s->hit = c->labels > c->classes ? 1 : 0;
    s->squared = sc_param(c->params, "squared")->boolean;
    s->softmax = sc_region_takes_softmax(c);
    s->sigmoid = kind == SC_LOGITS && !s->softmax;
    return s;
}

/* ---- a tile of p and t ---- */

/* p, as it is read or by what it is. */
static void sc_region_load_own(const struct sc_call *c, const struct sc_span *part,
                               struct sc_region_scratch *s, struct sc_worker *w)
{
    struct sc_tile *p = &s->own;

    s->p = p;
    sc_tile_load(p, c, c->in[0], part->from, (int)part->size);
    if (s->softmax)
        sc_tile_softmax(p, c);
    else if (s->sigmoid)
        for (int64_t k = 0; k < c->classes; k++)
            for (int i = 0; i < p->size; i++)
                p->value[k * p->width + i] = sc_sigmoid(p->value[k * p->width + i]);
    else
        sc_tile_check(p, c, &w->trouble[0]);
}

static void sc_region_load(const struct sc_call *c, const struct sc_span *part,
                           struct sc_region_scratch *s, struct sc_worker *w)
{
    if (s->softmax && w->shared != NULL)
        s->p = sc_shared_softmax(c, part->from, (int)part->size, w->shared);
    else
        sc_region_load_own(c, part, s, w);
    if (c->indices) return;
    sc_tile_load(&s->t, c, c->in[1], part->from, (int)part->size);
    sc_tile_check(&s->t, c, &w->trouble[1]);
}

/* t of class k: from the codes of this tile, or its plane. */
static void sc_region_target(const struct sc_call *c, struct sc_region_scratch *s,
                             const int32_t *code, int64_t k, double *t)
{
    for (int i = 0; c->indices && i < s->p->size; i++) t[i] = code[i] == k + s->hit;
    if (!c->indices) memcpy(t, s->t.value + k * s->t.width, (size_t)s->p->size * sizeof *t);
}

/* ---- codes ---- */

/* A prediction of ignore_index is a class where it is one; else it is right only at places
 * whose target is ignored. */
static void sc_region_load_predictions(const struct sc_call *c, const struct sc_span *span,
                                       int64_t ignore, struct sc_region_scratch *s,
                                       struct sc_worker *w)
{
    const bool is_class = ignore >= 0 && ignore < c->classes;

    sc_load_labels(c->in[0], span->from, (int)span->size, c->classes, &ignore, !is_class,
                   s->pred, &w->trouble[0]);
    for (int i = 0; i < span->size; i++)
        if (s->pred[i] == c->classes && s->code[i] < c->labels)
            sc_note_trouble(&w->trouble[0], SC_LABEL, span->from + i, (double)ignore);
}

static void sc_region_load_codes(const struct sc_call *c, const struct sc_span *span,
                                 struct sc_region_scratch *s, struct sc_worker *w)
{
    const int64_t ignore = sc_param(c->params, "ignore_index")->integer;
    const int n = (int)span->size;

    if (c->indices)
        sc_load_labels(c->in[1], span->from, n, c->labels, &ignore, 1, s->code, &w->trouble[1]);
    if (s->labels) sc_region_load_predictions(c, span, ignore, s, w);
}
