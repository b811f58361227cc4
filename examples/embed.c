/* embed.c - the core without a server: tensors of this program in, reports out; a data set in
 * two batches; and what a refusal says. */
#include <stdio.h>
#include <stdlib.h>

#include "score.h"

static void check(enum sc_status status, const struct sc_note *note)
{
    if (status == SC_OK) return;
    fprintf(stderr, "%s\n", note->detail);
    exit(1);
}

/* Adds a view of `data`, which must live as long as the call that takes the set. */
static void add(struct sc_tensors *set, const char *name, enum sc_dtype dtype, int rank,
                const int64_t *dim, void *data, struct sc_arena *arena)
{
    struct sc_tensor tensor = {.data = data};
    struct sc_note note;
    size_t bytes;

    check(sc_tensor_shape(&tensor, dtype, rank, dim, &bytes, &note), &note);
    check(sc_tensors_add(set, name, &tensor, arena, &note), &note);
}

/* One evaluation, and its report: names and types are those of the reply in JSON. */
static void score_masks(const char *num_classes)
{
    static uint8_t pred[] = {0, 1, 2, 2, 1, 0}, target[] = {0, 1, 2, 1, 1, 0};
    const int64_t dim[] = {1, 2, 3};
    struct sc_arena arena;
    struct sc_tensors in = {0};
    struct sc_args args = {0};
    struct sc_report report;
    struct sc_note note;

    sc_arena_init(&arena, (size_t)64 << 20, NULL);
    const struct sc_exec exec = {.threads = 1, .arena = &arena};
    add(&in, "pred", SC_UINT8, 3, dim, pred, &arena);
    add(&in, "target", SC_UINT8, 3, dim, target, &arena);
    check(sc_args_add_raw(&args, "num_classes", num_classes, &arena, &note), &note);
    if (sc_run(sc_op_find("metrics", "segmentation"), &in, &args, &exec, &report, &note) ==
        SC_OK)
        printf("mean_iou %.4f\n", sc_report_find(&report, "mean_iou")->as.real);
    else
        printf("refused: %s (%s)\n", note.detail, note.pointer);
    sc_arena_done(&arena);
}

/* The squares of a batch join the evaluation; what was needed for it goes with its own arena.
 */
static void add_batch(struct sc_eval *eval, float *pred, float *target, int64_t count)
{
    struct sc_arena arena;
    struct sc_tensors in = {0};
    struct sc_note note;

    sc_arena_init(&arena, (size_t)64 << 20, NULL);
    const struct sc_exec exec = {.threads = 1, .arena = &arena};
    add(&in, "pred", SC_FLOAT32, 1, &count, pred, &arena);
    add(&in, "target", SC_FLOAT32, 1, &count, target, &arena);
    check(sc_eval_update(eval, &in, &exec, &note), &note);
    sc_arena_done(&arena);
}

/* Two machines see a batch each; the state of the second goes to the first as bytes. */
static void score_in_pieces(void)
{
    const struct sc_op *mse = sc_op_find("losses", "mse");
    float pred[] = {0.5, 2, 3}, target[] = {1, 2, 1};
    struct sc_eval *first, *second, *loaded;
    struct sc_report report;
    struct sc_arena arena;
    struct sc_note note;
    uint8_t *bytes;
    size_t size;

    sc_arena_init(&arena, (size_t)64 << 20, NULL);
    check(sc_eval_new(mse, NULL, &arena, &first, &note), &note);
    check(sc_eval_new(mse, NULL, &arena, &second, &note), &note);
    add_batch(first, pred, target, 2);
    add_batch(second, pred + 2, target + 2, 1);
    check(sc_eval_save(second, &arena, &bytes, &size, &note), &note);
    check(sc_eval_load(mse, bytes, size, NULL, &arena, &loaded, &note), &note);
    check(sc_eval_merge(first, loaded, &note), &note);
    check(sc_eval_finish(first, &report, &note), &note);
    printf("mse %.4f of %lld\n", sc_report_find(&report, "value")->as.real,
           (long long)sc_report_find(&report, "count")->as.integer);
    sc_arena_done(&arena);
}

int main(void)
{
    struct sc_note note;

    check(sc_init(&note), &note);
    score_masks("3");
    score_masks("2");
    score_in_pieces();
    return 0;
}
