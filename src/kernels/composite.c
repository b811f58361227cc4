/* composite.c - the kernel of weighted sums of losses: both parts at each step. */
#include "composite.h"

#include <string.h>

#include "load.h"
#include "loss.h"
#include "planes.h"

/* ---- checks ---- */

enum sc_status sc_composite_check(const struct sc_params *params, struct sc_note *note)
{
    const struct sc_part *part = sc_kernel(params->op)->parts;

    for (int i = 0; i < SC_PARTS; i++) {
        const struct sc_params own = sc_part_params(params, &part[i]);

        SC_TRY(sc_check_params(&own, note));
    }
    return SC_OK;
}

/* ---- the state: those of the parts, one after the other ---- */

void sc_composite_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                         size_t *sums)
{
    const struct sc_part *part = sc_kernel(params->op)->parts;

    *counts = *sums = 0;
    for (int i = 0; i < SC_PARTS; i++) {
        const struct sc_params own = sc_part_params(params, &part[i]);
        size_t own_counts, own_sums;

        sc_part_kernel(&part[i])->layout(&own, classes, &own_counts, &own_sums);
        *counts += own_counts;
        *sums += own_sums;
    }
}

bool sc_composite_same_weights(const struct sc_params *params, const struct sc_state *a,
                               const struct sc_state *b)
{
    const struct sc_part *part = sc_kernel(params->op)->parts;
    struct sc_state rest_a = *a, rest_b = *b;
    bool all = true;

    for (int i = 0; i < SC_PARTS; i++) {
        const struct sc_kernel *kernel = sc_part_kernel(&part[i]);
        const struct sc_params own = sc_part_params(params, &part[i]);
        const struct sc_state one = sc_part_state(&own, &rest_a);
        const struct sc_state other = sc_part_state(&own, &rest_b);

        all = all && (kernel->same_weights == NULL || kernel->same_weights(&own, &one, &other));
    }
    return all;
}

/* ---- calls of the parts ---- */

struct part_call {
    const struct sc_part *part;
    const struct sc_kernel *kernel;
    struct sc_params params;
    struct sc_call call;
    struct sc_state total;
    double lambda;
    size_t scratch;        /* bytes */
    struct sc_tensor grad; /* float64: the sum of both is rounded once */
};

struct own {
    struct part_call part[SC_PARTS];
};

static enum sc_status prepare_part(const struct sc_call *c, const struct sc_part *part,
                                   struct part_call *p, struct sc_arena *arena,
                                   struct sc_note *note)
{
    p->part = part;
    p->kernel = sc_part_kernel(part);
    p->params = sc_part_params(c->params, part);
    p->lambda = sc_part_lambda(c->params, part);
    p->call = *c;
    p->call.op = p->params.op;
    p->call.params = &p->params;
    SC_TRY(sc_shape(&p->call, note));
    if (part->indices_only && !p->call.indices)
        return sc_fail(
            note, SC_BAD_SHAPE, "#/target",
            "'target' is class indices here, without dimension 1: losses/%s of planes "
            "is binary, of sigmoids, where losses/dice has a softmax; ask for the two "
            "alone",
            part->name);
    if (p->kernel->prepare != NULL) SC_TRY(p->kernel->prepare(&p->call, arena, note));
    p->scratch = p->kernel->scratch ? p->kernel->scratch(&p->call) : 0;
    p->scratch = (p->scratch + SC_ARENA_ALIGN - 1) / SC_ARENA_ALIGN * SC_ARENA_ALIGN;
    if (!sc_param(c->params, "grad")->boolean || p->lambda == 0) return SC_OK;
    return sc_tensor_new(&p->grad, SC_FLOAT64, c->in[0]->rank, c->in[0]->dim, arena, note);
}

enum sc_status sc_composite_prepare(struct sc_call *c, struct sc_arena *arena,
                                    struct sc_note *note)
{
    const struct sc_part *part = sc_kernel(c->op)->parts;
    struct own *own = sc_arena_calloc(arena, 1, sizeof *own);
    bool whole_samples = false;

    if (own == NULL) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for two losses");
    for (int i = 0; i < SC_PARTS; i++) {
        SC_TRY(prepare_part(c, &part[i], &own->part[i], arena, note));
        whole_samples |= own->part[i].call.whole_samples;
    }
    c->own = own;
    c->whole_samples = whole_samples;
    return SC_OK;
}

size_t sc_composite_scratch(const struct sc_call *c)
{
    const struct own *own = c->own;
    size_t size = 0;

    for (int i = 0; i < SC_PARTS; i++) size += own->part[i].scratch;
    return size;
}

