/* args.h - parameters as they came: names and texts, from a query or from JSON.
 *
 * Codecs and the server collect them without knowing any operation; sc_params_read
 * (kernels/params.h) gives them types, by the operation's row. */
#pragma once

#include "arena.h"
#include "status.h"

enum sc_arg_kind {
    SC_ARG_RAW,    /* from a query: any type; lists are comma-separated */
    SC_ARG_NUMBER, /* JSON number, as written */
    SC_ARG_BOOL,   /* JSON true or false, as written */
    SC_ARG_STRING, /* JSON string, unescaped */
    SC_ARG_PAIR    /* member of a JSON object of integers, as "7:0"; always a list */
};

/* One parameter. A JSON array gives one text an element (all of one kind), an object one a
 * member, in order; both is_list. */
struct sc_arg {
    const char *name;
    const char *source; /* where it came from, for messages: "query" or "params" */
    enum sc_arg_kind kind;
    bool is_list;
    size_t count;
    const char *const *text;
};

struct sc_args {
    struct sc_arg *item;
    size_t count, capacity;
};

/* Adds `arg`, whose name and texts are not copied. A name may come several times, from a query
 * and from JSON: sc_params_read takes equal values as one, and refuses others. */
enum sc_status sc_args_add(struct sc_args *args, const struct sc_arg *arg,
                           struct sc_arena *arena, struct sc_note *note);

/* The same for one text of a query. */
enum sc_status sc_args_add_raw(struct sc_args *args, const char *name, const char *text,
                               struct sc_arena *arena, struct sc_note *note);
