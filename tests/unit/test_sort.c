/* test_sort.c - items of any size and order, without memory. */
#include <check.h>
#include <stdint.h>
#include <string.h>

#include "sort.h"

#define MOST 200

/* Larger than what is exchanged at once, and no multiple of it. */
struct item {
    unsigned key;
    unsigned char filling[127];
};

static int by_key(const void *a, const void *b)
{
    const unsigned x = ((const struct item *)a)->key, y = ((const struct item *)b)->key;

    return x < y ? -1 : x > y;
}

static int by_byte(const void *a, const void *b)
{
    return *(const unsigned char *)a - *(const unsigned char *)b;
}

/* Keys below `range`, each with a filling that is of it alone. */
static void fill(struct item *item, size_t count, unsigned range, unsigned *seen)
{
    uint32_t random = (uint32_t)(count * 31 + range);

    for (size_t i = 0; i < count; i++) {
        random = random * 1664525 + 1013904223;
        item[i].key = (random >> 8) % range;
        memset(item[i].filling, (int)(item[i].key % 251), sizeof item[i].filling);
        seen[item[i].key]++;
    }
}

static void check_sorted(const struct item *item, size_t count, unsigned *seen)
{
    for (size_t i = 0; i < count; i++) {
        unsigned char filling[sizeof item->filling];

        memset(filling, (int)(item[i].key % 251), sizeof filling);
        if (i > 0) ck_assert_uint_le(item[i - 1].key, item[i].key);
        ck_assert_uint_gt(seen[item[i].key]--, 0);
        ck_assert_mem_eq(item[i].filling, filling, sizeof filling);
    }
}

START_TEST(items_are_sorted_whole)
{
    static const unsigned ranges[] = {1, 2, 10, 1000};
    static struct item item[MOST];

    for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++)
        for (size_t count = 0; count <= MOST; count += count < 10 ? 1 : 19) {
            unsigned seen[1000] = {0};

            fill(item, count, ranges[r], seen);
            sc_sort(item, count, sizeof *item, by_key);
            check_sorted(item, count, seen);
            for (size_t i = 0; i < count; i++) seen[item[i].key]++;
            sc_sort(item, count, sizeof *item, by_key); /* sorted already */
            check_sorted(item, count, seen);
        }
}
END_TEST

START_TEST(bytes_are_sorted)
{
    char text[] = "the quick brown fox";

    sc_sort(text, strlen(text), 1, by_byte);
    ck_assert_str_eq(text, "   bcefhiknooqrtuwx");
    sc_sort(text, 0, 1, by_byte);
}
END_TEST

Suite *suite_sort(void);

Suite *suite_sort(void)
{
    Suite *s = suite_create("sort");
    TCase *c = tcase_create("sort");

    tcase_add_test(c, items_are_sorted_whole);
    tcase_add_test(c, bytes_are_sorted);
    suite_add_tcase(s, c);
    return s;
}
