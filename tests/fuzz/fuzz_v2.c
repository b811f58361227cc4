/* fuzz_v2.c - any bytes as a request of the Open Inference Protocol. The first two say where
 * its JSON ends; 0 is a body without any. What is read is replied with, and must add up. */
#include "decoding.h"
#include "v2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void reply(const struct v2_request *request, struct sc_arena *arena)
{
    const struct codec_style style = {.nonfinite_token = true};
    const struct sc_tensors *in = &request->payload.tensors;
    struct v2_output *output = sc_arena_calloc(arena, in->count + 1, sizeof *output);
    struct v2_reply reply = {.model = "m", .version = "1", .id = request->id};
    struct sc_report report;
    struct sc_writer out;
    size_t json_size, bytes = 0;
    bool binary;

    if (output == NULL) return;
    sc_report_init(&report, arena);
    sc_report_text(&report, "status", "ok");
    for (size_t i = 0; i < in->count; i++) {
        const struct sc_tensor *t = &in->item[i].tensor;

        output[i] = (struct v2_output){in->item[i].name, *t, true};
        bytes += sc_tensor_bytes(t);
    }
    reply.output = output;
    reply.outputs = in->count;
    reply.report = &report;
    reply.whole = request->report;
    sc_writer_init(&out, arena);
    if (v2_encode(&reply, &style, &out, &json_size, &binary, NULL) != SC_OK) return;
    if (sc_writer_total(&out) != json_size + bytes || binary != (in->count > 0)) abort();
}

static enum sc_status read_body(const struct codec_source *source, size_t json_size,
                                struct v2_request *request, struct sc_note *note)
{
    if (json_size == 0) return v2_decode_raw(source, "x", SC_FLOAT32, request, note);
    return v2_decode(source, json_size, request, note);
}

static void check(const struct codec_source *source, size_t json_size)
{
    struct v2_request request;
    struct sc_note note = {0};
    const enum sc_status status = read_body(source, json_size, &request, &note);

    if (source->arena->held > source->arena->limit) abort();
    if (status != SC_OK && (note.detail[0] == '\0' || status == SC_INTERNAL)) abort();
    if (status != SC_OK) return;
    check_payload(&request.payload);
    for (size_t i = 0; i < request.wanted_count; i++)
        if (request.wanted[i].name == NULL) abort();
    reply(&request, source->arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sc_limits limits = sc_limits_preset();
    struct sc_arena arena;
    struct codec_source source = {.name = "", .limits = &limits, .arena = &arena};
    size_t json_size;
    uint8_t *body;

    if (size < 2) return 0;
    body = guarded_body(data + 2, size - 2);
    source.body = sc_bytes(body, size - 2);
    json_size = sc_le16(data);
    if (json_size <= source.body.size) {
        sc_arena_init(&arena, size % 4 == 3 ? size * 8 : FUZZ_MEMORY, NULL);
        check(&source, json_size);
        sc_arena_done(&arena);
    }
    unguard_body(body, size - 2);
    return 0;
}
