/* test_spare.c - large memory comes again, and never more of them than a budget has room for.
 */
#include <check.h>
#include <string.h>

#include "arena.h"
#include "spare.h"

#define MIB ((size_t)1 << 20)

static void drop_all(void)
{
    while (sc_spare_drop()) continue;
    ck_assert_uint_eq(sc_spare_kept(), 0);
}

START_TEST(one_that_was_kept_comes_again)
{
    char *memory = sc_spare_take(4 * MIB + 300), *again;

    memset(memory, 'a', 4 * MIB + 300);
    sc_spare_give(memory, 4 * MIB + 300, true);
    ck_assert_uint_ge(sc_spare_kept(), 4 * MIB + 300);
    again = sc_spare_take(4 * MIB + 500); /* nearly the same size */
    ck_assert_ptr_eq(again, memory);
    ck_assert_uint_eq(sc_spare_kept(), 0);
    memset(again, 'b', 4 * MIB + 500);
    sc_spare_give(again, 4 * MIB + 500, false);
    ck_assert_uint_eq(sc_spare_kept(), 0);
}
END_TEST

START_TEST(another_size_is_other_memory)
{
    char *memory = sc_spare_take(2 * MIB), *other;

    sc_spare_give(memory, 2 * MIB, true);
    other = sc_spare_take(3 * MIB);
    ck_assert_ptr_ne(other, memory);
    ck_assert_uint_eq(sc_spare_kept(), 2 * MIB);
    sc_spare_give(other, 3 * MIB, true);
    ck_assert_uint_eq(sc_spare_kept(), 5 * MIB);
}
END_TEST

START_TEST(what_nobody_uses_goes_back)
{
    sc_spare_give(sc_spare_take(2 * MIB), 2 * MIB, true);
    sc_spare_trim();
    ck_assert_uint_eq(sc_spare_kept(), 2 * MIB);
    sc_spare_give(sc_spare_take(2 * MIB), 2 * MIB, true); /* used: young again */
    sc_spare_trim();
    ck_assert_uint_eq(sc_spare_kept(), 2 * MIB);
    sc_spare_trim();
    ck_assert_uint_eq(sc_spare_kept(), 0);
}
END_TEST

START_TEST(there_are_few_places)
{
    void *memory[40];

    for (int i = 0; i < 40; i++) memory[i] = sc_spare_take(MIB);
    for (int i = 0; i < 40; i++) sc_spare_give(memory[i], MIB, true);
    ck_assert_uint_lt(sc_spare_kept(), 40 * MIB);
}
END_TEST

START_TEST(the_first_come_again)
{
    void *memory[40];

    for (int i = 0; i < 40; i++) memory[i] = sc_spare_first();
    for (int i = 0; i < 40; i++) {
        ck_assert_uint_eq((uintptr_t)memory[i] % SC_ARENA_ALIGN, 0);
        for (int k = 0; k < i; k++) ck_assert_ptr_ne(memory[i], memory[k]);
        memset(memory[i], i, SC_SPARE_FIRST);
    }
    sc_spare_give_first(memory[7]);
    ck_assert_ptr_eq(sc_spare_first(), memory[7]);
    for (int i = 0; i < 40; i++) sc_spare_give_first(memory[i]); /* some are freed */
}
END_TEST

/* A request of one chunk. */
static void serve(struct sc_budget *budget, size_t size)
{
    struct sc_arena arena;

    sc_arena_init(&arena, budget->limit, budget);
    ck_assert_ptr_nonnull(sc_arena_alloc(&arena, size));
    ck_assert_uint_le(atomic_load(&budget->used) + sc_spare_kept(), budget->limit);
    sc_arena_done(&arena);
    ck_assert_uint_le(sc_spare_kept(), budget->limit);
    ck_assert_uint_eq(atomic_load(&budget->used), 0);
}

START_TEST(what_is_kept_makes_room_for_requests)
{
    struct sc_budget budget = {.limit = 8 * MIB}, team = {.limit = 8 * MIB, .parent = &budget};

    for (size_t size = MIB; size < 8 * MIB; size += MIB / 2) serve(&budget, size);
#ifdef SC_ARENA_ASAN
    ck_assert_uint_eq(sc_spare_kept(), 0);
#else
    ck_assert_uint_gt(sc_spare_kept(), 0);
#endif
    for (size_t size = MIB; size < 7 * MIB; size += MIB / 3) serve(&team, size);
    ck_assert_uint_le(sc_spare_kept(), 8 * MIB);
}
END_TEST

/* Sizes that are no whole number of grains: all of what was taken is charged for. */
START_TEST(what_is_charged_is_what_was_taken)
{
    struct sc_budget budget = {.limit = 64 * MIB};

    for (size_t size = MIB; size < 3 * MIB; size += MIB / 3 + 1) {
        struct sc_arena arena;
        size_t used;

        sc_arena_init(&arena, budget.limit, &budget);
        ck_assert_ptr_nonnull(sc_arena_alloc(&arena, size));
        used = atomic_load(&budget.used);
        ck_assert_uint_eq(used, arena.held);
        ck_assert_uint_eq(used, sc_spare_size(used));
        ck_assert_uint_gt(used, size);
        sc_arena_done(&arena);
#ifndef SC_ARENA_ASAN
        ck_assert_uint_eq(sc_spare_kept(), used);
#endif
        drop_all();
    }
}
END_TEST

/* Where a limit has no room for all of it, there is one of just the size. */
START_TEST(a_limit_below_that_is_enough)
{
    struct sc_budget budget = {.limit = 2 * MIB + 300};
    struct sc_arena arena;

    for (int other = 0; other < 2; other++) {
        sc_arena_init(&arena, other ? 64 * MIB : budget.limit, &budget);
        ck_assert_ptr_nonnull(sc_arena_alloc(&arena, 2 * MIB));
        ck_assert_uint_eq(atomic_load(&budget.used), arena.held);
        ck_assert_uint_le(arena.held, budget.limit);
        sc_arena_done(&arena);
        ck_assert_uint_eq(atomic_load(&budget.used), 0);
        ck_assert_uint_eq(sc_spare_kept(), 0); /* of a size that does not come again */
    }
}
END_TEST

Suite *suite_spare(void);

Suite *suite_spare(void)
{
    Suite *suite = suite_create("spare");
    TCase *tcase = tcase_create("spare");

    tcase_add_checked_fixture(tcase, drop_all, drop_all);
    tcase_add_test(tcase, one_that_was_kept_comes_again);
    tcase_add_test(tcase, another_size_is_other_memory);
    tcase_add_test(tcase, what_nobody_uses_goes_back);
    tcase_add_test(tcase, there_are_few_places);
    tcase_add_test(tcase, the_first_come_again);
    tcase_add_test(tcase, what_is_kept_makes_room_for_requests);
    tcase_add_test(tcase, what_is_charged_is_what_was_taken);
    tcase_add_test(tcase, a_limit_below_that_is_enough);
    suite_add_tcase(suite, tcase);
    return suite;
}
