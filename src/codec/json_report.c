/* json_report.c - a report as the members of an object. */
#include <string.h>

#include "formats.h"
#include "json.h"

static void tensor(struct json_writer *j, const char *key, const struct sc_tensor *t)
{
    json_open(j, key, '{');
    json_text(j, "dtype", sc_dtype_name(t->dtype));
    json_open(j, "shape", '[');
    for (int i = 0; i < t->rank; i++) json_int(j, NULL, t->dim[i]);
    json_close(j, ']');
    json_elements(j, "data", t);
    json_close(j, '}');
}

/* Nested lists. `index` counts through the open ones. */
static void list(struct json_writer *j, const char *key, const struct sc_tensor *t)
{
    int64_t index[SC_RANK_MAX], next = 0;
    int depth = 0;

    if (t->rank == 0) {
        json_elements(j, key, t);
        return;
    }
    json_open(j, key, '[');
    index[0] = 0;
    while (depth >= 0) {
        if (depth + 1 == t->rank) { /* a whole row */
            json_run(j, t, next, t->dim[depth]);
            next += t->dim[depth];
            index[depth] = t->dim[depth];
        }
        if (index[depth] == t->dim[depth]) {
            json_close(j, ']');
            depth--;
        } else {
            index[depth]++;
            json_open(j, NULL, '[');
            index[++depth] = 0;
        }
    }
}

static void cell(struct json_writer *j, const struct sc_column *column, size_t row)
{
    if (column->kind == SC_VALUE_INT)
        json_int(j, column->name, column->cell.integer[row]);
    else if (column->kind == SC_VALUE_REAL)
        json_real(j, column->name, column->cell.real[row]);
    else
        json_text(j, column->name, column->cell.text[row]);
}

static void table(struct json_writer *j, const char *key, const struct sc_table *t)
{
    json_open(j, key, '[');
    for (size_t row = 0; row < t->rows; row++) {
        json_open(j, NULL, '{');
        for (size_t i = 0; i < t->columns; i++) cell(j, &t->column[i], row);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void value(struct json_writer *j, const char *key, const struct sc_value *v)
{
    switch (v->kind) {
    case SC_VALUE_INT:
        json_int(j, key, v->as.integer);
        break;
    case SC_VALUE_REAL:
        json_real(j, key, v->as.real);
        break;
    case SC_VALUE_BOOL:
        json_bool(j, key, v->as.boolean);
        break;
    case SC_VALUE_TEXT:
        json_text(j, key, v->as.text);
        break;
    case SC_VALUE_BYTES:
        json_bytes(j, key, v->as.bytes);
        break;
    case SC_VALUE_LIST:
        list(j, key, &v->as.tensor);
        break;
    case SC_VALUE_TENSOR:
        tensor(j, key, &v->as.tensor);
        break;
    case SC_VALUE_TABLE:
        table(j, key, &v->as.table);
        break;
    }
}

/* Bytes of the dotted prefix that both names have in whole segments: 2 for "a.b" and "a.c". */
static size_t shared_prefix(const char *a, const char *b)
{
    size_t shared = 0;

    for (size_t i = 0; a[i] != '\0' && a[i] == b[i]; i++)
        if (a[i] == '.') shared = i + 1;
    return shared;
}

static size_t dots(const char *name)
{
    size_t count = 0;

    for (; *name != '\0'; name++) count += *name == '.';
    return count;
}

/* Opens an object for each segment of `name` but the last, which it returns. */
static const char *open_segments(struct json_writer *j, const char *name)
{
    const char *dot;

    for (; (dot = strchr(name, '.')) != NULL; name = dot + 1) {
        char segment[64];
        const size_t size = (size_t)(dot - name);

        memcpy(segment, name, size < sizeof segment ? size : sizeof segment - 1);
        segment[size < sizeof segment ? size : sizeof segment - 1] = '\0';
        json_open(j, segment, '{');
    }
    return name;
}

static void warnings(struct json_writer *j, const struct sc_report *report)
{
    json_open(j, "warnings", '[');
    for (size_t i = 0; i < report->warnings; i++) {
        json_open(j, NULL, '{');
        json_text(j, "code", report->warning[i].code);
        json_text(j, "detail", report->warning[i].detail);
        json_close(j, '}');
    }
    json_close(j, ']');
}

void json_report(struct json_writer *j, const struct sc_report *report)
{
    const char *before = "";

    for (size_t i = 0; i < report->count; i++) {
        const struct sc_value *v = &report->value[i];
        const size_t shared = shared_prefix(before, v->name);

        for (size_t n = dots(before + shared); n > 0; n--) json_close(j, '}');
        value(j, open_segments(j, v->name + shared), v);
        before = v->name;
    }
    for (size_t n = dots(before); n > 0; n--) json_close(j, '}');
    warnings(j, report);
}

/* Each result under its name. */
static void named_results(struct json_writer *j, const struct codec_results *results)
{
    json_open(j, "results", '{');
    for (size_t i = 0; i < results->count; i++) {
        json_open(j, results->item[i].name, '{');
        json_report(j, results->item[i].report);
        json_close(j, '}');
    }
    json_close(j, '}');
}

enum sc_status json_encode(const struct codec_results *results, const struct codec_style *style,
                           struct sc_writer *out, struct sc_note *note)
{
    const struct sc_report *sole = codec_sole(results);
    struct json_writer j = {.out = out, .style = style};

    json_open(&j, NULL, '{');
    if (sole != NULL)
        json_report(&j, sole);
    else
        named_results(&j, results);
    json_close(&j, '}');
    sc_write_byte(out, '\n');
    return out->failed ? sc_fail(note, SC_NO_MEMORY, NULL, "no memory for the reply") : SC_OK;
}
