/* together_data.c - scenes, and tensors for them. */
#include "together_data.h"

#include <check.h>
#include <math.h>
#include <string.h>

const struct scene scenes[SCENES] = {
    {"blocks", {SC_FLOAT32, 3, {2, 19, 4200}, LOGITS}, {SC_INT64, 2, {2, 4200}, INDICES}, true},
    {"threads",
     {SC_FLOAT32, 4, {2, 3, 110, 160}, LOGITS},
     {SC_UINT8, 3, {2, 110, 160}, INDICES},
     false},
    /* its table of pairs has an odd number of cells: what follows must be aligned all the same
     */
    {"odd", {SC_FLOAT32, 3, {1, 63, 1600}, LOGITS}, {SC_UINT8, 2, {1, 1600}, INDICES}, false},
    {"halves", {SC_FLOAT16, 3, {2, 6, 4100}, LOGITS}, {SC_INT32, 2, {2, 4100}, INDICES}, false},
    {"doubles", {SC_FLOAT64, 3, {2, 4, 5000}, LOGITS}, {SC_INT16, 2, {2, 5000}, INDICES}, true},
    {"elements",
     {SC_FLOAT32, 4, {5, 4, 7, 11}, LOGITS},
     {SC_INT64, 3, {5, 7, 11}, INDICES},
     true},
    /* x - max is rounded here, and exact sums of elements hide nothing */
    {"rounded", {SC_FLOAT64, 3, {40, 4, 12}, LOGITS}, {SC_INT64, 2, {40, 12}, INDICES}, true},
    {"rows", {SC_FLOAT64, 2, {4500, 5}, LOGITS}, {SC_INT64, 1, {4500}, INDICES}, false},
    {"foreground",
     {SC_FLOAT32, 3, {3, 1, 5000}, LOGITS},
     {SC_UINT8, 2, {3, 5000}, INDICES},
     false},
    {"planes",
     {SC_BFLOAT16, 3, {2, 7, 4100}, LOGITS},
     {SC_FLOAT32, 3, {2, 7, 4100}, UNIT},
     true},
    {"probabilities",
     {SC_FLOAT32, 3, {2, 7, 4100}, UNIT},
     {SC_FLOAT64, 3, {2, 7, 4100}, UNIT},
     false},
    {"of indices",
     {SC_FLOAT64, 3, {2, 7, 4100}, UNIT},
     {SC_INT64, 2, {2, 4100}, INDICES},
     true},
    {"masks",
     {SC_UINT8, 3, {3, 90, 110}, INDICES},
     {SC_INT64, 3, {3, 90, 110}, INDICES},
     false},
    {"empty", {SC_FLOAT32, 3, {0, 4, 5}, LOGITS}, {SC_INT64, 2, {0, 5}, INDICES}, false},
    {"bad label",
     {SC_FLOAT32, 3, {2, 6, 4100}, LOGITS},
     {SC_INT64, 2, {2, 4100}, ONE_BAD},
     false},
};

const char *const scene_settings[SETTINGS] = {
    "",
    "ignore_index=1",
    "per_sample=true&label_smoothing=0.1",
    "reduction=none&grad=true",
    "reduction=sum&squared=true&top_k=1,3",
    "per_image=true&gamma=0&include_background=false",
    "multilabel=true&alpha=0.25",
};

double uniform(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(*seed >> 11) * 0x1p-53;
}

/* Mostly what a model gives; some numbers are so small that differences of them are rounded. */
static double value(enum kind kind, int64_t classes, uint64_t *seed)
{
    const double u = uniform(seed);

    if (kind == UNIT) return u;
    if (kind != LOGITS) return floor(u * (double)classes);
    return ldexp(u * 12 - 6, uniform(seed) < 0.001 ? -40 : 0);
}

static void store(const struct sc_tensor *t, int64_t i, double v)
{
    const int64_t label = (int64_t)v;

    if (t->dtype == SC_FLOAT64)
        ((double *)t->data)[i] = v;
    else if (t->dtype == SC_FLOAT32)
        ((float *)t->data)[i] = (float)v;
    else if (t->dtype == SC_FLOAT16)
        ((uint16_t *)t->data)[i] = sc_to_float16(v);
    else if (t->dtype == SC_BFLOAT16)
        ((uint16_t *)t->data)[i] = sc_to_bfloat16(v);
    else
        memcpy((uint8_t *)t->data + (size_t)i * sc_dtype_size(t->dtype), &label,
               sc_dtype_size(t->dtype));
}

int64_t classes_of(const struct scene *s)
{
    const bool planes = s->pred.kind != INDICES && s->pred.dim[1] > 1;

    return planes ? s->pred.dim[1] : 2;
}

struct sc_tensor make_input(const struct scene *s, const struct input *input, uint64_t seed,
                            struct sc_arena *arena)
{
    struct sc_note note;
    struct sc_tensor t;

    ck_assert_int_eq(sc_tensor_new(&t, input->dtype, input->rank, input->dim, arena, &note),
                     SC_OK);
    for (int64_t i = 0; i < t.count; i++)
        store(&t, i, value(input->kind, classes_of(s), &seed));
    if (input->kind == ONE_BAD) store(&t, t.count / 2, (double)classes_of(s));
    return t;
}
