/* archive.c - what of a report is an array, and what a text. */
#include "archive.h"

/* While members are collected: first counted, then written. */
struct collector {
    struct archive out; /* no arrays and texts: they are counted */
    const char *prefix; /* of names; "" for a sole result */
    struct sc_arena *arena;
    bool failed;
};

static const char *name_of(struct collector *c, const char *name, const char *column)
{
    const char *text;

    if (c->out.array == NULL) return NULL;
    text = sc_arena_printf(c->arena, "%s%s%s%s", c->prefix, name, column ? "." : "",
                           column ? column : "");
    c->failed = c->failed || text == NULL;
    return text;
}

static void add_tensor(struct collector *c, const char *name, const char *column,
                       const struct sc_tensor *t)
{
    struct archive_array *array = c->out.array;

    if (array != NULL)
        array[c->out.arrays] = (struct archive_array){name_of(c, name, column), *t};
    c->out.arrays++;
}

#define SOLE (-1) /* the count of one that is no list */

/* A view of `count` elements in one dimension, or of one in none. */
static void add_view(struct collector *c, const char *name, const char *column,
                     enum sc_dtype dtype, int64_t count, const void *data)
{
    struct sc_tensor t;
    size_t size;

    if (sc_tensor_shape(&t, dtype, count == SOLE ? 0 : 1, &count, &size, NULL) != SC_OK) {
        c->failed = true;
        return;
    }
    t.data = (void *)(uintptr_t)data; /* what is written is only read */
    add_tensor(c, name, column, &t);
}

static void add_texts(struct collector *c, const char *name, const char *column,
                      const char *const *text, int64_t count)
{
    struct archive_text *texts = c->out.text;
    int64_t given = 0;

    for (int64_t i = 0; i < (count == SOLE ? 1 : count); i++) given += text[i] != NULL;
    if (given == 0 && count != 0) return;
    if (texts != NULL)
        texts[c->out.texts] = (struct archive_text){name_of(c, name, column), text,
                                                    count == SOLE ? 1 : count, count != SOLE};
    c->out.texts++;
}

static void add_column(struct collector *c, const char *table, const struct sc_column *column,
                       size_t rows)
{
    const int64_t count = (int64_t)rows;

    if (column->kind == SC_VALUE_INT)
        add_view(c, table, column->name, SC_INT64, count, column->cell.integer);
    else if (column->kind == SC_VALUE_REAL)
        add_view(c, table, column->name, SC_FLOAT64, count, column->cell.real);
    else
        add_texts(c, table, column->name, column->cell.text, count);
}

static void add_value(struct collector *c, const struct sc_value *v)
{
    switch (v->kind) {
    case SC_VALUE_INT:
        add_view(c, v->name, NULL, SC_INT64, SOLE, &v->as.integer);
        break;
    case SC_VALUE_REAL:
        add_view(c, v->name, NULL, SC_FLOAT64, SOLE, &v->as.real);
        break;
    case SC_VALUE_BOOL:
        add_view(c, v->name, NULL, SC_BOOL, SOLE, &v->as.boolean);
        break;
    case SC_VALUE_TEXT:
        add_texts(c, v->name, NULL, &v->as.text, SOLE);
        break;
    case SC_VALUE_BYTES:
        add_view(c, v->name, NULL, SC_UINT8, (int64_t)v->as.bytes.size, v->as.bytes.data);
        break;
    case SC_VALUE_LIST:
    case SC_VALUE_TENSOR:
        add_tensor(c, v->name, NULL, &v->as.tensor);
        break;
    case SC_VALUE_TABLE:
        for (size_t i = 0; i < v->as.table.columns; i++)
            add_column(c, v->name, &v->as.table.column[i], v->as.table.rows);
        break;
    }
}

static void add_warnings(struct collector *c, const struct sc_report *report)
{
    const char **codes = sc_arena_calloc(c->arena, report->warnings, sizeof *codes);
    const char **details = sc_arena_calloc(c->arena, report->warnings, sizeof *details);

    if (codes == NULL || details == NULL) {
        c->failed = true;
        return;
    }
    for (size_t i = 0; i < report->warnings; i++) {
        codes[i] = report->warning[i].code;
        details[i] = report->warning[i].detail;
    }
    add_texts(c, "warnings", "code", codes, (int64_t)report->warnings);
    add_texts(c, "warnings", "detail", details, (int64_t)report->warnings);
}

static void collect(struct collector *c, const struct codec_results *results)
{
    c->out.arrays = c->out.texts = 0;
    for (size_t i = 0; i < results->count && !c->failed; i++) {
        const struct codec_result *result = &results->item[i];

        c->prefix = result->name ? sc_arena_printf(c->arena, "%s.", result->name) : "";
        if (c->prefix == NULL) {
            c->failed = true;
            return;
        }
        for (size_t k = 0; k < result->report->count; k++)
            add_value(c, &result->report->value[k]);
        add_warnings(c, result->report);
    }
}

enum sc_status archive_of(const struct codec_results *results, struct sc_arena *arena,
                          struct archive *out, struct sc_note *note)
{
    struct collector c = {.arena = arena};

    collect(&c, results);
    c.out.array = sc_arena_calloc(arena, c.out.arrays, sizeof *c.out.array);
    c.out.text = sc_arena_calloc(arena, c.out.texts, sizeof *c.out.text);
    if (c.out.array == NULL || c.out.text == NULL) c.failed = true;
    if (!c.failed) collect(&c, results);
    if (c.failed) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for the reply");
    *out = c.out;
    return SC_OK;
}
