/* test_region_gradients.c - gradients of region losses against central differences. */
#include "region_calls.h"

#define STEP 1e-6

/* What the gradient is of: the value, or the sum of what is not reduced. */
static double objective(const char *op)
{
    const struct sc_value *loss;
    double sum = 0;

    ck_assert_msg(run(op) == SC_OK, "%s: %s", op, note.detail);
    loss = sc_report_find(&report, "loss");
    if (loss == NULL) return value("value");
    for (int64_t i = 0; i < loss->as.tensor.count; i++) sum += data("loss")[i];
    return sum;
}

static void check_gradient(const char *op, const char *query)
{
    double *x = in.item[0].tensor.data;
    const int64_t count = in.item[0].tensor.count;
    const double *grad;

    args.count = 0;
    ask(query);
    ask("grad=true");
    objective(op);
    grad = data("grad.pred");
    for (int64_t i = 0; i < count; i++) {
        const double old = x[i];
        double up, down;

        x[i] = old + STEP;
        up = objective(op);
        x[i] = old - STEP;
        down = objective(op);
        x[i] = old;
        ck_assert_msg(fabs((up - down) / (2 * STEP) - grad[i]) < 1e-7 * (1 + fabs(grad[i])),
                      "%s?%s: slope %.10g at %d, gradient %.10g", op, query,
                      (up - down) / (2 * STEP), (int)i, grad[i]);
    }
}

static const char *const region_ways[] = {"reduction=mean",
                                          "reduction=sum&squared=true",
                                          "reduction=none&include_background=false",
                                          "per_sample=true&smooth=0.5",
                                          "per_sample=true&reduction=none&squared=true",
                                          "smooth=0",
                                          "smooth=0&include_background=false&reduction=sum"};

static void check_regions(const char *kind)
{
    for (size_t i = 0; i < COUNT(region_ops); i++)
        for (size_t j = 0; j < COUNT(region_ways); j++)
            check_gradient(region_ops[i],
                           sc_arena_printf(&arena, "input_kind=%s&%s", kind, region_ways[j]));
}

START_TEST(gradients_of_probabilities_are_slopes)
{
    put_probs();
    put_labels();
    REALS("weight", DIM(3), 1, 0.5, 4);
    check_regions("probs");
    check_gradient("tversky", "input_kind=probs&alpha=0.3&beta=0.9");
    check_gradient("focal_tversky", "input_kind=probs&alpha=0.3&beta=0.9&gamma=0.5");
    check_gradient("generalized_dice", "input_kind=probs&weighting=simple");
    check_gradient("generalized_dice", "input_kind=probs&weighting=uniform&per_sample=true");
}
END_TEST

START_TEST(gradients_of_logits_are_slopes)
{
    put_logits();
    put_labels();
    REALS("weight", DIM(3), 1, 0.5, 4);
    check_regions("logits");
    for (size_t j = 0; j < COUNT(region_ways); j++) {
        if (strstr(region_ways[j], "none") != NULL) continue;
        check_gradient("dice_cross_entropy", region_ways[j]);
        check_gradient("dice_focal", region_ways[j]);
    }
    check_gradient("dice_cross_entropy", "lambda_dice=3&lambda_ce=0.5&label_smoothing=0.25");
    check_gradient("dice_focal", "lambda_focal=0&per_sample=true");
    check_gradient("dice_focal", "lambda_dice=0&gamma=0.5&alpha=1,2,0.5");
}
END_TEST

START_TEST(gradients_of_planes_are_slopes)
{
    put_logits();
    REALS("target", DIM(2, 3, 4), .9, 0, 1, .3, .5, .1, .6, .2, 0, 0, 1, .4, .1, .7, .2, .8, .3,
          .1, 0, 1, .8, .2, .9, .4);
    check_regions("logits&multilabel=true");
    check_gradient("dice_cross_entropy", "per_sample=true");
}
END_TEST

START_TEST(gradients_of_sums_are_slopes)
{
    put_probs();
    REALS("target", DIM(2, 3, 4), 1, 0, 1, 0, .5, .1, .6, 0, 0, 0, 1, .4, 0, 1, .2, .8, 0, 0, 0,
          1, 1, 0, .9, .4);
    for (const char *const *r = (const char *const[]){"mean", "sum", "none", NULL}; *r; r++) {
        const char *query = sc_arena_printf(&arena, "reduction=%s", *r);

        check_gradient("two_class_dice", query);
        check_gradient("sensitivity_specificity", query);
    }
    check_gradient("two_class_dice", "eps=1");
    check_gradient("sensitivity_specificity", "lambda=0.7&eps=0.5");
}
END_TEST

START_TEST(gradients_of_lovasz_are_slopes)
{
    put_probs();
    put_labels();
    check_gradient("lovasz_softmax", "classes=all");
    check_gradient("lovasz_softmax", "per_sample=true&reduction=sum");
    in.count = 0;
    put_logits();
    put_labels();
    check_gradient("lovasz_softmax", "input_kind=logits&reduction=none&per_sample=true");
    in.count = 0;
    put_logits();
    LABELS("target", DIM(2, 3, 4), 0, 1, 1, 0, 0, 0, 1, 1, -100, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
           0, 0, 0, 0, 0);
    check_gradient("lovasz_hinge", "per_sample=true");
    check_gradient("lovasz_hinge", "per_sample=false&reduction=none");
}
END_TEST

Suite *suite_region_gradients(void);

Suite *suite_region_gradients(void)
{
    Suite *s = suite_create("region_gradients");
    TCase *t = tcase_create("region_gradients");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, gradients_of_probabilities_are_slopes);
    tcase_add_test(t, gradients_of_logits_are_slopes);
    tcase_add_test(t, gradients_of_planes_are_slopes);
    tcase_add_test(t, gradients_of_sums_are_slopes);
    tcase_add_test(t, gradients_of_lovasz_are_slopes);
    suite_add_tcase(s, t);
    return s;
}
