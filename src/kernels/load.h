/* load.h - one loader a dtype: blocks of any tensor as float64 in L1, and back.
 * Included by kernels, compiled per instruction set level. */
#pragma once

#include <math.h>
#include <string.h>

#include "op.h"

#define SC_LOAD_BY(type, convert)                                                              \
    do {                                                                                       \
        const type *from = (const type *)t->data + at;                                         \
        for (int i = 0; i < n; i++) out[i] = convert(from[i]);                                 \
    } while (0)
#define SC_LOAD_FROM(type) SC_LOAD_BY(type, (double))

/* Elements [at, at + n) of `t` as float64 in `out`. uint64 and int64 beyond 2^53 round to
 * nearest. */
static inline void sc_load(const struct sc_tensor *t, int64_t at, int n, double *out)
{
    switch (t->dtype) {
    case SC_BOOL:
    case SC_UINT8:
        SC_LOAD_FROM(uint8_t);
        break;
    case SC_UINT16:
        SC_LOAD_FROM(uint16_t);
        break;
    case SC_UINT32:
        SC_LOAD_FROM(uint32_t);
        break;
    case SC_UINT64:
        SC_LOAD_FROM(uint64_t);
        break;
    case SC_INT8:
        SC_LOAD_FROM(int8_t);
        break;
    case SC_INT16:
        SC_LOAD_FROM(int16_t);
        break;
    case SC_INT32:
        SC_LOAD_FROM(int32_t);
        break;
    case SC_INT64:
        SC_LOAD_FROM(int64_t);
        break;
    case SC_FLOAT32:
        SC_LOAD_FROM(float);
        break;
    case SC_FLOAT64:
        memcpy(out, (const double *)t->data + at, (size_t)n * sizeof *out);
        break;
    case SC_FLOAT16:
        SC_LOAD_BY(uint16_t, sc_from_float16);
        break;
    case SC_BFLOAT16:
        SC_LOAD_BY(uint16_t, sc_from_bfloat16);
        break;
    default:
        __builtin_unreachable(); /* a tensor has one of these */
    }
}

#define SC_LINE  16   /* float32 in a line of memory */
#define SC_AHEAD 4096 /* bytes */

/* Asks for what lies behind, a line for each that is read: it comes while the arithmetic goes
 * on in L1, where the machine sees no reading to foresee. */
static inline void sc_load_floats_ahead(const float *from, int n, double *out)
{
    int i = 0;

    for (; i + SC_LINE <= n; i += SC_LINE) {
        __builtin_prefetch((const void *)((uintptr_t)(from + i) + SC_AHEAD));
        for (int j = 0; j < SC_LINE; j++) out[i + j] = (double)from[i + j];
    }
    for (; i < n; i++) out[i] = (double)from[i];
}

/* sc_load, for those who go through a tensor from its begin to its end. */
static inline void sc_load_ahead(const struct sc_tensor *t, int64_t at, int n, double *out)
{
    if (t->dtype == SC_FLOAT32)
        sc_load_floats_ahead((const float *)t->data + at, n, out);
    else
        sc_load(t, at, n, out);
}

#define SC_STORE_BY(type, convert)                                                             \
    do {                                                                                       \
        type *to = (type *)t->data + at;                                                       \
        for (int i = 0; i < n; i++) to[i] = convert(x[i]);                                     \
    } while (0)

/* Writes n float64 to elements [at, at + n) of a floating tensor, each rounded once. */
static inline void sc_store(const struct sc_tensor *t, int64_t at, int n, const double *x)
{
    switch (t->dtype) {
    case SC_FLOAT64:
        memcpy((double *)t->data + at, x, (size_t)n * sizeof *x);
        break;
    case SC_FLOAT32:
        SC_STORE_BY(float, (float));
        break;
    case SC_FLOAT16:
        SC_STORE_BY(uint16_t, sc_to_float16);
        break;
    case SC_BFLOAT16:
        SC_STORE_BY(uint16_t, sc_to_bfloat16);
        break;
    default:
        break;
    }
}

static inline int64_t sc_count_nonfinite(const double *x, int n)
{
    int64_t count = 0;

    for (int i = 0; i < n; i++) count += !(fabs(x[i]) <= 0x1.fffffffffffffp1023);
    return count;
}

#define SC_NONFINITE_IN(type, test)                                                            \
    do {                                                                                       \
        const type *from = (const type *)t->data + at;                                         \
        for (int i = 0; i < n; i++) count += (test);                                           \
    } while (0)

