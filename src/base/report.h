/* report.h - what an operation answers: scalars, texts, lists, tensors and tables, by name.
 *
 * A dot in a name nests: "grad.pred" is {"grad": {"pred": ...}} in JSON and a member
 * "grad.pred" in an archive; values of one object stand together. Encoders print reports
 * without knowing any operation. Names and texts must outlive the report: literals, or memory
 * of the same arena. */
#pragma once

#include "arena.h"
#include "bytes.h"
#include "status.h"
#include "tensor.h"

enum sc_value_kind {
    SC_VALUE_INT,    /* integer */
    SC_VALUE_REAL,   /* float64; NaN and infinities print as null (or as tokens when asked) */
    SC_VALUE_BOOL,   /* true or false */
    SC_VALUE_TEXT,   /* text; NULL prints as null */
    SC_VALUE_BYTES,  /* bytes that mean nothing to a reader; base64 in JSON */
    SC_VALUE_LIST,   /* tensor printed as nested lists: [..], [[..], ..] */
    SC_VALUE_TENSOR, /* tensor printed as {"dtype", "shape", "data"} */
    SC_VALUE_TABLE   /* named columns; in JSON a list of objects, in CSV rows */
};

/* What a real number is where there is none, such as the mean of nothing: a NaN of its own that
 * always prints as null. */
#define SC_NONE __builtin_nan("0x5c0de")

static inline bool sc_is_none(double x)
{
    const double none = SC_NONE;

    return memcmp(&x, &none, sizeof x) == 0;
}

/* A column has one cell a row, of one kind: INT, REAL or TEXT. */
struct sc_column {
    const char *name;
    enum sc_value_kind kind;
    union {
        const int64_t *integer;
        const double *real;
        const char *const *text;
    } cell;
};

struct sc_table {
    size_t rows, columns;
    struct sc_column *column;
    size_t room; /* for so many columns */
};

struct sc_value {
    const char *name;
    enum sc_value_kind kind;
    union {
        int64_t integer;
        double real;
        bool boolean;
        const char *text;
        struct sc_bytes bytes;
        struct sc_tensor tensor; /* LIST and TENSOR */
        struct sc_table table;
    } as;
};

/* A warning for the reader of the result: {"code", "detail"}. */
struct sc_warning {
    const char *code, *detail;
};

struct sc_report {
    struct sc_arena *arena;
    struct sc_value *value;
    size_t count, capacity;
    struct sc_warning *warning;
    size_t warnings, warning_capacity;
    const char *main_table;  /* name of the table that CSV prints; NULL: none */
    const char *main_tensor; /* name of the tensor that NPY prints; NULL: none */
    bool whole;              /* leave nothing out for its length */
    bool failed;             /* memory ran out while it was written; see sc_report_status */
};

void sc_report_init(struct sc_report *r, struct sc_arena *arena);

/* Each adds one value. Running out of memory sets `failed`; sc_report_status tells. */
void sc_report_int(struct sc_report *r, const char *name, int64_t value);
void sc_report_real(struct sc_report *r, const char *name, double value);
void sc_report_bool(struct sc_report *r, const char *name, bool value);
void sc_report_text(struct sc_report *r, const char *name, const char *value);
void sc_report_bytes(struct sc_report *r, const char *name, const uint8_t *data, size_t size);
void sc_report_list(struct sc_report *r, const char *name, const struct sc_tensor *t);
void sc_report_tensor(struct sc_report *r, const char *name, const struct sc_tensor *t);

/* Adds a table of `rows` rows and room for `columns` columns, to be filled with the column
 * functions below before any other value is added: then it may move. NULL when there is no
 * memory (then `failed` is set). */
struct sc_table *sc_report_table(struct sc_report *r, const char *name, size_t rows,
                                 size_t columns);

/* The next column of a table, which must have room for it: zeroed cells to write, NULL when
 * there is no memory. */
int64_t *sc_table_int(struct sc_report *r, struct sc_table *t, const char *name);
double *sc_table_real(struct sc_report *r, struct sc_table *t, const char *name);
const char **sc_table_text(struct sc_report *r, struct sc_table *t, const char *name);

__attribute__((format(printf, 3, 4))) void sc_report_warn(struct sc_report *r, const char *code,
                                                          const char *format, ...);

/* SC_OK, or SC_NO_MEMORY when something could not be added. */
enum sc_status sc_report_status(const struct sc_report *r, struct sc_note *note);

/* The value of that name; NULL when there is none. */
const struct sc_value *sc_report_find(const struct sc_report *r, const char *name);
