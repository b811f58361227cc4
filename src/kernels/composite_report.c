/* composite_report.c - the report of a weighted sum of losses, from those of its parts. */
#include <math.h>
#include <string.h>

#include "composite.h"

struct part_report {
    struct sc_report report;
    const char *status;
};

static double number(const struct part_report *p, const char *name)
{
    const struct sc_value *v = sc_report_find(&p->report, name);

    return v == NULL ? SC_NONE : v->kind == SC_VALUE_INT ? (double)v->as.integer : v->as.real;
}

static void copy_value(const struct sc_value *v, struct sc_report *r)
{
    if (v->kind == SC_VALUE_INT) sc_report_int(r, v->name, v->as.integer);
    if (v->kind == SC_VALUE_REAL) sc_report_real(r, v->name, v->as.real);
    if (v->kind == SC_VALUE_TEXT) sc_report_text(r, v->name, v->as.text);
}

/* The scalars of a part, in an object of its name. */
static void report_part(const struct sc_part *part, const struct part_report *p,
                        struct sc_report *r)
{
    for (size_t i = 0; i < p->report.count; i++) {
        struct sc_value v = p->report.value[i];

        if (strchr(v.name, '.') != NULL || strcmp(v.name, "reduction") == 0) continue;
        v.name = sc_arena_printf(r->arena, "%s.%s", part->name, v.name);
        if (v.name == NULL)
            r->failed = true;
        else
            copy_value(&v, r);
    }
    for (size_t i = 0; i < p->report.warnings; i++)
        sc_report_warn(r, p->report.warning[i].code, "%s: %s", part->name,
                       p->report.warning[i].detail);
}

/* The table and the rules of the first part, as they are. */
static void report_classes(const struct part_report *p, struct sc_report *r)
{
    const struct sc_value *classes = sc_report_find(&p->report, "classes");
    const struct sc_value *averaged = sc_report_find(&p->report, "rules.averaged");

    const struct sc_table *from = classes ? &classes->as.table : NULL;
    struct sc_table *t = from ? sc_report_table(r, "classes", from->rows, from->columns) : NULL;

    if (t == NULL || averaged == NULL) return;
    memcpy(t->column, from->column, from->columns * sizeof *t->column);
    t->columns = from->columns;
    r->main_table = "classes";
    copy_value(averaged, r);
}

static double total_of(const struct sc_params *params, const struct part_report *part)
{
    const struct sc_part *parts = sc_kernel(params->op)->parts;
    double total = 0;

    for (int i = 0; i < SC_PARTS; i++) {
        const double l = sc_part_lambda(params, &parts[i]);

        if (l != 0) total = fma(l, number(&part[i], "value"), total);
    }
    return total;
}

/* That of the parts that count, and of their sum. */
static const char *status_of(const struct sc_params *params, const struct part_report *part,
                             double value)
{
    const struct sc_part *parts = sc_kernel(params->op)->parts;

    if (number(&part[0], "count") == 0) return part[0].status;
    for (int i = 0; i < SC_PARTS; i++)
        if (sc_part_lambda(params, &parts[i]) != 0 && strcmp(part[i].status, "ok") != 0)
            return part[i].status;
    return isfinite(value) ? "ok" : "nonfinite";
}

/* One value of weight 1, whatever the reductions of the parts are. */
const char *sc_composite_finish(const struct sc_params *params, const struct sc_state *state,
                                struct sc_report *r)
{
    const struct sc_part *parts = sc_kernel(params->op)->parts;
    struct part_report part[SC_PARTS];
    struct sc_state rest = *state;
    double value;
    bool any;

    for (int i = 0; i < SC_PARTS; i++) {
        const struct sc_params own = sc_part_params(params, &parts[i]);
        const struct sc_state s = sc_part_state(&own, &rest);

        sc_report_init(&part[i].report, r->arena);
        part[i].status = sc_part_kernel(&parts[i])->finish(&own, &s, &part[i].report);
        r->failed |= part[i].report.failed;
    }
    any = number(&part[0], "count") > 0;
    value = any ? total_of(params, part) : SC_NONE;
    sc_report_real(r, "value", value);
    sc_report_real(r, "sum", any ? value : 0);
    sc_report_real(r, "weight_sum", any ? 1 : 0);
    sc_report_int(r, "count", (int64_t)number(&part[0], "count"));
    sc_report_int(r, "ignored", (int64_t)number(&part[0], "ignored"));
    sc_report_text(r, "reduction", sc_param_word(params, "reduction", r->arena));
    for (int i = 0; i < SC_PARTS; i++) report_part(&parts[i], &part[i], r);
    report_classes(&part[0], r);
    return status_of(params, part, value);
}
