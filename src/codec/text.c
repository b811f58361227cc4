/* text.c - a report for a person at a terminal: aligned, rounded, large arrays summarised. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "formats.h"

#define CELL_SIZE    80
#define LIST_MAX     8  /* longer lists are summarised */
#define MATRIX_MAX   32 /* wider matrices too */
#define COLUMN_SPACE "  "

/* Characters on the screen: bytes that do not continue one. */
static int width_of(const char *text)
{
    int width = 0;

    for (; *text != '\0'; text++) width += (*text & 0xc0) != 0x80;
    return width;
}

static void pad(struct sc_writer *out, int count)
{
    while (count-- > 0) sc_write_byte(out, ' ');
}

/* Names may come from the caller: nothing of them may steer a terminal. */
static const char *printable(char cell[CELL_SIZE], const char *text)
{
    snprintf(cell, CELL_SIZE, "%s", text ? text : "-");
    for (char *at = cell; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f) *at = '?';
    return cell;
}

static const char *real_text(char cell[CELL_SIZE], double value)
{
    if (isnan(value)) return "-";
    snprintf(cell, CELL_SIZE, "%.6g", value);
    return cell;
}

static const char *int_text(char cell[CELL_SIZE], int64_t value)
{
    snprintf(cell, CELL_SIZE, "%lld", (long long)value);
    return cell;
}

static double element(const struct sc_tensor *t, int64_t i)
{
    switch (t->dtype) {
#define CASE(id, type)                                                                         \
    case SC_##id:                                                                              \
        return (double)((const type *)t->data)[i];
    case SC_BOOL:
        CASE(UINT8, uint8_t)
        CASE(UINT16, uint16_t)
        CASE(UINT32, uint32_t)
        CASE(UINT64, uint64_t)
        CASE(INT8, int8_t)
        CASE(INT16, int16_t)
        CASE(INT32, int32_t)
        CASE(INT64, int64_t)
        CASE(FLOAT32, float)
        CASE(FLOAT64, double)
#undef CASE
    case SC_FLOAT16:
        return (double)sc_from_float16(((const uint16_t *)t->data)[i]);
    case SC_BFLOAT16:
        return (double)sc_from_bfloat16(((const uint16_t *)t->data)[i]);
    case SC_DTYPE_COUNT:
        break;
    }
    return NAN;
}

/* Small enough to be read, as lines of its own. */
static bool is_matrix(const struct sc_value *v)
{
    return v->kind == SC_VALUE_LIST && v->as.tensor.rank == 2 &&
           v->as.tensor.dim[1] <= MATRIX_MAX && v->as.tensor.dim[0] <= MATRIX_MAX;
}

static void write_tensor(struct sc_writer *out, const struct sc_tensor *t)
{
    char cell[CELL_SIZE];

    if (t->rank > 1 || t->count > LIST_MAX) {
        sc_writef(out, "%s%s", sc_dtype_name(t->dtype),
                  sc_tensor_shape_text(t, cell, sizeof cell));
        return;
    }
    for (int64_t i = 0; i < t->count; i++) {
        if (i > 0) sc_write_text(out, ", ");
        sc_write_text(out, real_text(cell, element(t, i)));
    }
}

static void write_value(struct sc_writer *out, const struct sc_value *v)
{
    char cell[CELL_SIZE];

    switch (v->kind) {
    case SC_VALUE_INT:
        sc_write_text(out, int_text(cell, v->as.integer));
        break;
    case SC_VALUE_REAL:
        sc_write_text(out, real_text(cell, v->as.real));
        break;
    case SC_VALUE_BOOL:
        sc_write_text(out, v->as.boolean ? "true" : "false");
        break;
    case SC_VALUE_TEXT:
        sc_write_text(out, printable(cell, v->as.text));
        break;
    case SC_VALUE_BYTES:
        sc_writef(out, "%zu bytes", v->as.bytes.size);
        break;
    case SC_VALUE_LIST:
    case SC_VALUE_TENSOR:
        write_tensor(out, &v->as.tensor);
        break;
    case SC_VALUE_TABLE:
        break;
    }
}

