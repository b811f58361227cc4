/* batches.c - an accumulator knows the same, however its samples came. */
#include <string.h>

#include "bits.h"

struct saved {
    uint8_t *data;
    size_t size;
};

/* Rows [from, from + size) of the inputs that have a row for each sample. */
static struct sc_tensors cut(const struct sample *s, const struct sc_tensors *in, int64_t from,
                             int64_t size, struct sc_arena *arena)
{
    struct sc_tensors part = {0};

    for (size_t i = 0; i < in->count; i++) {
        struct sc_tensor t = in->item[i].tensor;
        const bool rows = i < 2 && t.rank > 0 && t.dim[0] == s->dim[0];

        if (rows) {
            const size_t row = t.count ? (size_t)(t.count / t.dim[0]) * sc_dtype_size(t.dtype)
                                       : 0;
            int64_t dim[SC_RANK_MAX];
            size_t bytes;

            memcpy(dim, t.dim, sizeof dim);
            dim[0] = size;
            t.data = (uint8_t *)t.data + (size_t)from * row;
            sc_tensor_shape(&t, t.dtype, t.rank, dim, &bytes, NULL);
        }
        if (sc_tensors_add(&part, in->item[i].name, &t, arena, NULL) != SC_OK) out_of_memory();
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

void same_in_batches(const struct sample *s)
{
    struct sc_arena arena;
    const struct sc_exec exec = {.threads = 2, .arena = &arena};
    struct sc_tensors in;
    struct sc_args args;
    struct sc_eval *eval;
    struct saved whole, pieces;
    uint64_t state = 7;

    sc_arena_init(&arena, (size_t)1 << 30, NULL);
    make_inputs(s, &arena, &in);
    make_args(s, &arena, &args);
    if (sc_eval_new(s->op, &args, &arena, &eval, NULL) == SC_OK &&
        sc_eval_update(eval, &in, &exec, NULL) == SC_OK && save(eval, &arena, &whole)) {
        for (int i = 0; i < 3; i++)
            check(in_pieces(s, &in, &args, &exec, &state, &pieces) && equal(&whole, &pieces), s,
                  "the state depends on the cut into batches");
    }
    sc_arena_done(&arena);
}
