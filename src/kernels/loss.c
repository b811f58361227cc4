/* loss.c - what all losses share. */
#include "loss.h"

#include <math.h>

void sc_loss_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                    size_t *sums)
{
    (void)params;
    (void)classes;
    *counts = SC_LOSS_COUNTS;
    *sums = 1;
}

static bool is_divided(const struct sc_params *params)
{
    const int reduction = sc_param(params, "reduction")->choice;

    return reduction == SC_REDUCTION_MEAN || reduction == SC_REDUCTION_BATCHMEAN;
}

double sc_loss_divide(const struct sc_call *call, double divisor)
{
    if (call->total->count[SC_LOSS_COUNT] == 0) return 0;
    return is_divided(call->params) ? 1 / divisor : 1;
}

static double divisor_of(const struct sc_params *params, const struct sc_state *state)
{
    const bool batch = sc_param(params, "reduction")->choice == SC_REDUCTION_BATCHMEAN;

    return (double)state->count[batch ? SC_LOSS_SAMPLES : SC_LOSS_COUNT];
}

double sc_loss_scale(const struct sc_call *call)
{
    return sc_loss_divide(call, divisor_of(call->params, call->total));
}

const char *sc_loss_status(const struct sc_state *state, bool finite)
{
    const int64_t count = state->count[SC_LOSS_COUNT];

    if (count > 0 && (!finite || state->count[SC_LOSS_NONFINITE] > 0)) return "nonfinite";
    return sc_count_status(count, state->count[SC_LOSS_IGNORED]);
}

static double reduced(const struct sc_params *params, double sum, double weight_sum)
{
    if (is_divided(params)) return sum / weight_sum;
    return sc_param(params, "reduction")->choice == SC_REDUCTION_SUM ? sum : SC_NONE;
}

const char *sc_loss_report(const struct sc_params *params, const struct sc_state *state,
                           double sum, double weight_sum, struct sc_report *r)
{
    const int reduction = sc_param(params, "reduction")->choice;
    const int64_t count = state->count[SC_LOSS_COUNT];
    const int64_t nonfinite = state->count[SC_LOSS_NONFINITE];
    const double value = count == 0 ? SC_NONE : reduced(params, sum, weight_sum);
    const bool finite = isfinite(sum) && (reduction == SC_REDUCTION_NONE || isfinite(value));

    sc_report_real(r, "value", value);
    sc_report_real(r, "sum", sum);
    sc_report_real(r, "weight_sum", weight_sum);
    sc_report_int(r, "count", count);
    sc_report_int(r, "ignored", state->count[SC_LOSS_IGNORED]);
    sc_report_text(r, "reduction", sc_param_word(params, "reduction", r->arena));
    if (nonfinite > 0)
        sc_report_warn(r, "nonfinite", "%lld of %lld terms are NaN or infinite",
                       (long long)nonfinite, (long long)count);
    else if (count > 0 && weight_sum != 0 && !finite)
        sc_report_warn(r, "nonfinite",
                       "what was scored is finite, the loss is not: it is 0 / 0, or overflows");
    if (count > 0 && weight_sum == 0)
        sc_report_warn(r, "zero_weight", "the weights of the counted terms add up to 0");
    return sc_loss_status(state, finite);
}

const char *sc_loss_finish(const struct sc_params *params, const struct sc_state *state,
                           struct sc_report *r)
{
    return sc_loss_report(params, state, sc_exact_round(&state->sum[0]),
                          divisor_of(params, state), r);
}
