/* params_read.c - the texts of one parameter to its value, by type and bounds. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "params.h"

/* What a parameter takes, in words. */
static const char *taken(const struct sc_param *p)
{
    static const char *const words[] = {
#define TAKES(id, name, takes, prose) takes,
        SC_PARAM_TYPE_MAP(TAKES)
#undef TAKES
    };

    return p->type == SC_PARAM_ENUM ? p->values : words[p->type];
}

static enum sc_status mistyped(const struct sc_param *p, const char *text, struct sc_note *note)
{
    return sc_fail_param(note, SC_BAD_PARAM, p->name, "parameter '%s' is '%.40s'; it takes %s",
                         p->name, text, taken(p));
}

static const char *const kind_names[] = {[SC_ARG_RAW] = "text",
                                         [SC_ARG_STRING] = "string",
                                         [SC_ARG_NUMBER] = "number",
                                         [SC_ARG_BOOL] = "boolean",
                                         [SC_ARG_PAIR] = "object of integers"};

/* A value of JSON that is of another kind, whatever its text. */
static enum sc_status other_kind(const struct sc_param *p, const struct sc_arg *arg,
                                 struct sc_note *note)
{
    const char *text = arg->count > 0 ? arg->text[0] : "", *kind = kind_names[arg->kind];
    const char *takes = taken(p);
    const bool quoted = arg->kind == SC_ARG_STRING && p->type != SC_PARAM_ENUM;

    if (arg->kind == SC_ARG_PAIR)
        return sc_fail_param(note, SC_BAD_PARAM, p->name,
                             "parameter '%s' is an %s; it takes %s", p->name, kind, takes);
    if (arg->is_list)
        return sc_fail_param(note, SC_BAD_PARAM, p->name,
                             "parameter '%s' is a list of %ss; it takes %s", p->name, kind,
                             takes);
    return sc_fail_param(note, SC_BAD_PARAM, p->name,
                         "parameter '%s' is the %s '%.40s'; it takes %s%s", p->name, kind, text,
                         takes, quoted ? ", without quotes" : "");
}

static enum sc_status out_of_bounds(const struct sc_param *p, const char *text,
                                    struct sc_note *note)
{
    char bounds[SC_BOUNDS_TEXT];

    return sc_fail_param(note, SC_OUT_OF_BOUNDS, p->name,
                         "parameter '%s' is %.40s; it must be %s", p->name, text,
                         sc_param_bounds(p, bounds));
}

/* Decimal numbers only, past what a double holds infinite: strtod would take "inf", "nan",
 * hexadecimal and leading space too. */
static bool read_number(const char *text, double *out)
{
    char *end;

    if (text[strspn(text, "0123456789+-.eE")] != '\0' || *text == '\0') return false;
    *out = strtod(text, &end);
    return *end == '\0';
}

/* Past what an int64_t holds the nearest one, with ERANGE in errno. */
static bool read_integer(const char *text, int64_t *out)
{
    char *end;

    if (text[strspn(text, "0123456789-")] != '\0' || *text == '\0') return false;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return *end == '\0';
}

static bool in_bounds(const struct sc_param *p, double value)
{
    if (p->open & SC_NOT_ZERO && value == 0) return false;
    return isfinite(value) && (p->open & SC_OPEN_MIN ? value > p->min : value >= p->min) &&
           (p->open & SC_OPEN_MAX ? value < p->max : value <= p->max);
}

static enum sc_status read_real(const struct sc_param *p, const char *text,
                                struct sc_param_value *v, struct sc_note *note)
{
    if (!read_number(text, &v->real)) return mistyped(p, text, note);
    return in_bounds(p, v->real) ? SC_OK : out_of_bounds(p, text, note);
}

static enum sc_status read_int(const struct sc_param *p, const char *text, int64_t *out,
                               struct sc_note *note)
{
    if (!read_integer(text, out)) return mistyped(p, text, note);
    /* as integers: 2^53 + 1 is no double; of integers the bounds are integers */
    return *out >= (int64_t)p->min && *out <= (int64_t)p->max ? SC_OK
                                                              : out_of_bounds(p, text, note);
}

