/* test_together.c - several operations at once give what each gives alone, to the last byte. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "together_data.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OPS_MAX      256

/* TOGETHER=some: each eleventh of the combinations, a prime of which neither scenes, settings
 * nor threads are multiples. */
static bool is_left_out(int combination)
{
    const char *together = getenv("TOGETHER");

    return together != NULL && strcmp(together, "some") == 0 && combination % 11 != 0;
}

static struct sc_arena arena;
static struct sc_exec exec;

static void setup(void)
{
    sc_arena_init(&arena, (size_t)3 << 30, NULL);
    exec = (struct sc_exec){.threads = 1, .arena = &arena};
}

static void teardown(void)
{
    sc_init(NULL);
    sc_arena_done(&arena);
}

static bool has_input(const struct sc_op *op, const char *name)
{
    for (int i = 0; i < op->inputs; i++)
        if (strcmp(op->input[i].name, name) == 0) return true;
    return false;
}

/* ---- requests ---- */

/* An operation with what a scene has for it, and what it gave alone. */
struct task {
    const struct sc_op *op;
    struct sc_tensors in;
    struct sc_args args;
    struct sc_report report;
    enum sc_status status;
    struct sc_note note;
    const char *alone; /* as JSON */
};

static struct task all[OPS_MAX];
static size_t tasks;

static void put(struct task *t, const char *name, const struct sc_tensor *x)
{
    if (has_input(t->op, name))
        ck_assert_int_eq(sc_tensors_add(&t->in, name, x, &arena, &t->note), SC_OK);
}

static void set(struct task *t, const char *name, const char *value)
{
    if (sc_param_find(t->op, name) != NULL)
        ck_assert_int_eq(sc_args_add_raw(&t->args, name, value, &arena, &t->note), SC_OK);
}

static void set_all(struct task *t, const char *text)
{
    char *copy = sc_arena_strndup(&arena, text, strlen(text)), *save = NULL;

    for (char *word = strtok_r(copy, "&", &save); word; word = strtok_r(NULL, "&", &save)) {
        char *value = strchr(word, '=');

        *value++ = '\0';
        set(t, word, value);
    }
}

static void make_task(const struct scene *s, const struct sc_op *op, const char *setting,
                      const struct sc_tensor *pred, const struct sc_tensor *target,
                      const struct sc_tensor *weight)
{
    static const char *const kinds[] = {"logits", "probs", "labels", "labels"};
    struct task *t = &all[tasks++];

    ck_assert_uint_le(tasks, OPS_MAX);
    *t = (struct task){.op = op};
    put(t, "pred", pred);
    put(t, "x", pred);
    put(t, "target", target);
    if (s->weight) put(t, "weight", weight);
    set(t, "input_kind", kinds[s->pred.kind]);
    set(t, "num_classes", sc_arena_printf(&arena, "%d", (int)classes_of(s)));
    set_all(t, setting);
}

/* A task for every operation of the table; `twice`: another that leaves the setting out. */
static void make_tasks(const struct scene *s, const char *setting, bool twice)
{
    const struct input weights = {SC_FLOAT32, 1, {classes_of(s)}, UNIT};
    const struct sc_tensor pred = make_input(s, &s->pred, 1, &arena),
                           target = make_input(s, &s->target, 2, &arena);
    const struct sc_tensor weight = make_input(s, &weights, 3, &arena);

    tasks = 0;
    for (int i = 0; i < sc_op_count; i++) {
        make_task(s, &sc_ops[i], setting, &pred, &target, &weight);
        if (twice) make_task(s, &sc_ops[i], "", &pred, &target, &weight);
    }
}

static const char *text_of(const struct sc_report *report)
{
    const struct codec_result one = {.report = report};
    const struct codec_results results = {.item = &one, .count = 1};
    const struct codec_style style = {.nonfinite_token = true};
    struct sc_writer out;
    struct sc_note note;

    sc_writer_init(&out, &arena);
    ck_assert_int_eq(json_encode(&results, &style, &out, &note), SC_OK);
    sc_write_byte(&out, '\0');
    ck_assert(!out.failed);
    return (const char *)out.data;
}

static void run_alone(struct task *t)
{
    t->status = sc_run(t->op, &t->in, &t->args, &exec, &t->report, &t->note);
    t->alone = t->status == SC_OK ? text_of(&t->report) : NULL;
}

static bool has_same_value(const struct sc_note *a, const struct sc_note *b)
{
    if (!a->has_value || !b->has_value) return a->has_value == b->has_value;
    return strcmp(a->exact, b->exact) == 0 && a->index == b->index && a->count == b->count;
}

