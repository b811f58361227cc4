/* calls.h - calls of operations for tests: inputs and parameters one after the other, and what
 * comes back. A suite sets up and tears down by the fixture; it says how the operation is
 * called. */
#pragma once

#include <check.h>
#include <string.h>

#include "score.h"

static struct sc_arena arena;
static struct sc_note note;
static struct sc_exec exec;
static struct sc_tensors in;
static struct sc_args args;
static struct sc_report report;

static inline void setup(void)
{
    sc_arena_init(&arena, (size_t)1 << 30, NULL);
    memset(&note, 0, sizeof note);
    exec = (struct sc_exec){.threads = 1, .arena = &arena};
    in = (struct sc_tensors){.count = 0};
    args = (struct sc_args){.count = 0};
}

static inline void teardown(void)
{
    sc_arena_done(&arena);
}

static inline void put(const char *name, enum sc_dtype dtype, int rank, const int64_t *dim,
                       const void *data)
{
    struct sc_tensor t;

    ck_assert_int_eq(sc_tensor_new(&t, dtype, rank, dim, &arena, &note), SC_OK);
    memcpy(t.data, data, (size_t)t.count * sc_dtype_size(dtype));
    ck_assert_int_eq(sc_tensors_add(&in, name, &t, &arena, &note), SC_OK);
}

#define DIM(...)                                                                               \
    (sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (const int64_t[])                    \
    {                                                                                          \
        __VA_ARGS__                                                                            \
    }
#define REALS(name, shape, ...)  put(name, SC_FLOAT64, shape, (const double[]){__VA_ARGS__})
#define LABELS(name, shape, ...) put(name, SC_INT64, shape, (const int64_t[]){__VA_ARGS__})

static inline void set(const char *name, const char *value)
{
    ck_assert_int_eq(sc_args_add_raw(&args, name, value, &arena, &note), SC_OK);
}

static inline double value(const char *name)
{
    const struct sc_value *v = sc_report_find(&report, name);

    ck_assert_ptr_nonnull(v);
    return v->kind == SC_VALUE_INT ? (double)v->as.integer : v->as.real;
}

static inline const double *data(const char *name)
{
    const struct sc_value *v = sc_report_find(&report, name);

    ck_assert_ptr_nonnull(v);
    return v->as.tensor.data;
}

static inline const char *status(void)
{
    return sc_report_find(&report, "status")->as.text;
}
