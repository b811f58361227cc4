/* npy_header.c - a recogniser of the one Python dictionary that an NPY header holds. */
#include "npy_header.h"

#include <string.h>

#define MAGIC            "\x93NUMPY"
#define MAGIC_BYTES      6
#define HEADER_BYTES_MAX 65536

struct cursor {
    const char *at, *end;
    struct sc_note *note;
};

static enum sc_status broken(const struct cursor *c, const char *what)
{
    return sc_fail(c->note, SC_MALFORMED, NULL, "NPY header: %s", what);
}

static char peek(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n')) c->at++;
    return c->at < c->end ? *c->at : '\0';
}

static bool accept(struct cursor *c, char byte)
{
    if (peek(c) != byte) return false;
    c->at++;
    return true;
}

/* A string literal without escapes. */
static enum sc_status read_string(struct cursor *c, struct sc_bytes *out)
{
    const char quote = peek(c), *begin = c->at + 1, *close;

    if (quote != '\'' && quote != '"') return broken(c, "expected a quoted string");
    close = memchr(begin, quote, (size_t)(c->end - begin));
    if (close == NULL) return broken(c, "a string is not closed");
    if (memchr(begin, '\\', (size_t)(close - begin)) != NULL)
        return broken(c, "a string with escapes");
    *out = sc_bytes(begin, (size_t)(close - begin));
    c->at = close + 1;
    return SC_OK;
}

/* Kinds of dtype that exist in NumPy and are not taken. */
static enum sc_status refuse_kind(const struct cursor *c, char kind, struct sc_bytes descr)
{
    static const struct {
        char kind;
        const char *advice;
    } refused[] = {
        {'O', "Python objects are a pickle, which is never read; convert with astype()"},
        {'U', "text is not taken; send numbers"},
        {'S', "text is not taken; send numbers"},
        {'a', "text is not taken; send numbers"},
        {'V', "raw or structured elements are not taken; convert bfloat16 to float32, or send "
              "it as safetensors, or as application/octet-stream with dtype=bfloat16"},
        {'M', "dates are not taken; send numbers"},
        {'m', "time spans are not taken; send numbers"},
        {'c', "complex numbers are not taken; send real and imaginary parts"},
        {'g', "extended precision is not taken; convert to float64"},
    };

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (kind == refused[i].kind)
            return sc_fail(c->note, SC_UNSUPPORTED, NULL, "NPY dtype '%.*s': %s",
                           (int)(descr.size < 32 ? descr.size : 32), (const char *)descr.data,
                           refused[i].advice);
    return broken(c, "'descr' is not a NumPy dtype, such as '<f4' or '|u1'");
}

static enum sc_status find_dtype(const struct cursor *c, struct sc_bytes descr,
                                 struct npy_header *out)
{
    static const struct {
        char code[3];
        enum sc_dtype dtype;
    } dtypes[] = {{"b1", SC_BOOL},    {"u1", SC_UINT8},   {"u2", SC_UINT16},
                  {"u4", SC_UINT32},  {"u8", SC_UINT64},  {"i1", SC_INT8},
                  {"i2", SC_INT16},   {"i4", SC_INT32},   {"i8", SC_INT64},
                  {"f2", SC_FLOAT16}, {"f4", SC_FLOAT32}, {"f8", SC_FLOAT64}};
    struct sc_bytes code = descr;

    if (code.size > 0 && code.data[0] != '\0' && strchr("<>=|", code.data[0]) != NULL) {
        out->big_endian = code.data[0] == '>';
        code = sc_bytes_slice(code, 1, code.size);
    }
    for (size_t i = 0; i < sizeof dtypes / sizeof dtypes[0]; i++) {
        if (!sc_bytes_is(code, dtypes[i].code)) continue;
        out->dtype = dtypes[i].dtype;
        return SC_OK;
    }
    if (sc_bytes_is(code, "f16") || sc_bytes_is(code, "f12")) return refuse_kind(c, 'g', descr);
    return refuse_kind(c, code.size > 0 ? (char)code.data[0] : '\0', descr);
}

static enum sc_status read_descr(struct cursor *c, struct npy_header *out)
{
    struct sc_bytes descr = {0};
    const char first = peek(c);

    if (first == '[' || first == '(')
        return sc_fail(c->note, SC_UNSUPPORTED, NULL,
                       "NPY: structured arrays are not taken; save one field, array['name']");
    SC_TRY(read_string(c, &descr));
    return find_dtype(c, descr, out);
}

static enum sc_status read_order(struct cursor *c, struct npy_header *out)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"True", true}, {"False", false}};

    peek(c);
    for (size_t i = 0; i < 2; i++) {
        const size_t size = strlen(words[i].word);

        if ((size_t)(c->end - c->at) < size || memcmp(c->at, words[i].word, size) != 0)
            continue;
        out->fortran_order = words[i].value;
        c->at += size;
        return SC_OK;
    }
    return broken(c, "'fortran_order' is neither True nor False");
}

static enum sc_status read_dimension(struct cursor *c, int64_t *out)
{
    const char first = peek(c), *const digits = c->at;
    uint64_t value;

