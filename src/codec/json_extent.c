/* json_extent.c - counts brackets and commas; the numbers are read later. */
#include "json_extent.h"

#include <stdio.h>
#include <string.h>

#include "json_cursor.h"

#define RANK_UNKNOWN (-1)

struct measure {
    struct json_cursor c;
    const struct sc_limits *limits;
    const char *pointer;
    struct json_extent e; /* dim: -1 until an array of that depth has ended */
    int depth;
    int64_t index[SC_RANK_MAX + 1]; /* elements so far of the open array of each depth */
    struct sc_note *note;
};

void json_extent_pointer(const struct json_extent *extent, const char *pointer, int64_t index,
                         char out[SC_POINTER_SIZE])
{
    int64_t step = extent->count;

    snprintf(out, SC_POINTER_SIZE, "%s", pointer);
    for (int i = 0; i < extent->rank; i++) {
        step /= extent->dim[i];
        sc_pointer_add(out, index / step);
        index %= step;
    }
}

/* The pointer of the element that the innermost `depth` open arrays have reached. */
static void write_place(const struct measure *m, int depth, char out[SC_POINTER_SIZE])
{
    snprintf(out, SC_POINTER_SIZE, "%s", m->pointer);
    for (int i = 0; i < depth; i++) sc_pointer_add(out, m->index[i]);
}

static enum sc_status refuse(const struct measure *m, const char *what)
{
    char pointer[SC_POINTER_SIZE];

    write_place(m, m->depth, pointer);
    return sc_fail(m->note, SC_MALFORMED, pointer, "%s", what);
}

static enum sc_status too_deep(const struct measure *m)
{
    const int64_t limit = m->limits->rank < SC_RANK_MAX ? m->limits->rank : SC_RANK_MAX;
    char pointer[SC_POINTER_SIZE];

    write_place(m, m->depth, pointer);
    return sc_fail(
        m->note, SC_TOO_LARGE, pointer,
        "arrays nested deeper than %lld, the most dimensions of a tensor (limit rank)",
        (long long)limit);
}

/* The array that ends here is not as long as those before it. */
static enum sc_status ragged(const struct measure *m, int depth)
{
    char pointer[SC_POINTER_SIZE];

    write_place(m, depth, pointer);
    return sc_fail(m->note, SC_MALFORMED, pointer,
                   "a ragged array: its length is %lld, that of the arrays before it %lld",
                   (long long)m->index[depth], (long long)m->e.dim[depth]);
}

static enum sc_status open_array(struct measure *m)
{
    const int depth = m->depth;

    if (depth >= m->limits->rank || depth >= SC_RANK_MAX) return too_deep(m);
    if (m->e.rank != RANK_UNKNOWN && depth >= m->e.rank)
        return refuse(m, "a ragged array: an array stands where a number is expected");
    m->c.at++;
    m->index[m->depth++] = 0;
    return SC_OK;
}

static enum sc_status close_array(struct measure *m)
{
    const int depth = --m->depth;

    m->c.at++;
    if (m->e.rank == RANK_UNKNOWN) m->e.rank = depth + 1;
    if (m->e.dim[depth] == -1) m->e.dim[depth] = m->index[depth];
    if (m->e.dim[depth] != m->index[depth]) return ragged(m, depth);
    if (depth > 0) m->index[depth - 1]++;
    return SC_OK;
}

/* Of a number without NaN and infinities. */
static bool is_integer(struct sc_bytes token)
{
    bool real = false;

    for (size_t i = 0; i < token.size; i++)
        real |= token.data[i] == '.' || (token.data[i] | 32) == 'e';
    return !real;
}

/* False for null. */
static bool note_kind(struct json_extent *e, struct sc_bytes token)
{
    const uint8_t first = token.data[0];

    if (first == 't' || first == 'f')
        e->bools = true;
    else if (first == 'n')
        return false;
    else if (first != 'N' && token.data[token.size - 1] != 'y' && is_integer(token))
        e->integers = true;
    else
        e->reals = true;
    return true;
}

static enum sc_status scalar(struct measure *m, uint8_t first)
{
    if (first == '"' || first == '{') return refuse(m, "expected a number, true or false");
    if (m->e.rank == RANK_UNKNOWN) m->e.rank = m->depth;
    if (m->e.rank != m->depth)
        return refuse(m, "a ragged array: a number stands where an array is expected");
    if (!note_kind(&m->e, json_value(&m->c)))
        return refuse(m, "null is not a number; NaN is taken where there is none");
    if (m->e.bools && (m->e.integers || m->e.reals))
        return refuse(m, "true and false are mixed with numbers; expected one kind");
    if (m->depth > 0) m->index[m->depth - 1]++;
    m->e.count++;
    return SC_OK;
}

enum sc_status json_extent_read(struct sc_bytes text, const struct sc_limits *limits,
                                const struct json_marks *marks, const char *pointer,
                                struct json_extent *out, struct sc_note *note)
{
    struct measure m = {.limits = limits, .pointer = pointer, .note = note};
    const struct json_mark *mark = json_mark_at(marks, text.data);
    uint8_t byte;

    if (mark != NULL && mark->extent.rank <= limits->rank) {
        *out = mark->extent;
        return SC_OK;
    }

    m.c = json_cursor(text);
    m.e.rank = RANK_UNKNOWN;
    memset(m.e.dim, -1, sizeof m.e.dim);
    while ((byte = json_peek(&m.c)) != 0) {
        if (byte == ',')
            m.c.at++;
        else if (byte == '[')
            SC_TRY(open_array(&m));
        else if (byte == ']')
            SC_TRY(close_array(&m));
        else
            SC_TRY(scalar(&m, byte));
    }
    *out = m.e;
    return SC_OK;
}
