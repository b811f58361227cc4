/* v2_request.c - {"id", "parameters", "inputs": [...], "outputs": [...]} and what follows it.
 */
#include <stdio.h>
#include <string.h>

#include "elements.h"
#include "json.h"
#include "json_cursor.h"
#include "json_extent.h"
#include "v2.h"
#include "v2_input.h"
#include "v2_read.h"

/* ---- parameters of the request ---- */

/* Those of the protocol; clients send them to any model. */
static const char *const ignored[] = {"sequence_id", "sequence_start", "sequence_end",
                                      "priority", "headers"};

static bool is_ignored(const char *name)
{
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        if (strcmp(name, ignored[i]) == 0) return true;
    return false;
}

bool v2_is_own(const char *name)
{
    return strcmp(name, "binary_data_output") == 0 || strcmp(name, "report") == 0 ||
           strcmp(name, "timeout") == 0;
}

static enum sc_status refuse_arg(const struct sc_arg *arg, const char *what,
                                 struct sc_note *note)
{
    return sc_fail_at(note, SC_BAD_PARAM, "#/parameters", arg->name, "parameter '%s' is not %s",
                      arg->name, what);
}

static enum sc_status take_bool(const struct sc_arg *arg, bool *out, struct sc_note *note)
{
    if (arg->is_list || arg->kind != SC_ARG_BOOL) return refuse_arg(arg, "true or false", note);
    *out = strcmp(arg->text[0], "true") == 0;
    return SC_OK;
}

static enum sc_status take_timeout(const struct sc_arg *arg, int64_t *out, struct sc_note *note)
{
    if (!arg->is_list && arg->kind == SC_ARG_NUMBER &&
        v2_read_size(sc_bytes(arg->text[0], strlen(arg->text[0])), out))
        return SC_OK;
    return refuse_arg(arg, "a whole number of microseconds", note);
}

/* The protocol has strings, numbers and booleans: a list is a text, "254,255", as in a query.
 */
static struct sc_arg as_in_query(struct sc_arg arg)
{
    if (!arg.is_list && arg.kind == SC_ARG_STRING) arg.kind = SC_ARG_RAW;
    return arg;
}

/* Keeps what is the operation's, and takes out what is the protocol's. */
static enum sc_status take_args(struct v2_request *out, struct sc_note *note)
{
    struct sc_args *args = &out->payload.args;
    size_t kept = 0;

    for (size_t i = 0; i < args->count; i++) {
        const struct sc_arg arg = args->item[i];

        if (strcmp(arg.name, "binary_data_output") == 0)
            SC_TRY(take_bool(&arg, &out->binary, note));
        else if (strcmp(arg.name, "report") == 0)
            SC_TRY(take_bool(&arg, &out->report, note));
        else if (strcmp(arg.name, "timeout") == 0)
            SC_TRY(take_timeout(&arg, &out->timeout, note));
        else if (!is_ignored(arg.name))
            args->item[kept++] = as_in_query(arg);
    }
    args->count = kept;
    return SC_OK;
}

/* ---- outputs ---- */

static enum sc_status read_output_params(struct sc_bytes value, const char *pointer,
                                         struct v2_wanted *out, struct sc_note *note)
{
    struct json_cursor c;

    SC_TRY(v2_open(value, '{', pointer, &c, note));
    while (json_next(&c, '}')) {
        const struct sc_bytes key = json_key(&c), item = json_value(&c);

        if (sc_bytes_is(key, "binary_data"))
            SC_TRY(v2_read_bool(item, pointer, &out->binary, note));
        else
            return v2_unknown(key, pointer, "binary_data", note);
    }
    return SC_OK;
}

static enum sc_status read_output(struct sc_bytes value, const char *pointer,
                                  const struct codec_source *source, struct v2_wanted *out,
                                  struct sc_note *note)
{
    struct json_cursor c;

    SC_TRY(v2_open(value, '{', pointer, &c, note));
    while (json_next(&c, '}')) {
        const struct sc_bytes key = json_key(&c), item = json_value(&c);

        if (sc_bytes_is(key, "name"))
            SC_TRY(v2_read_text(item, pointer, source, &out->name, note));
        else if (sc_bytes_is(key, "parameters"))
            SC_TRY(read_output_params(item, pointer, out, note));
        else
            return v2_unknown(key, pointer, "name and parameters", note);
    }
    if (out->name == NULL || out->name[0] == '\0')
        return sc_fail(note, SC_BAD_INPUT, pointer, "an output without a name");
    return SC_OK;
}

/* `count` elements of a checked list. */
static size_t count_elements(struct json_cursor c)
{
    size_t count = 0;

    for (; json_next(&c, ']'); count++) json_value(&c);
    return count;
}

/* An output that comes twice makes the reply larger than anything that was checked. */
static enum sc_status check_twice(const struct v2_request *out, size_t i, const char *pointer,
                                  struct sc_note *note)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(out->wanted[k].name, out->wanted[i].name) == 0)
            return sc_fail(note, SC_BAD_INPUT, pointer, "output '%.64s' comes twice",
                           out->wanted[i].name);
    return SC_OK;
}

