/* test_vector.c - vectors of every level of this machine give what C gives lane by lane. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "levels.h"
#include "vector_ops.h"
#include "vmath.h"

static const struct level {
    const char *name;
    vector_ops_fn *ops;
} levels[] = {LEVELS_OF(vector_ops)};

enum { LEVELS = sizeof levels / sizeof *levels };

/* ---- inputs ---- */

static uint64_t seed;

static uint64_t draw(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return seed >> 33;
}

/* Any bits, and often what is special. */
static double draw_double(void)
{
    static const double special[] = {0.0,       -0.0,        1.0,       -1.0,      HUGE_VAL,
                                     -HUGE_VAL, (double)NAN, 0x1p-1074, 0x1p-1022, 0x1p1023};

    if (draw() % 4 == 0) return special[draw() % (sizeof special / sizeof *special)];
    if (draw() % 2 == 0) return ldexp((double)draw() - 0x1p30, (int)(draw() % 40) - 50);
    return sc_double_of(draw() << 33 ^ draw() << 11 ^ draw());
}

static void draw_input(struct vector_input *in)
{
    for (int i = 0; i < VECTOR_LANES; i++) {
        in->a[i] = draw_double();
        in->b[i] = draw() % 8 == 0 ? in->a[i] : draw_double();
        in->c[i] = draw_double();
        in->k[i] = (double)(draw() % 3069) - 2044;
        in->f[i] = (float)draw_double();
    }
}

/* ---- outputs ---- */

static bool same(double x, double y)
{
    return x != x ? y != y : sc_double_bits(x) == sc_double_bits(y);
}

static bool near(double x, double y, double bound)
{
    return same(x, y) || fabs(x - y) <= bound;
}

static double scaled(double x, double k)
{
    return vm_scale(x, (uint64_t)(int64_t)(k + VM_BIAS));
}

static bool lane_is_right(const struct vector_input *in, const struct vector_output *out, int i)
{
    const double a = in->a[i], b = in->b[i], c = in->c[i], size = fabs(a);
    bool right = same(out->load_float[i], (double)in->f[i]) &&
                 same((double)out->round[i], (double)(float)a) && same(out->abs[i], size) &&
                 same(out->with_sign[i], vm_signed(a, b)) && same(out->fma[i], fma(a, b, c)) &&
                 same(out->less[i], a < b ? 1.0 : -0.0) && same(out->min[i], a < b ? a : b) &&
                 same(out->max[i], a > b ? a : b) && same(out->scale[i], scaled(a, in->k[i]));

    if (fabs(a * b) < 0x1p900 && fabs(c) < 0x1p900)
        right = right && near(out->mul_add[i], fma(a, b, c),
                              (fabs(a * b) + fabs(c)) * 0x1p-52 + 0x1p-1074);
    return right;
}

/* any: is a lane less? alike: are all lanes of f and of a, as float32, the same numbers? */
static bool groups_are_right(const struct vector_input *in, const struct vector_output *out)
{
    bool right = true;

    for (int i = 0; i < VECTOR_LANES; i += out->lanes) {
        bool any = false, alike = true;

        for (int j = i; j < i + out->lanes; j++) {
            any |= in->a[j] < in->b[j];
            alike &= in->f[j] == (float)in->a[j];
        }
        right = right && out->any[i] == any && out->alike[i] == alike;
    }
    return right;
}

START_TEST(lanes_give_what_numbers_give)
{
    struct vector_input in;
    struct vector_output out;
    bool right = true;

    if (!is_here(levels[_i].name)) return;
    seed = 1;
    for (int round = 0; right && round < 20000; round++) {
        draw_input(&in);
        if (round % 16 == 0) memcpy(in.b, in.a, sizeof in.b); /* none is less */
        for (int i = 0; round % 3 == 0 && i < VECTOR_LANES; i++) in.f[i] = (float)in.a[i];
        memset(&out, 1, sizeof out);
        levels[_i].ops(&in, &out);
        for (int i = 0; i < VECTOR_LANES; i++) right = right && lane_is_right(&in, &out, i);
        right = right && groups_are_right(&in, &out);
    }
    ck_assert(right);
}
END_TEST

Suite *suite_vector(void);

Suite *suite_vector(void)
{
    Suite *suite = suite_create("vector");
    TCase *tc = tcase_create("vector");

    tcase_add_loop_test(tc, lanes_give_what_numbers_give, 0, LEVELS);
    suite_add_tcase(suite, tc);
    return suite;
}
