/* v2_reply.c - {"model_name", "model_version", "id", "parameters", "outputs": [...]}, then the
 * bytes of binary outputs. */
#include "json.h"
#include "v2.h"

static void write_output(struct json_writer *j, const struct v2_output *output)
{
    const struct sc_tensor *t = &output->tensor;

    json_open(j, NULL, '{');
    json_text(j, "name", output->name);
    json_text(j, "datatype", v2_datatype(t->dtype));
    json_open(j, "shape", '[');
    for (int i = 0; i < t->rank; i++) json_int(j, NULL, t->dim[i]);
    json_close(j, ']');
    if (output->binary) {
        json_open(j, "parameters", '{');
        json_uint(j, "binary_data_size", sc_tensor_bytes(t));
        json_close(j, '}');
    } else {
        json_elements(j, "data", t);
    }
    json_close(j, '}');
}

/* The whole report, as JSON in a text. */
static void write_report(struct json_writer *j, const struct sc_report *report)
{
    struct sc_writer text;
    struct json_writer inner = {.out = &text, .style = j->style};

    sc_writer_init(&text, j->out->arena);
    json_open(&inner, NULL, '{');
    json_report(&inner, report);
    json_close(&inner, '}');
    sc_write_byte(&text, '\0');
    if (text.failed)
        j->out->failed = true;
    else
        json_text(j, "report", (const char *)text.data);
}

static void write_params(struct json_writer *j, const struct v2_reply *reply)
{
    const struct sc_value *status = sc_report_find(reply->report, "status");

    json_open(j, "parameters", '{');
    if (status != NULL) json_text(j, "status", status->as.text);
    if (reply->whole) write_report(j, reply->report);
    json_close(j, '}');
}

static void write_json(struct json_writer *j, const struct v2_reply *reply)
{
    json_open(j, NULL, '{');
    json_text(j, "model_name", reply->model);
    json_text(j, "model_version", reply->version);
    if (reply->id != NULL) json_text(j, "id", reply->id);
    write_params(j, reply);
    json_open(j, "outputs", '[');
    for (size_t i = 0; i < reply->outputs; i++) write_output(j, &reply->output[i]);
    json_close(j, ']');
    json_close(j, '}');
}

enum sc_status v2_encode(const struct v2_reply *reply, const struct codec_style *style,
                         struct sc_writer *out, size_t *json_size, bool *binary,
                         struct sc_note *note)
{
    struct json_writer j = {.out = out, .style = style};

    *binary = false;
    write_json(&j, reply);
    *json_size = out->size;
    for (size_t i = 0; i < reply->outputs; i++) {
        if (!reply->output[i].binary) continue;
        *binary = true;
        sc_write_view(out, reply->output[i].tensor.data,
                      sc_tensor_bytes(&reply->output[i].tensor));
    }
    return out->failed ? sc_fail(note, SC_NO_MEMORY, NULL, "no memory for the reply") : SC_OK;
}
