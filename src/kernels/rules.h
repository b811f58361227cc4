/* rules.h - conventions for classes that a mask has not: rows of rules.def, by name. */
#pragma once

#include "params.h"

/* Where a class is found. Sets of these are 1 << presence. */
enum sc_where { SC_BOTH_EMPTY, SC_PRED_ONLY, SC_TARGET_ONLY, SC_BOTH };

struct sc_ratio_rule {
    double value[SC_BOTH]; /* for classes that are not in both */
    unsigned mean;         /* set of the classes that a mean averages */
};

struct sc_rules {
    const char *name, *absent;
    struct sc_ratio_rule iou, dice, precision, recall;
    unsigned accuracy; /* set of the classes in mean_accuracy */
    struct {
        double without_negatives; /* of a class that every position has */
        unsigned mean; /* set of the classes that a mean averages, where it is a number */
    } specificity;
    double matthews[3]; /* where it is 0 / 0: with no errors, no hits, both */
};

extern const struct sc_rules sc_rule_rows[];
extern const int sc_rule_count;

/* The row of `compat`, or else of `absent`. Both given: SC_BAD_PARAM by sc_rules_check. */
const struct sc_rules *sc_rules(const struct sc_params *params);
enum sc_status sc_rules_check(const struct sc_params *params, struct sc_note *note);

static inline enum sc_where sc_where(int64_t support, int64_t predicted)
{
    if (support > 0) return predicted > 0 ? SC_BOTH : SC_TARGET_ONLY;
    return predicted > 0 ? SC_PRED_ONLY : SC_BOTH_EMPTY;
}

static inline bool sc_is_in(unsigned set, enum sc_where where)
{
    return set >> where & 1;
}

/* part / whole for a class in both masks, else what the rule says. */
static inline double sc_rule_ratio(const struct sc_ratio_rule *rule, enum sc_where where,
                                   double part, double whole)
{
    return where == SC_BOTH ? part / whole : rule->value[where];
}

/* Is it every class? */
bool sc_is_every(unsigned set);
/* A set in words: "classes with support > 0". */
const char *sc_set_text(unsigned set);
