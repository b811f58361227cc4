/* gelu.c - x Phi(x) (Hendrycks and Gimpel, arXiv 1606.08415; PyTorch gelu), or its tanh
 * approximation. PyTorch gives NaN at -inf, and as derivative at both infinities. */
#include "elementwise.h"

enum { NONE, TANH };    /* words of `approximate` */
enum { K_APPROXIMATE }; /* parameters of the row */

static bool is_tanh(const struct sc_call *c)
{
    return sc_param(c->params, "approximate")->choice == TANH;
}

/* What PyTorch has for inf * 0. */
static void forget_infinities(const double *x, double *y, int n, bool positive)
{
    for (int i = 0; i < n; i++)
        y[i] = x[i] == -HUGE_VAL || (positive && x[i] == HUGE_VAL) ? (double)NAN : y[i];
}

static void values(const struct sc_call *c, const double *x, double *y, int n)
{
    if (is_tanh(c))
        for (int i = 0; i < n; i++) y[i] = sc_gelu_tanh(x[i]);
    else
        for (int i = 0; i < n; i++) y[i] = sc_gelu(x[i]);
    if (c->pytorch) forget_infinities(x, y, n, false);
}

static void slopes(const struct sc_call *c, const double *x, double *y, int n)
{
    if (is_tanh(c))
        for (int i = 0; i < n; i++) y[i] = sc_gelu_tanh_slope(x[i]);
    else
        for (int i = 0; i < n; i++) y[i] = sc_gelu_slope(x[i]);
    if (c->pytorch) forget_infinities(x, y, n, true);
}

#define ACTIVATION gelu
#define VALUES     values
#define SLOPES     slopes
#define NEARLY_FIRST(x, k)                                                                     \
    ((k)[K_APPROXIMATE] == TANH ? sc_near_gelu_tanh_first(x) : sc_near_gelu_first(x))
#define NEARLY(x, first, k)                                                                    \
    ((k)[K_APPROXIMATE] == TANH ? sc_near_gelu_tanh(x, first) : sc_near_gelu(x, first))
#include "elementwise.inc"
