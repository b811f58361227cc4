/* work.c - what commands and handlers share before tasks are made, and after they are done. */
#include "work.h"

#include <string.h>

enum sc_status work_no_operation(struct work *work, const char *family, const char *name)
{
    suggest_operations(&work->near, family, name, work->arena);
    work->problem = PROBLEM_NO_OPERATION;
    return sc_fail(work->note, SC_BAD_INPUT, NULL,
                   "no operation '%.32s/%.64s'; GET /v1/operations lists them", family, name);
}

/* Models are written with a dot. */
static void suggest_models(struct suggestions *near, struct sc_arena *arena)
{
    for (int i = 0; i < near->count; i++) {
        const char *name = near->name[i], *slash = strchr(name, '/');
        const char *model =
            slash == NULL
                ? name
                : sc_arena_printf(arena, "%.*s.%s", (int)(slash - name), name, slash + 1);

        if (model != NULL) near->name[i] = model;
    }
}

enum sc_status work_no_model(struct work *work, const char *family, const char *name)
{
    suggest_operations(&work->near, family, name, work->arena);
    suggest_models(&work->near, work->arena);
    work->problem = PROBLEM_NO_OPERATION;
    return sc_fail(work->note, SC_BAD_INPUT, NULL,
                   "no model '%.32s%s%.64s'; POST /v2/repository/index lists them", family,
                   *family != '\0' ? "." : "", name);
}

enum problem work_problem(const struct work *work, enum sc_status status)
{
    return work->problem != PROBLEM_OK ? work->problem : problem_of(status, work->arena);
}

struct codec_source work_source(const struct work *work, struct sc_bytes body,
                                const char *content_type, const char *name)
{
    return (struct codec_source){
        .body = body,
        .content_type = content_type,
        .name = name,
        .encoding = (enum codec_encoding)work->options.on[OPTION_ENCODING],
        .limits = work->limits,
        .arena = work->arena};
}

struct codec_style work_style(const struct work *work)
{
    return (struct codec_style){.nonfinite_token = work->options.on[OPTION_NONFINITE]};
}

enum sc_status work_encode(const struct work *work, const struct codec_results *results,
                           struct sc_writer *out, const struct codec **used)
{
    const struct codec_style style = work_style(work);

    SC_TRY(codec_encode(&work->forms, results, &style, out, used, work->note));
    if (!out->failed) return SC_OK;
    return sc_fail(work->note, SC_NO_MEMORY, NULL, "no memory for the reply");
}