static void write_values(struct sc_writer *out, const struct sc_report *report)
{
    int width = 0;

    for (size_t i = 0; i < report->count; i++) {
        const struct sc_value *v = &report->value[i];

        if (v->kind != SC_VALUE_TABLE && !is_matrix(v) && width_of(v->name) > width)
            width = width_of(v->name);
    }
    for (size_t i = 0; i < report->count; i++) {
        const struct sc_value *v = &report->value[i];

        if (v->kind == SC_VALUE_TABLE || is_matrix(v)) continue;
        sc_write_text(out, v->name);
        pad(out, width - width_of(v->name));
        sc_write_text(out, COLUMN_SPACE);
        write_value(out, v);
        sc_write_byte(out, '\n');
    }
}

static const char *cell_text(char cell[CELL_SIZE], const struct sc_column *column, size_t row)
{
    if (column->kind == SC_VALUE_INT) return int_text(cell, column->cell.integer[row]);
    if (column->kind == SC_VALUE_REAL) return real_text(cell, column->cell.real[row]);
    return printable(cell, column->cell.text[row]);
}

static int column_width(const struct sc_column *column, size_t rows)
{
    int width = width_of(column->name);
    char cell[CELL_SIZE];

    for (size_t row = 0; row < rows; row++) {
        const int cell_width = width_of(cell_text(cell, column, row));

        if (cell_width > width) width = cell_width;
    }
    return width;
}

/* Numbers stand to the right of their column, texts to the left. */
static void write_cell(struct sc_writer *out, const char *text, int width, bool is_text,
                       bool is_last)
{
    if (!is_text) pad(out, width - width_of(text));
    sc_write_text(out, text);
    if (is_last)
        sc_write_byte(out, '\n');
    else
        pad(out, (is_text ? width - width_of(text) : 0) + (int)strlen(COLUMN_SPACE));
}

static enum sc_status write_table(struct sc_writer *out, const struct sc_table *t,
                                  struct sc_note *note)
{
    int *width = sc_arena_calloc(out->arena, t->columns, sizeof *width);

    if (width == NULL) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for the reply");
    for (size_t i = 0; i < t->columns; i++) {
        width[i] = column_width(&t->column[i], t->rows);
        write_cell(out, t->column[i].name, width[i], t->column[i].kind == SC_VALUE_TEXT,
                   i + 1 == t->columns);
    }
    for (size_t row = 0; row < t->rows; row++) {
        for (size_t i = 0; i < t->columns; i++) {
            char cell[CELL_SIZE];

            write_cell(out, cell_text(cell, &t->column[i], row), width[i],
                       t->column[i].kind == SC_VALUE_TEXT, i + 1 == t->columns);
        }
    }
    return SC_OK;
}

static void write_matrix(struct sc_writer *out, const struct sc_tensor *t)
{
    char cell[CELL_SIZE];
    int width = 1;

    for (int64_t i = 0; i < t->count; i++) {
        const int wide = width_of(real_text(cell, element(t, i)));

        if (wide > width) width = wide;
    }
    for (int64_t i = 0; i < t->count; i++)
        write_cell(out, real_text(cell, element(t, i)), width, false, (i + 1) % t->dim[1] == 0);
}

static void write_matrices(struct sc_writer *out, const struct sc_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct sc_value *v = &report->value[i];

        if (!is_matrix(v)) continue;
        sc_writef(out, "\n%s\n", v->name);
        write_matrix(out, &v->as.tensor);
    }
}

static enum sc_status write_report(struct sc_writer *out, const struct sc_report *report,
                                   struct sc_note *note)
{
    write_values(out, report);
    for (size_t i = 0; i < report->count; i++) {
        const struct sc_value *v = &report->value[i];

        if (v->kind != SC_VALUE_TABLE) continue;
        sc_writef(out, "\n%s\n", v->name);
        SC_TRY(write_table(out, &v->as.table, note));
    }
    write_matrices(out, report);
    for (size_t i = 0; i < report->warnings; i++)
        sc_writef(out, "%swarning: %s: %s\n", i == 0 ? "\n" : "", report->warning[i].code,
                  report->warning[i].detail);
    return SC_OK;
}

enum sc_status text_encode(const struct codec_results *results, const struct codec_style *style,
                           struct sc_writer *out, struct sc_note *note)
{
    (void)style;
    for (size_t i = 0; i < results->count; i++) {
        const struct codec_result *result = &results->item[i];

        if (result->name != NULL)
            sc_writef(out, "%s---- %s ----\n\n", i > 0 ? "\n" : "", result->name);
        SC_TRY(write_report(out, result->report, note));
    }
    return out->failed ? sc_fail(note, SC_NO_MEMORY, NULL, "no memory for the reply") : SC_OK;
}
