/* json_numbers.c - the numbers of a text whose grammar has been checked. A piece of some 4 KB
 * after another: first where its tokens begin, then their values, so that no number waits for
 * the end of the one before. */
#include "decimal.h"
#include "decimal_scale.h"
#include "digits.h"
#include "isa.h"

#ifdef HAVE_DIGITS

#define PIECE  4096 /* bytes, and the rest of the last token */
#define TOKENS (PIECE / 2)
#define SHORT  (UINT64_C(1) << 32) /* few digits: one division is exact, and fast */

struct piece {
    const uint8_t *begin, *end; /* between two tokens, both */
    struct sc_bytes text;       /* all of it */
    int64_t left;               /* numbers from `begin` on */
    int count;
    uint16_t at[TOKENS + BLOCK]; /* where tokens begin */
};

static inline uint64_t tokens_in(block b)
{
    return ~(block_in(b, 0, ' ' + 1) | block_is(b, ',') | block_is(b, '[') | block_is(b, ']'));
}

static bool is_token(uint8_t byte)
{
    return byte > ' ' && byte != ',' && byte != '[' && byte != ']';
}

/* The next piece; false at the end. */
static bool next_piece(struct piece *p)
{
    const uint8_t *end = p->text.data + p->text.size;
    const size_t size = p->end == p->text.data ? BLOCK : PIECE;

    p->begin = p->end;
    if (p->begin >= end || p->left == 0) return false;
    if ((size_t)(end - p->begin) > size) end = p->begin + size;
    while (end < p->text.data + p->text.size && is_token(*end)) end++;
    p->end = end;
    return true;
}

/* Is it that at the begin of the text, before which nobody may read? It is short. */
static inline bool is_first(const struct piece *p)
{
    return p->begin == p->text.data;
}

/* Bits of the bytes at `at` that come before `end`. */
static inline uint64_t before(const uint8_t *at, const uint8_t *end)
{
    return end - at < BLOCK ? ((uint64_t)1 << (end - at)) - 1 : UINT64_MAX;
}

/* Finds where the tokens of a piece begin. */
static void find_tokens(struct piece *p)
{
    uint64_t was = 0;

    p->count = 0;
    for (const uint8_t *at = p->begin; at < p->end; at += BLOCK) {
        const uint64_t token = tokens_in(block_load(at));
        uint64_t start = token & ~block_behind(token, was) & before(at, p->end);
        const int base = (int)(at - p->begin), last = p->count + block_count(start);

        was = token;
        for (int n = p->count; n < last; n += 4)
            for (int i = 0; i < 4; i++) { /* what goes too far is written over */
                p->at[n + i] = (uint16_t)(base + block_first(start | (uint64_t)1 << 63));
                start &= start - 1;
            }
        p->count = last;
    }
    if (p->count > p->left) p->count = (int)p->left;
    p->left -= p->count;
}

/* ---- one token ---- */

/* A token from its sign on. */
struct token {
    const uint8_t *at;   /* behind the sign */
    const uint8_t *end;  /* of its digits */
    int whole, fraction; /* digits before and behind the point */
    bool negative, point;
};

/* Finds the parts of a token; false where it has more than 31 bytes or is a word. */
static inline bool parts(const uint8_t *at, struct token *t)
{
    uint32_t others;

    t->negative = *at == '-';
    t->at = at + t->negative;
    others = digits_others(t->at);
    if (others == 0) return false;
    t->whole = __builtin_ctz(others);
    t->point = t->at[t->whole] == '.';
    if (t->point) others &= others - 1;
    if (others == 0 || t->whole == 0) return false;
    t->end = t->at + __builtin_ctz(others);
    t->fraction = (int)(t->end - t->at) - t->whole - t->point;
    return true;
}

static inline bool is_exponent(uint8_t byte)
{
    return (byte | 32) == 'e';
}

