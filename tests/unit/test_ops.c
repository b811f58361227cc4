/* test_ops.c - what holds for every row of the table of operations. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "params.h"
#include "score.h"

static struct sc_arena arena;
static struct sc_note note;
static struct sc_exec exec;

static void setup(void)
{
    sc_arena_init(&arena, (size_t)1 << 30, NULL);
    memset(&note, 0, sizeof note);
    exec = (struct sc_exec){.threads = 1, .arena = &arena};
}

static void teardown(void)
{
    sc_arena_done(&arena);
}

/* ---- the catalogue ---- */

START_TEST(rows_are_complete)
{
    const struct sc_op *op = &sc_ops[_i];

    ck_assert_ptr_eq(sc_op_find(sc_family_name(op->family), op->name), op);
    ck_assert_int_gt(op->inputs, 0);
    ck_assert_int_gt(strlen(op->summary), 5);
    ck_assert_int_gt(strlen(op->formula), 5);
    ck_assert_int_gt(strlen(op->source), 5);
    for (int i = 0; i < op->params; i++) ck_assert_int_gt(strlen(op->param[i].summary), 5);
}
END_TEST

/* Every default is a value that the row itself takes. */
START_TEST(defaults_are_in_bounds)
{
    const struct sc_op *op = &sc_ops[_i];
    struct sc_params params;
    const struct sc_args none = {.count = 0};

    ck_assert_int_eq(sc_params_read(op, &none, false, &arena, &params, &note), SC_OK);
}
END_TEST

START_TEST(unknown_parameters_are_refused)
{
    struct sc_args args = {.count = 0};

    ck_assert_int_eq(sc_args_add_raw(&args, "no_such", "1", &arena, &note), SC_OK);
    ck_assert_int_eq(sc_check_args(&sc_ops[_i], &args, &arena, &note), SC_BAD_PARAM);
    ck_assert_ptr_nonnull(strstr(note.detail, "no_such"));
}
END_TEST

START_TEST(missing_inputs_are_refused)
{
    const struct sc_op *op = &sc_ops[_i];
    const struct sc_tensors none = {.count = 0};
    struct sc_args args = {.count = 0};
    struct sc_report r;

    for (int i = 0; i < op->params; i++)
        if (op->param[i].required) {
            const char *value = op->param[i].type == SC_PARAM_ENUM ? "probs" : "3";

            ck_assert_int_eq(sc_args_add_raw(&args, op->param[i].name, value, &arena, &note),
                             SC_OK);
        }
    ck_assert_int_eq(sc_run(op, &none, &args, &exec, &r, &note), SC_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(note.detail, op->input[0].name));
}
END_TEST

/* ---- gradients against central differences of the value ---- */

static double uniform(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return (double)(*seed >> 8) / 16777216;
}

struct problem {
    struct sc_tensors in;
    struct sc_args args;
    double *x; /* what is differentiated: N * C * P elements */
    int64_t count;
};

enum { SAMPLES = 3, CLASSES = 4, POSITIONS = 5 };

static struct sc_tensor tensor(enum sc_dtype dtype, int rank, const int64_t *dim)
{
    struct sc_tensor t;

    ck_assert_int_eq(sc_tensor_new(&t, dtype, rank, dim, &arena, &note), SC_OK);
    return t;
}

static void put(struct problem *p, const char *name, const struct sc_tensor *t)
{
    ck_assert_int_eq(sc_tensors_add(&p->in, name, t, &arena, &note), SC_OK);
}

static void set(struct problem *p, const char *name, const char *value)
{
    ck_assert_int_eq(sc_args_add_raw(&p->args, name, value, &arena, &note), SC_OK);
}

static bool has_input(const struct sc_op *op, const char *name)
{
    for (int i = 0; i < op->inputs; i++)
        if (strcmp(op->input[i].name, name) == 0) return true;
    return false;
}

/* Values in (0, 1), which are logits as well as probabilities; targets are class indices where
 * the row has classes, else values like those of pred. */