/* The same of elements [at, at + n) of a floating tensor. */
static inline int64_t sc_count_nonfinite_at(const struct sc_tensor *t, int64_t at, int n)
{
    const uint16_t exponent = t->dtype == SC_FLOAT16 ? 0x7c00 : 0x7f80;
    int count = 0;

    if (t->dtype == SC_FLOAT64)
        SC_NONFINITE_IN(double, !(fabs(from[i]) <= 0x1.fffffffffffffp1023));
    else if (t->dtype == SC_FLOAT32)
        SC_NONFINITE_IN(float, !(fabsf(from[i]) <= 0x1.fffffep127f));
    else
        SC_NONFINITE_IN(uint16_t, (from[i] & exponent) == exponent);
    return count;
}

/* ---- labels ---- */

/* A negative label is a large unsigned one, so that one comparison is the range check. */
#define SC_LABEL_IN(type, wide)                                                                \
    do {                                                                                       \
        const type *from = (const type *)t->data + at;                                         \
        const wide end = (wide)classes;                                                        \
        for (int i = 0; i < n; i++) code[i] = (wide)from[i] < end ? (int32_t)from[i] : bad;    \
    } while (0)

#define SC_IGNORE_IN(type)                                                                     \
    do {                                                                                       \
        const type *from = (const type *)t->data + at;                                         \
        const type value = (type)ignore;                                                       \
        if ((int64_t)value != ignore || (value > 0) != (ignore > 0)) return;                   \
        for (int i = 0; i < n; i++) code[i] = from[i] == value ? (int32_t)ignored : code[i];   \
    } while (0)

/* Codes `ignored` where the label equals `ignore`, whatever the dtype. */
static inline void sc_label_ignore(const struct sc_tensor *t, int64_t at, int n, int64_t ignore,
                                   int32_t ignored, int32_t *code)
{
    switch (t->dtype) {
    case SC_BOOL:
    case SC_UINT8:
        SC_IGNORE_IN(uint8_t);
        break;
    case SC_UINT16:
        SC_IGNORE_IN(uint16_t);
        break;
    case SC_UINT32:
        SC_IGNORE_IN(uint32_t);
        break;
    case SC_UINT64:
        SC_IGNORE_IN(uint64_t);
        break;
    case SC_INT8:
        SC_IGNORE_IN(int8_t);
        break;
    case SC_INT16:
        SC_IGNORE_IN(int16_t);
        break;
    case SC_INT32:
        SC_IGNORE_IN(int32_t);
        break;
    case SC_INT64:
        SC_IGNORE_IN(int64_t);
        break;
    default:
        break;
    }
}

/* The label at one place, for messages. */
static inline double sc_label_value(const struct sc_tensor *t, int64_t at)
{
    double value = 0;

    sc_load(t, at, 1, &value);
    return value;
}

/* One more value that may not be, at `at`. */
static inline void sc_note_trouble(struct sc_trouble *trouble, enum sc_domain domain,
                                   int64_t at, double value)
{
    if (trouble->domain == SC_ANY || at < trouble->first) {
        trouble->domain = domain;
        trouble->first = at;
        trouble->value = value;
    }
    trouble->count++;
}

/* THE range check of labels: elements [at, at + n) of an integer tensor as class indices
 * 0 .. classes - 1, `classes` for an ignored label (one of `ignore`, which wins over a class),
 * and `classes + 1` for any other, which is noted in `trouble`. */
static inline void sc_load_labels(const struct sc_tensor *t, int64_t at, int n, int64_t classes,
                                  const int64_t *ignore, int ignores, int32_t *code,
                                  struct sc_trouble *trouble)
{
    const int32_t bad = (int32_t)classes + 1;
    int found = 0;

    switch (t->dtype) {
    case SC_BOOL:
    case SC_UINT8:
        SC_LABEL_IN(uint8_t, uint32_t);
        break;
    case SC_UINT16:
        SC_LABEL_IN(uint16_t, uint32_t);
        break;
    case SC_UINT32:
        SC_LABEL_IN(uint32_t, uint32_t);
        break;
    case SC_UINT64:
        SC_LABEL_IN(uint64_t, uint64_t);
        break;
    case SC_INT8:
        SC_LABEL_IN(int8_t, uint32_t);
        break;
    case SC_INT16:
        SC_LABEL_IN(int16_t, uint32_t);
        break;
    case SC_INT32:
        SC_LABEL_IN(int32_t, uint32_t);
        break;
    case SC_INT64:
        SC_LABEL_IN(int64_t, uint64_t);
        break;
    default:
        break;
    }
    for (int i = 0; i < ignores; i++) sc_label_ignore(t, at, n, ignore[i], bad - 1, code);
    for (int i = 0; i < n; i++) found |= code[i] == bad;
    for (int i = 0; found && i < n; i++)
        if (code[i] == bad)
            sc_note_trouble(trouble, SC_LABEL, at + i, sc_label_value(t, at + i));
}
