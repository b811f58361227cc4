/* nll.c - negative log likelihood of log-probabilities (PyTorch nll_loss): -w_y x_y. */
#include "classes.h"

static void terms(const struct sc_call *c, struct sc_scores *t, struct sc_worker *w)
{
    (void)w;
    for (int i = 0; i < t->x.size; i++) {
        const double surprise = 0 - sc_target_score(c, t, i); /* of 0: not -0 */

        t->term[i] = t->code[i] < c->classes ? sc_target_weight(c, t, i) * surprise : 0;
    }
}

static void slopes(const struct sc_call *c, struct sc_scores *t, struct sc_worker *w)
{
    double *slope = t->x.rest;

    (void)w;
    for (int i = 0; i < t->x.size; i++) slope[i] = -c->scale * sc_target_weight(c, t, i);
    sc_target_slopes(c, t, slope);
}

#define LOSS   nll
#define TERMS  terms
#define SLOPES slopes
#include "classes.inc"