static void check_same_note(const struct sc_note *a, const struct sc_note *b)
{
    ck_assert_str_eq(a->detail, b->detail);
    ck_assert_str_eq(a->pointer, b->pointer);
    ck_assert(has_same_value(a, b));
    ck_assert((a->more != NULL) == (b->more != NULL));
}

/* The first of these that fails alone fails all; if none does, all are as they were alone. */
static void check_together(struct task *const task[], size_t count, const struct sc_exec *how)
{
    struct sc_job job[OPS_MAX] = {0};
    struct sc_note note = {0};
    size_t first = 0, failed;
    enum sc_status status;

    while (first < count && task[first]->status == SC_OK) first++;
    for (size_t i = 0; i < count; i++)
        job[i] = (struct sc_job){task[i]->op, &task[i]->in, &task[i]->args, &task[i]->report};
    status = sc_run_all(job, count, how, &failed, &note);
    if (first < count) {
        ck_assert_int_eq(status, task[first]->status);
        ck_assert_uint_eq(failed, first);
        check_same_note(&note, &task[first]->note);
        return;
    }
    ck_assert_msg(status == SC_OK, "%s: %s", task[failed]->op->name, note.detail);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(strcmp(text_of(&task[i]->report), task[i]->alone) == 0, "%s differs",
                      task[i]->op->name);
}

/* Those that were taken, in this order or the other. */
static size_t choose(struct task *task[], bool backwards)
{
    size_t count = 0;

    for (size_t i = 0; i < tasks; i++) {
        struct task *t = &all[backwards ? tasks - 1 - i : i];

        if (t->status == SC_OK) task[count++] = t;
    }
    return count;
}

static void run_scene(const struct scene *s, const char *setting, bool state)
{
    exec.state = state;
    make_tasks(s, setting, false);
    for (size_t i = 0; i < tasks; i++) run_alone(&all[i]);
}

static struct task *task_of(const char *name)
{
    for (size_t i = 0; i < tasks; i++)
        if (strcmp(all[i].op->name, name) == 0) return &all[i];
    ck_abort_msg("no operation %s", name);
}

/* ---- tests ---- */

START_TEST(all_are_as_each_alone)
{
    const struct scene *s = &scenes[(size_t)_i / SETTINGS];
    static const int threads[] = {1, 2, 7};
    struct task *task[OPS_MAX];
    const bool state = _i % SETTINGS % 2 == 1; /* activations have none */

    if (is_left_out(_i)) return;
    run_scene(s, scene_settings[(size_t)_i % SETTINGS], state);
    if (_i % (int)SETTINGS == 0) ck_assert_uint_gt(choose(task, false), 12);
    exec.threads = threads[_i % (int)COUNT(threads)];
    check_together(task, choose(task, _i % 2 == 1), &exec);
}
END_TEST

/* What one operation leaves out, or weighs, is whole for the next. */
START_TEST(settings_of_one_are_not_those_of_others)
{
    const struct scene *s = &scenes[(size_t)_i / SETTINGS];
    struct task *task[OPS_MAX];

    if (is_left_out(_i)) return;
    make_tasks(s, scene_settings[(size_t)_i % SETTINGS], true);
    for (size_t i = 0; i < tasks; i++) run_alone(&all[i]);
    check_together(task, choose(task, _i % 2 == 1), &exec);
}
END_TEST

START_TEST(all_levels_are_as_each_alone)
{
    static const char *const levels[] = {"v1", "v3", "v4", "arm64"};
    struct task *task[OPS_MAX];

    if (!sc_isa_choose(levels[_i])) return;
    for (size_t i = 0; i < SCENES; i++) {
        run_scene(&scenes[i], "ignore_index=1", false);
        check_together(task, choose(task, false), &exec);
    }
}
END_TEST

/* Any few of them, the refused ones too. */
START_TEST(the_first_that_fails_is_the_answer)
{
    const struct scene *s = &scenes[_i];
    uint64_t seed = 9;

    run_scene(s, "", false);
    for (int round = 0; round < 40; round++) {
        struct task *task[OPS_MAX];
        size_t count = 0;

        for (size_t i = 0; i < tasks; i++) {
            struct task *t = &all[(i * 37 + (size_t)round) % tasks];

            if (uniform(&seed) < (t->status == SC_OK ? 0.3 : 0.03)) task[count++] = t;
        }
        check_together(task, count, &exec);
    }
}
END_TEST

