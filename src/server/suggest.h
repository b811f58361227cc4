/* suggest.h - what the caller may have meant: near names, nearest first. */
#pragma once

#include "score.h"

#define SUGGESTIONS_MAX 5

struct suggestions {
    const char *name[SUGGESTIONS_MAX];
    int distance[SUGGESTIONS_MAX]; /* ascending */
    int count;
};

/* Letters to insert, delete, replace or swap with a neighbour to make `b` of `a`; names longer
 * than 64 letters are far from everything. */
int suggest_distance(const char *a, const char *b);

/* Adds `name`, once, when it is near enough to `wanted`: a third of its letters at most. */
void suggest_near(struct suggestions *s, const char *wanted, const char *name);

/* Operations near "family/name", as "losses/mse"; the right name in another family first, and
 * what toolkits call so ("bce", "miou", "DiceLoss"). The texts are made in the arena; without
 * memory there are fewer. */
void suggest_operations(struct suggestions *s, const char *family, const char *name,
                        struct sc_arena *arena);

/* Parameters of the operation near `wanted`. */
void suggest_params(struct suggestions *s, const char *wanted, const struct sc_op *op);

/* Paths of the API near `path`. */
void suggest_paths(struct suggestions *s, const char *path, struct sc_arena *arena);
