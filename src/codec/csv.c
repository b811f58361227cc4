/* csv.c - the main table of a report as RFC 4180 has it; numbers in full precision. */
#include <math.h>
#include <string.h>

#include "decimal.h"
#include "formats.h"

/* In quotes where it must be. */
static void write_field(struct sc_writer *out, const char *text)
{
    if (text[strcspn(text, "\",\r\n")] == '\0') {
        sc_write_text(out, text);
        return;
    }
    sc_write_byte(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"') sc_write_byte(out, '"');
        sc_write_byte(out, *text);
    }
    sc_write_byte(out, '"');
}

/* Null is an empty field. */
static void write_real(struct sc_writer *out, const struct codec_style *style, double value)
{
    char text[DECIMAL_SIZE];

    if (isfinite(value))
        sc_write(out, text, decimal_print(text, value));
    else if (style->nonfinite_token && !sc_is_none(value))
        sc_write_text(out, isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

static void write_cell(struct sc_writer *out, const struct codec_style *style,
                       const struct sc_column *column, size_t row)
{
    if (column->kind == SC_VALUE_INT)
        sc_writef(out, "%lld", (long long)column->cell.integer[row]);
    else if (column->kind == SC_VALUE_REAL)
        write_real(out, style, column->cell.real[row]);
    else if (column->cell.text[row] != NULL)
        write_field(out, column->cell.text[row]);
}

static void write_table(struct sc_writer *out, const struct codec_style *style,
                        const struct sc_table *t)
{
    for (size_t i = 0; i < t->columns; i++) {
        if (i > 0) sc_write_byte(out, ',');
        write_field(out, t->column[i].name);
    }
    sc_write_text(out, "\r\n");
    for (size_t row = 0; row < t->rows; row++) {
        for (size_t i = 0; i < t->columns; i++) {
            if (i > 0) sc_write_byte(out, ',');
            write_cell(out, style, &t->column[i], row);
        }
        sc_write_text(out, "\r\n");
    }
}

static const struct sc_value *main_table(const struct sc_report *report)
{
    return report->main_table ? sc_report_find(report, report->main_table) : NULL;
}

enum sc_status csv_encode(const struct codec_results *results, const struct codec_style *style,
                          struct sc_writer *out, struct sc_note *note)
{
    const struct sc_report *report = codec_sole(results);
    const struct sc_value *v = report ? main_table(report) : NULL;

    if (report == NULL)
        return sc_fail(note, SC_NOT_ACCEPTABLE, NULL,
                       "text/csv has one table, not several results; ask for "
                       "application/json or text/plain");
    if (v == NULL || v->kind != SC_VALUE_TABLE)
        return codec_absent(report, report->main_table, "table", "text/csv", note);
    write_table(out, style, &v->as.table);
    return out->failed ? sc_fail(note, SC_NO_MEMORY, NULL, "no memory for the reply") : SC_OK;
}
