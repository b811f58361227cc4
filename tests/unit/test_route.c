/* test_route.c - paths find their rows, and near names are found for those that do not. */
#include <check.h>

#include "route.h"
#include "server.h"
#include "suggest.h"

struct route_case {
    enum http_method method;
    const char *path;
    const char *row; /* NULL: none with this method */
    const char *allow, *family, *name;
};

#define GETS  "GET, HEAD, OPTIONS"
#define POSTS "POST, OPTIONS"

static const struct route_case found[] = {
    {HTTP_GET, "/", "/", GETS, "", NULL},
    {HTTP_HEAD, "/healthz", "/healthz", GETS, "", NULL},
    {HTTP_GET, "/v1/operations", "/v1/operations", GETS, "", NULL},
    {HTTP_GET, "/v1/operations/losses/mse", "/v1/operations/{family}/{name}", GETS, "losses",
     "mse"},
    {HTTP_POST, "/v1/losses/mse", "/v1/losses/{name}", POSTS, "losses", "mse"},
    {HTTP_POST, "/v1/metrics/x.y", "/v1/metrics/{name}", POSTS, "metrics", "x.y"},
    {HTTP_POST, "/v1/score", "/v1/score", POSTS, "", NULL},
    {HTTP_POST, "/v1/merge/losses/mse", "/v1/merge/{family}/{name}", POSTS, "losses", "mse"},
    {HTTP_GET, "/v1/losses/mse", NULL, POSTS, "losses", "mse"},
    {HTTP_HEAD, "/v1/losses/mse", NULL, POSTS, "losses", "mse"},
    {HTTP_OTHER, "/v1/limits", NULL, GETS, "", NULL},
    {HTTP_GET, "/v2", "/v2", GETS, "", NULL},
    {HTTP_GET, "/v2/", "/v2/", GETS, "", NULL},
    {HTTP_GET, "/v2/models/stats", "/v2/models/stats", GETS, "", NULL},
    {HTTP_GET, "/v2/models/losses.mse", "/v2/models/{model}", GETS, "losses", "mse"},
    {HTTP_GET, "/v2/models/mse/ready", "/v2/models/{model}/ready", GETS, "", "mse"},
    {HTTP_POST, "/v2/models/losses.mse/versions/1/infer",
     "/v2/models/{model}/versions/{version}/infer", POSTS, "losses", "mse"},
    {HTTP_OPTIONS, "/v1/limits", NULL, GETS, "", NULL},
};

START_TEST(a_path_finds_its_row_and_its_methods)
{
    const struct route_case *c = &found[_i];
    const struct route_match m = route_find(c->method, c->path);

    ck_assert_uint_ne(m.methods, 0);
    ck_assert_str_eq(route_allow(m.methods), c->allow);
    ck_assert_pstr_eq(m.route ? m.route->path : NULL, c->row);
    if (c->name != NULL) ck_assert_str_eq(m.family, c->family);
    ck_assert_int_eq(m.names_operation, c->name != NULL);
    if (c->name != NULL) ck_assert_str_eq(m.name, c->name);
}
END_TEST

static const char *const strangers[] = {
    "",
    "//",
    "/healthz/",
    "/Healthz",
    "healthz",
    "/v1",
    "/v1/losses",
    "/v1/losses/",
    "/v1/losses/mse/",
    "/v1//mse",
    "/v1/losses//mse",
    "/v1/images/mse",
    "/v1/operations/",
    "/v1/operations/losses",
    "/v1/operations//mse",
    "/v1/score/losses",
    "/v1/merge/losses",
    "/v1/limits/x",
    "/v2/models",
    "/v2/models/",
    "/v2/models/losses.mse/versions/2",
    "/v2/models/losses.mse/versions/",
    "*",
};

START_TEST(a_strange_path_finds_nothing)
{
    const struct route_match m = route_find(HTTP_GET, strangers[_i]);

    ck_assert_uint_eq(m.methods, 0);
    ck_assert_ptr_null(m.route);
    ck_assert(!m.names_operation);
}
END_TEST

static const struct {
    enum http_method method;
    const char *path;
    enum route_use use;
} uses[] = {
    {HTTP_GET, "/healthz", USE_PROBE},
    {HTTP_HEAD, "/readyz", USE_PROBE},
    {HTTP_GET, "/v2/health/live", USE_PROBE},
    {HTTP_GET, "/v2/health/ready", USE_PROBE},
    {HTTP_GET, "/metrics", USE_METRICS},
    {HTTP_GET, "/v2/models/losses.mse/ready", USE_NORMAL},
    {HTTP_GET, "/v1/limits", USE_NORMAL},
    {HTTP_POST, "/v1/losses/mse", USE_NORMAL},
};

START_TEST(machines_ask_for_health_and_metrics)
{
    const struct route_match m = route_find(uses[_i].method, uses[_i].path);

    ck_assert_ptr_nonnull(m.route);
    ck_assert_int_eq(m.route->use, uses[_i].use);
}
END_TEST

START_TEST(a_long_family_is_cut)
{
    const struct route_match m = route_find(
        HTTP_GET, "/v1/operations/aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee/mse");

    ck_assert_str_eq(m.family, "aaaaaaaaaabbbbbbbbbbccccccccccd");
    ck_assert_str_eq(m.name, "mse");
}
END_TEST

START_TEST(distances_count_letters)
{
    ck_assert_int_eq(suggest_distance("mse", "mse"), 0);
    ck_assert_int_eq(suggest_distance("", "mse"), 3);
    ck_assert_int_eq(suggest_distance("mse", "mae"), 1);
    ck_assert_int_eq(suggest_distance("mes", "mse"), 1);
    ck_assert_int_eq(suggest_distance("cross-entropy", "cross_entropy"), 1);
    ck_assert_int_eq(suggest_distance("kitten", "sitting"), 3);
}
END_TEST

