/* values.h - THE check of what the elements of an input may be: inside the block loop, where
 * they are loaded. A NaN passes where any number of a range could be: it shows in the result.
 */
#pragma once

#include "load.h"

static inline bool sc_fits(enum sc_domain domain, double x)
{
    switch (domain) {
    case SC_PROBABILITY:
        return !(x < 0 || x > 1);
    case SC_SIGN:
        return x == 1 || x == -1;
    case SC_BINARY:
        return x == 1 || x == 0;
    case SC_NONNEGATIVE:
        return !(x < 0);
    default:
        return true;
    }
}

/* Does any of x[0 .. n - 1] leave the domain? A loop for each domain, which vectorises. */
static inline bool sc_any_misfit(enum sc_domain domain, const double *x, int n)
{
#define SC_MISFIT(constant)                                                                    \
    case constant:                                                                             \
        for (int i = 0; i < n; i++) bad |= !sc_fits(constant, x[i]);                           \
        break
    int bad = 0;

    switch (domain) {
        SC_MISFIT(SC_PROBABILITY);
        SC_MISFIT(SC_SIGN);
        SC_MISFIT(SC_BINARY);
        SC_MISFIT(SC_NONNEGATIVE);
    default:
        break;
    }
#undef SC_MISFIT
    return bad != 0;
}

/* Notes which of x[0 .. n - 1], elements [at, at + n) of an input, are outside the domain. */
static inline void sc_check_values(enum sc_domain domain, const double *x, int64_t at, int n,
                                   struct sc_trouble *trouble)
{
    const bool bad = sc_any_misfit(domain, x, n);

    for (int i = 0; bad && i < n; i++)
        if (!sc_fits(domain, x[i])) sc_note_trouble(trouble, domain, at + i, x[i]);
}

/* Elements [at, at + n) of an input, checked. */
static inline void sc_load_checked(const struct sc_call *c, int i, int64_t at, int n,
                                   double *out, struct sc_worker *w)
{
    sc_load_ahead(c->in[i], at, n, out);
    sc_check_values(c->domain[i], out, at, n, &w->trouble[i]);
}

/* How far apart neighbours along each dimension of the first input lie in input i: 0 where
 * there is but one, as NumPy broadcasts. */
static inline void sc_broadcast_strides(const struct sc_call *c, int i, int64_t *stride)
{
    const struct sc_tensor *full = c->in[0], *t = c->in[i];
    int64_t step = 1;

    for (int d = full->rank - 1; d >= 0; d--) {
        const int own = d - (full->rank - t->rank);
        const int64_t size = own < 0 ? 1 : t->dim[own];

        stride[d] = size == 1 ? 0 : step;
        step *= size;
    }
}

/* n <= SC_BLOCK elements of input i as they stand against elements [at, at + n) of the first,
 * a run along the last dimension at a time. */
static inline void sc_load_broadcast(const struct sc_call *c, int i, int64_t at, int n,
                                     double *out, struct sc_worker *w)
{
    const struct sc_tensor *full = c->in[0];
    const int last = full->rank - 1;
    int64_t stride[SC_RANK_MAX];

    sc_broadcast_strides(c, i, stride);
    for (int done = 0; done < n;) {
        int64_t rest = at + done, from = 0, within = 0;
        int run = n - done;

        for (int d = last; d >= 0; d--) {
            if (d == last) within = rest % full->dim[d];
            from += rest % full->dim[d] * stride[d];
            rest /= full->dim[d];
        }
        if (last >= 0 && full->dim[last] - within < run) run = (int)(full->dim[last] - within);
        if (last >= 0 && stride[last] != 0) {
            sc_load_checked(c, i, from, run, out + done, w);
        } else {
            sc_load_checked(c, i, from, 1, out + done, w);
            for (int j = 1; j < run; j++) out[done + j] = out[done];
        }
        done += run;
    }
}

/* What input i has for elements [at, at + n) of the first, checked; 1 where it is absent. */
static inline void sc_load_input(const struct sc_call *c, int i, int64_t at, int n, double *out,
                                 struct sc_worker *w)
{
    if (c->in[i] == NULL)
        for (int j = 0; j < n; j++) out[j] = 1;
    else if (i == 0 || sc_tensor_same_shape(c->in[0], c->in[i]))
        sc_load_checked(c, i, at, n, out, w);
    else
        sc_load_broadcast(c, i, at, n, out, w);
}