static struct problem make(const struct sc_op *op, uint32_t seed)
{
    const int64_t full[] = {SAMPLES, CLASSES, POSITIONS}, flat[] = {SAMPLES, POSITIONS};
    const bool classes = has_input(op, "weight");
    struct problem p = {.count = SAMPLES * CLASSES * POSITIONS};
    struct sc_tensor x = tensor(SC_FLOAT64, 3, full), target = tensor(SC_FLOAT64, 3, full);
    struct sc_tensor labels = tensor(SC_INT64, 2, flat);
    const int64_t each[] = {CLASSES};
    struct sc_tensor weight = tensor(SC_FLOAT64, 1, each);

    p.x = x.data;
    for (int i = 0; i < p.count; i++) {
        p.x[i] = 0.1 + 0.8 * uniform(&seed);
        ((double *)target.data)[i] = 0.1 + 0.8 * uniform(&seed);
    }
    for (int i = 0; i < SAMPLES * POSITIONS; i++)
        ((int64_t *)labels.data)[i] = i % 7 == 6 ? -100 : (int64_t)(uniform(&seed) * CLASSES);
    for (int i = 0; i < CLASSES; i++) ((double *)weight.data)[i] = 0.5 + uniform(&seed);
    put(&p, "pred", &x);
    put(&p, "target", classes ? &labels : &target);
    if (classes) put(&p, "weight", &weight);
    return p;
}

static double value_of(const struct sc_op *op, const struct problem *p)
{
    struct sc_report r;

    ck_assert_msg(sc_run(op, &p->in, &p->args, &exec, &r, &note) == SC_OK, "%s", note.detail);
    return sc_report_find(&r, "value")->as.real;
}

static void compare_gradient(const struct sc_op *op, struct problem *p)
{
    struct problem with = *p;
    struct sc_report r;
    const double *grad, h = 1e-5;

    with.args = (struct sc_args){.count = 0};
    for (size_t i = 0; i < p->args.count; i++)
        ck_assert_int_eq(sc_args_add(&with.args, &p->args.item[i], &arena, &note), SC_OK);
    set(&with, "grad", "true");
    ck_assert_msg(sc_run(op, &with.in, &with.args, &exec, &r, &note) == SC_OK, "%s",
                  note.detail);
    grad = sc_report_find(&r, "grad.pred")->as.tensor.data;
    for (int64_t i = 0; i < p->count; i++) {
        const double x = p->x[i];
        double up, down;

        p->x[i] = x + h;
        up = value_of(op, p);
        p->x[i] = x - h;
        down = value_of(op, p);
        p->x[i] = x;
        ck_assert_msg(fabs((up - down) / (2 * h) - grad[i]) < 1e-7 * (1 + fabs(grad[i])),
                      "%s: element %d: %.12g, difference %.12g", op->name, (int)i, grad[i],
                      (up - down) / (2 * h));
    }
}

/* Every loss, every reduction that gives one value, with weights and ignored positions. */
START_TEST(gradients_agree_with_differences)
{
    static const char *const reductions[] = {"mean", "sum"}, *const kinds[] = {"logits",
                                                                               "probs"};
    const struct sc_op *op = &sc_ops[_i];

    if (op->family != SC_LOSSES) return;
    for (int reduction = 0; reduction < 2; reduction++)
        for (int kind = 0; kind < (sc_has_param(op, "input_kind") ? 2 : 1); kind++) {
            struct problem p = make(op, (uint32_t)(7 + reduction));

            set(&p, "reduction", reductions[reduction]);
            if (sc_has_param(op, "input_kind")) set(&p, "input_kind", kinds[kind]);
            compare_gradient(op, &p);
            if (!sc_has_param(op, "per_sample")) continue;
            set(&p, "per_sample", "true");
            set(&p, "squared", "true");
            set(&p, "include_background", "false");
            compare_gradient(op, &p);
        }
}
END_TEST

