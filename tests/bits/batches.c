/* batches.c - an accumulator knows the same, however its samples came. */
#include <string.h>

#include "bits.h"

struct saved {
    uint8_t *data;
    size_t size;
};

/* Does input i have a row for each sample? */
static bool has_rows(const struct sample *s, int i)
{
    int64_t dim[SC_RANK_MAX];
    const int rank = shape_of(s, i, dim);

    return s->form[i] == SAME || (s->form[i] == INDEX && rank > 0) ||
           (s->rank == 1 && rank == 1 && dim[0] == s->dim[0]);
}

/* Is the first dimension one of samples that can be cut apart? Of images a rank of 2 is one
 * image, and elsewhere a rank of 1 may be the classes of one sample. */
static bool can_cut(const struct sample *s)
{
    const char *text = s->op->input[0].shape;

    if (!s->op->mergeable || s->images > 1 || s->rank == 0 || s->dim[0] < 2) return false;
    if (s->rank >= 3) return true;
    if (s->op->family == SC_METRICS && s->op->input[0].repeated) return false;
    return strcmp(text, "any") == 0 || (s->rank == 2 && strstr(text, "[N, ") != NULL);
}

/* Rows [from, from + size) of the inputs that have a row for each sample. */
static struct sc_tensors cut(const struct sample *s, const struct sc_tensors *in, int64_t from,
                             int64_t size, struct sc_arena *arena)
{
    struct sc_tensors part = {0};
    size_t at = 0;

    for (int i = 0; i < s->op->inputs; i++) {
        struct sc_tensor t;

        if (!s->given[i]) continue;
        t = in->item[at].tensor;
        if (has_rows(s, i)) {
            const size_t row = t.count ? (size_t)(t.count / t.dim[0]) * sc_dtype_size(t.dtype)
                                       : 0;
            int64_t dim[SC_RANK_MAX];
            size_t bytes;

            memcpy(dim, t.dim, sizeof dim);
            dim[0] = size;
            t.data = (uint8_t *)t.data + (size_t)from * row;
            sc_tensor_shape(&t, t.dtype, t.rank, dim, &bytes, NULL);
        }
        if (sc_tensors_add(&part, in->item[at++].name, &t, arena, NULL) != SC_OK)
            out_of_memory();
    }
    return part;
}

static bool save(const struct sc_eval *eval, struct sc_arena *arena, struct saved *out)
{
    return sc_eval_save(eval, arena, &out->data, &out->size, NULL) == SC_OK;
}

static bool equal(const struct saved *a, const struct saved *b)
{
    return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

/* Batches of random size in random order, each to one of three evaluations; these are saved,
 * loaded and merged. */
static bool in_pieces(const struct sample *s, const struct sc_tensors *in,
                      const struct sc_args *args, const struct sc_exec *exec, uint64_t *state,
                      struct saved *out)
{
    struct sc_eval *eval[3];
    const int64_t n = s->dim[0], half = n / 2;
    const int64_t most = n > 64 ? n / 8 : n;

    for (int i = 0; i < 3; i++)
        if (sc_eval_new(s->op, args, exec->arena, &eval[i], NULL) != SC_OK) return false;
    for (int64_t done = 0; done < n;) {
        int64_t size = 1 + (int64_t)(mix(state) % (uint64_t)most);
        /* the second half comes first */
        const int64_t from = done < n - half ? done + half : done - (n - half);
        const int64_t end = done < n - half ? n : half;
        struct sc_tensors part;

        if (size > end - from) size = end - from;
        part = cut(s, in, from, size, exec->arena);
        if (sc_eval_update(eval[mix(state) % 3], &part, exec, NULL) != SC_OK) return false;
        done += size;
    }
    for (int i = 0; i < 2; i++) {
        struct saved wire;
        struct sc_eval *back;

        if (!save(eval[i + 1], exec->arena, &wire) ||
            sc_eval_load(s->op, wire.data, wire.size, NULL, exec->arena, &back, NULL) !=
                SC_OK ||
            sc_eval_merge(eval[0], back, NULL) != SC_OK)
            return false;
    }
    return save(eval[0], exec->arena, out);
}

/* The same once more, in memory of its own. */
static bool same_pieces(const struct sample *s, const struct sc_tensors *in,
                        const struct sc_args *args, uint64_t *state, const struct saved *whole)
{
    struct sc_arena arena;
    const struct sc_exec exec = {.threads = 2, .arena = &arena};
    struct saved pieces;
    bool good;

    sc_arena_init(&arena, (size_t)1 << 30, NULL);
    good = in_pieces(s, in, args, &exec, state, &pieces) && equal(whole, &pieces);
    sc_arena_done(&arena);
    return good;
}

bool same_in_batches(const struct sample *s, int times)
{
    struct sc_arena arena;
    const struct sc_exec exec = {.threads = 2, .arena = &arena};
    struct sc_tensors in;
    struct sc_args args;
    struct sc_eval *eval;
    struct saved whole;
    uint64_t state = s->seed + 7;
    bool good;

    if (!can_cut(s)) return false;
    sc_arena_init(&arena, (size_t)1 << 30, NULL);
    make_inputs(s, &arena, &in);
    make_args(s, &arena, &args);
    good = sc_eval_new(s->op, &args, &arena, &eval, NULL) == SC_OK &&
           sc_eval_update(eval, &in, &exec, NULL) == SC_OK && save(eval, &arena, &whole);
    check(good, s, "has no state");
    for (int i = 0; good && i < times; i++)
        check(same_pieces(s, &in, &args, &state, &whole), s,
              "the state depends on the cut into batches");
    sc_arena_done(&arena);
    return true;
}
