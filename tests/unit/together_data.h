/* together_data.h - what requests of several operations bring: scenes, and settings. */
#pragma once

#include "score.h"

enum kind { LOGITS, UNIT, INDICES, ONE_BAD };

struct input {
    enum sc_dtype dtype;
    int rank;
    int64_t dim[4];
    enum kind kind;
};

/* What a request may bring. */
struct scene {
    const char *name;
    struct input pred, target;
    bool weight;
};

#define SCENES   15
#define SETTINGS 7

extern const struct scene scenes[SCENES];

/* Parameters, each for the operations that have it. */
extern const char *const scene_settings[SETTINGS];

/* From 0 to 1. */
double uniform(uint64_t *seed);

int64_t classes_of(const struct scene *s);

/* An input of a scene, with values of its kind. */
struct sc_tensor make_input(const struct scene *s, const struct input *input, uint64_t seed,
                            struct sc_arena *arena);
