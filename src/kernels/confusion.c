/* confusion.c - sums of n[t][p], and what the reports of the label metrics share.
 *
 * support = scored positions of that target class (its row of n and its missed ones); predicted
 * = its column; TP = n[c][c], FN = support - TP, FP = predicted - TP, TN = the rest. */
#include "confusion.h"

#include <math.h>
#include <string.h>

#include "label_map.h"

#define PRINTED_CLASSES 1024 /* above, classes and matrix come only when asked for */
#define NAME_BYTES      256 /* of a class: as text in archives each has as many as the longest */
#define ONE_CLASS_SHARE 0.95 /* of the support: then accuracy says little */

void sc_confusion_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                         size_t *sums)
{
    (void)params;
    *counts = sc_confusion_size(classes);
    *sums = 0;
}

void sc_confusion_count_batch(const struct sc_call *call, struct sc_state *state)
{
    state->count[SC_CONFUSION_IMAGES] += call->samples;
}

static enum sc_status check_names(const struct sc_param_value *names, int64_t classes,
                                  struct sc_note *note)
{
    if (names->count != classes)
        return sc_fail(note, SC_OUT_OF_BOUNDS, "#/params/class_names",
                       "%d class_names for %lld classes; one each", names->count,
                       (long long)classes);
    for (int i = 0; i < names->count; i++)
        if (strlen(names->words[i]) > NAME_BYTES)
            return sc_fail(note, SC_OUT_OF_BOUNDS, "#/params/class_names",
                           "the name of class %d has %zu bytes; at most %d", i,
                           strlen(names->words[i]), NAME_BYTES);
    return SC_OK;
}

enum sc_status sc_confusion_check(const struct sc_params *params, struct sc_note *note)
{
    const struct sc_param_value *names = sc_param(params, "class_names");
    const int64_t classes = sc_param(params, "num_classes")->integer;

    SC_TRY(sc_rules_check(params, note));
    SC_TRY(sc_label_map_check(params, note));
    return names->set ? check_names(names, classes, note) : SC_OK;
}

/* ---- sums ---- */

static void tally(struct sc_tally *t, const struct sc_state *s)
{
    for (int64_t i = 0; i < s->classes; i++) { /* 0: no batch came */
        t->support[i] += s->count[sc_missed(i)];
        t->missed += s->count[sc_missed(i)];
        for (int64_t p = 0; p < t->size; p++) {
            const int64_t n = s->count[sc_cell(t->size, i, p)];

            t->support[i] += n;
            t->predicted[p] += n;
            if (i == p) t->tp[i] = n;
        }
        t->positions += t->support[i];
        t->hits += t->tp[i];
    }
}

bool sc_tally_of(const struct sc_state *state, int64_t classes, struct sc_arena *arena,
                 struct sc_tally *out)
{
    int64_t *sums = sc_arena_calloc(arena, 3 * (size_t)classes, sizeof *sums);

    if (sums == NULL) return false;
    *out = (struct sc_tally){.size = classes,
                             .tp = sums,
                             .support = sums + classes,
                             .predicted = sums + 2 * classes};
    tally(out, state);
    return true;
}

double sc_ratio(int64_t part, int64_t whole)
{
    return whole == 0 ? SC_NONE : (double)part / (double)whole;
}

double sc_f_beta(double beta, int64_t tp, int64_t fp, int64_t fn)
{
    const double square = beta * beta, hits = (1 + square) * (double)tp;

    if (tp == 0) return fp + fn == 0 ? SC_NONE : 0; /* also where the square vanishes */
    return hits / (hits + square * (double)fn + (double)fp);
}

static enum sc_where where(const struct sc_tally *t, int64_t i)
{
    return sc_where(t->support[i], t->predicted[i]);
}

double sc_class_precision(const struct sc_rules *rules, const struct sc_tally *t, int64_t i)
{
    return sc_rule_ratio(&rules->precision, where(t, i), (double)t->tp[i],
                         (double)t->predicted[i]);
}

double sc_class_recall(const struct sc_rules *rules, const struct sc_tally *t, int64_t i)
{
    return sc_rule_ratio(&rules->recall, where(t, i), (double)t->tp[i], (double)t->support[i]);
}

double sc_class_specificity(const struct sc_rules *rules, const struct sc_tally *t, int64_t i)
{
    const int64_t negatives = sc_tn(t, i) + sc_fp(t, i);

    if (negatives == 0) return rules->specificity.without_negatives;
    return sc_ratio(sc_tn(t, i), negatives);
}

double sc_mean_over(unsigned set, sc_class_fn *value, const struct sc_rules *rules,
                    const struct sc_tally *t)
{
    double sum = 0;
    int64_t count = 0;

    for (int64_t i = 0; i < t->size; i++) {
        if (!sc_is_in(set, where(t, i))) continue;
        sum += value(rules, t, i);
        count++;
    }
    return count == 0 ? SC_NONE : sum / (double)count;
}

/* ---- reports ---- */

