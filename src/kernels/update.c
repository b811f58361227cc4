/* update.c - a batch, image by image, into the evaluations that want it. */
#include <assert.h>

#include "eval.h"
#include "samples.h"

enum sc_status sc_prepare(struct sc_call *call, struct sc_arena *arena, struct sc_note *note)
{
    const struct sc_kernel *kernel = sc_kernel(call->op);

    return kernel->prepare ? kernel->prepare(call, arena, note) : SC_OK;
}

/* How many come before the first that has failed. */
static size_t count_good(struct sc_update *const update[], size_t count)
{
    size_t good = 0;

    while (good < count && update[good]->pass.status == SC_OK) good++;
    return good;
}

/* Names the image in a note about one of several, by its index as the pointer does. */
static void point_to_image(struct sc_update *u, size_t image)
{
    struct sc_note *note = &u->pass.note;

    if (u->images == 1) return;
    if (note->pointer[0] != '\0') sc_pointer_add(note->pointer, (int64_t)image);
    sc_fail_in(note, u->pass.status, "pair %zu (the first is 0)", image);
}

/* ---- an image ---- */

/* The state of a batch, that of the last one where it fits; rows of its images go where the
 * evaluation wants them. */
static enum sc_status new_sum(struct sc_update *u, int64_t classes, struct sc_note *note)
{
    const struct sc_eval *eval = u->eval;

    if (eval->spare.count != NULL && eval->spare.classes == classes) {
        u->sum = eval->spare;
        sc_state_clear(&u->sum);
    } else {
        SC_TRY(sc_state_new(&eval->params, classes, eval->arena, &u->sum, note));
    }
    u->sum.samples = eval->state.samples;
    return SC_OK;
}

/* The state of the batch is for the next one, unless it has become that of the evaluation. */
static void keep_spare(struct sc_update *u)
{
    const bool taken = u->sum.count == u->eval->state.count;

    if (u->sum.count != NULL)
        u->eval->spare = taken ? (struct sc_state){.count = NULL} : u->sum;
}

static enum sc_status bind(struct sc_update *u, size_t image, const struct sc_exec *exec)
{
    struct sc_call *call = &u->pass.call;
    struct sc_note *note = &u->pass.note;
    const int64_t before = u->eval->state.classes;

    SC_TRY(sc_bind(&u->eval->params, u->in, image, exec, call, note));
    SC_TRY(sc_prepare(call, exec->arena, note));
    u->pass.state = &u->sum;
    if (before != 0 && before != call->classes)
        return sc_other_classes(call->classes, before, note);
    if (u->sum.count == NULL) return new_sum(u, call->classes, note);
    return u->sum.classes == call->classes
               ? SC_OK
               : sc_other_classes(call->classes, u->sum.classes, note);
}

static bool has_rows(const struct sc_update *u)
{
    return sc_param(&u->eval->params, "per_image")->boolean;
}

/* Adds an image to all evaluations that have so many; false: none has. Those that score each
 * sample alone go on their own, the others together. */
static bool add_image(struct sc_update *const update[], size_t count, size_t image,
                      const struct sc_exec *exec, struct sc_pass **pass)
{
    size_t passes = 0;
    bool any = false;

    for (size_t i = 0; i < count_good(update, count); i++) {
        struct sc_update *u = update[i];

        if (image >= u->images) continue;
        any = true;
        u->pass.status = bind(u, image, exec);
        if (u->pass.status != SC_OK) continue;
        if (has_rows(u))
            u->pass.status = sc_samples_update(&u->pass.call, exec, &u->sum, &u->pass.note);
        else
            pass[passes++] = &u->pass;
    }
    sc_batch_update(pass, passes, exec);
    return any;
}

/* ---- all images ---- */

static void count_images(struct sc_update *u)
{
    struct sc_pass *pass = &u->pass;

    pass->status = sc_count_images(u->eval->params.op, u->in, &u->images, &pass->note);
    assert(pass->status != SC_OK || u->images > 0); /* what is repeated is required */
}

void sc_update_all(struct sc_update *const update[], size_t count, const struct sc_exec *exec)
{
    struct sc_pass **pass = sc_arena_calloc(exec->arena, count, sizeof(struct sc_pass *));
    size_t good;

    for (size_t i = 0; pass != NULL && i < count; i++) count_images(update[i]);
    if (pass == NULL && count > 0)
        update[0]->pass.status =
            sc_fail(&update[0]->pass.note, SC_NO_MEMORY, NULL, "no memory for a batch");
    good = count_good(update, count);
    for (size_t image = 0; add_image(update, good, image, exec, pass); image++) {
        const size_t before = good;

        good = count_good(update, before);
        if (good < before) point_to_image(update[good], image);
    }
    for (size_t i = 0; i < count_good(update, good); i++) {
        struct sc_pass *own = &update[i]->pass;

        own->status = sc_eval_absorb(update[i]->eval, &update[i]->sum, &own->note);
    }
    for (size_t i = 0; i < count; i++) keep_spare(update[i]);
}

enum sc_status sc_eval_update(struct sc_eval *eval, const struct sc_tensors *in,
                              const struct sc_exec *exec, struct sc_note *note)
{
    struct sc_update update = {.eval = eval, .in = in}, *all = &update;

    sc_update_all(&all, 1, exec);
    if (update.pass.status != SC_OK && note != NULL) *note = update.pass.note;
    return update.pass.status;
}
