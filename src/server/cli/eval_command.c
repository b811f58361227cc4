/* eval_command.c - one command: what is asked for, the files, the answer, and what is required
 * of it.
 */
#include "eval_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluation.h"
#include "file.h"
#include "merge.h"
#include "tasks.h"

/* ---- before the files ---- */

static enum sc_status no_operation(struct evaluation *e)
{
    const char *target = e->command.target, *slash = strrchr(target, '/');

    suggest_operations(&e->work.near, "", slash ? slash + 1 : target, e->arena);
    e->work.problem = PROBLEM_NO_OPERATION;
    return sc_fail(&e->note, SC_BAD_INPUT, NULL,
                   "no operation '%.100s'; `scored functions` lists them", target);
}

/* The operation goes by its path, as in a request. */
static enum sc_status find(struct evaluation *e)
{
    const char *path = sc_arena_printf(e->arena, "/v1/%s", e->command.target);
    struct route_match match;

    if (path == NULL) return sc_fail(&e->note, SC_NO_MEMORY, NULL, "no memory for the path");
    match = route_find(HTTP_POST, path);
    e->route = match.route;
    if (match.names_operation) e->work.op = sc_op_find(match.family, match.name);
    return match.route == NULL || (match.names_operation && e->work.op == NULL)
               ? no_operation(e)
               : SC_OK;
}

/* The short name of a format, or what an Accept header may say. */
static const char *media_type(const char *accept)
{
    for (size_t i = 0; accept != NULL && i < CODEC_COUNT; i++)
        if (codecs[i].encode != NULL && strcmp(codecs[i].name, accept) == 0)
            return codecs[i].media_type;
    return accept;
}

static enum sc_status ask(struct evaluation *e)
{
    struct work *work = &e->work;

    SC_TRY(find(e));
    SC_TRY(codec_accept(media_type(e->command.accept), &work->forms, &e->note));
    work->args = e->command.args;
    SC_TRY(options_take(&work->options, &work->args, &e->note));
    if (e->route->body == BODY_TENSORS) return tasks_check_work(work);
    SC_TRY(merge_check(work));
    return merge_check_args(work, &work->args);
}

/* ---- the answer ---- */

static enum sc_status answer(struct evaluation *e, const struct codec_results *results)
{
    const struct codec *used;
    struct sc_pieces pieces;
    struct sc_writer out;

    sc_writer_init(&out, e->arena);
    SC_TRY(work_encode(&e->work, results, &out, &used));
    pieces = sc_writer_pieces(&out);
    if (out.failed) return sc_fail(&e->note, SC_NO_MEMORY, NULL, "no memory for the reply");
    e->failure = EVAL_USAGE;
    return file_write(e->command.output, pieces, &e->note);
}

static enum sc_status judge(struct evaluation *e, const struct codec_results *results)
{
    const struct codec_style style = work_style(&e->work);

    for (size_t i = 0; i < e->command.requirements; i++) {
        bool met;

        SC_TRY(require_judge(&e->command.requirement[i], results, &style, &met, &e->note));
        if (met) continue;
        fprintf(stderr, "scored: %s\n", e->note.detail);
        e->judgment = EVAL_UNMET;
    }
    return SC_OK;
}

static enum sc_status run(struct evaluation *e)
{
    const struct config *config = e->config;
    struct codec_results results;

    SC_TRY(command_read(config->operands, config->operand, e->arena, &e->command, &e->note));
    e->failure = EVAL_PROBLEM;
    SC_TRY(ask(e));
    SC_TRY(e->route->body == BODY_TENSORS ? evaluation_score(e, &results)
                                          : evaluation_merge(e, &results));
    SC_TRY(answer(e, &results));
    return judge(e, &results);
}

/* ---- failures ---- */

static bool is_named(const struct command_file *file, const char *name, size_t size)
{
    return strlen(file->name) == size && memcmp(file->name, name, size) == 0;
}

/* The file that a pointer leads to, "#/weight" or "#/target/2"; "" where it names none. */
static const char *culprit(const struct evaluation *e)
{
    const char *name = e->note.pointer + strspn(e->note.pointer, "#/"), *found = "";
    const size_t size = strcspn(name, "/");
    long left = name[size] == '/' ? strtol(name + size + 1, NULL, 10) : 0;

    if (e->at[0] != '\0') return e->at;
    for (size_t i = 0; i < e->command.files; i++) {
        const struct command_file *file = &e->command.file[i];

        if (file->name[0] == '\0') return ""; /* which of its tensors was it? */
        if (is_named(file, name, size) && left-- == 0) found = file->path;
    }
    return found;
}

static void write_problem(struct evaluation *e, enum sc_status status)
{
    struct sc_arena arena; /* the other may be full */
    struct sc_writer out;

    sc_arena_init(&arena, (size_t)64 << 10, NULL);
    sc_writer_init(&out, &arena);
    problem_write(&out, work_problem(&e->work, status), &e->note, culprit(e), &e->work.near);
    fwrite(out.data, 1, out.size, stderr);
    sc_arena_done(&arena);
}

static enum eval_exit finish(struct evaluation *e, enum sc_status status)
{
    if (status == SC_OK) return e->judgment;
    if (e->failure == EVAL_PROBLEM)
        write_problem(e, status);
    else
        fprintf(stderr, "scored: %s\n", e->note.detail);
    return e->failure;
}

int eval(const struct config *config)
{
    struct sc_budget budget = {.limit = (size_t)config->memory};
    struct sc_arena arena;
    struct evaluation e = {
        .config = config,
        .work = {.limits = &config->limits, .arena = &arena, .note = &e.note},
        .arena = &arena,
        .left = config->limits.body_bytes,
        .at = "",
        .failure = EVAL_USAGE};
    enum eval_exit status;

    sc_arena_init(&arena, (size_t)config->request_memory, &budget);
    status = finish(&e, run(&e));
    sc_arena_done(&arena);
    return (int)status;
}

void eval_help(FILE *out)
{
    command_help(out);
}