static enum sc_status read_bool(const struct sc_param *p, const char *text,
                                struct sc_param_value *v, struct sc_note *note)
{
    v->boolean = strcmp(text, "true") == 0;
    v->real = v->boolean;
    if (!v->boolean && strcmp(text, "false") != 0) return mistyped(p, text, note);
    return SC_OK;
}

/* The index of a word among words separated by '|'; -1 when it is none of them. */
static int word_index(const char *words, const char *word)
{
    const size_t size = strlen(word);

    for (int i = 0; *words != '\0'; i++) {
        const size_t length = strcspn(words, "|");

        if (length == size && memcmp(words, word, size) == 0) return i;
        words += length + (words[length] == '|');
    }
    return -1;
}

static enum sc_status read_enum(const struct sc_param *p, const char *text,
                                struct sc_param_value *v, struct sc_note *note)
{
    v->choice = word_index(p->values, text);
    v->real = v->choice;
    return v->choice < 0 ? mistyped(p, text, note) : SC_OK;
}

/* The elements of a list: those of a JSON array, or a query's text cut at commas. */
static const char *const *elements(const struct sc_arg *arg, struct sc_arena *arena, int *count)
{
    const char **list;
    char *text;

    *count = (int)arg->count;
    if (arg->is_list || arg->kind != SC_ARG_RAW) return arg->text;
    *count = 1;
    for (const char *c = arg->text[0]; *c != '\0'; c++) *count += *c == ',';
    list = sc_arena_calloc(arena, (size_t)*count, sizeof *list);
    text = sc_arena_strndup(arena, arg->text[0], strlen(arg->text[0]));
    if (list == NULL || text == NULL) return NULL;
    for (int i = 0; i < *count; i++) {
        list[i] = text;
        text += strcspn(text, ",");
        *text++ = '\0';
    }
    return list;
}

static enum sc_status no_memory(const struct sc_param *p, struct sc_note *note)
{
    return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for parameter '%s'", p->name);
}

static enum sc_status read_integers(const struct sc_param *p, struct sc_arena *arena,
                                    struct sc_param_value *v, struct sc_note *note)
{
    int64_t *integers = sc_arena_calloc(arena, (size_t)v->count + 1, sizeof *integers);

    if (integers == NULL) return no_memory(p, note);
    for (int i = 0; i < v->count; i++) SC_TRY(read_int(p, v->words[i], &integers[i], note));
    v->integers = integers;
    return SC_OK;
}

static enum sc_status read_reals(const struct sc_param *p, struct sc_arena *arena,
                                 struct sc_param_value *v, struct sc_note *note)
{
    double *reals = sc_arena_calloc(arena, (size_t)v->count + 1, sizeof *reals);
    struct sc_param_value one = {.set = false};

    if (reals == NULL) return no_memory(p, note);
    for (int i = 0; i < v->count; i++) {
        SC_TRY(read_real(p, v->words[i], &one, note));
        reals[i] = one.real;
    }
    v->reals = reals;
    return SC_OK;
}

/* "7:0", or "0" for the key that is its place in the list. */
static enum sc_status read_pair(const struct sc_param *p, const char *text, int place,
                                int64_t *key, int64_t *value, struct sc_note *note)
{
    const char *colon = strchr(text, ':');
    char old[32];

    *key = place;
    if (colon == NULL) return read_int(p, text, value, note);
    snprintf(old, sizeof old, "%.*s", (int)(colon - text < 31 ? colon - text : 31), text);
    if (!read_integer(old, key) || errno == ERANGE) return mistyped(p, text, note);
    return read_int(p, colon + 1, value, note);
}

struct pair {
    int64_t key, value;
};

static int by_key(const void *a, const void *b)
{
    const int64_t x = ((const struct pair *)a)->key, y = ((const struct pair *)b)->key;

    return x < y ? -1 : x > y;
}

