/* test_arena.c - what an arena holds, gives back, and refuses. */
#include <check.h>
#include <string.h>

#include "arena.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

static struct sc_budget budget;
static struct sc_arena arena;

static void setup(void)
{
    budget.limit = 8 * MIB;
    atomic_store(&budget.used, 0);
    atomic_store(&budget.peak, 0);
    sc_arena_init(&arena, 8 * MIB, &budget);
}

static void teardown(void)
{
    sc_arena_done(&arena);
    ck_assert_uint_eq(atomic_load(&budget.used), 0);
}

static unsigned char *grow(unsigned char *data, size_t from, size_t to)
{
    data = sc_arena_resize(&arena, data, from, to);
    ck_assert_ptr_nonnull(data);
    ck_assert_uint_eq((uintptr_t)data % SC_ARENA_ALIGN, 0);
    for (size_t i = 0; i < from; i += KIB) ck_assert_uint_eq(data[i], (i / KIB) % 251);
    for (size_t i = from; i < to; i += KIB) data[i] = (unsigned char)((i / KIB) % 251);
    return data;
}

START_TEST(a_growing_buffer_keeps_no_old_one)
{
    unsigned char *data = sc_arena_alloc(&arena, KIB);

    data[0] = 0;
    for (size_t size = KIB; size < 2 * MIB; size *= 2) data = grow(data, size, 2 * size);
    ck_assert_uint_lt(arena.held, 2 * MIB + 128 * KIB);
    ck_assert_uint_eq(atomic_load(&budget.used), arena.held);
    ck_assert_uint_lt(atomic_load(&budget.peak), 3 * MIB + 256 * KIB);
}
END_TEST

START_TEST(a_growing_buffer_spares_its_neighbours)
{
    char *before = sc_arena_strndup(&arena, "before", 6);
    unsigned char *data = sc_arena_alloc(&arena, KIB);
    char *after;

    data[0] = 0;
    data = grow(data, KIB, 64 * KIB);
    after = sc_arena_strndup(&arena, "after", 5);
    data = grow(data, 64 * KIB, 2 * MIB);
    data = grow(data, 2 * MIB, 3 * MIB);
    ck_assert_uint_eq(data[0], 0);
    ck_assert_str_eq(before, "before");
    ck_assert_str_eq(after, "after");
}
END_TEST

START_TEST(a_refused_resize_changes_nothing)
{
    unsigned char *data = sc_arena_alloc(&arena, KIB);
    size_t held;

    data[0] = 0;
    data = grow(data, KIB, 4 * MIB);
    held = arena.held;
    ck_assert_ptr_null(sc_arena_resize(&arena, data, 4 * MIB, 5 * MIB));
    ck_assert_uint_eq(arena.held, held);
    ck_assert(arena.over_limit);
    grow(data, 4 * MIB, 4 * MIB);
}
END_TEST

START_TEST(the_limit_and_the_budget_refuse)
{
    ck_assert_ptr_null(sc_arena_alloc(&arena, 8 * MIB));
    ck_assert(arena.over_limit);
    arena.over_limit = false;
    atomic_store(&budget.used, 7 * MIB);
    ck_assert_ptr_null(sc_arena_alloc(&arena, 2 * MIB));
    ck_assert(!arena.over_limit);
    atomic_store(&budget.used, 0);
}
END_TEST

START_TEST(what_is_reserved_is_there)
{
    ck_assert(sc_arena_reserve(&arena, 4 * MIB));
    ck_assert_uint_eq(atomic_load(&budget.used), 4 * MIB);
    atomic_fetch_add(&budget.used, 4 * MIB); /* others have the rest */
    ck_assert(!sc_arena_reserve(&arena, 1));
    ck_assert_ptr_nonnull(sc_arena_alloc(&arena, 2 * MIB));
    ck_assert_uint_eq(atomic_load(&budget.used), 8 * MIB);
    ck_assert_ptr_nonnull(sc_arena_alloc(&arena, MIB));
    ck_assert_ptr_null(sc_arena_alloc(&arena, 2 * MIB));
    atomic_fetch_sub(&budget.used, 4 * MIB);
    ck_assert_ptr_nonnull(sc_arena_alloc(&arena, 2 * MIB)); /* more than was reserved */
    ck_assert_uint_eq(atomic_load(&budget.used), arena.held + arena.reserved);
    sc_arena_settle(&arena);
    ck_assert_uint_eq(atomic_load(&budget.used), arena.held);
}
END_TEST

START_TEST(more_than_there_can_be_is_not_reserved)
{
    struct sc_arena free; /* of any budget */

    sc_arena_init(&free, SIZE_MAX, NULL);
    ck_assert(sc_arena_reserve(&free, SIZE_MAX - 10));
    ck_assert(!sc_arena_reserve(&free, 11));
    ck_assert(free.over_limit);
    ck_assert_uint_eq(free.reserved, SIZE_MAX - 10);
    ck_assert(sc_arena_reserve(&free, 10));
    ck_assert(!sc_arena_reserve(&free, SIZE_MAX));
    sc_arena_done(&free);
}
END_TEST

START_TEST(an_array_grows_in_place)
{
    size_t capacity = 0, *item = NULL, *before = NULL;
    int moves = 0;

    for (size_t i = 0; i < 1000; i++) {
        item = sc_arena_grow(&arena, item, i, &capacity, sizeof *item);
        ck_assert_ptr_nonnull(item);
        ck_assert_uint_gt(capacity, i);
        moves += item != before;
        before = item;
        item[i] = i;
        if (i == 500) sc_arena_alloc(&arena, 1); /* behind it */
    }
    ck_assert_int_eq(moves, 2);
    for (size_t i = 0; i < 1000; i++) ck_assert_uint_eq(item[i], i);
}
END_TEST

