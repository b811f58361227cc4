/* planes.c - tiles by vectors against the plain loops beside them, compiled for each level. */
#include "planes.h"

#include "../planes_ops.h"

#define PASTE(a, b) a##b
#define NAME(level) PASTE(planes_ops_, level)

enum { CLASSES_MAX = 21, SIZE = CLASSES_MAX + 3, SHARES = 40000, ROUNDS = 400 };

static uint64_t seed;

static uint64_t draw(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return seed >> 33;
}

/* From 0 to 1, all bits. */
static double draw_unit(void)
{
    return (double)(draw() << 22 ^ draw()) * 0x1p-53;
}

static bool same(double x, double y)
{
    return x != x ? y != y : sc_double_bits(x) == sc_double_bits(y);
}

/* ---- tiles ---- */

enum { FLOATS, DOUBLES, NEAR, FAR, HUGE_ONES, MASKED, ODD, KINDS };

/* As models give; all bits; all nearly equal; where exp is denormal; differences that lose
 * digits; classes that are ruled out; and what no model should give. */
static double draw_logit(int kind)
{
    const double x = 8 * (draw_unit() - draw_unit());

    switch (kind) {
    case FLOATS:
        return (double)(float)x;
    case NEAR:
        return 1 + x * 0x1p-52;
    case FAR:
        return 100 * x;
    case HUGE_ONES:
        return ldexp(x, (int)(draw() % 80) - 40);
    case MASKED:
        return draw() % 3 == 0 ? -HUGE_VAL : x;
    case ODD:
        return draw() % 40 == 0 ? (double)NAN : draw() % 40 == 0 ? HUGE_VAL : 200 * x;
    default:
        return x;
    }
}

struct tiles {
    struct sc_call c;
    struct sc_tile vector, plain;
    double memory[2][(CLASSES_MAX + 3) * SC_TILE];
};

static void fill(struct tiles *t, int64_t classes, int size, int kind)
{
    memset(t, 0, sizeof *t);
    t->c.classes = classes;
    sc_tile_init(&t->vector, &t->c, t->memory[0]);
    sc_tile_init(&t->plain, &t->c, t->memory[1]);
    t->vector.size = t->plain.size = size;
    for (int64_t k = 0; k < classes; k++)
        for (int i = 0; i < size; i++)
            t->vector.value[k * SC_TILE + i] = t->plain.value[k * SC_TILE + i] =
                draw_logit(kind);
}

/* Sums, and maxima where the sum is a number. */
static bool same_sums(const struct tiles *t)
{
    const struct sc_tile *a = &t->vector, *b = &t->plain;
    bool good = true;

    for (int i = 0; i < a->size; i++)
        good = good && same(a->sum[i], b->sum[i]) &&
               (a->sum[i] != a->sum[i] || same(a->max[i], b->max[i]));
    return good;
}

static bool same_values(const struct tiles *t)
{
    bool good = true;

    for (int64_t k = 0; k < t->c.classes; k++)
        for (int i = 0; i < t->vector.size; i++)
            good = good &&
                   same(t->vector.value[k * SC_TILE + i], t->plain.value[k * SC_TILE + i]);
    for (int i = 0; i < t->vector.size; i++)
        good = good && (t->vector.sum[i] != t->vector.sum[i] ||
                        same(t->vector.rest[i], t->plain.rest[i]));
    return good;
}

static const char *try_tiles(void)
{
    static struct tiles t;

    for (int round = 0; round < ROUNDS; round++) {
        const int64_t classes = 1 + round % CLASSES_MAX;
        const int size = round % 5 == 0 ? 1 + (int)(draw() % SC_TILE) : SC_TILE;

        fill(&t, classes, size, round % KINDS);
        sc_tile_expsum(&t.vector, &t.c);
        sc_tile_expsum_plain(&t.plain, &t.c, 0);
        if (!same_sums(&t)) return "sum of exp";
        sc_tile_softmax(&t.vector, &t.c);
        sc_tile_softmax_plain(&t.plain, &t.c, 0);
        if (!same_sums(&t) || !same_values(&t)) return "softmax";
    }
    return NULL;
}

/* ---- shares ---- */

/* Often of few bits, so that quotients end, or stand where rounding turns. */
static double draw_bits(void)
{
    const double x = 1 + draw_unit();

    return draw() % 4 == 0 ? 1 + floor((x - 1) * 16) / 16 : x;
}

/* A rest that leaves the quotient in the middle of two doubles, but for its last bits. */
static double draw_hard_rest(double x, double sum)
{
    const double q = x / sum, half = ldexp(1.0, (q > 0 ? ilogb(q) : 0) - 53);

    if (q == 0) return 0;
    return (fma(-q, sum, x) + (draw() % 2 ? half : -half) * sum) / q;
}

static const char *try_shares(void)
{
    int64_t sure = 0;

    for (int round = 0; round < SHARES; round++) {
        double x[SC_VECTOR], sum[SC_VECTOR], rest[SC_VECTOR], fast[SC_VECTOR], slow[SC_VECTOR];
        struct sc_vec_divisor by;
        sc_vec y;

        for (int i = 0; i < SC_VECTOR; i++) {
            x[i] = ldexp(draw_bits(), -1 - (int)(draw() % (round % 3 == 0 ? 1080 : 60)));
            sum[i] = ldexp(draw_bits(), (int)(draw() % 16));
            rest[i] = round % 2 ? 0
                                : ldexp((draw_unit() - 0.5) * sum[i], -30 - (int)(draw() % 30));
            if (round % 4 == 3) rest[i] = draw_hard_rest(x[i], sum[i]);
        }
        by = sc_vec_divisor(sc_vec_load(sum), sc_vec_load(rest));
        sc_vec_store(slow, sc_vec_divide(sc_vec_load(x), &by));
        if (sc_vec_any(sc_vec_share(sc_vec_load(x), &by, &y))) continue;
        sc_vec_store(fast, y);
        sure++;
        for (int i = 0; i < SC_VECTOR; i++)
            if (!same(fast[i], slow[i])) return "share of a sum";
    }
    return sure > SHARES / 4 ? NULL : "shares are rarely sure";
}

const char *NAME(SC_ISA)(void)
{
    const char *wrong;

    seed = 1;
    wrong = try_shares();
    return wrong != NULL ? wrong : try_tiles();
}
