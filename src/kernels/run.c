/* run.c - operations from tensors to reports. */
#include <string.h>

#include "eval.h"
#include "samples.h"

/* A job on its way. One whose operation is no accumulator has no evaluation, and is computed
 * when it is reported. */
struct run {
    const struct sc_job *job;
    struct sc_params params;
    struct sc_samples samples;
    struct sc_update update; /* also of those without evaluation: the call, what went wrong */
};

/* ---- before the data ---- */

static bool gives_tensors(const struct sc_params *params)
{
    return sc_param(params, "grad")->boolean || sc_is_unreduced(params);
}

/* Sums are added over parts, tensors are not. What else is wrong with inputs is told later. */
static enum sc_status check_parts(const struct run *r, struct sc_note *note)
{
    const struct sc_op *op = r->job->op;
    size_t parts;

    if (!gives_tensors(&r->params)) return SC_OK;
    if (sc_count_images(op, r->job->in, &parts, NULL) != SC_OK || parts == 1) return SC_OK;
    return sc_fail(
        note, SC_BAD_INPUT, "#/pred",
        "'pred' is given %zu times, but reduction=none and grad=true give tensors of "
        "one: concatenate the parts along the first axis into one",
        parts);
}

static enum sc_status open_run(struct run *r, const struct sc_exec *exec)
{
    const struct sc_op *op = r->job->op;
    struct sc_update *u = &r->update;
    struct sc_note *note = &u->pass.note;

    if (exec->state && !op->mergeable)
        return sc_no_state(op, SC_BAD_PARAM, "#/params/state", note);
    SC_TRY(sc_params_read(op, r->job->args, true, exec->arena, &r->params, note));
    if (sc_kernel(op)->update == NULL) return sc_check_params(&r->params, note);
    SC_TRY(check_parts(r, note));
    SC_TRY(sc_eval_make(&r->params, exec->arena, &u->eval, note));
    u->in = r->job->in;
    r->samples.arena = exec->arena;
    if (sc_param(&r->params, "per_image")->boolean) u->eval->state.samples = &r->samples;
    return SC_OK;
}

/* ---- after them ---- */

static enum sc_status report_map(struct run *r, const struct sc_exec *exec,
                                 struct sc_note *note)
{
    const struct sc_tensors *in = r->job->in;
    struct sc_call *call = &r->update.pass.call;
    struct sc_report *report = r->job->report;
    size_t images;

    SC_TRY(sc_count_images(r->job->op, in, &images, note));
    SC_TRY(sc_bind(&r->params, in, 0, exec, call, note));
    SC_TRY(sc_prepare(call, exec->arena, note));
    SC_TRY(sc_make_outputs(call, NULL, exec, note));
    sc_open_report(r->job->op, exec->arena, report);
    if (call->in[0]->count == 0) sc_set_status(report, "empty");
    sc_judge_outputs(call, report);
    sc_report_outputs(call, report);
    return sc_close_report(&r->params, report, note);
}

static enum sc_status report_state(const struct sc_eval *eval, struct sc_report *r,
                                   struct sc_note *note)
{
    uint8_t *data;
    size_t size;

    SC_TRY(sc_eval_save(eval, r->arena, &data, &size, note));
    sc_report_bytes(r, "state", data, size);
    return SC_OK;
}

static enum sc_status report_eval(struct run *r, const struct sc_exec *exec,
                                  struct sc_note *note)
{
    const struct sc_kernel *kernel = sc_kernel(r->job->op);
    struct sc_eval *eval = r->update.eval;
    struct sc_call *call = &r->update.pass.call;
    struct sc_report *report = r->job->report;
    const char *status;

    if (kernel->map != NULL) SC_TRY(sc_make_outputs(call, &eval->state, exec, note));
    sc_open_report(r->job->op, exec->arena, report);
    report->whole = exec->whole;
    status = kernel->finish(&eval->params, &eval->state, report);
    sc_set_status(report, status);
    if (strcmp(status, "ok") == 0) sc_judge_outputs(call, report);
    sc_report_outputs(call, report);
    if (exec->state) SC_TRY(report_state(eval, report, note));
    return sc_close_report(&eval->params, report, note);
}

/* ---- all ---- */

/* How many jobs come before the first that has failed. */
static size_t count_good(const struct run *run, size_t count)
{
    size_t good = 0;

    while (good < count && run[good].update.pass.status == SC_OK) good++;
    return good;
}

static void open_all(struct run *run, const struct sc_job *job, size_t count,
                     const struct sc_exec *exec)
{
    for (size_t i = 0; i < count; i++) {
        struct sc_pass *pass = &run[i].update.pass;

        run[i].job = &job[i];
        pass->status = open_run(&run[i], exec);
        if (pass->status != SC_OK) return;
    }
}

static void update_all(struct run *run, size_t count, struct sc_update **update,
                       const struct sc_exec *exec)
{
    size_t updates = 0;

    for (size_t i = 0; i < count; i++)
        if (run[i].update.eval != NULL) update[updates++] = &run[i].update;
    sc_update_all(update, updates, exec);
}

static void report_all(struct run *run, size_t count, const struct sc_exec *exec)
{
    for (size_t i = 0; i < count; i++) {
        struct sc_pass *pass = &run[i].update.pass;

        pass->status = run[i].update.eval != NULL ? report_eval(&run[i], exec, &pass->note)
                                                  : report_map(&run[i], exec, &pass->note);
        if (pass->status != SC_OK) return;
    }
}

enum sc_status sc_run_all(const struct sc_job *job, size_t count, const struct sc_exec *exec,
                          size_t *failed, struct sc_note *note)
{
    struct run *run = sc_arena_calloc(exec->arena, count, sizeof *run);
    struct sc_update **update = sc_arena_calloc(exec->arena, count, sizeof(struct sc_update *));

    *failed = 0;
    if (run == NULL || update == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for %zu operations", count);
    open_all(run, job, count, exec);
    update_all(run, count_good(run, count), update, exec);
    report_all(run, count_good(run, count), exec);
    *failed = count_good(run, count);
    if (*failed == count) return SC_OK;
    if (note != NULL) *note = run[*failed].update.pass.note;
    return run[*failed].update.pass.status;
}

enum sc_status sc_run(const struct sc_op *op, const struct sc_tensors *in,
                      const struct sc_args *args, const struct sc_exec *exec,
                      struct sc_report *report, struct sc_note *note)
{
    const struct sc_job job = {.op = op, .in = in, .args = args, .report = report};
    size_t failed;

    return sc_run_all(&job, 1, exec, &failed, note);
}
