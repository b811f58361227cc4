/* evaluation.c - the files of a command, and the reports of what is in them. */
#include "evaluation.h"

#include <string.h>

#include "file.h"
#include "merge.h"
#include "tasks.h"

/* A file as the body of a request, or a part of one. */
static enum sc_status read_file(struct evaluation *e, const struct command_file *file,
                                struct sc_arena *arena, struct codec_source *out)
{
    struct sc_bytes body;
    enum sc_status status;

    e->at = file->path;
    status = file_read(file->path, e->left, arena, &body, &e->note);
    e->failure = status == SC_BAD_PARAM ? EVAL_USAGE : EVAL_PROBLEM;
    SC_TRY(status);
    e->left -= (int64_t)body.size;
    *out = work_source(&e->work, body, file->type, file->name);
    out->arena = arena;
    return SC_OK;
}

static enum sc_status take_tensors(struct evaluation *e, const struct command_file *file,
                                   struct codec_payload *out)
{
    struct codec_source source;

    SC_TRY(read_file(e, file, e->arena, &source));
    return file->name[0] == '\0' ? codec_decode(&source, out, &e->note)
                                 : codec_decode_part(&source, out, &e->note);
}

/* Parameters first, wherever they stand: they may say what is in a tensor. */
static enum sc_status take_files(struct evaluation *e, bool params, struct codec_payload *out)
{
    for (size_t i = 0; i < e->command.files; i++) {
        const struct command_file *file = &e->command.file[i];

        if ((strcmp(file->name, "params") == 0) == params) SC_TRY(take_tensors(e, file, out));
    }
    return SC_OK;
}

/* Only the sum outlives a file of states. */
static enum sc_status add_states(struct evaluation *e, const struct command_file *file,
                                 struct sc_arena *own, struct sc_eval **sum)
{
    const struct sc_op *op = e->work.op;
    const char *name = sc_arena_printf(e->arena, "%s/%s", sc_family_name(op->family), op->name);
    struct codec_states states;
    struct codec_source source;
    bool more = true;

    if (name == NULL) return sc_fail(&e->note, SC_NO_MEMORY, NULL, "no memory for a name");
    SC_TRY(read_file(e, file, own, &source));
    SC_TRY(codec_states_open_reply(&source, name, &states, &e->note));
    SC_TRY(options_take(&e->work.options, &states.args, &e->note));
    SC_TRY(merge_check_args(&e->work, &states.args));
    while (more) SC_TRY(merge_next(&e->work, &states, sum, &more));
    return SC_OK;
}

static enum sc_status take_states(struct evaluation *e, const struct command_file *file,
                                  struct sc_eval **sum)
{
    struct sc_arena own;
    enum sc_status status;

    if (file->name[0] != '\0' && strcmp(file->name, "states") != 0)
        return sc_fail(&e->note, SC_BAD_INPUT, NULL,
                       "merging has no input '%.64s'; it takes files of states", file->name);
    sc_arena_child(&own, e->arena);
    status = add_states(e, file, &own, sum);
    sc_arena_child_done(&own, e->arena);
    return status;
}

/* ---- both kinds ---- */

enum sc_status evaluation_score(struct evaluation *e, struct codec_results *out)
{
    const struct config *config = e->config;
    const struct sc_exec exec = {.threads = (int)config->threads,
                                 .arena = e->arena,
                                 .limits = &config->limits,
                                 .state = e->work.options.on[OPTION_STATE],
                                 .whole = codec_wants_whole(&e->work.forms)};
    struct codec_payload payload = {0};
    struct tasks tasks;

    if ((int64_t)e->command.files > config->limits.parts)
        return sc_fail(&e->note, SC_TOO_LARGE, NULL, "more than %lld files (limit parts)",
                       (long long)config->limits.parts);
    SC_TRY(take_files(e, true, &payload));
    SC_TRY(take_files(e, false, &payload));
    e->at = "";
    SC_TRY(tasks_make(&e->work, &payload, &tasks));
    SC_TRY(tasks_run(&e->work, &exec, &tasks));
    return tasks_results(&e->work, &tasks, out);
}

enum sc_status evaluation_merge(struct evaluation *e, struct codec_results *out)
{
    struct sc_report *report = sc_arena_calloc(e->arena, 1, sizeof *report);
    struct codec_result *result = sc_arena_calloc(e->arena, 1, sizeof *result);
    struct sc_eval *sum = NULL;

    if (report == NULL || result == NULL)
        return sc_fail(&e->note, SC_NO_MEMORY, NULL, "no memory for the report");
    for (size_t i = 0; i < e->command.files; i++)
        SC_TRY(take_states(e, &e->command.file[i], &sum));
    e->at = "";
    if (sum == NULL)
        return sc_fail(&e->note, SC_BAD_INPUT, "#/states", "there are no states to merge");
    SC_TRY(merge_report(&e->work, sum, report));
    result->report = report;
    *out = (struct codec_results){.item = result, .count = 1};
    return SC_OK;
}
