/* test_ops.c - what holds for every row of the table of operations. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "params.h"
#include "query.h"
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

/* What an error says of bounds is what GET /v1/operations and the documentation say. */
START_TEST(bounds_are_told)
{
    static const struct {
        const char *family, *op, *param, *wrong, *bounds;
    } cases[] = {
        {"losses", "quantile", "q", "1", "above 0 and below 1"},
        {"losses", "quantile", "q", "0", "above 0 and below 1"},
        {"losses", "huber", "delta", "0", "above 0 and at most 1e+150"},
        {"losses", "nll", "ignore_index", "9007199254740993", "from -2^53 to 2^53"},
        {"losses", "cross_entropy", "label_smoothing", "1.5", "from 0 to 1"},
        {"activations", "celu", "alpha", "-0", "from -1e+300 to 1e+300, but not 0"},
        {"activations", "softshrink", "lambd", "-1", "at least 0 and finite"},
        {"activations", "leaky_relu", "negative_slope", "1e999", "finite"},
        {"metrics", "segmentation", "num_classes", "0", "from 1 to 65536"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct sc_op *op = sc_op_find(cases[i].family, cases[i].op);
        char bounds[SC_BOUNDS_TEXT], said[160];
        struct sc_args args = {.count = 0};

        sc_param_bounds(sc_param_find(op, cases[i].param), bounds);
        ck_assert_str_eq(bounds, cases[i].bounds);
        ck_assert_int_eq(sc_args_add_raw(&args, cases[i].param, cases[i].wrong, &arena, &note),
                         SC_OK);
        ck_assert_int_eq(sc_check_args(op, &args, &arena, &note), SC_OUT_OF_BOUNDS);
        snprintf(said, sizeof said, "parameter '%s' is %s; it must be %s", cases[i].param,
                 cases[i].wrong, bounds);
        ck_assert_str_eq(note.detail, said);
    }
}
END_TEST

START_TEST(unknown_parameters_are_refused)
{
    struct sc_args args = {.count = 0};

    ck_assert_int_eq(sc_args_add_raw(&args, "no/such~", "1", &arena, &note), SC_OK);
    ck_assert_int_eq(sc_check_args(&sc_ops[_i], &args, &arena, &note), SC_BAD_PARAM);
    ck_assert_ptr_nonnull(strstr(note.detail, "no/such~"));
    ck_assert_str_eq(note.pointer, "#/params/no~1such~0");
}
END_TEST

/* An empty JSON list has no kind of elements, and no first one. */
START_TEST(empty_lists_are_read)
{
    const struct sc_op *op = &sc_ops[_i];
    struct sc_params params;

    for (int i = 0; i < op->params; i++) {
        const char *const *text = sc_arena_calloc(&arena, 0, sizeof *text);
        const struct sc_arg empty = {.name = op->param[i].name, .is_list = true, .text = text};
        struct sc_args args = {.count = 0};
        enum sc_status status;

        ck_assert_int_eq(sc_args_add(&args, &empty, &arena, &note), SC_OK);
        status = sc_params_read(op, &args, false, &arena, &params, &note);
        ck_assert(status == SC_OK || status == SC_BAD_PARAM || status == SC_OUT_OF_BOUNDS);
    }
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

/* ---- inputs that a row takes ---- */

static double uniform(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return (double)(*seed >> 8) / 16777216;
}

struct problem {
    struct sc_tensors in;
    struct sc_args args;
};

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

/* How the target stands to pred: of its shape; without its classes; one a row. */
enum style { ALIKE, INDICES, ROWS, STYLES };

static struct sc_tensor floats(enum style style, uint32_t *seed)
{
    const int64_t dim[] = {3, 4, 5};
    struct sc_tensor t = tensor(SC_FLOAT64, style == ROWS ? 2 : 3, dim);

    for (int i = 0; i < t.count; i++) ((double *)t.data)[i] = 0.1 + 0.8 * uniform(seed);
    return t;
}

/* 0, 1 or signs, whatever the style: class indices too. */
static struct sc_tensor labels(const struct sc_input *input, enum style style, uint32_t *seed)
{
    const int64_t full[] = {3, 4, 5}, indices[] = {3, 5};
    const bool signs = strcmp(input->values, "-1 or 1") == 0;
    struct sc_tensor t = style == ALIKE ? tensor(SC_INT64, 3, full)
                                        : tensor(SC_INT64, style == ROWS ? 1 : 2, indices);

    for (int i = 0; i < t.count; i++) {
        const int one = uniform(seed) < 0.5;

        ((int64_t *)t.data)[i] = signs ? 2 * one - 1 : one;
    }
    return t;
}

static struct problem make_style(const struct sc_op *op, enum style style, uint32_t seed)
{
    struct problem p = {.in = {0}};

    for (int i = 0; i < op->inputs; i++) {
        const bool target = strcmp(op->input[i].name, "target") == 0;
        const struct sc_tensor t = target ? labels(&op->input[i], style, &seed)
                                          : floats(style, &seed);

        if (op->input[i].required) put(&p, op->input[i].name, &t);
    }
    for (int i = 0; i < op->params; i++) {
        const struct sc_param *param = &op->param[i];

        if (!param->required) continue;
        set(&p, param->name,
            param->type != SC_PARAM_ENUM      ? "4"
            : strstr(param->values, "logits") ? "logits"
                                              : param->values);
    }
    if (op->family == SC_METRICS && style == INDICES && sc_param_find(op, "input_kind") != NULL)
        set(&p, "input_kind", "logits");
    return p;
}

/* The first style that the row takes. */
static struct problem make(const struct sc_op *op, uint32_t seed)
{
    for (int style = 0; style < STYLES; style++) {
        const struct problem p = make_style(op, (enum style)style, seed);
        struct sc_report r;

        if (sc_run(op, &p.in, &p.args, &exec, &r, &note) == SC_OK) return p;
    }
    ck_abort_msg("%s takes none of the inputs: %s", op->name, note.detail);
}

/* ---- states ---- */

static struct sc_eval *evaluate(const struct sc_op *op)
{
    const struct problem p = make(op, 3);
    struct sc_eval *eval;

    ck_assert_msg(sc_eval_new(op, &p.args, &arena, &eval, &note) == SC_OK, "%s", note.detail);
    ck_assert_msg(sc_eval_update(eval, &p.in, &exec, &note) == SC_OK, "%s", note.detail);
    return eval;
}

START_TEST(more_batches_take_no_more_memory)
{
    const struct sc_op *op = &sc_ops[_i];
    struct sc_arena own;
    struct sc_eval *eval;
    struct problem p;
    size_t held = 0;

    if (!op->mergeable) return;
    p = make(op, 3);
    sc_arena_init(&own, (size_t)1 << 24, NULL);
    ck_assert_int_eq(sc_eval_new(op, &p.args, &own, &eval, &note), SC_OK);
    for (int i = 0; i < 2000; i++) {
        ck_assert_int_eq(sc_eval_update(eval, &p.in, &exec, &note), SC_OK);
        if (i == 2) held = own.held;
    }
    ck_assert_uint_eq(own.held, held);
    sc_arena_done(&own);
}
END_TEST

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

/* What is merged has a state that does not fit; who wishes for one has given a bad parameter.
 */
START_TEST(operations_without_a_state_say_so)
{
    const struct sc_op *op = &sc_ops[_i];
    const struct sc_exec with_state = {.threads = 1, .arena = &arena, .state = true};
    const struct sc_tensors nothing = {.count = 0};
    const struct sc_args none = {.count = 0};
    const uint8_t byte = 0;
    struct sc_report report;
    struct sc_eval *eval;

    if (op->mergeable) return;
    ck_assert_int_eq(sc_eval_new(op, &none, &arena, &eval, &note), SC_BAD_STATE);
    ck_assert_int_eq(sc_eval_load(op, &byte, 1, NULL, &arena, &eval, &note), SC_BAD_STATE);
    ck_assert_ptr_nonnull(strstr(note.detail, "cannot be evaluated in pieces"));
    ck_assert_int_eq(sc_run(op, &nothing, &none, &with_state, &report, &note), SC_BAD_PARAM);
    ck_assert_str_eq(note.pointer, "#/params/state");
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

    if (op->family == SC_LOSSES) set(&p, "grad", "true");
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
    struct problem p = {.in = {0}};
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

/* Some operations take a sample, or the batch, as one. */
static const struct {
    const char *name, *param;
} wholes[] = {{"lovasz_hinge", "per_sample=false"},
              {"lovasz_softmax", "per_sample=false"},
              {"lovasz_hinge", "per_sample=true"},
              {"dice", "input_kind=probs&per_sample=true"},
              {"dice", "input_kind=probs&per_sample=true&grad=true"}};

START_TEST(a_stop_is_obeyed_inside_of_samples)
{
    const struct sc_op *op = sc_op_find("losses", wholes[_i].name);
    const bool hinge = strcmp(wholes[_i].name, "lovasz_hinge") == 0;
    const int64_t pixels = 1 << 20, plane[] = {1, 1, pixels}, mask[] = {1, pixels};
    struct sc_tensor pred = tensor(SC_FLOAT32, hinge ? 2 : 3, hinge ? mask : plane);
    struct sc_tensor target = tensor(SC_UINT8, 2, mask);
    struct problem p = {.in = {0}};
    struct sc_report r;
    int asked = 0;

    for (int64_t i = 0; i < pixels; i++) {
        ((float *)pred.data)[i] = (float)(i % 1000) / 1000;
        ((uint8_t *)target.data)[i] = (uint8_t)(i % 3 == 0);
    }
    put(&p, "pred", &pred);
    put(&p, "target", &target);
    query_read(wholes[_i].param, &arena, &p.args);
    exec.stop = stop_at_once;
    exec.context = &asked;
    ck_assert_msg(sc_run(op, &p.in, &p.args, &exec, &r, &note) == SC_STOPPED, "%s",
                  note.detail);
    ck_assert_int_le(asked, 3);
}
END_TEST

/* ---- cost ---- */

#define MOST ((int64_t)1 << 56)

/* Of a loss over so many places; no data are read. */
static int64_t cost_of(const char *name, int64_t places)
{
    const int64_t dim[] = {1, places};
    struct sc_tensor pred = {0}, target = {0};
    struct problem p = {.in = {0}};
    size_t bytes;

    ck_assert_int_eq(sc_tensor_shape(&pred, SC_FLOAT32, 2, dim, &bytes, &note), SC_OK);
    ck_assert_int_eq(sc_tensor_shape(&target, SC_UINT8, 2, dim, &bytes, &note), SC_OK);
    put(&p, "pred", &pred);
    put(&p, "target", &target);
    return sc_cost(sc_op_find("losses", name), &p.in, &p.args, &exec);
}

static const struct {
    const char *name;
    int times; /* as dear as mse */
} efforts[] = {
    {"mae", 1}, {"binary_cross_entropy_with_logits", 2}, {"log_cosh", 5}, {"lovasz_hinge", 20}};

START_TEST(a_sort_costs_more_than_a_sum)
{
    const char *name = efforts[_i].name;

    ck_assert_int_eq(cost_of(name, 250000), efforts[_i].times * cost_of("mse", 250000));
    ck_assert_int_lt(cost_of(name, MOST / 64), MOST);
    ck_assert_int_eq(cost_of(name, MOST), MOST);
    ck_assert_int_eq(cost_of(name, 2 * MOST), MOST);
}
END_TEST

START_TEST(what_is_taken_costs_its_elements)
{
    const struct problem p = make(&sc_ops[_i], 3);
    const struct sc_tensors none = {.count = 0};

    ck_assert_int_ge(sc_cost(&sc_ops[_i], &p.in, &p.args, &exec), p.in.item[0].tensor.count);
    ck_assert_int_eq(sc_cost(&sc_ops[_i], &none, &p.args, &exec), 0);
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
    tcase_add_test(c, bounds_are_told);
    tcase_add_loop_test(c, unknown_parameters_are_refused, 0, sc_op_count);
    tcase_add_loop_test(c, empty_lists_are_read, 0, sc_op_count);
    tcase_add_loop_test(c, missing_inputs_are_refused, 0, sc_op_count);
    tcase_add_loop_test(c, more_batches_take_no_more_memory, 0, sc_op_count);
    tcase_add_loop_test(c, damaged_states_are_refused, 0, sc_op_count);
    tcase_add_loop_test(c, states_of_another_operation_are_told_apart, 0, sc_op_count);
    tcase_add_loop_test(c, operations_without_a_state_say_so, 0, sc_op_count);
    tcase_add_loop_test(c, running_out_of_memory_is_told, 0, sc_op_count);
    tcase_add_test(c, states_with_other_parameters_are_not_added);
    tcase_add_test(c, a_stop_is_obeyed_between_blocks);
    tcase_add_loop_test(c, a_stop_is_obeyed_inside_of_samples, 0,
                        (int)(sizeof wholes / sizeof *wholes));
    tcase_add_loop_test(c, a_sort_costs_more_than_a_sum, 0,
                        (int)(sizeof efforts / sizeof *efforts));
    tcase_add_loop_test(c, what_is_taken_costs_its_elements, 0, sc_op_count);
    suite_add_tcase(s, c);
    return s;
}
