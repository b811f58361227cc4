/* json.c - parameters, by cJSON: small objects of mixed values. Its trees live in the arena of
 * the request, so that they count against its limit and are freed with it. A tree holds numbers
 * as doubles: their texts are taken from a cursor that walks beside it. */
#include "json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "json_cursor.h"

#define ARGS_MAX       1024      /* each is compared with the names that there are */
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
    return sc_fail_param(a->note, SC_BAD_PARAM, name, "parameter '%.64s': %s", name, what);
}

/* A value of the tree, and its text. */
struct value {
    const cJSON *node;
    struct sc_bytes text;
};

static enum sc_status scalar(const struct args *a, const char *name, const struct value *value,
                             enum sc_arg_kind *kind, const char **text)
{
    const cJSON *node = value->node;

    if (cJSON_IsString(node)) {
        *kind = SC_ARG_STRING;
        *text = node->valuestring;
    } else if (cJSON_IsBool(node)) {
        *kind = SC_ARG_BOOL;
        *text = cJSON_IsTrue(node) ? "true" : "false";
    } else if (cJSON_IsNumber(node) && isfinite(node->valuedouble)) {
        *kind = SC_ARG_NUMBER;
        *text = sc_arena_strndup(a->source->arena, (const char *)value->text.data,
                                 value->text.size);
    } else if (cJSON_IsNull(node)) {
        return refuse(a, name, "null is no value; leave the parameter out");
    } else {
        return refuse(a, name,
                      "expected a number, true, false, a string, a list of these, or an "
                      "object of integers");
    }
    if (*text != NULL) return SC_OK;
    return sc_fail(a->note, SC_NO_MEMORY, NULL, "no memory for parameters");
}

static enum sc_status list(const struct args *a, const struct value *value, struct sc_arg *arg,
                           const char **text)
{
    struct json_cursor c = json_cursor(value->text);
    struct value item = {.node = value->node->child};

    c.at++;
    for (; json_next(&c, ']') && item.node != NULL; item.node = item.node->next) {
        const enum sc_arg_kind first = arg->kind;

        item.text = json_value(&c);
        SC_TRY(scalar(a, arg->name, &item, &arg->kind, &text[arg->count]));
        if (arg->count++ > 0 && arg->kind != first)
            return refuse(a, arg->name, "the list mixes numbers, booleans and strings");
    }
    return SC_OK;
}

static bool is_integer(const char *text, size_t size)
{
    const size_t sign = size > 0 && text[0] == '-';

    return size > sign && strspn(text + sign, "0123456789") >= size - sign;
}

/* An object of integers, as "7:0" for each member. */
static enum sc_status pairs(const struct args *a, const struct value *value, struct sc_arg *arg,
                            const char **text)
{
    struct json_cursor c = json_cursor(value->text);
    const cJSON *node = value->node->child;

    arg->kind = SC_ARG_PAIR;
    c.at++;
    for (; json_next(&c, '}') && node != NULL; node = node->next) {
        struct sc_bytes number;

        json_key(&c);
        number = json_value(&c);
        if (!is_integer(node->string, strlen(node->string)) ||
            !is_integer((const char *)number.data, number.size))
            return refuse(a, arg->name,
                          "an object here has integers in quotes as keys and integers as "
                          "values, such as {\"7\": 0}");
        text[arg->count] = sc_arena_printf(a->source->arena, "%s:%.*s", node->string,
                                           (int)number.size, (const char *)number.data);
        if (text[arg->count++] == NULL)
            return sc_fail(a->note, SC_NO_MEMORY, NULL, "no memory for parameters");
    }
    return SC_OK;
}

/* A value, each element of a list, or each member of an object. */
static enum sc_status add(const struct args *a, const char *name, const struct value *value)
{
    const bool is_object = cJSON_IsObject(value->node);
    const bool is_list = is_object || cJSON_IsArray(value->node);
    const int count = is_list ? cJSON_GetArraySize(value->node) : 1;
    struct sc_arg arg = {.name = name, .source = "params", .is_list = is_list};
    const char **text = sc_arena_calloc(a->source->arena, (size_t)count, sizeof *text);

    if (text == NULL) return sc_fail(a->note, SC_NO_MEMORY, NULL, "no memory for parameters");
    if (a->out->count >= ARGS_MAX) return refuse(a, name, "more than 1024 parameters");
    arg.text = text;
    if (is_object) {
        SC_TRY(pairs(a, value, &arg, text));
    } else if (is_list) {
        SC_TRY(list(a, value, &arg, text));
    } else {
        SC_TRY(scalar(a, name, value, &arg.kind, text));
        arg.count = 1;
    }
    return sc_args_add(a->out, &arg, a->source->arena, a->note);
}

/* The parameters of one operation, "losses/dice": {...}. */
static enum sc_status add_group(const struct args *a, const struct value *group)
{
    struct json_cursor c = json_cursor(group->text);
    struct value item = {.node = group->node->child};

    /* an empty one too is for an operation that must be there */
    if (item.node == NULL) return add(a, group->node->string, group);
    c.at++;
    for (; json_next(&c, '}'); item.node = item.node->next) {
        const char *name =
            sc_arena_printf(a->source->arena, "%s.%s", group->node->string, item.node->string);

        if (name == NULL)
            return sc_fail(a->note, SC_NO_MEMORY, NULL, "no memory for parameters");
        json_key(&c);
        item.text = json_value(&c);
        SC_TRY(add(a, name, &item));
    }
    return SC_OK;
}

/* "losses/dice", which is no "losses/dice.smooth". */
static bool names_operation(const char *name)
{
    const char *slash = strchr(name, '/');

    return slash != NULL && strchr(slash, '.') == NULL;
}

static enum sc_status add_all(const struct args *a, const struct value *object)
{
    struct json_cursor c = json_cursor(object->text);
    struct value item = {.node = object->node->child};

    json_peek(&c);
    c.at++;
    for (; json_next(&c, '}'); item.node = item.node->next) {
        json_key(&c);
        item.text = json_value(&c);
        if (cJSON_IsObject(item.node) && names_operation(item.node->string))
            SC_TRY(add_group(a, &item));
        else
            SC_TRY(add(a, item.node->string, &item));
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
    struct value object = {.text = text};

    if (text.size > ARGS_BYTES_MAX)
        return sc_fail(note, SC_TOO_LARGE, "#/params", "parameters of %zu bytes; at most %d",
                       text.size, ARGS_BYTES_MAX);
    SC_TRY(json_check(text, &rules, source->arena, note));
    if (has_nul(text))
        return sc_fail(note, SC_BAD_PARAM, "#/params", "a parameter holds \\u0000");
    SC_TRY(parse(text, source->arena, &object.node, note));
    return add_all(&a, &object);
}