void sc_table_names(struct sc_report *r, struct sc_table *table, const struct sc_params *params,
                    int64_t classes)
{
    const struct sc_param_value *names = sc_param(params, "class_names");
    int64_t *class = sc_table_int(r, table, "class");
    const char **name = sc_table_text(r, table, "name");

    for (int64_t i = 0; !r->failed && i < classes; i++) {
        class[i] = i;
        name[i] = names->set ? names->words[i] : NULL;
    }
}

void sc_table_counts(struct sc_report *r, struct sc_table *table, const struct sc_tally *t)
{
    int64_t *tp = sc_table_int(r, table, "tp"), *fp = sc_table_int(r, table, "fp");
    int64_t *fn = sc_table_int(r, table, "fn"), *tn = sc_table_int(r, table, "tn");
    int64_t *support = sc_table_int(r, table, "support");
    int64_t *predicted = sc_table_int(r, table, "predicted");
    const char **status = sc_table_text(r, table, "status");

    for (int64_t i = 0; !r->failed && i < t->size; i++) {
        tp[i] = t->tp[i];
        fp[i] = sc_fp(t, i);
        fn[i] = sc_fn(t, i);
        tn[i] = sc_tn(t, i);
        support[i] = t->support[i];
        predicted[i] = t->predicted[i];
        status[i] = sc_presence(support[i] > 0, predicted[i] > 0);
    }
}

struct sc_tensor sc_confusion_matrix(const struct sc_state *s, int64_t classes,
                                     struct sc_report *r)
{
    const int64_t dim[2] = {classes, classes};
    struct sc_tensor matrix = {.data = NULL};

    if (sc_tensor_new(&matrix, SC_INT64, 2, dim, r->arena, NULL) != SC_OK) {
        r->failed = true;
        return (struct sc_tensor){.data = NULL};
    }
    if (s->classes == classes)
        memcpy(matrix.data, s->count + sc_cell(classes, 0, 0), sc_tensor_bytes(&matrix));
    else /* no batch came */
        memset(matrix.data, 0, sc_tensor_bytes(&matrix));
    return matrix;
}

bool sc_is_printed(const struct sc_params *params, int64_t classes, const char *value,
                   const char *param, struct sc_report *r)
{
    if (r->whole || classes <= PRINTED_CLASSES || sc_param(params, param)->boolean) return true;
    sc_report_warn(r, "not_printed", "%s is left out above %d classes; ask with %s=true", value,
                   PRINTED_CLASSES, param);
    return false;
}

void sc_report_classes(const struct sc_params *params, int64_t classes,
                       const struct sc_table *table, struct sc_report *r)
{
    struct sc_table *printed;

    r->main_table = "classes";
    if (!sc_is_printed(params, classes, "classes", "per_class", r)) return;
    printed = sc_report_table(r, "classes", 0, table->columns);
    if (printed == NULL) return;
    memcpy(printed->column, table->column, table->columns * sizeof *table->column);
    printed->rows = table->rows;
    printed->columns = table->columns;
}

void sc_report_matrix(const struct sc_params *params, const struct sc_state *s, int64_t classes,
                      struct sc_report *r)
{
    struct sc_tensor matrix;

    r->main_tensor = "confusion_matrix";
    if (!sc_is_printed(params, classes, "confusion_matrix", "confusion_matrix", r)) return;
    matrix = sc_confusion_matrix(s, classes, r);
    sc_report_list(r, "confusion_matrix", &matrix);
}

void sc_confusion_warn(const struct sc_rules *rules, const struct sc_tally *t,
                       const char *positions, const char *accuracy, struct sc_report *r)
{
    int64_t absent = 0;

    for (int64_t i = 0; i < t->size; i++) {
        absent += where(t, i) == SC_BOTH_EMPTY;
        if ((double)t->support[i] > ONE_CLASS_SHARE * (double)t->positions && t->size > 1)
            sc_report_warn(r, "dominant_class",
                           "class %lld has %.1f %% of the %s: %s says little", (long long)i,
                           100 * sc_ratio(t->support[i], t->positions), positions, accuracy);
    }
    if (absent > 0 && t->positions > 0)
        sc_report_warn(r, "absent_classes", "%lld of %lld classes are in neither mask; they %s",
                       (long long)absent, (long long)t->size,
                       sc_is_in(rules->iou.mean | rules->dice.mean, SC_BOTH_EMPTY)
                           ? "are in means, as rules say"
                           : "are in no mean");
}

const char *sc_confusion_status(const struct sc_state *s, const struct sc_tally *t,
                                const char *positions, struct sc_report *r)
{
    if (s->count[SC_CONFUSION_NAN] > 0) {
        sc_report_warn(r, "nonfinite", "%lld %s have a score that is NaN",
                       (long long)s->count[SC_CONFUSION_NAN], positions);
        return "nonfinite";
    }
    return sc_count_status(t->positions, s->count[SC_CONFUSION_IGNORED]);
}
