/* class_sums.c - the report of a loss by target class. */
#include "class_sums.h"

#include <math.h>

void sc_class_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                     size_t *sums)
{
    (void)params;
    *counts = sc_class_count_at(classes);
    *sums = sc_class_sum_at(classes);
}

/* The sum over all classes of the sums at `first`, `first` + 2, ..., rounded once. */
static double add_up(const struct sc_state *state, size_t free_sum, size_t first)
{
    struct sc_exact all = state->sum[free_sum];

    for (int64_t k = 0; k < state->classes; k++)
        sc_exact_merge(&all, &state->sum[first + 2 * (size_t)k]);
    return sc_exact_round(&all);
}

static double weight_sum_of(const struct sc_state *state)
{
    return add_up(state, SC_CLASS_FREE_WEIGHT, sc_class_weight_at(0));
}

double sc_class_scale(const struct sc_call *call)
{
    return sc_loss_divide(call, weight_sum_of(call->total));
}

enum sc_status sc_class_shape(const struct sc_call *call, int output, int *rank, int64_t *dim)
{
    const struct sc_tensor *pred = call->in[0];
    const int axis = pred->rank > 1 ? 1 : 0;

    if (output != SC_OUT_VALUE) return SC_OK;
    *rank = pred->rank - 1;
    for (int i = 0; i < *rank; i++) dim[i] = pred->dim[i < axis ? i : i + 1];
    return SC_OK;
}

static void report_classes(const struct sc_state *state, struct sc_report *r)
{
    const size_t rows = (size_t)state->classes;
    struct sc_table *t = sc_report_table(r, "classes", rows, 5);
    int64_t *class = sc_table_int(r, t, "class");
    double *value = sc_table_real(r, t, "value");
    double *sum = sc_table_real(r, t, "sum");
    double *weight_sum = sc_table_real(r, t, "weight_sum");
    int64_t *count = sc_table_int(r, t, "count");

    if (r->failed) return;
    for (size_t k = 0; k < rows; k++) {
        class[k] = (int64_t)k;
        count[k] = state->count[sc_class_count_at((int64_t)k)];
        sum[k] = weight_sum[k] = value[k] = SC_NONE;
        if (count[k] == 0) continue;
        sum[k] = sc_exact_round(&state->sum[sc_class_sum_at((int64_t)k)]);
        weight_sum[k] = sc_exact_round(&state->sum[sc_class_weight_at((int64_t)k)]);
        value[k] = sum[k] / weight_sum[k];
    }
    r->main_table = "classes";
}

/* Were the targets class indices? Then the classes' counts add up to that of all terms. */
static bool by_class(const struct sc_state *state)
{
    int64_t count = 0;

    for (int64_t k = 0; k < state->classes; k++) count += state->count[sc_class_count_at(k)];
    return count == state->count[SC_LOSS_COUNT];
}

const char *sc_class_finish(const struct sc_params *params, const struct sc_state *state,
                            struct sc_report *r)
{
    const double sum = add_up(state, SC_CLASS_FREE_SUM, sc_class_sum_at(0));
    const char *status = sc_loss_report(params, state, sum, weight_sum_of(state), r);

    if (by_class(state)) report_classes(state, r);
    return status;
}