/* What fails late, or is told late, still comes after what stands before it. */
START_TEST(the_order_of_failures_is_that_of_the_jobs)
{
    struct task *bad_label;

    run_scene(&scenes[SCENES - 1], "", false);
    bad_label = task_of("cross_entropy");
    ck_assert_int_eq(bad_label->status, SC_BAD_LABEL);
    for (size_t i = 0; i < tasks; i++) {
        struct task *const both[] = {bad_label, &all[i]};

        if (all[i].status != SC_OK) check_together(both, 2, &exec);
    }
}
END_TEST

static enum sc_status run_one_by_one(const struct sc_job *job, size_t count,
                                     const struct sc_exec *how)
{
    struct sc_note note;

    for (size_t i = 0; i < count; i++)
        SC_TRY(sc_run(job[i].op, job[i].in, job[i].args, how, job[i].report, &note));
    return SC_OK;
}

static enum sc_status run_together(const struct sc_job *job, size_t count,
                                   const struct sc_exec *how)
{
    struct sc_note note;
    size_t failed;

    return sc_run_all(job, count, how, &failed, &note);
}

/* The least memory, to a page, that it takes; less is refused, with the reason. */
static size_t memory_of(enum sc_status run(const struct sc_job *, size_t,
                                           const struct sc_exec *),
                        const struct sc_job *job, size_t count)
{
    enum sc_status status = SC_NO_MEMORY;
    size_t limit = 0;

    while (status == SC_NO_MEMORY) {
        struct sc_arena small;
        const struct sc_exec tight = {.threads = 2, .arena = &small};

        sc_arena_init(&small, limit += 1 << 12, NULL);
        status = run(job, count, &tight);
        ck_assert_uint_le(small.held, limit);
        ck_assert(status == SC_OK || small.over_limit);
        sc_arena_done(&small);
    }
    ck_assert_int_eq(status, SC_OK);
    return limit;
}

/* What is enough for one after the other is enough for all, but for some notes. */
START_TEST(running_out_of_memory_is_told)
{
    static const char *const names[] = {"cross_entropy", "focal", "dice", "segmentation"};
    struct sc_job job[COUNT(names)];
    size_t alone, together;

    run_scene(&scenes[1], "", false);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct task *t = task_of(names[i]);

        job[i] = (struct sc_job){t->op, &t->in, &t->args, &t->report};
    }
    alone = memory_of(run_one_by_one, job, COUNT(names));
    together = memory_of(run_together, job, COUNT(names));
    ck_assert_uint_le(together, alone + (64 << 10));
}
END_TEST

static bool stop_at_once(void *context)
{
    return ++*(int *)context > 1;
}

START_TEST(a_stop_is_obeyed)
{
    int asked = 0;
    struct sc_job job[OPS_MAX];
    struct task *task[OPS_MAX];
    struct sc_note note;
    size_t failed, count;

    run_scene(&scenes[1], "", false);
    count = choose(task, false);
    for (size_t i = 0; i < count; i++)
        job[i] = (struct sc_job){task[i]->op, &task[i]->in, &task[i]->args, &task[i]->report};
    exec.stop = stop_at_once;
    exec.context = &asked;
    ck_assert_int_eq(sc_run_all(job, count, &exec, &failed, &note), SC_STOPPED);
    ck_assert_uint_lt(failed, count);
    ck_assert_int_le(asked, 3); /* nothing was begun but a report before the one that failed */
}
END_TEST

START_TEST(none_is_nothing)
{
    size_t failed = 1;

    ck_assert_int_eq(sc_run_all(NULL, 0, &exec, &failed, NULL), SC_OK);
    ck_assert_uint_eq(failed, 0);
}
END_TEST

Suite *suite_together(void);

Suite *suite_together(void)
{
    Suite *s = suite_create("together");
    TCase *c = tcase_create("jobs");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, all_are_as_each_alone, 0, (int)(SCENES * SETTINGS));
    tcase_add_loop_test(c, settings_of_one_are_not_those_of_others, 1,
                        (int)(SCENES * SETTINGS));
    tcase_add_loop_test(c, all_levels_are_as_each_alone, 0, 4);
    tcase_add_loop_test(c, the_first_that_fails_is_the_answer, 0, (int)SCENES);
    tcase_add_test(c, the_order_of_failures_is_that_of_the_jobs);
    tcase_add_test(c, running_out_of_memory_is_told);
    tcase_add_test(c, a_stop_is_obeyed);
    tcase_add_test(c, none_is_nothing);
    suite_add_tcase(s, c);
    return s;
}
