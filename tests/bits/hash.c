/* hash.c - a hash of everything that a report says: FNV-1a, numbers taken as whole words. */
#include <math.h>
#include <string.h>

#include "bits.h"

static void hash_bytes(uint64_t *h, const void *data, size_t size)
{
    const uint8_t *p = data;

    for (size_t i = 0; i < size; i++) *h = (*h ^ p[i]) * 0x100000001b3;
}

static void hash_text(uint64_t *h, const char *text)
{
    if (text != NULL) hash_bytes(h, text, strlen(text) + 1);
}

static void hash_word(uint64_t *h, uint64_t word)
{
    *h = (*h ^ word) * 0x100000001b3;
    *h ^= *h >> 29;
}

static void hash_real(uint64_t *h, double v)
{
    uint64_t bits;

    v = isnan(v) ? 0.123 : v;
    memcpy(&bits, &v, sizeof bits);
    hash_word(h, bits);
}

static void hash_tensor(uint64_t *h, const struct sc_tensor *t)
{
    const size_t size = sc_dtype_size(t->dtype);

    hash_bytes(h, &t->dtype, sizeof t->dtype);
    hash_bytes(h, t->dim, (size_t)t->rank * sizeof *t->dim);
    for (int64_t i = 0; i < t->count; i++) {
        const uint8_t *p = (const uint8_t *)t->data + (size_t)i * size;
        uint16_t half = 0;

        if (size == 2) memcpy(&half, p, 2);
        if (t->dtype == SC_FLOAT64)
            hash_real(h, ((const double *)t->data)[i]);
        else if (t->dtype == SC_FLOAT32)
            hash_real(h, ((const float *)t->data)[i]);
        else if (t->dtype == SC_FLOAT16)
            hash_real(h, sc_from_float16(half));
        else if (t->dtype == SC_BFLOAT16)
            hash_real(h, sc_from_bfloat16(half));
        else
            hash_bytes(h, p, size);
    }
}

static void hash_column(uint64_t *h, const struct sc_column *c, size_t rows)
{
    hash_text(h, c->name);
    for (size_t i = 0; i < rows; i++) {
        if (c->kind == SC_VALUE_INT) hash_bytes(h, &c->cell.integer[i], sizeof(int64_t));
        if (c->kind == SC_VALUE_REAL) hash_real(h, c->cell.real[i]);
        if (c->kind == SC_VALUE_TEXT) hash_text(h, c->cell.text[i]);
    }
}

static void hash_value(uint64_t *h, const struct sc_value *v)
{
    hash_text(h, v->name);
    switch (v->kind) {
    case SC_VALUE_INT:
        hash_bytes(h, &v->as.integer, sizeof v->as.integer);
        break;
    case SC_VALUE_REAL:
        hash_real(h, v->as.real);
        break;
    case SC_VALUE_BOOL:
        hash_bytes(h, &v->as.boolean, 1);
        break;
    case SC_VALUE_TEXT:
        hash_text(h, v->as.text);
        break;
    case SC_VALUE_BYTES:
        hash_bytes(h, v->as.bytes.data, v->as.bytes.size);
        break;
    case SC_VALUE_LIST:
    case SC_VALUE_TENSOR:
        hash_tensor(h, &v->as.tensor);
        break;
    case SC_VALUE_TABLE:
        for (size_t i = 0; i < v->as.table.columns; i++)
            hash_column(h, &v->as.table.column[i], v->as.table.rows);
    }
}

uint64_t hash_report(const struct sc_report *r)
{
    uint64_t h = 0xcbf29ce484222325;

    for (size_t i = 0; i < r->count; i++) hash_value(&h, &r->value[i]);
    for (size_t i = 0; i < r->warnings; i++) hash_text(&h, r->warning[i].code);
    return h;
}
