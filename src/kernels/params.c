/* params.c - the parameters of an operation, by its row. */
#include "params.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct sc_param *sc_param_find(const struct sc_op *op, const char *name)
{
    const int at = sc_param_position(op, name);

    return at < 0 ? NULL : &op->param[at];
}

int sc_param_position(const struct sc_op *op, const char *name)
{
    for (int i = 0; i < op->params; i++)
        if (strcmp(op->param[i].name, name) == 0) return i;
    return -1;
}

/* ---- bounds ---- */

/* As far as integers of JSON are exact is better known as 2^53. */
static const char *bound_text(char text[SC_NUMBER_TEXT], double bound)
{
    if (fabs(bound) != INT_EDGE) return sc_number_text(text, bound);
    return bound < 0 ? "-2^53" : "2^53";
}

const char *sc_param_bounds(const struct sc_param *p, char text[SC_BOUNDS_TEXT])
{
    const char *above = p->open & SC_OPEN_MIN ? "above" : "at least";
    const char *below = p->open & SC_OPEN_MAX ? "below" : "at most";
    const char *zero = p->open & SC_NOT_ZERO ? ", but not 0" : "";
    char low[SC_NUMBER_TEXT], high[SC_NUMBER_TEXT];
    const char *min = bound_text(low, p->min), *max = bound_text(high, p->max);

    if (isinf(p->min) && isinf(p->max))
        snprintf(text, SC_BOUNDS_TEXT, "finite%s", zero);
    else if (isinf(p->max))
        snprintf(text, SC_BOUNDS_TEXT, "%s %s and finite%s", above, min, zero);
    else if (p->open & (SC_OPEN_MIN | SC_OPEN_MAX))
        snprintf(text, SC_BOUNDS_TEXT, "%s %s and %s %s%s", above, min, below, max, zero);
    else
        snprintf(text, SC_BOUNDS_TEXT, "from %s to %s%s", min, max, zero);
    return text;
}

int sc_param_most(const struct sc_param *p)
{
    if (p->type == SC_PARAM_INT_LIST) return SC_LIST_MAX;
    return p->type == SC_PARAM_INT_MAP ? SC_MAP_MAX : 0;
}

/* ---- names ---- */

static enum sc_status unknown(const struct sc_op *op, const char *name, struct sc_note *note)
{
    char known[200] = "";

    for (int i = 0; i < op->params; i++)
        sc_list_add(known, sizeof known, "%s", op->param[i].name);
    return sc_fail_param(note, SC_BAD_PARAM, name,
                         "%s/%s has no parameter '%.48s'; it takes %s",
                         sc_family_name(op->family), op->name, name, known);
}

static enum sc_status read_preset(const struct sc_param *p, bool complete,
                                  struct sc_arena *arena, struct sc_param_value *v,
                                  struct sc_note *note)
{
    const char *text[1] = {p->preset};
    const struct sc_arg arg = {.name = p->name, .count = 1, .text = text};

    if (p->preset != NULL) return sc_param_read(p, &arg, arena, v, note);
    if (!p->required || !complete) return SC_OK;
    return sc_fail_param(note, SC_BAD_PARAM, p->name, "parameter '%s' is required: %s%s%s",
                         p->name, p->summary, p->values ? "; it takes " : "",
                         p->values ? p->values : "");
}

static bool same_value(const struct sc_param *p, const struct sc_param_value *a,
                       const struct sc_param_value *b)
{
    if (a->integer != b->integer || a->real != b->real || a->count != b->count) return false;
    for (int i = 0; i < a->count; i++) {
        if (a->integers != NULL && a->integers[i] != b->integers[i]) return false;
        if (a->keys != NULL && a->keys[i] != b->keys[i]) return false;
        if (a->reals != NULL && a->reals[i] != b->reals[i]) return false;
        if (p->type == SC_PARAM_TEXT_LIST && strcmp(a->words[i], b->words[i]) != 0)
            return false;
    }
    return true;
}

/* A value that was given; the same may have been given before, elsewhere. */
static enum sc_status read_given(const struct sc_param *p, const struct sc_arg *arg,
                                 struct sc_arena *arena, struct sc_param_value *v,
                                 struct sc_note *note)
{
    struct sc_param_value again = {.set = false};

    if (!v->set) {
        v->given = true;
        return sc_param_read(p, arg, arena, v, note);
    }
    SC_TRY(sc_param_read(p, arg, arena, &again, note));
    if (same_value(p, v, &again)) return SC_OK;
    return sc_fail_param(note, SC_BAD_PARAM, p->name,
                         "parameter '%s' is given twice with different values", p->name);
}

/* ---- all of them ---- */

#define REASONS_MAX 8

/* What is wrong: the first is the failure, the others stand behind its note. */
struct reasons {
    enum sc_status status;
    struct sc_note *last;
    int count;
};

static void add_reason(struct reasons *r, enum sc_status status, const struct sc_note *why,
                       struct sc_arena *arena, struct sc_note *note)
{
    struct sc_note *place = note;

    if (status == SC_OK || r->count == REASONS_MAX) return;
    if (r->count++ == 0) r->status = status;
    if (note == NULL) return;
    if (r->last != NULL) place = r->last->more = sc_arena_alloc(arena, sizeof *place);
    if (place == NULL) return; /* no memory for another reason */
    *place = *why;
    r->last = place;
}

enum sc_status sc_params_read(const struct sc_op *op, const struct sc_args *args, bool complete,
                              struct sc_arena *arena, struct sc_params *out,
                              struct sc_note *note)
{
    struct reasons reasons = {.status = SC_OK};
    struct sc_note why;

    *out = (struct sc_params){.op = op};
    for (size_t i = 0; args != NULL && i < args->count; i++) {
        const struct sc_arg *arg = &args->item[i];
        const int at = sc_param_position(op, arg->name);

        add_reason(&reasons,
                   at < 0 ? unknown(op, arg->name, &why)
                          : read_given(&op->param[at], arg, arena, &out->value[at], &why),
                   &why, arena, note);
    }
    for (int i = 0; i < op->params; i++)
        if (!out->value[i].set)
            add_reason(&reasons,
                       read_preset(&op->param[i], complete, arena, &out->value[i], &why), &why,
                       arena, note);
    return reasons.status;
}

enum sc_status sc_check_args(const struct sc_op *op, const struct sc_args *args,
                             struct sc_arena *arena, struct sc_note *note)
{
    struct sc_params params;

    return sc_params_read(op, args, false, arena, &params, note);
}

const struct sc_param_value *sc_param(const struct sc_params *params, const char *name)
{
    static const struct sc_param_value unset;
    const int at = sc_param_position(params->op, name);

    return at < 0 ? &unset : &params->value[at];
}

const char *sc_param_word(const struct sc_params *params, const char *name,
                          struct sc_arena *arena)
{
    const int at = sc_param_position(params->op, name);
    const char *words = params->op->param[at].values;

    for (int i = params->value[at].choice; i > 0; i--) words += strcspn(words, "|") + 1;
    return sc_arena_strndup(arena, words, strcspn(words, "|"));
}
