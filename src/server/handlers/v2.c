/* v2.c - GET /v2/...: what clients of the Open Inference Protocol ask before they infer.
 */
#include "reply.h"
#include "server.h"
#include "statistics.h"
#include "v2_model.h"

/* ---- the server ---- */

enum sc_status handle_v2_server(struct call *call)
{
    static const char *const extensions[] = {"binary_tensor_data", "model_configuration",
                                             "model_repository", "statistics"};
    struct sc_writer out;
    struct json_writer j = reply_json(call->rq, &out);

    json_text(&j, "name", "scored");
    json_text(&j, "version", SCORED_VERSION);
    json_open(&j, "extensions", '[');
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        json_text(&j, NULL, extensions[i]);
    json_close(&j, ']');
    return reply_json_end(call->rq, &j);
}

enum sc_status handle_v2_index(struct call *call)
{
    static const struct codec_style style;
    struct http_request *rq = call->rq;
    struct sc_writer out;
    struct json_writer j = {.out = &out, .style = &style};

    SC_TRY(reply_counted(rq, &call->server->budget));
    sc_writer_init(&out, &rq->arena);
    json_open(&j, NULL, '[');
    for (int i = 0; i < sc_op_count; i++) {
        json_open(&j, NULL, '{');
        json_text(&j, "name", v2_model_name(&sc_ops[i], &rq->arena));
        json_text(&j, "version", ROUTE_VERSION);
        json_text(&j, "state", "READY");
        json_text(&j, "reason", "");
        json_close(&j, '}');
    }
    json_close(&j, ']');
    sc_write_byte(&out, '\n');
    return reply_written(rq, "application/json", &out);
}

/* Of one model, or of all when the path names none. */
enum sc_status handle_v2_stats(struct call *call)
{
    struct sc_writer out;
    struct json_writer j;

    SC_TRY(reply_counted(call->rq, &call->server->budget));
    j = reply_json(call->rq, &out);
    json_open(&j, "model_stats", '[');
    for (int i = 0; i < sc_op_count; i++) {
        if (call->work.op != NULL && call->work.op != &sc_ops[i]) continue;
        json_open(&j, NULL, '{');
        json_text(&j, "name", v2_model_name(&sc_ops[i], &call->rq->arena));
        json_text(&j, "version", ROUTE_VERSION);
        statistics_write(&j, call->server->statistics, &sc_ops[i]);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    return reply_json_end(call->rq, &j);
}

/* ---- a model ---- */

enum sc_status handle_v2_model_ready(struct call *call)
{
    struct sc_writer out;
    struct json_writer j = reply_json(call->rq, &out);

    json_text(&j, "name", v2_model_name(call->work.op, &call->rq->arena));
    json_bool(&j, "ready", true);
    return reply_json_end(call->rq, &j);
}

/* -1 for each dimension; a scalar is [1]. */
static void write_shape(struct json_writer *j, const char *key, int rank)
{
    json_open(j, key, '[');
    for (int i = 0; i < rank; i++) json_int(j, NULL, -1);
    if (rank == 0) json_int(j, NULL, 1);
    json_close(j, ']');
}

/* Of inputs the protocol has no word for "any rank": [-1], which clients replace by theirs. */
static void write_tensor(struct json_writer *j, const char *name, enum sc_dtype dtype, int rank)
{
    json_open(j, NULL, '{');
    json_text(j, "name", name);
    json_text(j, "datatype", v2_datatype(dtype));
    write_shape(j, "shape", rank);
    json_close(j, '}');
}

enum sc_status handle_v2_model(struct call *call)
{
    const struct sc_op *op = call->work.op;
    struct sc_writer out;
    struct json_writer j = reply_json(call->rq, &out);

    json_text(&j, "name", v2_model_name(op, &call->rq->arena));
    json_open(&j, "versions", '[');
    json_text(&j, NULL, ROUTE_VERSION);
    json_close(&j, ']');
    json_text(&j, "platform", "scored");
    json_open(&j, "inputs", '[');
    for (int i = 0; i < op->inputs; i++)
        write_tensor(&j, op->input[i].name, v2_input_dtype(op, &op->input[i]), 1);
    json_close(&j, ']');
    json_open(&j, "outputs", '[');
    for (int i = 0; i < v2_declared_count; i++)
        if (v2_declares(&v2_declared[i], op))
            write_tensor(&j, v2_declared[i].name, v2_declared[i].dtype, v2_declared[i].rank);
    json_close(&j, ']');
    return reply_json_end(call->rq, &j);
}

/* ---- its configuration, as Triton writes it ---- */

static void write_config_tensor(struct json_writer *j, const char *name, enum sc_dtype dtype,
                                int rank, struct sc_arena *arena)
{
    json_text(j, "name", name);
    json_text(j, "data_type", sc_arena_printf(arena, "TYPE_%s", v2_datatype(dtype)));
    write_shape(j, "dims", rank);
}

static void write_config_input(struct json_writer *j, const struct sc_op *op,
                               const struct sc_input *input, struct sc_arena *arena)
{
    json_open(j, NULL, '{');
    write_config_tensor(j, input->name, v2_input_dtype(op, input), 1, arena);
    json_bool(j, "optional", !input->required);
    json_close(j, '}');
}

static void write_config_output(struct json_writer *j, const struct v2_declared *output,
                                struct sc_arena *arena)
{
    json_open(j, NULL, '{');
    write_config_tensor(j, output->name, output->dtype, output->rank, arena);
    json_close(j, '}');
}

enum sc_status handle_v2_config(struct call *call)
{
    const struct sc_op *op = call->work.op;
    struct sc_arena *arena = &call->rq->arena;
    struct sc_writer out;
    struct json_writer j = reply_json(call->rq, &out);

    json_text(&j, "name", v2_model_name(op, arena));
    json_text(&j, "platform", "scored");
    json_text(&j, "backend", "scored");
    json_int(&j, "max_batch_size", 0);
    json_open(&j, "input", '[');
    for (int i = 0; i < op->inputs; i++) write_config_input(&j, op, &op->input[i], arena);
    json_close(&j, ']');
    json_open(&j, "output", '[');
    for (int i = 0; i < v2_declared_count; i++)
        if (v2_declares(&v2_declared[i], op)) write_config_output(&j, &v2_declared[i], arena);
    json_close(&j, ']');
    return reply_json_end(call->rq, &j);
}
