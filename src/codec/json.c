/* json.c - parameters, by cJSON: small objects of mixed values. Its trees live in the arena of
 * the request, so that they count against its limit and are freed with it. */
#include "json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "decimal.h"

#define ARGS_MAX       1024      /* sc_args_add compares each with all before it */
#define ARGS_BYTES_MAX (1 << 20) /* a tree takes 60 times as much */

static _Thread_local struct sc_arena *tree_arena;
static _Thread_local bool tree_failed; /* the arena had no more */

static void *tree_alloc(size_t size)
{
    void *pointer = sc_arena_alloc(tree_arena, size);

    tree_failed = tree_failed || pointer == NULL;
    return pointer;
}

static void tree_free(void *pointer)
{
    (void)pointer; /* with the arena */
}

static void install_hooks(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = tree_alloc, .free_fn = tree_free});
}

/* A tree that needs no cJSON_Delete. */
static enum sc_status parse(struct sc_bytes text, struct sc_arena *arena, const cJSON **out,
                            struct sc_note *note)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, install_hooks);
    tree_arena = arena;
    tree_failed = false;
    *out = cJSON_ParseWithLength((const char *)text.data, text.size);
    if (tree_failed) return sc_fail(note, SC_NO_MEMORY, "#/params", "no memory for parameters");
    if (*out == NULL) /* the grammar has been checked: it is its buffer for numbers */
        return sc_fail(note, SC_BAD_PARAM, "#/params", "a number has too many digits");
    if (!cJSON_IsObject(*out))
        return sc_fail(note, SC_BAD_PARAM, "#/params", "params is not an object");
    return SC_OK;
}

struct args {
    const struct codec_source *source;
    struct sc_args *out;
    struct sc_note *note;
};

static enum sc_status refuse(const struct args *a, const char *name, const char *what)
{
    return sc_fail(a->note, SC_BAD_PARAM, "#/params", "parameter '%.64s': %s", name, what);
}

/* Integers are exact in cJSON up to 2^53. */
static const char *number_text(const struct args *a, double value)
{
    char text[DECIMAL_SIZE];

    if (value == trunc(value) && fabs(value) <= 0x1p53)
        return sc_arena_printf(a->source->arena, "%lld", (long long)value);
    decimal_print(text, value);
    return sc_arena_printf(a->source->arena, "%s", text);
}

static enum sc_status scalar(const struct args *a, const char *name, const cJSON *value,
                             enum sc_arg_kind *kind, const char **text)
{
    if (cJSON_IsString(value)) {
        *kind = SC_ARG_STRING;
        *text = value->valuestring;
    } else if (cJSON_IsBool(value)) {
        *kind = SC_ARG_BOOL;
        *text = cJSON_IsTrue(value) ? "true" : "false";
    } else if (cJSON_IsNumber(value) && isfinite(value->valuedouble)) {
        *kind = SC_ARG_NUMBER;
        *text = number_text(a, value->valuedouble);
    } else {
        return refuse(a, name, "expected a number, true, false, a string, or a list of these");
    }
    if (*text != NULL) return SC_OK;
    return sc_fail(a->note, SC_NO_MEMORY, NULL, "no memory for parameters");
}

/* A value, or each element of a list. */
static enum sc_status add(const struct args *a, const char *name, const cJSON *value)
{
    const bool is_list = cJSON_IsArray(value);
    const int count = is_list ? cJSON_GetArraySize(value) : 1;
    const cJSON *item = is_list ? value->child : value;
    struct sc_arg arg = {.name = name, .source = "params", .is_list = is_list};
    const char **text = sc_arena_calloc(a->source->arena, (size_t)count, sizeof *text);

    if (text == NULL) return sc_fail(a->note, SC_NO_MEMORY, NULL, "no memory for parameters");
    if (a->out->count >= ARGS_MAX) return refuse(a, name, "more than 1024 parameters");
    for (; arg.count < (size_t)count; arg.count++, item = item->next) {
        const enum sc_arg_kind first = arg.kind;

        SC_TRY(scalar(a, name, item, &arg.kind, &text[arg.count]));
        if (arg.count > 0 && arg.kind != first)
            return refuse(a, name, "the list mixes numbers, booleans and strings");
    }
    arg.text = text;
    return sc_args_add(a->out, &arg, a->source->arena, a->note);
}

/* The parameters of one operation, "losses/dice": {...}. */
static enum sc_status add_group(const struct args *a, const cJSON *group)
{
    for (const cJSON *item = group->child; item != NULL; item = item->next) {
        const char *name =
            sc_arena_printf(a->source->arena, "%s.%s", group->string, item->string);

        if (name == NULL)
            return sc_fail(a->note, SC_NO_MEMORY, NULL, "no memory for parameters");
        SC_TRY(add(a, name, item));
    }
    return SC_OK;
}

/* cJSON would end a string at a NUL without a word. Backslashes are in strings only. */
static bool has_nul(struct sc_bytes text)
{
    for (size_t i = 0; i + 5 < text.size; i++) {
        if (text.data[i] != '\\') continue;
        if (memcmp(text.data + i + 1, "u0000", 5) == 0) return true;
        i++;
    }
    return false;
}

enum sc_status json_read_args(struct sc_bytes text, const struct codec_source *source,
                              struct sc_args *out, struct sc_note *note)
{
    const struct json_rules rules = {.depth = source->limits->json_depth};
    const struct args a = {.source = source, .out = out, .note = note};
    const cJSON *tree;

    if (text.size > ARGS_BYTES_MAX)
        return sc_fail(note, SC_TOO_LARGE, "#/params", "parameters of %zu bytes; at most %d",
                       text.size, ARGS_BYTES_MAX);
    SC_TRY(json_check(text, &rules, source->arena, note));
    if (has_nul(text))
        return sc_fail(note, SC_BAD_PARAM, "#/params", "a parameter holds \\u0000");
    SC_TRY(parse(text, source->arena, &tree, note));
    for (const cJSON *item = tree->child; item != NULL; item = item->next) {
        if (cJSON_IsObject(item) && strchr(item->string, '/') != NULL)
            SC_TRY(add_group(&a, item));
        else
            SC_TRY(add(&a, item->string, item));
    }
    return SC_OK;
}
