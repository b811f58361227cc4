/* metric_calls.h - metrics from short texts: run, and what stands in their reports. */
#pragma once

#include <check.h>
#include <math.h>
#include <string.h>

#include "query.h"
#include "score.h"

static struct sc_arena arena;
static struct sc_note note;
static struct sc_exec exec;

static inline void setup(void)
{
    sc_arena_init(&arena, (size_t)1 << 30, NULL);
    memset(&note, 0, sizeof note);
    exec = (struct sc_exec){.threads = 2, .arena = &arena};
}

static inline void teardown(void)
{
    sc_arena_done(&arena);
}

static inline struct sc_args args_of(const char *text)
{
    struct sc_args args = {.count = 0};

    query_read(text, &arena, &args);
    return args;
}

static inline struct sc_tensor tensor(enum sc_dtype dtype, int rank, const int64_t *dim,
                                      const void *data)
{
    struct sc_tensor t;
    size_t bytes;

    ck_assert_int_eq(sc_tensor_shape(&t, dtype, rank, dim, &bytes, &note), SC_OK);
    t.data = sc_arena_alloc(&arena, bytes);
    memcpy(t.data, data, bytes);
    return t;
}

static inline void add(struct sc_tensors *set, const char *name, const struct sc_tensor *t)
{
    ck_assert_int_eq(sc_tensors_add(set, name, t, &arena, &note), SC_OK);
}

static inline enum sc_status run(const char *op, const struct sc_tensor *pred,
                                 const struct sc_tensor *target, const char *text,
                                 struct sc_report *r)
{
    const struct sc_args args = args_of(text);
    struct sc_tensors in = {.count = 0};

    add(&in, "pred", pred);
    add(&in, "target", target);
    return sc_run(sc_op_find("metrics", op), &in, &args, &exec, r, &note);
}

static inline enum sc_status run_labels(const char *op, const uint8_t *pred,
                                        const uint8_t *target, int64_t count, const char *text,
                                        struct sc_report *r)
{
    const struct sc_tensor p = tensor(SC_UINT8, 1, &count, pred);
    const struct sc_tensor t = tensor(SC_UINT8, 1, &count, target);

    return run(op, &p, &t, text, r);
}

static inline double real(const struct sc_report *r, const char *name)
{
    const struct sc_value *v = sc_report_find(r, name);

    ck_assert_msg(v != NULL, "no %s", name);
    return v->kind == SC_VALUE_INT ? (double)v->as.integer : v->as.real;
}

static inline double cell(const struct sc_report *r, const char *table, const char *column,
                          size_t row)
{
    const struct sc_value *v = sc_report_find(r, table);

    ck_assert_ptr_nonnull(v);
    for (size_t i = 0; i < v->as.table.columns; i++) {
        const struct sc_column *c = &v->as.table.column[i];

        if (strcmp(c->name, column) == 0)
            return c->kind == SC_VALUE_INT ? (double)c->cell.integer[row] : c->cell.real[row];
    }
    ck_abort_msg("no column %s", column);
}

static inline void check_same(double got, double want, const char *what)
{
    ck_assert_msg(got == want || (isnan(got) && isnan(want)), "%s: %g, expected %g", what, got,
                  want);
}