/* Behind "e"; false beyond four digits. */
static inline bool exponent(const uint8_t *at, int *out)
{
    const bool negative = *at == '-';
    int value = 0, digits = 0;

    at += negative || *at == '+';
    for (; *at >= '0' && *at <= '9'; at++) {
        if (++digits > 4) return false;
        value = value * 10 + (*at - '0');
    }
    *out += negative ? -value : value;
    return true;
}

/* digits * 10^q, false where there are too many digits. */
static inline bool real_parts(const uint8_t *at, uint64_t *digits, int *q, bool *negative)
{
    struct token t;

    if (!parts(at, &t) || !digits_value(t.at, t.whole, t.fraction, digits)) return false;
    *negative = t.negative;
    *q = -t.fraction;
    return !is_exponent(*t.end) || exponent(t.end + 1, q);
}

/* Exact parts, so that one operation rounds once; false where they may be none. */
static inline bool small_double(uint64_t digits, int q, double *out)
{
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

    if (digits >= SHORT || q < -22 || q > 22) return false;
    *out = q < 0 ? (double)digits / ten[-q] : (double)digits * ten[q];
    return true;
}

/* The first product of decimal_scale.h, which is below the true one by less than one in its
 * upper half: enough to round to `fraction` bits unless those behind the half bit are all ones
 * or all zeros. False then, and where the result is not a normal number. */
static inline bool quick_scale(uint64_t digits, int q, int fraction, int exponent_max,
                               uint64_t *out)
{
    const int shift = __builtin_clzll(digits | 1), place = q - POWER10_MIN;
    uint64_t high, rest, mask;
    int cut, biased;

    if ((unsigned)place > POWER10_MAX - POWER10_MIN) return false;
    high = (uint64_t)((unsigned __int128)(digits << shift) * power10(q).high >> 64);
    cut = (int)(high >> 63) + 61 - fraction; /* leaves the fraction, its top bit, half a bit */
    mask = ((uint64_t)1 << cut) - 1;
    rest = (high + 1) & mask; /* of all ones 0, of all zeros 1 */
    biased = power10_exponent(q) + 64 - shift + (int)(high >> 63) + exponent_max / 2 - 2;
    *out = ((uint64_t)(unsigned)biased << fraction) + (((high >> cut) + 1) >> 1);
    return rest > 1 && (unsigned)biased < (unsigned)exponent_max - 3;
}

/* ---- one number ---- */

/* NaN, Infinity, -Infinity, or a decimal number that is not one of these. */
static bool other_double(const struct piece *p, const uint8_t *at, double *out)
{
    const bool negative = *at == '-';
    struct decimal d;

    if (at[negative] == 'N' || at[negative] == 'I') {
        *out = at[negative] == 'N' ? NAN : negative ? -INFINITY : INFINITY;
        return true;
    }
    decimal_read(at, p->text.data + p->text.size, &d);
    *out = decimal_double(&d);
    return isfinite(*out);
}

static bool other_float(const struct piece *p, const uint8_t *at, float *out)
{
    double value = 0;
    struct decimal d;

    if (at[*at == '-'] > '9') {
        other_double(p, at, &value);
        *out = (float)value;
        return true;
    }
    decimal_read(at, p->text.data + p->text.size, &d);
    *out = decimal_float(&d);
    return isfinite(*out);
}

static inline bool read_double(const struct piece *p, const uint8_t *at, double *out)
{
    uint64_t digits, bits;
    bool negative;
    int q;

    if (!real_parts(at, &digits, &q, &negative)) return other_double(p, at, out);
    if (small_double(digits, q, out)) {
        *out = negative ? -*out : *out;
        return true;
    }
    if (!quick_scale(digits, q, 52, 0x7ff, &bits)) return other_double(p, at, out);
    bits |= (uint64_t)negative << 63;
    memcpy(out, &bits, sizeof bits);
    return true;
}

/* A short decimal may be halfway between two floats: then it is no matter of rounding twice,
 * but of a closer look. */
