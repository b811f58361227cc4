/* saved.c - parameters as bytes in a saved state: for each that is set, its name, the number of
 * its texts, and the texts, each after its length. */
#include <stdio.h>
#include <string.h>

#include "eval.h"
#include "params.h"
#include "reader.h"

/* The element of a list as text, the same for equal values. */
static const char *element(const struct sc_param *p, const struct sc_param_value *v, int i,
                           char text[48])
{
    if (p->type == SC_PARAM_TEXT_LIST) return v->words[i];
    if (p->type == SC_PARAM_REAL_LIST)
        snprintf(text, 48, "%.17g", v->reals[i] + 0.0);
    else if (p->type == SC_PARAM_INT_LIST)
        snprintf(text, 48, "%lld", (long long)v->integers[i]);
    else
        snprintf(text, 48, "%lld:%lld", (long long)v->keys[i], (long long)v->integers[i]);
    return text;
}

static void write_words(struct sc_writer *w, const struct sc_param *p,
                        const struct sc_param_value *v)
{
    sc_write_le32(w, (uint32_t)v->count);
    for (int i = 0; i < v->count; i++) {
        char number[48];
        const char *text = element(p, v, i, number);

        sc_write_sized(w, text, strlen(text));
    }
}

static void write_scalar(struct sc_writer *w, const struct sc_params *params, int i,
                         struct sc_arena *arena)
{
    const struct sc_param *p = &params->op->param[i];
    const struct sc_param_value *v = &params->value[i];
    char number[40];
    const char *text = number;

    if (p->type == SC_PARAM_INT) snprintf(number, sizeof number, "%lld", (long long)v->integer);
    if (p->type == SC_PARAM_REAL)
        snprintf(number, sizeof number, "%.17g", v->real + 0.0); /* one zero */
    if (p->type == SC_PARAM_BOOL) text = v->boolean ? "true" : "false";
    if (p->type == SC_PARAM_ENUM) text = sc_param_word(params, p->name, arena);
    if (text == NULL)
        w->failed = true;
    else {
        sc_write_le32(w, 1);
        sc_write_sized(w, text, strlen(text));
    }
}

struct sc_bytes sc_params_save(const struct sc_params *params, struct sc_arena *arena)
{
    struct sc_writer w;

    sc_writer_init(&w, arena);
    sc_writer_reserve(&w, 1);
    for (int i = 0; i < params->op->params; i++) {
        const struct sc_param *p = &params->op->param[i];

        if (!params->value[i].set || strcmp(p->name, "grad") == 0)
            continue; /* no state has it */
        sc_write_sized(&w, p->name, strlen(p->name));
        if (sc_param_is_list(p))
            write_words(&w, p, &params->value[i]);
        else
            write_scalar(&w, params, i, arena);
    }
    return w.failed ? sc_bytes(NULL, 0) : sc_bytes(w.data, w.size);
}

/* A value for a sentence: its words, with commas between. NULL: no memory. */
static const char *value_text(const struct sc_params *params, int i, struct sc_arena *arena)
{
    const struct sc_param *p = &params->op->param[i];
    const struct sc_param_value *v = &params->value[i];
    char number[SC_NUMBER_TEXT];
    struct sc_writer w;

    if (!v->set) return "not set";
    if (p->type == SC_PARAM_ENUM) return sc_param_word(params, p->name, arena);
    if (p->type == SC_PARAM_BOOL) return v->boolean ? "true" : "false";
    if (!sc_param_is_list(p))
        return sc_arena_printf(arena, "%s", sc_number_text(number, v->real));
    sc_writer_init(&w, arena);
    for (int k = 0; k < v->count; k++) {
        char one[48];
        const char *text = element(p, v, k, one);

        if (k > 0) sc_write_byte(&w, ',');
        sc_write(&w, text, strlen(text));
    }
    sc_write_byte(&w, '\0');
    return w.failed ? NULL : (const char *)w.data;
}