START_TEST(names_past_64_letters_are_far)
{
    char name[66];

    memset(name, 'a', sizeof name);
    name[64] = '\0';
    ck_assert_int_eq(suggest_distance(name, name), 0);
    name[64] = 'a';
    name[65] = '\0';
    ck_assert_int_gt(suggest_distance(name, name), 64);
}
END_TEST

START_TEST(the_nearest_names_come_first)
{
    struct suggestions s = {0};

    suggest_near(&s, "smoth", "smo");
    suggest_near(&s, "smoth", "smooth");
    suggest_near(&s, "smoth", "squared");
    suggest_near(&s, "smoth", "mooth");
    ck_assert_int_eq(s.count, 3);
    ck_assert_str_eq(s.name[0], "smooth");
    ck_assert_str_eq(s.name[1], "smo");
    ck_assert_str_eq(s.name[2], "mooth");
}
END_TEST

START_TEST(only_the_nearest_are_kept)
{
    static const char *const names[] = {"bcdefg", "abcdef", "cdefgh", "abefgh",
                                        "abcdgh", "acdefg", "abdefg", "abcefg"};
    struct suggestions s = {0};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        suggest_near(&s, "abcdefgh", names[i]);
    suggest_near(&s, "abcdefgh", "abcdefgh");
    ck_assert_int_eq(s.count, SUGGESTIONS_MAX);
    ck_assert_str_eq(s.name[0], "abcdefgh");
}
END_TEST

START_TEST(a_name_is_suggested_once)
{
    struct suggestions s = {0};

    for (int i = 0; i < 3; i++) suggest_near(&s, "smoth", "smooth");
    ck_assert_int_eq(s.count, 1);
}
END_TEST

START_TEST(the_right_name_in_another_family_comes_first)
{
    struct suggestions s = {0};
    struct sc_arena arena;

    sc_arena_init(&arena, 1 << 20, NULL);
    suggest_operations(&s, "metrics", "mse", &arena);
    ck_assert_int_ge(s.count, 1);
    ck_assert_str_eq(s.name[0], "losses/mse");
    sc_arena_done(&arena);
}
END_TEST

START_TEST(names_of_toolkits_are_known)
{
    static const struct {
        const char *family, *name, *ours;
    } cases[] = {
        {"losses", "bce", "losses/binary_cross_entropy"},
        {"losses", "DiceLoss", "losses/dice"},
        {"losses", "BCEWithLogitsLoss", "losses/binary_cross_entropy_with_logits"},
        {"losses", "jaccard", "losses/iou"},
        {"metrics", "jaccard", "metrics/segmentation"},
        {"metrics", "mIoU", "metrics/segmentation"},
        {"metrics", "f1_score", "metrics/classification"},
        {"", "accuracy", "metrics/classification"},
    };
    struct sc_arena arena;

    sc_arena_init(&arena, 1 << 20, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct suggestions s = {0};

        suggest_operations(&s, cases[i].family, cases[i].name, &arena);
        ck_assert_int_ge(s.count, 1);
        ck_assert_str_eq(s.name[0], cases[i].ours);
    }
    sc_arena_done(&arena);
}
END_TEST

START_TEST(no_name_is_too_long_or_empty)
{
    struct suggestions s = {0};
    struct sc_arena arena;
    char name[200];

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    sc_arena_init(&arena, 1 << 20, NULL);
    suggest_operations(&s, "losses", name, &arena);
    suggest_operations(&s, "losses", "", &arena);
    suggest_operations(&s, "losses", "_loss", &arena);
    ck_assert_int_eq(s.count, 0);
    sc_arena_done(&arena);
}
END_TEST

START_TEST(near_paths_are_found)
{
    struct suggestions s = {0};
    struct sc_arena arena;

    sc_arena_init(&arena, 1 << 20, NULL);
    suggest_paths(&s, "/v1/limits/", &arena);
    ck_assert_str_eq(s.name[0], "/v1/limits");
    s = (struct suggestions){0};
    suggest_paths(&s, "/v1/loss/mse", &arena);
    ck_assert_str_eq(s.name[0], "/v1/losses/mse");
    sc_arena_done(&arena);
}
END_TEST

Suite *suite_route(void);

Suite *suite_route(void)
{
    Suite *suite = suite_create("route");
    TCase *paths = tcase_create("paths"), *names = tcase_create("near names");

    tcase_add_loop_test(paths, a_path_finds_its_row_and_its_methods, 0,
                        sizeof found / sizeof *found);
    tcase_add_loop_test(paths, a_strange_path_finds_nothing, 0,
                        sizeof strangers / sizeof *strangers);
    tcase_add_loop_test(paths, machines_ask_for_health_and_metrics, 0,
                        sizeof uses / sizeof *uses);
    tcase_add_test(paths, a_long_family_is_cut);
    suite_add_tcase(suite, paths);
    tcase_add_test(names, distances_count_letters);
    tcase_add_test(names, names_past_64_letters_are_far);
    tcase_add_test(names, the_nearest_names_come_first);
    tcase_add_test(names, only_the_nearest_are_kept);
    tcase_add_test(names, a_name_is_suggested_once);
    tcase_add_test(names, the_right_name_in_another_family_comes_first);
    tcase_add_test(names, names_of_toolkits_are_known);
    tcase_add_test(names, no_name_is_too_long_or_empty);
    tcase_add_test(names, near_paths_are_found);
    suite_add_tcase(suite, names);
    return suite;
}
