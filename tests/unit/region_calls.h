/* region_calls.h - calls of losses for the tests of region losses: each test has an arena,
 * inputs and parameters of its own. */
#pragma once

#include <check.h>
#include <math.h>
#include <string.h>

#include "score.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct sc_arena arena;
static struct sc_note note;
static struct sc_exec exec;
static struct sc_tensors in;
static struct sc_args args;
static struct sc_report report;

static inline void setup(void)
{
    sc_arena_init(&arena, (size_t)1 << 28, NULL);
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

/* "smooth=0&per_sample=true" */
static inline void set(const char *query)
{
    char *text = sc_arena_strndup(&arena, query, strlen(query)), *save = NULL;

    for (char *word = strtok_r(text, "&", &save); word; word = strtok_r(NULL, "&", &save)) {
        char *value = strchr(word, '=');

        *value++ = '\0';
        ck_assert_int_eq(sc_args_add_raw(&args, word, value, &arena, &note), SC_OK);
    }
}

static inline enum sc_status run(const char *name)
{
    return sc_run(sc_op_find("losses", name), &in, &args, &exec, &report, &note);
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

/* Two samples of three classes at four positions; the second sample has no class 2. */
static inline void put_probs(void)
{
    REALS("pred", DIM(2, 3, 4), .2, .7, .45, .31, .52, .11, .62, .08, .33, .91, .27, .64, .13,
          .57, .38, .82, .71, .19, .41, .05, .88, .24, .95, .49);
}

static inline void put_logits(void)
{
    REALS("pred", DIM(2, 3, 4), .2, -.7, 1.45, .31, -.52, .11, 2.62, .08, .33, -.91, .27, 1.64,
          .13, .57, -.38, .82, -2.71, .19, .41, .05, .88, -1.24, .95, .49);
}

static inline void put_labels(void)
{
    LABELS("target", DIM(2, 4), 0, 1, 2, 2, 0, -100, 1, 0);
}

static const char *const region_ops[] = {"dice", "iou", "tversky", "focal_tversky",
                                         "generalized_dice"};