static enum sc_status repeated_key(const struct sc_param *p, int64_t key, struct sc_note *note)
{
    return sc_fail_param(note, SC_BAD_PARAM, p->name, "parameter '%s' gives %lld twice",
                         p->name, (long long)key);
}

static enum sc_status read_map(const struct sc_param *p, struct sc_arena *arena,
                               struct sc_param_value *v, struct sc_note *note)
{
    const size_t count = (size_t)v->count;
    struct pair *pair = sc_arena_calloc(arena, count + 1, sizeof *pair);
    int64_t *keys = sc_arena_calloc(arena, count + 1, sizeof *keys);
    int64_t *integers = sc_arena_calloc(arena, count + 1, sizeof *integers);

    if (pair == NULL || keys == NULL || integers == NULL) return no_memory(p, note);
    for (int i = 0; i < v->count; i++)
        SC_TRY(read_pair(p, v->words[i], i, &pair[i].key, &pair[i].value, note));
    qsort(pair, count, sizeof *pair, by_key);
    for (int i = 0; i < v->count; i++) {
        if (i > 0 && pair[i].key == keys[i - 1]) return repeated_key(p, keys[i - 1], note);
        keys[i] = pair[i].key;
        integers[i] = pair[i].value;
    }
    v->keys = keys;
    v->integers = integers;
    return SC_OK;
}

static enum sc_status too_many(const struct sc_param *p, int count, struct sc_note *note)
{
    return sc_fail_param(note, SC_OUT_OF_BOUNDS, p->name,
                         "parameter '%s' has %d elements; at most %d", p->name, count,
                         sc_param_most(p));
}

static enum sc_status read_list(const struct sc_param *p, const struct sc_arg *arg,
                                struct sc_arena *arena, struct sc_param_value *v,
                                struct sc_note *note)
{
    v->words = elements(arg, arena, &v->count);
    if (v->words == NULL) return no_memory(p, note);
    if (sc_param_most(p) != 0 && v->count > sc_param_most(p))
        return too_many(p, v->count, note);
    if (p->type == SC_PARAM_INT_LIST) return read_integers(p, arena, v, note);
    if (p->type == SC_PARAM_REAL_LIST) return read_reals(p, arena, v, note);
    return p->type == SC_PARAM_INT_MAP ? read_map(p, arena, v, note) : SC_OK;
}

/* Which kinds of JSON values a type takes; a query's text may be anything. */
static bool kind_fits(const struct sc_param *p, const struct sc_arg *arg)
{
    if (arg->is_list && !sc_param_is_list(p)) return false;
    if (arg->is_list && arg->count == 0) return true;
    if (arg->kind == SC_ARG_RAW) return true;
    switch (p->type) {
    case SC_PARAM_BOOL:
        return arg->kind == SC_ARG_BOOL;
    case SC_PARAM_ENUM:
    case SC_PARAM_TEXT_LIST:
        return arg->kind == SC_ARG_STRING;
    case SC_PARAM_INT_MAP:
        return arg->kind == SC_ARG_NUMBER || arg->kind == SC_ARG_PAIR;
    default:
        return arg->kind == SC_ARG_NUMBER;
    }
}

enum sc_status sc_param_read(const struct sc_param *p, const struct sc_arg *arg,
                             struct sc_arena *arena, struct sc_param_value *v,
                             struct sc_note *note)
{
    const char *text = arg->count > 0 ? arg->text[0] : "[]";

    v->set = true; /* whatever it is, it is not missing */
    if (!kind_fits(p, arg)) return other_kind(p, arg, note);
    switch (p->type) {
    case SC_PARAM_REAL:
        return read_real(p, text, v, note);
    case SC_PARAM_BOOL:
        return read_bool(p, text, v, note);
    case SC_PARAM_ENUM:
        return read_enum(p, text, v, note);
    case SC_PARAM_INT:
        SC_TRY(read_int(p, text, &v->integer, note));
        v->real = (double)v->integer;
        return SC_OK;
    default:
        return read_list(p, arg, arena, v, note);
    }
}
