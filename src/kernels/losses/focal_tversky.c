/* focal_tversky.c - the Tversky loss to the power of 1 / gamma (Abraham and Khan, arXiv
 * 1810.07842). */
#include "region_loss.h"

static double exponent(const struct sc_params *params)
{
    return 1 / sc_param(params, "gamma")->real;
}

static double value(const struct sc_overlap *o, const struct sc_params *params)
{
    const double tversky = sc_tversky(o, params), e = exponent(params);

    return e == 1 ? tversky : sc_exp(e * sc_log(tversky));
}

/* The derivative by the Tversky loss. Of a root it grows without bound towards 0; at 0 itself,
 * where nothing is left to gain, it is 0. */
static double outer(const struct sc_overlap *o, const struct sc_params *params)
{
    const double tversky = sc_tversky(o, params), e = exponent(params);

    if (e == 1) return 1;
    return tversky == 0 ? 0 : e * sc_exp((e - 1) * sc_log(tversky));
}

static double by_i(const struct sc_overlap *o, const struct sc_params *params)
{
    return outer(o, params) * sc_tversky_by_i(o, params);
}

static double by_p(const struct sc_overlap *o, const struct sc_params *params)
{
    return outer(o, params) * sc_tversky_by_p(o, params);
}

#define LOSS  focal_tversky
#define VALUE value
#define BY_I  by_i
#define BY_P  by_p
#include "region.inc"