enum sc_status sc_other_params(const struct sc_params *now, const struct sc_params *before,
                               struct sc_arena *arena, struct sc_note *note)
{
    for (int i = 0; i < now->op->params; i++) {
        const char *is = value_text(now, i, arena), *was = value_text(before, i, arena);

        if (is == NULL || was == NULL) break;
        if (strcmp(is, was) == 0 || strcmp(now->op->param[i].name, "grad") == 0) continue;
        return sc_fail(note, SC_BAD_STATE, NULL,
                       "the states have different parameters: %s is %.32s and was %.32s",
                       now->op->param[i].name, is, was);
    }
    return sc_fail(note, SC_BAD_STATE, NULL, "the states have different parameters");
}

static const char *read_name(struct sc_reader *r, struct sc_arena *arena)
{
    const struct sc_bytes text = sc_read_sized(r);

    return sc_arena_strndup(arena, (const char *)text.data, text.size);
}

static enum sc_arg_kind kind_of(const struct sc_param *p)
{
    if (p->type == SC_PARAM_TEXT_LIST) return SC_ARG_STRING;
    if (p->type == SC_PARAM_INT_MAP) return SC_ARG_PAIR;
    return sc_param_is_list(p) ? SC_ARG_NUMBER : SC_ARG_RAW;
}

static enum sc_status damaged(struct sc_note *note)
{
    return sc_fail(note, SC_BAD_STATE, NULL, "the state's parameters are damaged");
}

/* One that the row has not: a program of another version may have it. */
static enum sc_status other_version(const struct sc_op *op, const char *name,
                                    struct sc_note *note)
{
    return sc_fail(note, SC_BAD_STATE, NULL,
                   "the state has a parameter '%.32s', which %s/%s of this program has not: "
                   "merge it with a program of its version",
                   name, sc_family_name(op->family), op->name);
}

static enum sc_status no_memory(struct sc_note *note)
{
    return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for a state's parameters");
}

static enum sc_status read_texts(struct sc_reader *r, size_t count, struct sc_arena *arena,
                                 const char **text, struct sc_note *note)
{
    if (text == NULL) return no_memory(note);
    for (size_t i = 0; i < count; i++) {
        text[i] = read_name(r, arena);
        if (text[i] == NULL) return no_memory(note);
        if (r->bad) return damaged(note);
    }
    return SC_OK;
}

/* The next parameter, which comes later in the row than the `last`: so each comes once. */
static enum sc_status read_arg(struct sc_reader *r, const struct sc_op *op, int *last,
                               struct sc_arena *arena, struct sc_args *args,
                               struct sc_note *note)
{
    struct sc_arg arg = {.name = read_name(r, arena), .source = "state"};
    const char **text;
    int at;

    if (arg.name == NULL) return no_memory(note);
    if (r->bad) return damaged(note);
    at = sc_param_position(op, arg.name);
    if (at < 0) return other_version(op, arg.name, note);
    arg.count = sc_read_le32(r);
    if (r->bad || at <= *last || arg.count > r->size - r->at) return damaged(note);
    *last = at;
    arg.kind = kind_of(&op->param[at]);
    arg.is_list = arg.kind != SC_ARG_RAW;
    if (!arg.is_list && arg.count != 1) return damaged(note);
    text = sc_arena_calloc(arena, arg.count, sizeof *text);
    SC_TRY(read_texts(r, arg.count, arena, text, note));
    arg.text = text;
    return sc_args_add(args, &arg, arena, note);
}

/* Those that this program has, with values that it does not take. */
static enum sc_status other_values(struct sc_note *note)
{
    char why[120] = "";

    if (note != NULL) snprintf(why, sizeof why, ": %.100s", note->detail);
    return sc_fail(note, SC_BAD_STATE, NULL,
                   "the state's parameters are not those of this program%s", why);
}

enum sc_status sc_params_load(const struct sc_op *op, struct sc_bytes saved,
                              struct sc_arena *arena, struct sc_params *out,
                              struct sc_note *note)
{
    struct sc_reader r = {.data = saved.data, .size = saved.size};
    struct sc_args args = {.count = 0};
    enum sc_status status;
    int last = -1;

    while (r.at < r.size) SC_TRY(read_arg(&r, op, &last, arena, &args, note));
    status = sc_params_read(op, &args, true, arena, out, note);
    if (status != SC_OK) return status == SC_NO_MEMORY ? status : other_values(note);
    for (int i = 0; i < op->params; i++) out->value[i].given = false; /* or by default: alike */
    return SC_OK;
}
