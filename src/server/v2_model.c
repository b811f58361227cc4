/* v2_model.c - names, and the dtype of each input. */
#include "v2_model.h"

const struct v2_declared v2_declared[] = {
#define OUTPUT(family, op, name, dtype, rank, asks)                                            \
    {SC_##family, op, name, SC_##dtype, rank, asks},
#include "v2_outputs.def"
#undef OUTPUT
};

const int v2_declared_count = sizeof v2_declared / sizeof *v2_declared;

bool v2_declares(const struct v2_declared *output, const struct sc_op *op)
{
    return output->family == op->family &&
           (output->op[0] == '\0' || strcmp(output->op, op->name) == 0);
}

const char *v2_model_name(const struct sc_op *op, struct sc_arena *arena)
{
    return sc_arena_printf(arena, "%s.%s", sc_family_name(op->family), op->name);
}

static bool has_classes(const struct sc_op *op)
{
    const struct sc_param *classes = sc_param_find(op, "num_classes");

    return classes != NULL && classes->required;
}

/* Labels are integers, and so is a target that has not the shape of pred. */
enum sc_dtype v2_input_dtype(const struct sc_op *op, const struct sc_input *input)
{
    const bool floating = (input->dtypes & 1u << SC_FLOAT32) != 0;
    const bool target = strcmp(input->name, "target") == 0;

    if (!floating || has_classes(op)) return SC_INT64;
    return target && strcmp(input->shape, "that of pred") != 0 ? SC_INT64 : SC_FLOAT32;
}
