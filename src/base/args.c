/* args.c - collecting parameters. */
#include "args.h"

enum sc_status sc_args_add(struct sc_args *args, const struct sc_arg *arg,
                           struct sc_arena *arena, struct sc_note *note)
{
    struct sc_arg *item =
        sc_arena_grow(arena, args->item, args->count, &args->capacity, sizeof *item);

    if (item == NULL) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for parameters");
    args->item = item;
    args->item[args->count++] = *arg;
    return SC_OK;
}

enum sc_status sc_args_add_raw(struct sc_args *args, const char *name, const char *text,
                               struct sc_arena *arena, struct sc_note *note)
{
    const char **list = sc_arena_alloc(arena, sizeof *list);
    struct sc_arg arg = {.name = name, .source = "query", .kind = SC_ARG_RAW, .count = 1};

    if (list == NULL) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for parameters");
    list[0] = text;
    arg.text = list;
    return sc_args_add(args, &arg, arena, note);
}