/* An empty list wants all, as none does. */
static enum sc_status read_outputs(struct sc_bytes value, const struct codec_source *source,
                                   struct v2_request *out, struct sc_note *note)
{
    struct json_cursor c;
    size_t count;

    SC_TRY(v2_open(value, '[', "#/outputs", &c, note));
    count = count_elements(c);
    if (count == 0) return SC_OK;
    if ((int64_t)count > source->limits->parts)
        return sc_fail(note, SC_TOO_LARGE, "#/outputs", "more than %lld outputs (limit parts)",
                       (long long)source->limits->parts);
    out->wanted = sc_arena_calloc(source->arena, count, sizeof *out->wanted);
    if (out->wanted == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for the names of outputs");
    for (size_t i = 0; json_next(&c, ']'); i++) {
        char pointer[SC_POINTER_SIZE];

        snprintf(pointer, sizeof pointer, "#/outputs/%zu", i);
        out->wanted[i].binary = out->binary;
        SC_TRY(read_output(json_value(&c), pointer, source, &out->wanted[i], note));
        SC_TRY(check_twice(out, i, pointer, note));
        out->wanted_count++;
    }
    return SC_OK;
}

/* ---- the request ---- */

struct members {
    struct sc_bytes id, parameters, inputs, outputs;
};

static enum sc_status read_members(struct sc_bytes text, const struct json_marks *marks,
                                   struct members *m, struct sc_note *note)
{
    struct json_cursor c;

    SC_TRY(v2_open(text, '{', NULL, &c, note));
    c.marks = marks;
    while (json_next(&c, '}')) {
        const struct sc_bytes key = json_key(&c), value = json_value(&c);

        if (sc_bytes_is(key, "id"))
            m->id = value;
        else if (sc_bytes_is(key, "parameters"))
            m->parameters = value;
        else if (sc_bytes_is(key, "inputs"))
            m->inputs = value;
        else if (sc_bytes_is(key, "outputs"))
            m->outputs = value;
        else
            return v2_unknown(key, NULL, "id, parameters, inputs and outputs", note);
    }
    if (m->inputs.data != NULL) return SC_OK;
    return sc_fail(note, SC_BAD_INPUT, "#/inputs",
                   "the request has no inputs; expected {\"inputs\": [{\"name\", \"shape\", "
                   "\"datatype\", \"data\"}]}");
}

static enum sc_status read_request(const struct codec_source *source, const struct members *m,
                                   struct sc_bytes tail, struct v2_request *out,
                                   struct sc_note *note)
{
    if (m->id.data != NULL) SC_TRY(v2_read_text(m->id, "#/id", source, &out->id, note));
    if (m->parameters.data != NULL)
        SC_TRY(json_read_args(m->parameters, source, &out->payload.args, note));
    SC_TRY(take_args(out, note));
    if (m->outputs.data != NULL) SC_TRY(read_outputs(m->outputs, source, out, note));
    return v2_read_inputs(m->inputs, tail, source, &out->payload.tensors, note);
}

static enum sc_status check(const struct codec_source *source, struct sc_bytes text,
                            struct json_marks *marks, struct sc_note *note)
{
    const struct json_rules rules = {.depth = source->limits->json_depth, .nonfinite = true};

    if (text.size == 0)
        return sc_fail(note, SC_BAD_INPUT, NULL,
                       "the body is empty; expected {\"inputs\": [...]}");
    if ((uint64_t)text.size > (uint64_t)source->limits->json_bytes)
        return sc_fail(note, SC_TOO_LARGE, NULL,
                       "JSON of %zu bytes; at most %lld (limit json_bytes); binary inputs may "
                       "be larger",
                       text.size, (long long)source->limits->json_bytes);
    return json_check_marking(text, &rules, marks, source->arena, note);
}

enum sc_status v2_decode(const struct codec_source *source, size_t json_size,
                         struct v2_request *out, struct sc_note *note)
{
    const struct sc_bytes text = sc_bytes_slice(source->body, 0, json_size);
    const struct sc_bytes tail =
        sc_bytes_slice(source->body, json_size, source->body.size - text.size);
    struct members m = {.id = {0}};
    struct json_marks marks = {0};
    struct codec_source marked = *source;

    *out = (struct v2_request){.id = NULL};
    SC_TRY(check(source, text, &marks, note));
    SC_TRY(read_members(text, &marks, &m, note));
    marked.marks = &marks;
    return read_request(&marked, &m, tail, out, note);
}

enum sc_status v2_decode_raw(const struct codec_source *source, const char *name,
                             enum sc_dtype dtype, struct v2_request *out, struct sc_note *note)
{
    const size_t size = sc_dtype_size(dtype);
    const int64_t dim = (int64_t)(source->body.size / size);
    struct sc_tensor t;

    *out = (struct v2_request){.binary = true};
    if (source->body.size % size != 0)
        return sc_fail(note, SC_MALFORMED, NULL, "%zu bytes are no whole number of %s elements",
                       source->body.size, v2_datatype(dtype));
    SC_TRY(elements_take(source->body, dtype, 1, &dim, source->arena, &t, note));
    return sc_tensors_add(&out->payload.tensors, name, &t, source->arena, note);
}
