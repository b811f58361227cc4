/* report.c - collecting what an operation answers. */
#include "report.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sc_report_init(struct sc_report *r, struct sc_arena *arena)
{
    *r = (struct sc_report){.arena = arena};
}

/* Room for one more in a growing array; NULL when there is no memory, or was none before. */
static void *grow(struct sc_report *r, void *items, size_t count, size_t *capacity, size_t size)
{
    void *larger = r->failed ? NULL : sc_arena_grow(r->arena, items, count, capacity, size);

    r->failed = larger == NULL;
    return larger;
}

/* Where a value of that name goes: behind the last one of its object, so that each object is
 * written once, else to the end. */
static size_t place(const struct sc_report *r, const char *name)
{
    const char *dot = strchr(name, '.');
    const size_t object = dot != NULL ? (size_t)(dot - name) + 1 : 0;

    if (object == 0) return r->count;
    for (size_t i = r->count; i > 0; i--)
        if (strncmp(r->value[i - 1].name, name, object) == 0) return i;
    return r->count;
}

static struct sc_value *add(struct sc_report *r, const char *name, enum sc_value_kind kind)
{
    struct sc_value *values = grow(r, r->value, r->count, &r->capacity, sizeof *values), *v;

    if (values == NULL) return NULL;
    r->value = values;
    v = values + place(r, name);
    memmove(v + 1, v, (size_t)(values + r->count++ - v) * sizeof *v);
    *v = (struct sc_value){.name = name, .kind = kind};
    return v;
}

void sc_report_int(struct sc_report *r, const char *name, int64_t value)
{
    struct sc_value *v = add(r, name, SC_VALUE_INT);

    if (v != NULL) v->as.integer = value;
}

void sc_report_real(struct sc_report *r, const char *name, double value)
{
    struct sc_value *v = add(r, name, SC_VALUE_REAL);

    if (v != NULL) v->as.real = value;
}

void sc_report_bool(struct sc_report *r, const char *name, bool value)
{
    struct sc_value *v = add(r, name, SC_VALUE_BOOL);

    if (v != NULL) v->as.boolean = value;
}

void sc_report_text(struct sc_report *r, const char *name, const char *value)
{
    struct sc_value *v = add(r, name, SC_VALUE_TEXT);

    if (v != NULL) v->as.text = value;
}

void sc_report_bytes(struct sc_report *r, const char *name, const uint8_t *data, size_t size)
{
    struct sc_value *v = add(r, name, SC_VALUE_BYTES);

    if (v != NULL) v->as.bytes = sc_bytes(data, size);
}

void sc_report_list(struct sc_report *r, const char *name, const struct sc_tensor *t)
{
    struct sc_value *v = add(r, name, SC_VALUE_LIST);

    if (v != NULL) v->as.tensor = *t;
}

void sc_report_tensor(struct sc_report *r, const char *name, const struct sc_tensor *t)
{
    struct sc_value *v = add(r, name, SC_VALUE_TENSOR);

    if (v != NULL) v->as.tensor = *t;
}

struct sc_table *sc_report_table(struct sc_report *r, const char *name, size_t rows,
                                 size_t columns)
{
    struct sc_column *column = sc_arena_calloc(r->arena, columns, sizeof *column);
    struct sc_value *v = column ? add(r, name, SC_VALUE_TABLE) : NULL;

    if (v == NULL) {
        r->failed = true;
        return NULL;
    }
    v->as.table = (struct sc_table){.rows = rows, .column = column, .room = columns};
    return &v->as.table;
}

static void *add_column(struct sc_report *r, struct sc_table *t, const char *name,
                        enum sc_value_kind kind, size_t size)
{
    void *cells = t ? sc_arena_calloc(r->arena, t->rows, size) : NULL;

    if (cells == NULL) {
        r->failed = true;
        return NULL;
    }
    assert(t->columns < t->room);
    t->column[t->columns++] =
        (struct sc_column){.name = name, .kind = kind, .cell.real = cells};
    return cells;
}

int64_t *sc_table_int(struct sc_report *r, struct sc_table *t, const char *name)
{
    return add_column(r, t, name, SC_VALUE_INT, sizeof(int64_t));
}

double *sc_table_real(struct sc_report *r, struct sc_table *t, const char *name)
{
    return add_column(r, t, name, SC_VALUE_REAL, sizeof(double));
}

const char **sc_table_text(struct sc_report *r, struct sc_table *t, const char *name)
{
    return add_column(r, t, name, SC_VALUE_TEXT, sizeof(const char *));
}

void sc_report_warn(struct sc_report *r, const char *code, const char *format, ...)
{
    struct sc_warning *warning =
        grow(r, r->warning, r->warnings, &r->warning_capacity, sizeof *warning);
    char text[512];
    va_list args;

    if (warning == NULL) return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    r->warning = warning;
    warning[r->warnings].code = code;
    warning[r->warnings].detail = sc_arena_strndup(r->arena, text, strlen(text));
    if (warning[r->warnings].detail == NULL)
        r->failed = true;
    else
        r->warnings++;
}

enum sc_status sc_report_status(const struct sc_report *r, struct sc_note *note)
{
    if (!r->failed) return SC_OK;
    return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for the report");
}

const struct sc_value *sc_report_find(const struct sc_report *r, const char *name)
{
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->value[i].name, name) == 0) return &r->value[i];
    return NULL;
}
