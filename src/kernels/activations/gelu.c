/* gelu.c - x Phi(x) (Hendrycks and Gimpel, arXiv 1606.08415; PyTorch gelu), or its tanh
 * approximation. -inf gives -0, the limit, where PyTorch gives NaN. */
#include "elementwise.h"

enum { NONE, TANH }; /* words of `approximate` */

static bool is_tanh(const struct sc_call *c)
{
    return sc_param(c->params, "approximate")->choice == TANH;
}

static void values(const struct sc_call *c, const double *x, double *y, int n)
{
    if (is_tanh(c))
        for (int i = 0; i < n; i++) y[i] = sc_gelu_tanh(x[i]);
    else
        for (int i = 0; i < n; i++) y[i] = sc_gelu(x[i]);
}

static void slopes(const struct sc_call *c, const double *x, double *y, int n)
{
    if (is_tanh(c))
        for (int i = 0; i < n; i++) y[i] = sc_gelu_tanh_slope(x[i]);
    else
        for (int i = 0; i < n; i++) y[i] = sc_gelu_slope(x[i]);
}

#define ACTIVATION gelu
#define VALUES     values
#define SLOPES     slopes
#include "elementwise.inc"