START_TEST(an_array_that_cannot_grow_stays)
{
    char *item = sc_arena_alloc(&arena, 2 * MIB);
    size_t capacity = 2;

    memset(item, 'a', 2 * MIB);
    ck_assert_ptr_eq(sc_arena_grow(&arena, item, 1, &capacity, MIB), item);
    ck_assert_ptr_null(sc_arena_grow(&arena, item, 2, &capacity, arena.limit));
    ck_assert_ptr_null(sc_arena_grow(&arena, item, 2, &capacity, SIZE_MAX / 2));
    ck_assert_uint_eq(capacity, 2);
    ck_assert_int_eq(item[2 * MIB - 1], 'a');
}
END_TEST

START_TEST(a_child_has_what_is_left)
{
    struct sc_arena child;

    ck_assert_ptr_nonnull(sc_arena_alloc(&arena, MIB));
    sc_arena_child(&child, &arena);
    ck_assert_uint_eq(child.limit, arena.limit - arena.held);
    ck_assert_ptr_nonnull(sc_arena_alloc(&child, MIB));
    ck_assert_uint_eq(atomic_load(&budget.used), arena.held + child.held);
    ck_assert_ptr_null(sc_arena_alloc(&child, child.limit));
    sc_arena_child_done(&child, &arena);
    ck_assert(arena.over_limit && !arena.over_budget);
    ck_assert_uint_eq(atomic_load(&budget.used), arena.held);
}
END_TEST

START_TEST(a_child_of_one_that_is_full_has_nothing)
{
    static struct sc_budget team;
    struct sc_arena child;

    ck_assert_ptr_nonnull(sc_arena_alloc(&arena, MIB));
    arena.limit = arena.held - 1; /* it was lowered */
    sc_arena_child(&child, &arena);
    ck_assert_uint_eq(child.limit, 0);
    ck_assert_ptr_null(sc_arena_alloc(&child, 1));
    sc_arena_child_done(&child, &arena);

    team = (struct sc_budget){.limit = 2 * MIB, .parent = &budget};
    arena.limit = 8 * MIB;
    arena.over_limit = false;
    ck_assert(sc_arena_charge(&arena, &team));
    atomic_fetch_add(&team.used, MIB / 2); /* of another of the team */
    sc_arena_child(&child, &arena);
    ck_assert_ptr_null(sc_arena_alloc(&child, MIB));
    sc_arena_child_done(&child, &arena);
    ck_assert(arena.over_budget);
    ck_assert(sc_arena_charge(&arena, &budget));
}
END_TEST

START_TEST(a_budget_takes_from_its_parent)
{
    static struct sc_budget team;

    team = (struct sc_budget){.limit = 3 * MIB, .parent = &budget};
    ck_assert(sc_arena_charge(&arena, &team));
    ck_assert_ptr_nonnull(sc_arena_alloc(&arena, 2 * MIB));
    ck_assert_uint_eq(atomic_load(&team.used), arena.held);
    ck_assert_uint_eq(atomic_load(&budget.used), arena.held);
    ck_assert_ptr_null(sc_arena_alloc(&arena, 2 * MIB));
    ck_assert(arena.over_budget && arena.over_limit); /* alone, it would be refused too */
    arena.over_limit = false;
    atomic_store(&team.limit, 8 * MIB);
    atomic_fetch_add(&budget.used, 4 * MIB);
    ck_assert_ptr_null(sc_arena_alloc(&arena, 3 * MIB));
    ck_assert(!arena.over_budget);
    ck_assert_uint_eq(atomic_load(&team.used), arena.held); /* nothing is left behind */
    atomic_fetch_sub(&budget.used, 4 * MIB);
    atomic_fetch_add(&team.used, 4 * MIB); /* of another of the team */
    ck_assert_ptr_null(sc_arena_alloc(&arena, 3 * MIB));
    ck_assert(!sc_arena_reserve(&arena, 3 * MIB));
    ck_assert(arena.over_budget && !arena.over_limit);
    atomic_fetch_sub(&team.used, 4 * MIB);
    ck_assert(sc_arena_charge(&arena, &budget));
    ck_assert_uint_eq(atomic_load(&team.used), 0);
    ck_assert_uint_eq(atomic_load(&budget.used), arena.held);
    atomic_store(&team.limit, MIB);
    ck_assert(!sc_arena_charge(&arena, &team));
    ck_assert(arena.over_budget && arena.over_limit);
    ck_assert_uint_eq(atomic_load(&budget.used), arena.held);
}
END_TEST

Suite *suite_arena(void);

Suite *suite_arena(void)
{
    Suite *suite = suite_create("arena");
    TCase *tcase = tcase_create("arena");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_growing_buffer_keeps_no_old_one);
    tcase_add_test(tcase, a_growing_buffer_spares_its_neighbours);
    tcase_add_test(tcase, a_refused_resize_changes_nothing);
    tcase_add_test(tcase, the_limit_and_the_budget_refuse);
    tcase_add_test(tcase, what_is_reserved_is_there);
    tcase_add_test(tcase, more_than_there_can_be_is_not_reserved);
    tcase_add_test(tcase, an_array_grows_in_place);
    tcase_add_test(tcase, an_array_that_cannot_grow_stays);
    tcase_add_test(tcase, a_child_has_what_is_left);
    tcase_add_test(tcase, a_child_of_one_that_is_full_has_nothing);
    tcase_add_test(tcase, a_budget_takes_from_its_parent);
    suite_add_tcase(suite, tcase);
    return suite;
}
