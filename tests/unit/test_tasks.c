/* test_tasks.c - what operations are thought to cost. */
#include <check.h>

#include "tasks.h"

static const struct {
    const char *family, *name;
} rows[] = {
#define EFFORT(family, name, times) {#family, #name},
#include "efforts.def"
#undef EFFORT
};

static int64_t cost_of(const char *family, const char *name, struct sc_arena *arena)
{
    static const int64_t dim[] = {1, 250000};
    const struct sc_exec exec = {.threads = 1, .arena = arena};
    struct sc_tensor pred, target;
    struct task task = {.op = sc_op_find(family, name)};
    const struct tasks tasks = {.item = &task, .count = 1};
    struct sc_note note;

    ck_assert_int_eq(sc_tensor_new(&pred, SC_FLOAT32, 2, dim, arena, &note), SC_OK);
    ck_assert_int_eq(sc_tensor_new(&target, SC_UINT8, 2, dim, arena, &note), SC_OK);
    ck_assert_int_eq(sc_tensors_add(&task.tensors, "pred", &pred, arena, &note), SC_OK);
    ck_assert_int_eq(sc_tensors_add(&task.tensors, "target", &target, arena, &note), SC_OK);
    return tasks_cost(&tasks, &exec);
}

START_TEST(a_sort_costs_more_than_a_sum)
{
    struct sc_arena arena;

    sc_arena_init(&arena, (size_t)16 << 20, NULL);
    ck_assert_int_lt(cost_of("losses", "mse", &arena), 300000);
    ck_assert_int_ge(cost_of("losses", "lovasz_hinge", &arena), 20 * 250000);
    sc_arena_done(&arena);
}
END_TEST

START_TEST(efforts_are_of_operations)
{
    ck_assert_ptr_nonnull(sc_op_find(rows[_i].family, rows[_i].name));
}
END_TEST

Suite *suite_tasks(void);

Suite *suite_tasks(void)
{
    Suite *suite = suite_create("tasks");
    TCase *tcase = tcase_create("tasks");

    tcase_add_test(tcase, a_sort_costs_more_than_a_sum);
    tcase_add_loop_test(tcase, efforts_are_of_operations, 0, (int)(sizeof rows / sizeof *rows));
    suite_add_tcase(suite, tcase);
    return suite;
}