START_TEST(activations_agree_with_differences)
{
    const struct sc_op *op = &sc_ops[_i];
    const int64_t dim[] = {64};
    struct problem p = {.count = 64};
    struct sc_tensor x = tensor(SC_FLOAT64, 1, dim);
    struct sc_report at, up, down;
    const double h = 1e-5;
    double *v = x.data;

    if (op->family != SC_ACTIVATIONS || op->inputs > 1) return;
    for (int i = 0; i < 64; i++) v[i] = -4 + 8.0 * (i + 0.3) / 64;
    put(&p, "x", &x);
    set(&p, "grad", "true");
    ck_assert_int_eq(sc_run(op, &p.in, &p.args, &exec, &at, &note), SC_OK);
    for (int i = 0; i < 64; i++) v[i] += h;
    ck_assert_int_eq(sc_run(op, &p.in, &p.args, &exec, &up, &note), SC_OK);
    for (int i = 0; i < 64; i++) v[i] -= 2 * h;
    ck_assert_int_eq(sc_run(op, &p.in, &p.args, &exec, &down, &note), SC_OK);
    for (int i = 0; i < 64; i++) {
        const double *a = sc_report_find(&up, "y")->as.tensor.data;
        const double *b = sc_report_find(&down, "y")->as.tensor.data;
        const double *grad = sc_report_find(&at, "grad.x")->as.tensor.data;

        ck_assert_double_eq_tol((a[i] - b[i]) / (2 * h), grad[i], 1e-8);
    }
}
END_TEST

/* ---- states ---- */

static struct sc_eval *evaluate(const struct sc_op *op)
{
    struct problem p = make(op, 3);
    struct sc_eval *eval;

    if (sc_has_param(op, "num_classes")) set(&p, "num_classes", "4");
    if (op->family == SC_LOSSES && sc_has_param(op, "input_kind"))
        set(&p, "input_kind", "probs");
    if (op->family == SC_METRICS) {
        const int64_t dim[] = {2, 3};
        struct sc_tensor labels = tensor(SC_UINT8, 2, dim);

        memset(labels.data, 1, 6);
        p.in.count = 0;
        put(&p, "pred", &labels);
        put(&p, "target", &labels);
    }
    ck_assert_msg(sc_eval_new(op, &p.args, &arena, &eval, &note) == SC_OK, "%s", note.detail);
    ck_assert_msg(sc_eval_update(eval, &p.in, &exec, &note) == SC_OK, "%s", note.detail);
    return eval;
}

START_TEST(damaged_states_are_refused)
{
    const struct sc_op *op = &sc_ops[_i];
    struct sc_eval *eval, *back;
    uint8_t *data, *again;
    size_t size, size_again;

    if (!op->mergeable) return;
    eval = evaluate(op);
    ck_assert_int_eq(sc_eval_save(eval, &arena, &data, &size, &note), SC_OK);
    for (size_t cut = 0; cut < size; cut++)
        ck_assert_int_eq(sc_eval_load(op, data, cut, NULL, &arena, &back, &note), SC_BAD_STATE);
    for (size_t at = 0; at < size; at++) {
        data[at] ^= 0x40;
        ck_assert_int_eq(sc_eval_load(op, data, size, NULL, &arena, &back, &note),
                         SC_BAD_STATE);
        data[at] ^= 0x40;
    }
    ck_assert_int_eq(sc_eval_load(op, data, size, NULL, &arena, &back, &note), SC_OK);
    ck_assert_int_eq(sc_eval_save(back, &arena, &again, &size_again, &note), SC_OK);
    ck_assert_int_eq(size, size_again);
    ck_assert_mem_eq(data, again, size);
}
END_TEST

START_TEST(states_of_another_operation_are_told_apart)
{
    const struct sc_op *op = &sc_ops[_i];
    struct sc_eval *back;
    uint8_t *data;
    size_t size;

    if (!op->mergeable) return;
    ck_assert_int_eq(sc_eval_save(evaluate(op), &arena, &data, &size, &note), SC_OK);
    for (int i = 0; i < sc_op_count; i++) {
        if (&sc_ops[i] == op || !sc_ops[i].mergeable) continue;
        ck_assert_int_eq(sc_eval_load(&sc_ops[i], data, size, NULL, &arena, &back, &note),
                         SC_BAD_STATE);
        ck_assert_ptr_nonnull(strstr(note.detail, op->name));
    }
}
END_TEST