static inline bool read_float(const struct piece *p, const uint8_t *at, float *out)
{
    uint64_t digits, wide;
    uint32_t bits;
    bool negative;
    double value;
    int q;

    if (!real_parts(at, &digits, &q, &negative)) return other_float(p, at, out);
    if (small_double(digits, q, &value)) {
        if (decimal_is_midpoint(value)) return other_float(p, at, out);
        *out = (float)(negative ? -value : value);
        return true;
    }
    if (!quick_scale(digits, q, 23, 0xff, &wide)) return other_float(p, at, out);
    bits = (uint32_t)wide | (uint32_t)negative << 31;
    memcpy(out, &bits, sizeof bits);
    return true;
}

/* An integer within [-least, most]. */
static inline bool read_integer(const struct piece *p, const uint8_t *at, uint64_t most,
                                uint64_t least, uint64_t *out)
{
    const uint8_t *end = p->text.data + p->text.size;
    uint64_t magnitude;
    struct token t;
    bool negative;

    if (!is_first(p) && parts(at, &t) && digits_value(t.at, t.whole, t.fraction, &magnitude)) {
        if (t.point || is_exponent(*t.end)) return false;
        negative = t.negative;
    } else {
        struct decimal d;

        if (at[*at == '-'] > '9') return false;
        decimal_read(at, end, &d);
        if (!d.integer || !decimal_magnitude(&d, &magnitude)) return false;
        negative = d.negative;
    }
    *out = negative ? 0 - magnitude : magnitude;
    return magnitude <= (negative ? least : most);
}

/* ---- pieces ---- */

static bool piece_double(const struct piece *p, double *out)
{
    bool ok = true;

    for (int i = 0; i < p->count && ok; i++)
        ok = is_first(p) ? other_double(p, p->begin + p->at[i], &out[i])
                         : read_double(p, p->begin + p->at[i], &out[i]);
    return ok;
}

static bool piece_float(const struct piece *p, float *out)
{
    bool ok = true;

    for (int i = 0; i < p->count && ok; i++)
        ok = is_first(p) ? other_float(p, p->begin + p->at[i], &out[i])
                         : read_float(p, p->begin + p->at[i], &out[i]);
    return ok;
}

