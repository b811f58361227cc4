/* test_json_ends.c - arrays that are read eight numbers at once, where the last eight of a
 * piece are fewer: what stands behind them counts for nothing, and is read from nowhere. */
#include <stdio.h>

#include "../own_stack.h"
#include "decoding.h"
#include "isa.h"

#define NUMBERS 40000

struct reading {
    struct decoding d;
    char body[4 * NUMBERS];
    enum sc_status status;
};

static void *read_body(void *data)
{
    struct reading *r = data;

    r->status = decode_text(&r->d, r->body, NULL);
    return NULL;
}

/* Two numbers are longer than the others, so that a piece has no full eights. */
static bool is_longer(int i)
{
    return i == 100 || i == 104;
}

static double value_at(const struct sc_tensor *t, int64_t i)
{
    switch (t->dtype) {
    case SC_FLOAT64:
        return ((const double *)t->data)[i];
    case SC_FLOAT32:
        return (double)((const float *)t->data)[i];
    case SC_INT32:
        return ((const int32_t *)t->data)[i];
    default:
        return ((const int8_t *)t->data)[i];
    }
}

static void check_numbers(struct reading *r, const char *level, const char *longer)
{
    const struct sc_tensor *t;

    on_own_stack(read_body, r);
    ck_assert_msg(r->status == SC_OK, "%s: %s", level, r->d.note.detail);
    t = tensor_at(&r->d, 0);
    ck_assert_int_eq(t->count, NUMBERS);
    for (int i = 0; i < NUMBERS; i++)
        ck_assert_msg(value_at(t, i) == (is_longer(i) ? atof(longer) : i % 10), "%s: %g at %d",
                      level, value_at(t, i), i);
    decoding_done(&r->d);
}

START_TEST(the_last_of_a_piece_are_read_from_nowhere_else)
{
    static const char *const levels[] = {"plain", "v1", "v3", "v4", "arm64"};
    static const char *const cases[][2] = {{"float32", "10"}, {"float64", "10"},
                                           {"float32", "-1"}, {"int32", "10"},
                                           {"int32", "-1"},   {"int8", "-1"}};
    static struct reading r;
    const char *dtype = cases[_i][0], *longer = cases[_i][1];
    char *at = r.body + sprintf(r.body, "{\"x\": {\"dtype\": \"%s\", \"data\": ", dtype);

    ck_assert_int_lt(_i, sizeof cases / sizeof cases[0]);
    for (int i = 0; i < NUMBERS; i++)
        at += is_longer(i) ? sprintf(at, "%c%s", i ? ',' : '[', longer)
                           : sprintf(at, "%c%d", i ? ',' : '[', i % 10);
    sprintf(at, "]}}");
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (codec_isa_choose(levels[i])) check_numbers(&r, levels[i], longer);
}
END_TEST

Suite *suite_json_ends(void);

Suite *suite_json_ends(void)
{
    Suite *suite = suite_create("json_ends");
    TCase *cases = tcase_create("levels");

    tcase_add_loop_test(cases, the_last_of_a_piece_are_read_from_nowhere_else, 0, 6);
    suite_add_tcase(suite, cases);
    return suite;
}