START_TEST(states_with_other_parameters_are_not_added)
{
    const struct sc_op *mse = sc_op_find("losses", "mse");
    struct sc_args sum = {.count = 0}, none = {.count = 0};
    struct sc_eval *a, *b;

    ck_assert_int_eq(sc_args_add_raw(&sum, "reduction", "sum", &arena, &note), SC_OK);
    ck_assert_int_eq(sc_eval_new(mse, &none, &arena, &a, &note), SC_OK);
    ck_assert_int_eq(sc_eval_new(mse, &sum, &arena, &b, &note), SC_OK);
    ck_assert_int_eq(sc_eval_merge(a, b, &note), SC_BAD_STATE);
    ck_assert_int_eq(sc_eval_merge(a, a, &note), SC_OK);
}
END_TEST

/* A limit on memory is an answer, not a crash, wherever it strikes. */
START_TEST(running_out_of_memory_is_told)
{
    const struct sc_op *op = &sc_ops[_i];
    struct problem p = make(op, 5);
    enum sc_status status = SC_NO_MEMORY;

    if (op->family != SC_LOSSES) return;
    if (sc_has_param(op, "input_kind")) set(&p, "input_kind", "logits");
    set(&p, "grad", "true");
    for (size_t limit = 1 << 12; status == SC_NO_MEMORY; limit += 1 << 12) {
        struct sc_arena small;
        struct sc_exec tight = {.threads = 2, .arena = &small};
        struct sc_report r;

        sc_arena_init(&small, limit, NULL);
        status = sc_run(op, &p.in, &p.args, &tight, &r, &note);
        ck_assert_uint_le(small.held, limit);
        sc_arena_done(&small);
    }
    ck_assert_int_eq(status, SC_OK);
}
END_TEST

static bool stop_at_once(void *context)
{
    return ++*(int *)context > 1;
}

START_TEST(a_stop_is_obeyed_between_blocks)
{
    const struct sc_op *mse = sc_op_find("losses", "mse");
    const int64_t dim[] = {4, 1 << 20};
    struct sc_tensor zeros = tensor(SC_UINT8, 2, dim);
    struct problem p = {.count = 0};
    struct sc_report r;
    int asked = 0;

    memset(zeros.data, 0, (size_t)zeros.count);
    put(&p, "pred", &zeros);
    put(&p, "target", &zeros);
    exec.stop = stop_at_once;
    exec.context = &asked;
    ck_assert_int_eq(sc_run(mse, &p.in, &p.args, &exec, &r, &note), SC_STOPPED);
    ck_assert_int_eq(asked, 2);
}
END_TEST

Suite *suite_ops(void);

Suite *suite_ops(void)
{
    Suite *s = suite_create("ops");
    TCase *c = tcase_create("rows");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, rows_are_complete, 0, sc_op_count);
    tcase_add_loop_test(c, defaults_are_in_bounds, 0, sc_op_count);
    tcase_add_loop_test(c, unknown_parameters_are_refused, 0, sc_op_count);
    tcase_add_loop_test(c, missing_inputs_are_refused, 0, sc_op_count);
    tcase_add_loop_test(c, gradients_agree_with_differences, 0, sc_op_count);
    tcase_add_loop_test(c, activations_agree_with_differences, 0, sc_op_count);
    tcase_add_loop_test(c, damaged_states_are_refused, 0, sc_op_count);
    tcase_add_loop_test(c, states_of_another_operation_are_told_apart, 0, sc_op_count);
    tcase_add_loop_test(c, running_out_of_memory_is_told, 0, sc_op_count);
    tcase_add_test(c, states_with_other_parameters_are_not_added);
    tcase_add_test(c, a_stop_is_obeyed_between_blocks);
    suite_add_tcase(s, c);
    return s;
}
