/* suggest.c - near names by edit distance, and those by which others know an operation. */
#include "suggest.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "route.h"

#define LETTERS_MAX 64
#define FAR         (LETTERS_MAX + 1)

static int least(int a, int b, int c)
{
    const int d = a < b ? a : b;

    return c < d ? c : d;
}

/* Optimal string alignment; three rows of the table are enough. */
int suggest_distance(const char *a, const char *b)
{
    const int m = (int)strnlen(a, FAR), n = (int)strnlen(b, FAR);
    int rows[3][LETTERS_MAX + 1];
    int *older = rows[0], *old = rows[1], *now = rows[2];

    if (m > LETTERS_MAX || n > LETTERS_MAX) return FAR;
    for (int j = 0; j <= n; j++) old[j] = j;
    for (int i = 1; i <= m; i++) {
        int *spare = older;

        now[0] = i;
        for (int j = 1; j <= n; j++) {
            now[j] = least(old[j] + 1, now[j - 1] + 1, old[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                older[j - 2] + 1 < now[j])
                now[j] = older[j - 2] + 1;
        }
        older = old;
        old = now;
        now = spare;
    }
    return old[n];
}

static bool has(const struct suggestions *s, const char *name)
{
    for (int i = 0; i < s->count; i++)
        if (strcmp(s->name[i], name) == 0) return true;
    return false;
}

/* Keeps the nearest ones; of equals, those that came first. A NULL (no memory) is left out. */
static void insert(struct suggestions *s, const char *name, int distance)
{
    int at = s->count;

    if (name == NULL || has(s, name)) return;
    while (at > 0 && s->distance[at - 1] > distance) at--;
    if (at == SUGGESTIONS_MAX) return;
    if (s->count < SUGGESTIONS_MAX) s->count++;
    for (int i = s->count - 1; i > at; i--) {
        s->name[i] = s->name[i - 1];
        s->distance[i] = s->distance[i - 1];
    }
    s->name[at] = name;
    s->distance[at] = distance;
}

static bool near_enough(const char *wanted, int distance)
{
    return distance <= (int)(strnlen(wanted, LETTERS_MAX) + 2) / 3;
}

void suggest_near(struct suggestions *s, const char *wanted, const char *name)
{
    const int distance = suggest_distance(wanted, name);

    if (near_enough(wanted, distance)) insert(s, name, distance);
}

/* What toolkits and papers call an operation. */
static const struct {
    const char *other, *name;
} other_names[] = {
    {"miou", "segmentation"},
    {"iou", "segmentation"},
    {"mean_iou", "segmentation"},
    {"jaccard", "segmentation"},
    {"dice", "segmentation"},
    {"pixel_accuracy", "segmentation"},
    {"accuracy", "classification"},
    {"precision", "classification"},
    {"recall", "classification"},
    {"f1", "classification"},
    {"f1", "binary"},
    {"jaccard", "iou"},
    {"ce", "cross_entropy"},
    {"bce", "binary_cross_entropy"},
    {"bce_with_logits", "binary_cross_entropy_with_logits"},
    {"bcewithlogits", "binary_cross_entropy_with_logits"},
    {"confusion", "confusion_matrix"},
    {"l1", "mae"},
    {"l2", "mse"},
    {"kl", "kl_div"},
    {"lovasz", "lovasz_softmax"},
    {"swish", "silu"},
};

/* Names in lower case, without the `_loss` or `_score` that toolkits put behind some. */
static void plain_name(const char *name, char plain[FAR])
{
    static const char *const endings[] = {"_loss", "loss", "_score"};
    size_t size = strnlen(name, LETTERS_MAX);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t end = strlen(endings[i]);

        if (size > end && strncasecmp(name + size - end, endings[i], end) == 0) size -= end;
    }
    for (size_t i = 0; i < size; i++)
        plain[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + ('a' - 'A') : name[i]);
    plain[size] = '\0';
}

static bool is_other_name(const struct sc_op *op, const char *name)
{
    for (size_t i = 0; i < sizeof other_names / sizeof *other_names; i++)
        if (strcmp(other_names[i].other, name) == 0 &&
            strcmp(other_names[i].name, op->name) == 0)
            return true;
    return false;
}

/* How far an operation is: a wrong family counts less than any wrong letter of the name. */
static int operation_distance(const struct sc_op *op, const char *family, const char *wanted)
{
    char name[FAR];
    int distance;

    plain_name(wanted, name);
    if (is_other_name(op, name)) return strcmp(sc_family_name(op->family), family) != 0;
    distance = suggest_distance(name, op->name);
    /* two letters of a short name may be wrong, but not all of them */
    if (!near_enough(name, distance) && distance != 2) return FAR;
    if (distance >= (int)strlen(op->name)) return FAR;
    return 2 * distance + (strcmp(sc_family_name(op->family), family) != 0);
}

void suggest_operations(struct suggestions *s, const char *family, const char *name,
                        struct sc_arena *arena)
{
    for (int i = 0; i < sc_op_count; i++) {
        const int distance = operation_distance(&sc_ops[i], family, name);

        if (distance >= FAR) continue;
        insert(
            s,
            sc_arena_printf(arena, "%s/%s", sc_family_name(sc_ops[i].family), sc_ops[i].name),
            distance);
    }
}

void suggest_params(struct suggestions *s, const char *wanted, const struct sc_op *op)
{
    for (int i = 0; i < op->params; i++) suggest_near(s, wanted, op->param[i].name);
}

void suggest_paths(struct suggestions *s, const char *path, struct sc_arena *arena)
{
    for (int i = 0; i < route_count; i++)
        if (strchr(routes[i].path, '{') == NULL) suggest_near(s, path, routes[i].path);
    for (int i = 0; i < sc_op_count; i++) {
        char text[96];
        int distance;

        snprintf(text, sizeof text, "/v1/%s/%s", sc_family_name(sc_ops[i].family),
                 sc_ops[i].name);
        distance = suggest_distance(path, text);
        if (!near_enough(path, distance)) continue;
        insert(s, sc_arena_strndup(arena, text, strlen(text)), distance);
    }
}
