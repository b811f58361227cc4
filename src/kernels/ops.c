/* ops.c - the catalogue: rows of ops.def and profiles.def as data. */
#include "op.h"

#include <string.h>

#define BIT(id) (1u << (id))
#define FLOATS  (BIT(SC_FLOAT16) | BIT(SC_BFLOAT16) | BIT(SC_FLOAT32) | BIT(SC_FLOAT64))
#define INTEGERS                                                                               \
    (BIT(SC_UINT8) | BIT(SC_UINT16) | BIT(SC_UINT32) | BIT(SC_UINT64) | BIT(SC_INT8) |         \
     BIT(SC_INT16) | BIT(SC_INT32) | BIT(SC_INT64))
#define LABELS            (INTEGERS | BIT(SC_BOOL))
#define NUMBERS           (LABELS | FLOATS)
#define REQUIRED          BIT(0)
#define OPTIONAL          0
#define REPEATED          BIT(1)
#define GRADIENT          BIT(2)
#define VALUE_ANY         "", SC_ANY
#define VALUE_PROBABILITY "0 to 1", SC_PROBABILITY
#define VALUE_SIGN        "-1 or 1", SC_SIGN
#define VALUE_BINARY      "0 or 1", SC_BINARY
#define VALUE_NONNEGATIVE "0 or more", SC_NONNEGATIVE
#define INPUT(...)        INPUT_OF(__VA_ARGS__)
#define INPUT_OF(name_, dtypes_, shape_, flags, values_, domain_, summary_)                    \
    {                                                                                          \
        .name = name_, .dtypes = dtypes_, .shape = shape_, .required = (flags)&REQUIRED,       \
        .repeated = ((flags)&REPEATED) != 0, .differentiable = ((flags)&GRADIENT) != 0,        \
        .values = values_, .domain = domain_, .summary = summary_                              \
    }

#define PROFILE(name, ...) static const struct sc_input inputs_##name[] = {__VA_ARGS__};
#include "profiles.def"
#undef PROFILE

#define SC_OP(family, name, profile, merge, summary, formula, source, notes, ...)              \
    static const struct sc_param params_##family##_##name[] = {__VA_ARGS__};
#include "ops.def"
#undef SC_OP

#define MERGEABLE          true
#define ONE_SHOT           false
#define FAMILY_activations SC_ACTIVATIONS
#define FAMILY_losses      SC_LOSSES
#define FAMILY_metrics     SC_METRICS
#define COUNT(array)       ((int)(sizeof(array) / sizeof(array)[0]))

const struct sc_op sc_ops[] = {
#define SC_OP(family_, name_, profile_, merge_, summary_, formula_, source_, notes_, ...)      \
    {.family = FAMILY_##family_,                                                               \
     .name = #name_,                                                                           \
     .summary = summary_,                                                                      \
     .formula = formula_,                                                                      \
     .source = source_,                                                                        \
     .notes = notes_,                                                                          \
     .input = inputs_##profile_,                                                               \
     .inputs = COUNT(inputs_##profile_),                                                       \
     .param = params_##family_##_##name_,                                                      \
     .params = COUNT(params_##family_##_##name_),                                              \
     .mergeable = merge_,                                                                      \
     .id = SC_OP_##family_##_##name_,                                                          \
     .profile = SC_PROFILE_##profile_},
#include "ops.def"
#undef SC_OP
};

const int sc_op_count = COUNT(sc_ops);

#define PROFILE(name, ...)                                                                     \
    _Static_assert(COUNT(inputs_##name) <= SC_INPUTS_MAX, "inputs fit a call");
#include "profiles.def"
#undef PROFILE
#define SC_OP(family, name, ...)                                                               \
    _Static_assert(COUNT(params_##family##_##name) <= SC_PARAMS_MAX, "parameters fit");
#include "ops.def"
#undef SC_OP

static const char *const families[] = {
    [SC_ACTIVATIONS] = "activations", [SC_LOSSES] = "losses", [SC_METRICS] = "metrics"};

const char *sc_family_name(enum sc_family family)
{
    return (unsigned)family < SC_FAMILY_COUNT ? families[family] : "unknown";
}

const struct sc_op *sc_op_find(const char *family, const char *name)
{
    for (int i = 0; i < sc_op_count; i++)
        if (strcmp(sc_ops[i].name, name) == 0 &&
            strcmp(families[sc_ops[i].family], family) == 0)
            return &sc_ops[i];
    return NULL;
}