/* ---- spans ---- */

typedef void step_fn(const struct sc_call *c, const struct part_call *p,
                     const struct sc_span *span, struct sc_worker *w);

/* Both look at the same inputs: what is wrong with them is told once, by the first. */
static void step_parts(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w,
                       step_fn *step)
{
    const struct own *own = c->own;
    struct sc_state rest = w->state;
    uint8_t *memory = w->scratch;

    rest.classes = c->classes;
    for (int i = 0; i < SC_PARTS; i++) {
        const struct part_call *p = &own->part[i];
        struct sc_worker part = {.state = sc_part_state(&p->params, &rest),
                                 .scratch = memory,
                                 .shared = w->shared,
                                 .exec = w->exec,
                                 .unasked = w->unasked,
                                 .stopped = w->stopped};

        if (i == 0) memcpy(part.trouble, w->trouble, sizeof part.trouble);
        step(c, p, span, &part);
        if (i == 0) memcpy(w->trouble, part.trouble, sizeof part.trouble);
        w->unasked = part.unasked;
        w->stopped = part.stopped;
        memory += p->scratch;
    }
}

static void update_part(const struct sc_call *c, const struct part_call *p,
                        const struct sc_span *part, struct sc_worker *w)
{
    (void)c;
    p->kernel->update(&p->call, part, w);
}

void sc_composite_update(const struct sc_call *c, const struct sc_span *part,
                         struct sc_worker *w)
{
    step_parts(c, part, w, update_part);
}

bool sc_composite_wants_softmax(const struct sc_call *c)
{
    const struct own *own = c->own;
    bool any = false;

    for (int i = 0; i < SC_PARTS; i++) {
        const struct part_call *p = &own->part[i];

        any |= p->kernel->wants_softmax != NULL && p->kernel->wants_softmax(&p->call);
    }
    return any;
}

/* ---- gradient ---- */

/* The scale of each part, with its lambda; there is none of all. */
double sc_composite_scale(const struct sc_call *c)
{
    struct own *own = c->own;
    struct sc_state rest = *c->total;

    for (int i = 0; i < SC_PARTS; i++) {
        struct part_call *p = &own->part[i];

        p->total = sc_part_state(&p->params, &rest);
        p->call.total = &p->total;
        p->call.scale = p->lambda * (p->kernel->scale ? p->kernel->scale(&p->call) : 1);
        p->call.wanted[SC_OUT_GRAD] = p->grad.data != NULL;
        p->call.out[SC_OUT_GRAD] = p->grad;
    }
    return 1;
}

/* A part that works on blocks gets blocks, though the other needs whole samples. */
static void map_part(const struct sc_call *c, const struct part_call *p,
                     const struct sc_span *span, struct sc_worker *w)
{
    const bool whole = p->call.whole_samples == c->whole_samples;

    if (!p->call.wanted[SC_OUT_GRAD]) return;
    for (int64_t at = 0, size; at < span->size; at += size) {
        size = whole ? span->size : sc_part_size(span->size - at, SC_BLOCK);
        p->kernel->map(&p->call, &(struct sc_span){span->from + at, size, 0, size}, w);
    }
}

/* Adds the gradients of the parts at elements [at, at + n). */
static void add_grads(const struct sc_call *c, int64_t at, int64_t n)
{
    const struct own *own = c->own;

    for (const int64_t end = at + n; at < end; at += SC_BLOCK) {
        const int size = sc_part_size(end - at, SC_BLOCK);
        double sum[SC_BLOCK] = {0};

        for (int i = 0; i < SC_PARTS; i++) {
            const double *grad = own->part[i].grad.data;

            for (int j = 0; grad != NULL && j < size; j++) sum[j] += grad[at + j];
        }
        sc_store(&c->out[SC_OUT_GRAD], at, size, sum);
    }
}

void sc_composite_map(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    const int64_t end = span->from + span->size;

    if (!c->wanted[SC_OUT_GRAD]) return;
    step_parts(c, span, w, map_part);
    if (c->positions == 1) {
        add_grads(c, span->from * c->classes, span->size * c->classes);
        return;
    }
    for (int64_t from = span->from, run; from < end; from += run) {
        const int64_t left = c->positions - from % c->positions;

        run = left < end - from ? left : end - from;
        for (int64_t k = 0; k < c->classes; k++) add_grads(c, sc_plane_index(c, from, k), run);
    }
}
