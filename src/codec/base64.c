/* base64.c - four characters to three bytes, and back. */
#include "base64.h"

#include "isa.h"

#define INVALID 64

static uint32_t value_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26u;
    if (c >= '0' && c <= '9') return c - '0' + 52u;
    return c == '+' ? 62 : c == '/' ? 63 : INVALID;
}

static enum sc_status refuse(size_t place, struct sc_note *note)
{
    return sc_fail(note, SC_MALFORMED, NULL,
                   "not base64 at character %zu; expected the standard alphabet with padding",
                   place);
}

/* Reads `count` (2 to 4) characters as bits, left-aligned in 24. */
static bool read_group(const uint8_t *text, size_t count, uint32_t *out)
{
    uint32_t bits = 0, any = 0;

    for (size_t i = 0; i < count; i++) {
        const uint32_t value = value_of(text[i]);

        any |= value;
        bits |= value << (18 - 6 * i);
    }
    *out = bits;
    return (any & INVALID) == 0;
}

static void put_bytes(uint32_t bits, size_t count, uint8_t *to)
{
    for (size_t i = 0; i < count; i++) to[i] = (uint8_t)(bits >> (16 - 8 * i));
}

/* The last group, of two or three characters before its padding. */
static bool read_last(const uint8_t *text, size_t count, uint8_t *to)
{
    uint32_t bits;

    if (!read_group(text, count, &bits)) return false;
    put_bytes(bits, count - 1, to);
    return (bits & (count == 2 ? 0xffffu : 0xffu)) == 0;
}

enum sc_status base64_decode(struct sc_bytes text, struct sc_arena *arena, struct sc_bytes *out,
                             struct sc_note *note)
{
    base64_decode_fn *const many = codec_isa()->base64;
    size_t padding = 0, whole, first, size;
    uint8_t *data;

    if (text.size % 4 != 0)
        return sc_fail(note, SC_MALFORMED, NULL,
                       "base64 of %zu characters; expected a multiple of 4, with padding",
                       text.size);
    while (padding < 2 && padding < text.size && text.data[text.size - 1 - padding] == '=')
        padding++;
    whole = (text.size - padding) / 4 * 4;
    size = text.size / 4 * 3 - padding;
    data = sc_arena_alloc(arena, size);
    if (data == NULL) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for base64");
    first = many ? many(text.data, whole, data) : 0;
    for (size_t i = first; i < whole; i += 4) {
        uint32_t bits;

        if (!read_group(text.data + i, 4, &bits)) return refuse(i, note);
        put_bytes(bits, 3, data + i / 4 * 3);
    }
    if (padding > 0 && !read_last(text.data + whole, 4 - padding, data + whole / 4 * 3))
        return refuse(whole, note);
    *out = sc_bytes(data, size);
    return SC_OK;
}

/* Writes `count` (1 to 3) bytes as four characters. */
static void write_group(const uint8_t *data, size_t count, uint8_t text[4])
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;

    for (size_t i = 0; i < count; i++) bits |= (uint32_t)data[i] << (16 - 8 * i);
    for (size_t i = 0; i < 4; i++)
        text[i] = i <= count ? (uint8_t)alphabet[bits >> (18 - 6 * i) & 63] : '=';
}

void base64_write(struct sc_writer *out, struct sc_bytes data)
{
    if (!sc_writer_reserve(out, (data.size + 2) / 3 * 4)) return;
    for (size_t i = 0; i < data.size; i += 3) {
        write_group(data.data + i, data.size - i < 3 ? data.size - i : 3,
                    out->data + out->size);
        out->size += 4;
    }
}