    if (first == '-') return broken(c, "a dimension is negative");
    if (first < '0' || first > '9') return broken(c, "a dimension is not a whole number");
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9') c->at++;
    if (!sc_read_whole(sc_bytes(digits, (size_t)(c->at - digits)), INT64_MAX, &value))
        return sc_fail(c->note, SC_TOO_LARGE, NULL, "NPY header: a dimension is past 2^63");
    if (c->at < c->end && *c->at == 'L') c->at++; /* written by Python 2 */
    *out = (int64_t)value;
    return SC_OK;
}

static enum sc_status read_shape(struct cursor *c, int64_t rank_limit, struct npy_header *out)
{
    bool comma = true;

    if (!accept(c, '(')) return broken(c, "'shape' is not a tuple");
    for (out->rank = 0; !accept(c, ')'); out->rank++) {
        if (!comma) return broken(c, "expected a comma in 'shape'");
        if (out->rank >= rank_limit || out->rank >= SC_RANK_MAX)
            return sc_fail(c->note, SC_TOO_LARGE, NULL,
                           "NPY header: more than %lld dimensions (limit rank)",
                           (long long)rank_limit);
        SC_TRY(read_dimension(c, &out->dim[out->rank]));
        comma = accept(c, ',');
    }
    if (out->rank == 1 && !comma) return broken(c, "'shape' is not a tuple");
    return SC_OK;
}

enum { DESCR = 1, ORDER = 2, SHAPE = 4 };

static enum sc_status read_entry(struct cursor *c, int64_t rank_limit, struct npy_header *out,
                                 int *seen)
{
    struct sc_bytes key = {0};
    int which;

    SC_TRY(read_string(c, &key));
    which = sc_bytes_is(key, "descr")           ? DESCR
            : sc_bytes_is(key, "fortran_order") ? ORDER
            : sc_bytes_is(key, "shape")         ? SHAPE
                                                : 0;
    if (which == 0) return broken(c, "a key besides 'descr', 'fortran_order' and 'shape'");
    if (*seen & which) return broken(c, "a key comes twice");
    *seen |= which;
    if (!accept(c, ':')) return broken(c, "expected ':' after a key");
    if (which == DESCR) return read_descr(c, out);
    if (which == ORDER) return read_order(c, out);
    return read_shape(c, rank_limit, out);
}

static enum sc_status read_dictionary(struct cursor *c, int64_t rank_limit,
                                      struct npy_header *out)
{
    bool comma = true;
    int seen = 0;

    if (!accept(c, '{')) return broken(c, "not a Python dictionary");
    while (!accept(c, '}')) {
        if (!comma) return broken(c, "expected a comma or '}'");
        SC_TRY(read_entry(c, rank_limit, out, &seen));
        comma = accept(c, ',');
    }
    if (seen != (DESCR | ORDER | SHAPE))
        return broken(c, "one of 'descr', 'fortran_order' and 'shape' is missing");
    peek(c);
    return c->at == c->end ? SC_OK : broken(c, "text after the dictionary");
}

/* `curl -d` strips NUL, CR and LF: the minor version and the high byte of the length go, and
 * the dictionary moves to the left. */
static bool is_stripped(struct sc_bytes file)
{
    const size_t size = file.size < 16 ? file.size : 16;
    const uint8_t *brace = memchr(file.data, '{', size);

    return brace != NULL && brace < file.data + 10;
}

static enum sc_status locate(struct sc_bytes file, struct sc_bytes *text, struct sc_note *note)
{
    size_t begin, size;

    if (!sc_bytes_starts(file, MAGIC, MAGIC_BYTES))
        return sc_fail(note, SC_MALFORMED, NULL,
                       "not an NPY file: it does not begin with "
                       "\\x93NUMPY");
    if (is_stripped(file))
        return sc_fail(note, SC_MALFORMED, NULL,
                       "a damaged NPY file: zero bytes are gone, as with curl -d; use curl "
                       "--data-binary");
    if (file.size < 12) /* with -d older curls send what stands before the first NUL */
        return sc_fail(
            note, SC_MALFORMED, NULL,
            "NPY: the header is cut off after %zu bytes; with curl use --data-binary",
            file.size);
    if (file.data[6] < 1 || file.data[6] > 3 || file.data[7] != 0)
        return sc_fail(note, SC_UNSUPPORTED, NULL,
                       "NPY version %d.%d; taken are 1.0, 2.0, 3.0; curl -d damages files: use "
                       "--data-binary",
                       file.data[6], file.data[7]);
    begin = file.data[6] == 1 ? 10 : 12;
    size = file.data[6] == 1 ? sc_le16(file.data + 8) : sc_le32(file.data + 8);
    if (size > HEADER_BYTES_MAX)
        return sc_fail(note, SC_TOO_LARGE, NULL, "NPY header of %zu bytes; at most %d", size,
                       HEADER_BYTES_MAX);
    if (size > file.size - begin)
        return sc_fail(note, SC_MALFORMED, NULL, "NPY: the header is cut off");
    *text = sc_bytes_slice(file, begin, size);
    return SC_OK;
}

enum sc_status npy_header_read(struct sc_bytes file, int64_t rank_limit, struct npy_header *out,
                               struct sc_note *note)
{
    struct npy_header header = {0};
    struct sc_bytes text = {0};
    struct cursor c = {.note = note};

    SC_TRY(locate(file, &text, note));
    c.at = (const char *)text.data;
    c.end = c.at + text.size;
    SC_TRY(read_dictionary(&c, rank_limit, &header));
    header.data = (size_t)(text.data + text.size - file.data);
    *out = header;
    return SC_OK;
}
