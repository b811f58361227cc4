/* rules.c - the rows of rules.def. */
#include "rules.h"

#include <math.h>

#define EMPTY     (1u << SC_BOTH_EMPTY)
#define PREDICTED (1u << SC_BOTH | 1u << SC_PRED_ONLY)
#define SUPPORT   (1u << SC_BOTH | 1u << SC_TARGET_ONLY)
#define UNION     (PREDICTED | SUPPORT)
#define ALL       (UNION | EMPTY)

#define RATIO(both_empty, pred_only, target_only, mean)                                        \
    {                                                                                          \
        {both_empty, pred_only, target_only}, mean                                             \
    }
#define SPECIFICITY(without_negatives, mean)                                                   \
    {                                                                                          \
        without_negatives, mean                                                                \
    }
#define ANY_SPECIFICITY SPECIFICITY(SC_NONE, ALL)
#define MATTHEWS(no_errors, no_hits, other)                                                    \
    {                                                                                          \
        no_errors, no_hits, other                                                              \
    }
#define NO_MATTHEWS MATTHEWS(SC_NONE, SC_NONE, SC_NONE)
#define RULES(name, absent, iou, dice, precision, recall, accuracy, specificity, matthews)     \
    {#name, absent, iou, dice, precision, recall, accuracy, specificity, matthews},

const struct sc_rules sc_rule_rows[] = {
#include "rules.def"
};

const int sc_rule_count = sizeof sc_rule_rows / sizeof *sc_rule_rows;

#define ABSENT_WORDS 5 /* rows before those of compat */

const struct sc_rules *sc_rules(const struct sc_params *params)
{
    const struct sc_param_value *compat = sc_param(params, "compat");

    return &sc_rule_rows[compat->set ? ABSENT_WORDS + compat->choice
                                     : sc_param(params, "absent")->choice];
}

enum sc_status sc_rules_check(const struct sc_params *params, struct sc_note *note)
{
    if (!sc_param(params, "absent")->given || !sc_param(params, "compat")->set) return SC_OK;
    return sc_fail(note, SC_BAD_PARAM, "#/params/absent",
                   "absent and compat are both given; compat sets absent too, so give one");
}

bool sc_is_every(unsigned set)
{
    return set == ALL;
}

const char *sc_set_text(unsigned set)
{
    switch (set) {
    case ALL:
        return "all classes";
    case UNION:
        return "classes with TP + FP + FN > 0";
    case SUPPORT:
        return "classes with support > 0";
    case SUPPORT | EMPTY:
        return "classes with support > 0, and those in neither";
    case PREDICTED:
        return "classes with predicted > 0";
    default:
        return "classes with predicted > 0, and those in neither";
    }
}
