/* catalogue.c - GET /v1/operations: the catalogue of the core as JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "reply.h"
#include "server.h"

static const char *const type_name[] = {
#define NAME(id, name, takes, prose) name,
    SC_PARAM_TYPE_MAP(NAME)
#undef NAME
};

/* The default, with the type of the parameter. */
static void write_preset(struct json_writer *j, const struct sc_param *p)
{
    if (p->preset == NULL)
        json_text(j, "default", NULL);
    else if (p->type == SC_PARAM_INT || p->type == SC_PARAM_INT_LIST)
        json_int(j, "default", strtoll(p->preset, NULL, 10));
    else if (p->type == SC_PARAM_REAL)
        json_real(j, "default", strtod(p->preset, NULL));
    else if (p->type == SC_PARAM_BOOL)
        json_bool(j, "default", strcmp(p->preset, "true") == 0);
    else
        json_text(j, "default", p->preset);
}

/* Types without bounds have null; so have bounds that are infinite. */
static void write_bound(struct json_writer *j, const char *key, const struct sc_param *p,
                        double bound)
{
    const bool whole = p->type == SC_PARAM_INT || p->type == SC_PARAM_INT_LIST ||
                       p->type == SC_PARAM_INT_MAP;
    const bool real = p->type == SC_PARAM_REAL || p->type == SC_PARAM_REAL_LIST;

    if ((!whole && !real) || isinf(bound))
        json_text(j, key, NULL);
    else if (whole)
        json_int(j, key, (int64_t)bound);
    else
        json_real(j, key, bound);
}

static void write_most(struct json_writer *j, const struct sc_param *p)
{
    if (sc_param_most(p) == 0)
        json_text(j, "max_items", NULL);
    else
        json_int(j, "max_items", sc_param_most(p));
}

/* "mean|sum|none" as a list, cut at `separator`. */
static void write_parts(struct json_writer *j, const char *key, const char *text,
                        const char *separator)
{
    char part[1024];

    if (text == NULL) {
        json_text(j, key, NULL);
        return;
    }
    json_open(j, key, '[');
    while (*text != '\0') {
        const int size = (int)strcspn(text, separator);

        snprintf(part, sizeof part, "%.*s", size, text);
        json_text(j, NULL, part);
        text += size + (text[size] == *separator);
    }
    json_close(j, ']');
}

static void write_param(struct json_writer *j, const struct sc_param *p)
{
    json_open(j, NULL, '{');
    json_text(j, "name", p->name);
    json_text(j, "type", type_name[p->type]);
    json_bool(j, "required", p->required);
    write_preset(j, p);
    write_bound(j, "min", p, p->min);
    write_bound(j, "max", p, p->max);
    json_bool(j, "exclusive_min", (p->open & SC_OPEN_MIN) != 0);
    json_bool(j, "exclusive_max", (p->open & SC_OPEN_MAX) != 0);
    json_bool(j, "nonzero", (p->open & SC_NOT_ZERO) != 0);
    write_most(j, p);
    write_parts(j, "values", p->values, "|");
    json_text(j, "summary", p->summary);
    json_close(j, '}');
}

static void write_input(struct json_writer *j, const struct sc_input *input)
{
    json_open(j, NULL, '{');
    json_text(j, "name", input->name);
    json_open(j, "dtypes", '[');
    for (int d = 0; d < SC_DTYPE_COUNT; d++)
        if (input->dtypes & 1u << d) json_text(j, NULL, sc_dtype_name((enum sc_dtype)d));
    json_close(j, ']');
    json_text(j, "shape", input->shape);
    json_bool(j, "required", input->required);
    json_bool(j, "repeated", input->repeated);
    json_bool(j, "differentiable", input->differentiable);
    json_text(j, "values", input->values[0] != '\0' ? input->values : NULL);
    json_text(j, "summary", input->summary);
    json_close(j, '}');
}

static void write_op(struct json_writer *j, const struct sc_op *op)
{
    json_open(j, NULL, '{');
    json_text(j, "name", op->name);
    json_text(j, "family", sc_family_name(op->family));
    json_text(j, "summary", op->summary);
    json_text(j, "formula", op->formula);
    json_open(j, "inputs", '[');
    for (int i = 0; i < op->inputs; i++) write_input(j, &op->input[i]);
    json_close(j, ']');
    json_open(j, "params", '[');
    for (int i = 0; i < op->params; i++) write_param(j, &op->param[i]);
    json_close(j, ']');
    json_bool(j, "mergeable", op->mergeable);
    json_text(j, "source", op->source);
    write_parts(j, "notes", op->notes, "\n");
    json_close(j, '}');
}

static void write_all(struct json_writer *j)
{
    json_open(j, NULL, '{');
    json_open(j, "operations", '[');
    for (int i = 0; i < sc_op_count; i++) write_op(j, &sc_ops[i]);
    json_close(j, ']');
    json_close(j, '}');
    sc_write_byte(j->out, '\n');
}

static enum sc_status reply_one(struct http_request *rq, const struct sc_op *op)
{
    struct sc_writer out;
    struct json_writer j = reply_json(rq, &out);

    json_open(&j, "operations", '[');
    write_op(&j, op);
    json_close(&j, ']');
    return reply_json_end(rq, &j);
}

/* One operation, or all when the path names none. */
enum sc_status handle_catalogue(struct call *call)
{
    static struct reply_kept all = REPLY_KEPT;

    if (call->work.op != NULL) return reply_one(call->rq, call->work.op);
    return reply_json_kept(call->rq, &all, write_all);
}
