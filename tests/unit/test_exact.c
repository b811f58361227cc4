/* test_exact.c - exact sums. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "../golden/exact.h"
#include "exact.h"

#define COUNT(array) (int)(sizeof(array) / sizeof *(array))
#define LENGTH_MAX   5000

/* ---- helpers ---- */

static uint64_t seed;

static uint64_t next_random(void) /* splitmix64 */
{
    uint64_t z = seed += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* A double with any sign and fraction, and a biased exponent in [low, high]. */
static double random_double(unsigned low, unsigned high)
{
    const uint64_t exponent = low + next_random() % (high - low + 1);
    const uint64_t bits = (next_random() & 0x800fffffffffffffu) | exponent << 52;

    return sc_double_of(bits);
}

static void assert_same_double(const char *what, double got, double want)
{
    ck_assert_msg(sc_double_bits(got) == sc_double_bits(want), "%s: %a, not %a", what, got,
                  want);
}

static void assert_same_sum(const char *what, const struct sc_exact *a,
                            const struct sc_exact *b)
{
    uint8_t bytes[2][SC_EXACT_BYTES_MAX];
    const size_t size = sc_exact_save(a, bytes[0]);

    ck_assert_msg(sc_exact_save(b, bytes[1]) == size, "%s: sizes differ", what);
    ck_assert_msg(memcmp(bytes[0], bytes[1], size) == 0, "%s: bytes differ", what);
}

static struct sc_exact sum_of(const double *x, int n)
{
    struct sc_exact s;

    sc_exact_zero(&s);
    for (int i = 0; i < n; i++) sc_exact_add(&s, x[i]);
    return s;
}

static struct sc_exact sum_of_array(const double *x, int n)
{
    struct sc_exact s;

    sc_exact_zero(&s);
    sc_exact_add_array(&s, x, (size_t)n);
    return s;
}

/* x added 2^times times. */
static struct sc_exact doubled(double x, int times)
{
    struct sc_exact s = sum_of(&x, 1);

    for (int i = 0; i < times; i++) {
        const struct sc_exact same = s;

        sc_exact_merge(&s, &same);
    }
    return s;
}

static double rounded_sum(const double *x, int n)
{
    const struct sc_exact s = sum_of(x, n);

    return sc_exact_round(&s);
}

#define SUM(...)                                                                               \
    rounded_sum((const double[]){__VA_ARGS__}, COUNT(((const double[]){__VA_ARGS__})))

static void shuffle(double *x, int n)
{
    for (int i = n - 1; i > 0; i--) {
        const int j = (int)(next_random() % (uint64_t)(i + 1));
        const double kept = x[i];

        x[i] = x[j];
        x[j] = kept;
    }
}

/* Mixes that a fast path could get wrong: random doubles with biased exponents from low to
 * high, but every so many elements `value`; in pairs: each second element takes the first back.
 */
static const struct mix {
    const char *name;
    unsigned low, high;
    int every;
    double value;
    bool pairs;
} mixes[] = {
    {"units", 1015, 1025, LENGTH_MAX, 0, false},
    {"all magnitudes", 0, 2046, LENGTH_MAX, 0, false},
    {"denormals", 0, 0, LENGTH_MAX, 0, false},
    {"near the start", 0, 38, LENGTH_MAX, 0, false},
    {"huge", 2030, 2046, LENGTH_MAX, 0, false},
    {"the largest", 0, 0, 1, DBL_MAX, false},
    {"most that a chunk takes", 0, 0, 1, 4 - 0x1p-51, false},
    {"half units of the upper grid", 1023, 1023, 2, 0x1p-41, false},
    {"cancelling", 900, 1200, LENGTH_MAX, 1, true},
    {"far below some", 500, 1100, 1024, 0x1p900, false},
    {"negative zeros", 0, 0, 1, -0.0, false},
    {"some NaN", 1015, 1025, 1500, NAN, false},
    {"some infinities", 1015, 1025, 1500, INFINITY, false},
    {"both infinities", 0, 2046, 1500, INFINITY, true},
};

static void fill(double *x, int index)
{
    const struct mix *mix = &mixes[index];

    seed = (uint64_t)index + 1;
    for (int i = 0; i < LENGTH_MAX; i++) {
        x[i] = i % mix->every == 0 ? mix->value : random_double(mix->low, mix->high);
        if (mix->pairs && i % 2 == 1) x[i] = -x[i - 1];
    }
}

/* ---- values ---- */

START_TEST(sums_are_correctly_rounded)
{
    for (int i = 0; i < COUNT(sum_cases); i++) {
        const struct exact_case *c = &sum_cases[i];

        assert_same_double(c->what, rounded_sum(sum_values + c->from, c->count), c->expected);
    }
}
END_TEST

START_TEST(sums_of_products_are_correctly_rounded)
{
    for (int i = 0; i < COUNT(product_cases); i++) {
        const struct exact_case *c = &product_cases[i];
        const double *x = product_values + c->from;
        struct sc_exact s;

        sc_exact_zero(&s);
        for (int j = 0; j < c->count; j += 2) sc_exact_add_product(&s, x[j], x[j + 1]);
        assert_same_double(c->what, sc_exact_round(&s), c->expected);
    }
}
END_TEST

START_TEST(product_beyond_the_range_is_infinite)
{
    struct sc_exact s = doubled(0, 0);

    sc_exact_add_product(&s, 1e200, -1e200);
    assert_same_double("1e200 * -1e200", sc_exact_round(&s), -INFINITY);
}
END_TEST

START_TEST(one_value_rounds_to_itself)
{
    for (int i = 0; i < 100000; i++) {
        const double x = random_double(0, 2046);

        assert_same_double("itself", SUM(x), x == 0 ? 0.0 : x);
    }
}
END_TEST

START_TEST(overflow_comes_back)
{
    assert_same_double("over", SUM(1e308, 1e308), INFINITY);
    assert_same_double("back", SUM(1e308, 1e308, -1e308), 1e308);
    assert_same_double("below the tie", SUM(DBL_MAX, 0x1p970, -0x1p-1074), DBL_MAX);
}
END_TEST

START_TEST(zero_is_positive)
{
    assert_same_double("nothing", rounded_sum(NULL, 0), 0.0);
    assert_same_double("negative zeros", SUM(-0.0, -0.0), 0.0);
    assert_same_double("cancelled", SUM(-1.5, 1.5), 0.0);
}
END_TEST

START_TEST(nonfinite_values_stay)
{
    assert_same_double("+inf", SUM(1, INFINITY, -DBL_MAX), INFINITY);
    assert_same_double("-inf", SUM(-INFINITY, -INFINITY, DBL_MAX), -INFINITY);
    ck_assert(isnan(SUM(INFINITY, 1, -INFINITY)));
    ck_assert(isnan(SUM(1, NAN, INFINITY)));
}
END_TEST

START_TEST(carries_survive_2_to_the_62_additions)
{
    struct sc_exact s = doubled(DBL_MAX, 62);
    const struct sc_exact taken = doubled(-DBL_MAX, 62), one = doubled(1, 0);

    assert_same_double("2^62 times the largest", sc_exact_round(&s), INFINITY);
    sc_exact_merge(&s, &one);
    sc_exact_merge(&s, &taken);
    assert_same_double("taken back but for 1", sc_exact_round(&s), 1);
    assert_same_sum("taken back but for 1", &s, &one);
}
END_TEST

/* ---- every way to a sum gives the same bytes ---- */

START_TEST(arrays_add_as_elements_do)
{
    static const int lengths[] = {0, 1, 31, 32, 33, 95, 1023, 1024, 1025, 2048, 4096, 5000};
    double x[LENGTH_MAX];

    fill(x, _i);
    for (int i = 0; i < COUNT(lengths); i++) {
        const int from = (LENGTH_MAX - lengths[i]) / 2;
        const struct sc_exact want = sum_of(x + from, lengths[i]);
        const struct sc_exact got = sum_of_array(x + from, lengths[i]);

        assert_same_sum(mixes[_i].name, &got, &want);
    }
}
END_TEST

START_TEST(order_does_not_matter)
{
    double x[LENGTH_MAX];
    struct sc_exact want;

    fill(x, _i);
    want = sum_of(x, LENGTH_MAX);
    for (int i = 0; i < 10; i++) {
        struct sc_exact got;

        shuffle(x, LENGTH_MAX);
        got = i % 2 ? sum_of(x, LENGTH_MAX) : sum_of_array(x, LENGTH_MAX);
        assert_same_sum(mixes[_i].name, &got, &want);
    }
}
END_TEST

START_TEST(cuts_do_not_matter)
{
    enum { PARTS = 7 };
    double x[LENGTH_MAX];
    struct sc_exact want;

    fill(x, _i);
    want = sum_of(x, LENGTH_MAX);
    for (int i = 0; i < 10; i++) {
        struct sc_exact part[PARTS];

        for (int j = 0; j < PARTS; j++) sc_exact_zero(&part[j]);
        for (int j = 0; j < LENGTH_MAX; j++) sc_exact_add(&part[next_random() % PARTS], x[j]);
        for (int left = PARTS; left > 1; left--) /* the last into any other */
            sc_exact_merge(&part[next_random() % (uint64_t)(left - 1)], &part[left - 1]);
        assert_same_sum(mixes[_i].name, &part[0], &want);
    }
}
END_TEST

/* ---- bytes ---- */

START_TEST(saved_sums_load)
{
    double x[LENGTH_MAX];
    uint8_t bytes[SC_EXACT_BYTES_MAX + 1] = {0};
    struct sc_exact sum, loaded;
    size_t size;

    fill(x, _i);
    sum = sum_of(x, LENGTH_MAX);
    size = sc_exact_save(&sum, bytes);
    ck_assert_uint_le(size, SC_EXACT_BYTES_MAX);
    ck_assert_uint_eq(sc_exact_load(&loaded, bytes, size + 1), size);
    assert_same_sum(mixes[_i].name, &loaded, &sum);
    sc_exact_merge(&sum, &loaded);
    sc_exact_add_array(&loaded, x, LENGTH_MAX);
    assert_same_sum(mixes[_i].name, &loaded, &sum);
    for (size_t cut = 0; cut < size; cut++)
        ck_assert_uint_eq(sc_exact_load(&loaded, bytes, cut), 0);
}
END_TEST

START_TEST(saved_sums_are_small)
{
    uint8_t bytes[SC_EXACT_BYTES_MAX];
    const struct sc_exact zero = sum_of(NULL, 0), one = doubled(-1, 0);
    const uint8_t minus_one[] = {1, 33, 1, 0, 0, 4, 0}; /* bit 1074 = 33 * 32 + 18 */

    ck_assert_uint_eq(sc_exact_save(&zero, bytes), 3);
    ck_assert_mem_eq(bytes, "\0\0\0", 3);
    ck_assert_uint_eq(sc_exact_save(&one, bytes), sizeof minus_one);
    ck_assert_mem_eq(bytes, minus_one, sizeof minus_one);
}
END_TEST

static const struct {
    const char *what;
    size_t size;
    uint8_t bytes[SC_EXACT_BYTES_MAX];
} not_saved[] = {
    {"negative zero", 3, {1, 0, 0}},
    {"zero at a place", 3, {0, 1, 0}},
    {"an unknown flag", 7, {4, 33, 1, 0, 0, 4, 0}},
    {"first word zero", 11, {0, 33, 2, 0, 0, 0, 0, 1, 0, 0, 0}},
    {"last word zero", 11, {0, 33, 2, 1, 0, 0, 0, 0, 0, 0, 0}},
    {"counts of nothing", 27, {2, 0, 0}},
    {"a word too far", 7, {0, 68, 1, 1, 0, 0, 0}},
    {"words too far", 11, {0, 67, 2, 1, 0, 0, 0, 1, 0, 0, 0}},
    {"all too far", 259, {0, 255, 64, 1}},
    {"a magnitude beyond the number", 7, {0, 67, 1, 0, 0, 0, 0x80}},
};

START_TEST(other_bytes_do_not_load)
{
    struct sc_exact s = doubled(5, 0);
    const struct sc_exact before = s;

    for (int i = 0; i < COUNT(not_saved); i++)
        ck_assert_msg(sc_exact_load(&s, not_saved[i].bytes, not_saved[i].size) == 0, "%s",
                      not_saved[i].what);
    assert_same_sum("untouched", &s, &before);
}
END_TEST

START_TEST(whatever_loads_saves_the_same)
{
    seed = 62;
    for (int i = 0; i < 100000; i++) {
        uint8_t bytes[64] = {next_random() % 4, next_random() % 72, next_random() % 10};
        uint8_t again[SC_EXACT_BYTES_MAX];
        struct sc_exact s;
        size_t size;

        for (int j = 3; j < COUNT(bytes); j++)
            bytes[j] = next_random() % 4 ? (uint8_t)next_random() : 0;
        size = sc_exact_load(&s, bytes, sizeof bytes);
        if (size == 0) continue;
        sc_exact_merge(&s, &(const struct sc_exact){.pending = 0});
        ck_assert_uint_eq(sc_exact_save(&s, again), size);
        ck_assert_mem_eq(again, bytes, size);
    }
}
END_TEST

START_TEST(counts_stay_at_their_end)
{
    struct sc_exact s = doubled(NAN, 0);

    s.nan = UINT64_MAX;
    sc_exact_add(&s, NAN);
    ck_assert_uint_eq(s.nan, UINT64_MAX);
}
END_TEST

Suite *suite_exact(void);

Suite *suite_exact(void)
{
    Suite *suite = suite_create("exact");
    TCase *values = tcase_create("values"), *ways = tcase_create("ways");
    TCase *bytes = tcase_create("bytes");

    tcase_add_test(values, sums_are_correctly_rounded);
    tcase_add_test(values, sums_of_products_are_correctly_rounded);
    tcase_add_test(values, product_beyond_the_range_is_infinite);
    tcase_add_test(values, one_value_rounds_to_itself);
    tcase_add_test(values, overflow_comes_back);
    tcase_add_test(values, zero_is_positive);
    tcase_add_test(values, nonfinite_values_stay);
    tcase_add_test(values, carries_survive_2_to_the_62_additions);
    suite_add_tcase(suite, values);
    tcase_add_loop_test(ways, arrays_add_as_elements_do, 0, COUNT(mixes));
    tcase_add_loop_test(ways, order_does_not_matter, 0, COUNT(mixes));
    tcase_add_loop_test(ways, cuts_do_not_matter, 0, COUNT(mixes));
    suite_add_tcase(suite, ways);
    tcase_add_loop_test(bytes, saved_sums_load, 0, COUNT(mixes));
    tcase_add_test(bytes, saved_sums_are_small);
    tcase_add_test(bytes, other_bytes_do_not_load);
    tcase_add_test(bytes, whatever_loads_saves_the_same);
    tcase_add_test(bytes, counts_stay_at_their_end);
    suite_add_tcase(suite, bytes);
    return suite;
}