/* Halves are rounded from doubles; one that is halfway between two needs a closer look. */
#define HALVES(name)                                                                           \
    static bool piece_##name(const struct piece *p, uint16_t *out)                             \
    {                                                                                          \
        double value[TOKENS + BLOCK];                                                          \
        bool ok = piece_double(p, value);                                                      \
                                                                                               \
        for (int i = 0; i < p->count; i++) {                                                   \
            out[i] = sc_to_##name##_from_double(value[i]);                                     \
            if (decimal_is_halfway(value[i], sc_to_##name##_from_double)) {                    \
                struct decimal d;                                                              \
                                                                                               \
                decimal_read(p->begin + p->at[i], p->text.data + p->text.size, &d);            \
                out[i] = decimal_##name(&d);                                                   \
            }                                                                                  \
            ok &= !isfinite(value[i]) || isfinite(sc_from_##name(out[i]));                     \
        }                                                                                      \
        return ok;                                                                             \
    }
HALVES(float16)
HALVES(bfloat16)

bool ISA_NAME(json_reals)(struct sc_bytes text, enum sc_dtype dtype, void *out, int64_t count)
{
    struct piece p = {.end = text.data, .text = text, .left = count};
    const size_t size = sc_dtype_size(dtype);
    uint8_t *at = out;
    bool ok = true;

    while (ok && next_piece(&p)) {
        find_tokens(&p);
        ok = dtype == SC_FLOAT32   ? piece_float(&p, (float *)at)
             : dtype == SC_FLOAT64 ? piece_double(&p, (double *)at)
             : dtype == SC_FLOAT16 ? piece_float16(&p, (uint16_t *)at)
                                   : piece_bfloat16(&p, (uint16_t *)at);
        at += (size_t)p.count * size;
    }
    return ok && p.left == 0;
}

/* The integers of a piece as bytes; false where one has a sign, or is beyond a byte. Reads 2
 * bytes before the piece. */
static bool labels(struct piece *p, uint8_t *out)
{
    uint64_t was = 0;

    p->count = 0;
    for (const uint8_t *at = p->begin; at < p->end; at += BLOCK) {
        const block b = block_load(at), units = digits_of(at), tens = digits_of(at - 1);
        const uint64_t digit = block_in(b, '0', 10), here = before(at, p->end);
        const uint64_t next = digit >> 1 | (uint64_t)((uint8_t)(at[BLOCK] - '0') < 10) << 63;
        const uint64_t end = digit & ~next & here;
        const uint64_t third = end & block_behind(digit, was) & (digit << 2 | was >> 62);
        const uint64_t fourth = third & (digit << 3 | was >> 61);
        uint64_t beyond = 0;
        block value;

        if (fourth != 0 || (block_is(b, '-') & here) != 0) return false;
        value = third == 0 ? digits_two(units, tens)
                           : digits_three(units, tens, digits_before(at - 1), &beyond);
        if ((beyond & end) != 0) return false;
        digits_pack(value, end, out + p->count);
        p->count += block_count(end);
        was = digit;
    }
    if (p->count > p->left) return false;
    p->left -= p->count;
    return true;
}

/* The integers of a piece in each size of element: from bytes, and from the text. */
#define INTEGERS(bits)                                                                         \
    static void widen##bits(const uint8_t *from, int count, void *to)                          \
    {                                                                                          \
        for (int i = 0; i < count; i++) ((uint##bits##_t *)to)[i] = from[i];                   \
    }                                                                                          \
                                                                                               \
    static bool piece##bits(const struct piece *p, uint64_t most, uint64_t least, void *to)    \
    {                                                                                          \
        uint64_t value = 0;                                                                    \
        bool ok = true;                                                                        \
                                                                                               \
        for (int i = 0; i < p->count; i++) {                                                   \
            ok &= read_integer(p, p->begin + p->at[i], most, least, &value);                   \
            ((uint##bits##_t *)to)[i] = (uint##bits##_t)value;                                 \
        }                                                                                      \
        return ok;                                                                             \
    }
INTEGERS(8)
INTEGERS(16)
INTEGERS(32)
INTEGERS(64)

static void widen(const uint8_t *from, int count, size_t size, void *to)
{
    if (size == 1) widen8(from, count, to);
    if (size == 2) widen16(from, count, to);
    if (size == 4) widen32(from, count, to);
    if (size == 8) widen64(from, count, to);
}

static bool all_within(const uint8_t *value, int count, uint64_t most)
{
    uint8_t largest = 0;

    for (int i = 0; i < count; i++) largest = value[i] > largest ? value[i] : largest;
    return largest <= most;
}

bool ISA_NAME(json_integers)(struct sc_bytes text, enum sc_dtype dtype, void *out,
                             int64_t count)
{
    const size_t size = sc_dtype_size(dtype);
    const uint64_t most = json_magnitude_max(dtype, false);
    const uint64_t least = json_magnitude_max(dtype, true);
    struct piece p = {.end = text.data, .text = text, .left = count};
    uint8_t *at = out, small[TOKENS + 2 * BLOCK];
    bool ok = true;

    while (ok && next_piece(&p)) {
        if (!is_first(&p) && labels(&p, small)) {
            ok = most >= UINT8_MAX || all_within(small, p.count, most);
            widen(small, p.count, size, at);
        } else {
            find_tokens(&p);
            ok = size == 1   ? piece8(&p, most, least, at)
                 : size == 2 ? piece16(&p, most, least, at)
                 : size == 4 ? piece32(&p, most, least, at)
                             : piece64(&p, most, least, at);
        }
        at += (size_t)p.count * size;
    }
    return ok && p.left == 0;
}

bool ISA_NAME(json_bools)(struct sc_bytes text, enum sc_dtype dtype, void *out, int64_t count)
{
    struct piece p = {.end = text.data, .text = text, .left = count};
    uint8_t *at = out;

    (void)dtype; /* it is bool */
    while (next_piece(&p)) {
        find_tokens(&p);
        for (int i = 0; i < p.count; i++) *at++ = p.begin[p.at[i]] == 't';
    }
    return p.left == 0;
}
#endif
