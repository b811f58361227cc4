/* json_reals.c - the numbers of a text as floats of any size. */
#include "eight_read.h"
#include "token.h"

#ifdef HAVE_DIGITS

struct reals {
    struct piece p;
#ifdef HAVE_RUNS
    struct runs runs;
    struct eight_powers powers;
#endif
};

#ifdef HAVE_RUNS

static bool runs_double(struct reals *r, double *out)
{
    bool ok = true;

    for (int i = 0; i < r->p.count; i += 8) {
        const struct eight e = eight_of(&r->runs, i);
        const uint8_t lanes = eight_lanes((size_t)(r->p.count - i));

        for (unsigned left = eight_doubles(&e, &r->powers, lanes, out + i); left != 0;
             left &= left - 1) {
            const int k = i + __builtin_ctz(left);

            ok &= other_double(&r->p, token_at(&r->p, k), &out[k]);
        }
    }
    return ok;
}

static bool runs_float(struct reals *r, float *out)
{
    bool ok = true;

    for (int i = 0; i < r->p.count; i += 8) {
        const struct eight e = eight_of(&r->runs, i);
        const uint8_t lanes = eight_lanes((size_t)(r->p.count - i));

        for (unsigned left = eight_floats(&e, &r->powers, lanes, out + i); left != 0;
             left &= left - 1) {
            const int k = i + __builtin_ctz(left);

            ok &= other_float(&r->p, token_at(&r->p, k), &out[k]);
        }
    }
    return ok;
}
#endif

/* Each token by itself. */
#define TOKENS_OF(type)                                                                        \
    static bool piece_##type(struct reals *r, type *out)                                       \
    {                                                                                          \
        struct piece *p = &r->p;                                                               \
        bool ok = true;                                                                        \
                                                                                               \
        RUNS_OF(type)                                                                          \
        find_tokens(p);                                                                        \
        for (int i = 0; i < p->count && ok; i++)                                               \
            ok = is_first(p) ? other_##type(p, p->begin + p->at[i], &out[i])                   \
                             : read_##type(p, p->begin + p->at[i], &out[i]);                   \
        return ok;                                                                             \
    }
#ifdef HAVE_RUNS
#define RUNS_OF(type)                                                                          \
    if (runs_find(&r->runs, p)) return runs_##type(r, out);
#else
#define RUNS_OF(type)
#endif
TOKENS_OF(double)
TOKENS_OF(float)

/* Halves are rounded from doubles; one that is halfway between two needs a closer look. */
#define HALVES(name)                                                                           \
    static bool piece_##name(struct reals *r, uint16_t *out)                                   \
    {                                                                                          \
        struct piece *p = &r->p;                                                               \
        double value[TOKENS + BLOCK];                                                          \
        bool ok = piece_double(r, value);                                                      \
                                                                                               \
        for (int i = 0; i < p->count; i++) {                                                   \
            out[i] = sc_to_##name(value[i]);                                                   \
            if (decimal_is_halfway(value[i], sc_to_##name)) {                                  \
                struct decimal d;                                                              \
                                                                                               \
                decimal_read(token_at(p, i), p->text.data + p->text.size, &d);                 \
                out[i] = decimal_##name(&d);                                                   \
            }                                                                                  \
            ok &= !isfinite(value[i]) || isfinite(sc_from_##name(out[i]));                     \
        }                                                                                      \
        return ok;                                                                             \
    }
HALVES(float16)
HALVES(bfloat16)

bool ISA_NAME(json_reals)(struct sc_bytes text, enum sc_dtype dtype, void *out, int64_t count)
{
    struct reals r;
    const size_t size = sc_dtype_size(dtype);
    uint8_t *at = out;
    bool ok = true;

    piece_begin(&r.p, text, count);
#ifdef HAVE_RUNS
    r.powers = eight_powers();
#endif
    while (ok && next_piece(&r.p)) {
        ok = dtype == SC_FLOAT32   ? piece_float(&r, (float *)at)
             : dtype == SC_FLOAT64 ? piece_double(&r, (double *)at)
             : dtype == SC_FLOAT16 ? piece_float16(&r, (uint16_t *)at)
                                   : piece_bfloat16(&r, (uint16_t *)at);
        at += (size_t)r.p.count * size;
        r.p.left -= r.p.count;
    }
    return ok && r.p.left == 0;
}
#endif
